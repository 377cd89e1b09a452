/* Bodies read in every order, while the account changes between two reads. */
#include "fixture.h"

#include <stdio.h>
#include <sys/stat.h>

enum { BODIES = 41, LONG = 300000 }; /* a prime: every step visits all */

/* Message i, so that every octet of it says which one it is. */
static size_t octets_of(unsigned i)
{
    return i % 7 == 3 ? LONG + i : 100 + i;
}

static uint64_t store_one(struct fixture *x, unsigned i)
{
    char head[64], line[80];
    struct arrival *r;
    struct messages *m;
    uint32_t uid;

    snprintf(head, sizeof(head), "Subject: %u\r\n\r\n", i);
    memset(line, 'a' + (int)(i % 26), sizeof(line));
    line[78] = '\r';
    line[79] = '\n';
    assert_ok(arrival_begin(x->a, 1 << 30, &r));
    assert_ok(arrival_write(r, slice_of_str(head)));
    for (size_t n = 0; n < octets_of(i); n += sizeof(line))
        assert_ok(arrival_write(r, slice_of(line, sizeof(line))));
    assert_ok(arrival_finish(r));
    assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
    arrival_free(&r);
    assert_ok(folder_messages(inbox(x), &m));
    return m->body[m->n - 1];
}

static void fill(struct fixture *x, uint64_t id[BODIES])
{
    for (unsigned i = 0; i < BODIES; i++)
        id[i] = store_one(x, i);
    assert_ok(account_commit(x->a));
}

static uint32_t size_at(struct fixture *x, unsigned i)
{
    struct messages *m;

    assert_ok(folder_messages(inbox(x), &m));
    return m->size[i];
}

/* What the parser made of message i, asked for as `want`, and some of its octets. */
static void check(struct fixture *x, uint64_t id, unsigned i, unsigned want)
{
    char subject[32];
    struct body b;
    struct buf octets;
    uint32_t size = size_at(x, i);

    snprintf(subject, sizeof(subject), "(NIL \"%u\" ", i);
    assert_ok(body_load(x->a, id, want, &b));
    assert_int_equal(b.id, id);
    if ((want & BODY_WANT_TEXTS) != 0)
        assert_true(slice_starts(b.envelope, slice_of_str(subject)));
    if ((want & BODY_WANT_IDS) != 0)
        assert_int_equal(b.size, size);
    if ((want & BODY_WANT_PARTS) != 0)
        assert_true(b.parts.n > 0);
    buf_init(&octets, 1 << 20);
    assert_ok(body_read(x->a, id, size, size - 50, 10, &octets));
    assert_ok(body_read(x->a, id, size, 0, i % 3 == 0 ? UINT64_MAX : 20, &octets));
    for (size_t k = 0; k < 10; k++)
        assert_int_equal(buf_slice(&octets).p[k], 'a' + (int)(i % 26));
    snprintf(subject, sizeof(subject), "Subject: %u\r\n", i);
    assert_true(slice_starts(slice_sub(buf_slice(&octets), 10, octets.n), slice_of_str(subject)));
    buf_release(&octets);
}

static void every_order(void **state)
{
    static const unsigned wants[] = {BODY_WANT_IDS, BODY_WANT_TEXTS, BODY_WANT_PARTS,
                                     BODY_WANT_REST, BODY_WANT_TEXTS | BODY_WANT_PARTS};
    struct fixture *x = *state;
    uint64_t id[BODIES];

    fill(x, id);
    for (size_t w = 0; w < sizeof(wants) / sizeof(wants[0]); w++) {
        if (w == 1) /* then they are read from the database, not from the WAL */
            assert_ok(account_checkpoint(x->a, true));
        for (unsigned step = 1; step < BODIES; step += 6)
            for (unsigned i = 0, at = 0; i < BODIES; i++, at = (at + step) % BODIES)
                check(x, id[at], at, wants[w]);
        for (unsigned i = BODIES; i-- > 0;)
            check(x, id[i], i, wants[(w + i) % 5]);
        assert_ok(account_commit(x->a));
    }
}

/* Between two reads: a change that is committed, one that is taken back, a checkpoint. */
static void changes_between(void **state)
{
    struct fixture *x = *state;
    uint64_t id[BODIES];
    bool changed;

    fill(x, id);
    for (unsigned i = 0; i < BODIES; i++) {
        check(x, id[i], i, BODY_WANT_TEXTS);
        if (i % 4 == 1) {
            assert_ok(account_savepoint(x->a));
            assert_ok(message_store(inbox(x), i, STORE_ADD, FLAG_SEEN, NULL, 0, account_tick(x->a),
                                    &changed));
            check(x, id[i], i, BODY_WANT_TEXTS);
            if (i % 8 == 1)
                account_undo(x->a);
            else
                assert_ok(account_release(x->a));
        }
        if (i % 4 == 2)
            assert_ok(account_commit(x->a));
        if (i % 4 == 3) {
            assert_ok(account_commit(x->a));
            check(x, id[i], i, BODY_WANT_TEXTS);
            assert_ok(account_checkpoint(x->a, true));
            assert_int_equal(x->a->wal_pages, 0);
        }
    }
    check(x, id[3], 3, BODY_WANT_PARTS);
    idle(x->a);
    check(x, id[4], 4, BODY_WANT_PARTS);
    assert_sound(x->a);
}

/* Over commits of nothing a reading stands; nothing waits for its end. */
static void over_commits(void **state)
{
    struct fixture *x = *state;
    uint64_t id[BODIES];
    struct stat wal;

    fill(x, id);
    for (unsigned i = 0; i < BODIES; i++) {
        check(x, id[i], i, BODY_WANT_TEXTS);
        assert_ok(account_commit(x->a));
        assert_non_null(x->a->reading.bodies);
        if (i % 3 == 1) {
            store_one(x, BODIES + i); /* a change */
            assert_null(x->a->reading.bodies);
            check(x, id[i], i, BODY_WANT_TEXTS);
            assert_ok(account_commit(x->a));
            assert_null(x->a->reading.bodies);
        }
        if (i % 3 == 2) {
            assert_ok(account_checkpoint(x->a, true));
            assert_int_equal(
                stat(sqlite3_filename_wal(sqlite3_db_filename(x->a->db, "main")), &wal), 0);
            assert_int_equal(wal.st_size, 0);
        }
    }
    check(x, id[3], 3, BODY_WANT_TEXTS);
    idle(x->a);
    assert_null(x->a->reading.bodies);
    check(x, id[3], 3, BODY_WANT_TEXTS);
    fixture_reopen(x); /* while it stands */
    check(x, id[3], 3, BODY_WANT_TEXTS);
    assert_sound(x->a);
}

static void run(struct fixture *x, const char *sql)
{
    assert_int_equal(sqlite3_exec(x->a->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A long body, of octets that all differ from those a page further on. */
static uint64_t store_long(struct fixture *x, struct buf *want)
{
    struct arrival *r;
    struct messages *m;
    uint32_t uid;

    buf_clear(want);
    buf_add_str(want, "Subject: long\r\n\r\n");
    for (unsigned i = 0; want->n < 600000; i++)
        buf_addf(want, "%u of many lines\r\n", i);
    assert_ok(arrival_begin(x->a, 1 << 30, &r));
    assert_ok(arrival_write(r, buf_slice(want)));
    assert_ok(arrival_finish(r));
    assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
    arrival_free(&r);
    assert_ok(account_commit(x->a));
    assert_ok(folder_messages(inbox(x), &m));
    return m->body[m->n - 1];
}

static void check_octets(struct fixture *x, uint64_t id, struct slice want)
{
    static const size_t piece[] = {700000, 64 * 1024, 20000, 4096, 17};
    struct buf got;

    buf_init(&got, 1 << 20);
    for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++) {
        size_t step = piece[i] < 1000 ? 31 * piece[i] : piece[i];

        assert_ok(account_commit(x->a));
        for (size_t at = 0; at < want.n; at += step) {
            buf_clear(&got);
            assert_ok(body_read(x->a, id, (uint32_t)want.n, at, piece[i], &got));
            assert_true(slice_eq(buf_slice(&got), slice_sub(want, at, piece[i])));
        }
    }
    buf_release(&got);
}

/* Pages of a body side by side, up to the end of the file; then scattered where others were freed.
 */
static void read_ahead(void **state)
{
    struct fixture *x = *state;
    uint64_t id[BODIES], first, second;
    struct buf one, two;

    buf_init(&one, 1 << 20);
    buf_init(&two, 1 << 20);
    fill(x, id);
    first = store_long(x, &one);
    assert_ok(account_checkpoint(x->a, true));
    check_octets(x, first, buf_slice(&one));
    run(x, "DELETE FROM chunk WHERE id % 8192 < 4096 AND id < (SELECT max(id) - 4096 FROM chunk)");
    second = store_long(x, &two);
    check_octets(x, second, buf_slice(&two)); /* from the WAL */
    assert_ok(account_checkpoint(x->a, true));
    fixture_reopen(x);
    check_octets(x, second, buf_slice(&two));
    check_octets(x, first, buf_slice(&one));
    buf_release(&one);
    buf_release(&two);
}

/* A body that is no more, and octets that were never there, are found out wherever one stands. */
static void missing(void **state)
{
    struct fixture *x = *state;
    uint64_t id[BODIES];
    struct body b;
    struct buf octets;

    fill(x, id);
    buf_init(&octets, 1 << 20);
    for (int round = 0; round < 2; round++) {
        check(x, id[5], 5, BODY_WANT_TEXTS);
        assert_err(body_load(x->a, id[BODIES - 1] + 1, BODY_WANT_TEXTS, &b), CORRUPT);
        check(x, id[6], 6, BODY_WANT_TEXTS);
        assert_err(body_read(x->a, id[BODIES - 1] + 1, 9, 0, 5, &octets), CORRUPT);
        check(x, id[7], 7, BODY_WANT_TEXTS);
        assert_err(body_read(x->a, id[8], size_at(x, 8) + 1, 0, 5, &octets), CORRUPT);
        check(x, id[8], 8, BODY_WANT_IDS);
    }
    assert_int_equal(octets.n, 0);
    buf_release(&octets);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {WITH(every_order), WITH(changes_between), WITH(over_commits),
                                       WITH(read_ahead), WITH(missing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
