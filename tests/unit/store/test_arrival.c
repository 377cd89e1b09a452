/* tests/unit/store/test_arrival.c -- bodies: how they come in, how they are read, who owns them. */
#include "fixture.h"

#include "base/mem.h"

static const char head[] = "From: Anna <anna@example.org>\r\nSubject: Re: lunch\r\n"
                           "Date: Mon, 1 Jan 2024 10:00:00 +0100\r\n"
                           "Message-ID: <b@example.org>\r\nReferences: <a@example.org>\r\n\r\n";

/* n octets of which each tells where it stands. */
static char *pattern(size_t n)
{
    char *p = mem_calloc(n + 1, 1);

    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + (i ^ (i >> 7) ^ (i >> 13)) % 26);
    return p;
}

static void write_in_pieces(struct arrival *r, struct slice all, size_t piece)
{
    for (size_t at = 0; at < all.n; at += piece)
        assert_ok(arrival_write(r, slice_sub(all, at, piece)));
    assert_ok(arrival_finish(r));
}

static uint64_t store_text(struct fixture *x, struct slice text, size_t piece)
{
    struct arrival *r;
    struct messages *m;
    uint32_t uid;

    assert_ok(arrival_begin(x->a, 1 << 30, &r));
    assert_ok(arrival_write(r, slice_of(head, sizeof(head) - 1)));
    write_in_pieces(r, text, piece);
    assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
    arrival_free(&r);
    assert_ok(folder_messages(inbox(x), &m));
    return m->body[m->n - 1];
}

static uint32_t size_of(struct account *a, uint64_t id)
{
    struct body b;

    assert_ok(body_load(a, id, BODY_WANT_IDS, &b));
    return b.size;
}

static void assert_octets(struct account *a, uint64_t id, uint64_t at, uint64_t n,
                          struct slice want)
{
    struct buf out;

    buf_init(&out, 4 << 20);
    assert_ok(body_read(a, id, size_of(a, id), at, n, &out));
    if (!slice_eq(buf_slice(&out), want))
        fail_msg("%zu octets at %llu differ", want.n, (unsigned long long)at);
    buf_release(&out);
}

/* The second command of a transaction has no savepoint if nothing refuses what it does: what fails
 * in it all the same takes the first with it. What refuses comes before. */
static void joins(void **state)
{
    struct fixture *x = *state;

    for (int how = 0; how < 3; how++) {
        struct arrival *r;
        uint32_t before = inbox(x)->messages, uid = 0;
        uint64_t most[QUOTA_RESOURCES] = {QUOTA_NO_LIMIT, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT};

        assert_ok(account_savepoint(x->a));
        store_text(x, SLICE("one"), 3);
        assert_ok(account_release(x->a));
        if (how == 2) {
            most[QUOTA_MESSAGE] = before + 1;
            assert_ok(quota_set(x->a, most));
        }
        assert_ok(account_savepoint(x->a));
        assert_ok(arrival_begin(x->a, 1 << 20, &r));
        write_in_pieces(r, SLICE("two"), 3);
        arrival_is_last(r);
        assert_int_equal(arrival_adopt(r, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid),
                         how == 2 ? ERR_OVERQUOTA : ERR_OK);
        if (how == 0)
            assert_ok(account_release(x->a));
        else
            account_undo(x->a);
        arrival_free(&r);
        assert_int_equal(account_commit(x->a), how == 1 ? ERR_IO : ERR_OK);
        assert_int_equal(inbox(x)->messages, before + (how == 0 ? 2 : how == 1 ? 0 : 1));
        assert_sound(x->a);
    }
}

/* Sizes around the edges of chunks, in pieces of several sizes. */
static void sizes(void **state)
{
    static const size_t size[] = {0,
                                  1,
                                  STORE_CHUNK_OCTETS - sizeof(head),
                                  STORE_CHUNK_OCTETS - sizeof(head) + 1,
                                  STORE_CHUNK_OCTETS - sizeof(head) + 2,
                                  2 * STORE_CHUNK_OCTETS - sizeof(head) + 1,
                                  700001};
    static const size_t piece[] = {100, 8192, 1 << 20};
    struct fixture *x = *state;
    char *text = pattern(800000);
    struct buf whole;

    buf_init(&whole, 1 << 20);
    for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++)
        for (size_t k = 0; k < sizeof(piece) / sizeof(piece[0]); k++) {
            uint64_t id = store_text(x, slice_of(text, size[i]), piece[k]);
            struct slice all;

            buf_clear(&whole);
            buf_add_str(&whole, head);
            buf_add(&whole, text, size[i]);
            all = buf_slice(&whole);
            assert_octets(x->a, id, 0, UINT64_MAX, all);
            assert_octets(x->a, id, all.n / 2, 1000, slice_sub(all, all.n / 2, 1000));
            assert_octets(x->a, id, STORE_CHUNK_OCTETS - 10, 20,
                          slice_sub(all, STORE_CHUNK_OCTETS - 10, 20));
            assert_octets(x->a, id, all.n + 5, 10, SLICE(""));
        }
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
    buf_release(&whole);
    free(text);
}

static void assert_column(struct account *a, uint64_t id, const char *column, const char *want)
{
    char text[100];
    sqlite3_stmt *q;

    snprintf(text, sizeof(text), "SELECT %s FROM body WHERE id = %llu", column,
             (unsigned long long)id);
    assert_int_equal(sqlite3_prepare_v2(a->db, text, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(q, 0), want);
    sqlite3_finalize(q);
}

static void what_the_parser_made(void **state)
{
    const unsigned all = BODY_WANT_IDS | BODY_WANT_TEXTS | BODY_WANT_PARTS | BODY_WANT_REST;
    struct fixture *x = *state;
    uint64_t id = store_text(x, SLICE("Hello there,\nyou\n"), 5), thread;
    struct body b;

    for (int pass = 0; pass < 2; pass++) {
        assert_ok(body_load(x->a, id, all, &b));
        assert_int_equal(b.size, sizeof(head) - 1 + 19); /* two LF became CRLF */
        assert_column(x->a, id, "base_subject", "lunch");
        assert_column(x->a, id, "message_id", "b@example.org");
        assert_column(x->a, id, "refs", "a@example.org");
        assert_column(x->a, id, "from_mailbox", "anna");
        assert_column(x->a, id, "sent_instant", "1704099600");
        assert_slice(b.preview, SLICE("Hello there, you"));
        assert_int_equal(b.sent_day, 19723);
        assert_true(slice_starts(b.envelope, SLICE("(\"Mon, 1 Jan 2024")));
        assert_true(b.email_id > 0 && b.email_id <= INT64_MAX && b.parts.n > 0);
        thread = b.thread_id;
        assert_ok(account_commit(x->a));
        fixture_reopen(x);
    }
    id = store_text(x, SLICE("Another of the same conversation\r\n"), 100);
    assert_ok(body_load(x->a, id, BODY_WANT_IDS, &b));
    assert_int_equal(b.thread_id, thread);
    assert_err(body_load(x->a, 999, BODY_WANT_IDS, &b), CORRUPT);
}

/* A literal8: what is stored is the base64 of the raw octets, however many chunks that takes. */
static void binary(void **state)
{
    static const char binary_head[] = "Content-Transfer-Encoding: binary\r\n\r\n";
    static const char base64_head[] = "Content-Transfer-Encoding: base64\r\n\r\n";
    static const size_t size[] = {0, 57, 1000000};
    static const size_t piece[] = {100, 1 << 20};
    struct fixture *x = *state;
    char *zeros = mem_calloc(1000000, 1);
    struct arrival *r;
    uint32_t uid;

    for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++)
        for (size_t k = 0; k < sizeof(piece) / sizeof(piece[0]); k++) {
            size_t lines = (size[i] + 56) / 57, head_n = sizeof(base64_head) - 1;
            size_t want = head_n + (size[i] + 2) / 3 * 4 + lines * 2;
            struct messages *m;
            uint64_t id;

            assert_ok(arrival_begin(x->a, 1 << 30, &r));
            arrival_expect_binary(r);
            assert_ok(arrival_write(r, slice_of(binary_head, sizeof(binary_head) - 1)));
            write_in_pieces(r, slice_of(zeros, size[i]), piece[k]);
            assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
            arrival_free(&r);
            assert_ok(folder_messages(inbox(x), &m));
            id = m->body[m->n - 1];
            assert_int_equal(m->size[m->n - 1], want);
            assert_octets(x->a, id, 0, head_n, slice_of(base64_head, head_n));
            if (size[i] > 57)
                assert_octets(x->a, id, 300000 / 78 * 78 + head_n, 10, SLICE("AAAAAAAAAA"));
        }
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
    free(zeros);
}

/* The filter holds back what only the end of the message shows to be too much. */
static void binary_limit(void **state)
{
    struct fixture *x = *state;
    struct arrival *r;

    assert_ok(arrival_begin(x->a, 10, &r));
    arrival_expect_binary(r);
    assert_ok(arrival_write(r, SLICE("Subject: x")));
    assert_ok(arrival_write(r, SLICE("y")));
    assert_err(arrival_finish(r), TOOBIG);
    assert_err(arrival_finish(r), IO);
    arrival_free(&r);
}

static void limits(void **state)
{
    struct fixture *x = *state;
    struct arrival *r;
    struct buf out;
    uint64_t id = store_text(x, SLICE("text"), 4);

    assert_ok(arrival_begin(x->a, 10, &r));
    assert_ok(arrival_write(r, SLICE("123456789")));
    assert_err(arrival_write(r, SLICE("\n")), TOOBIG); /* two octets when canonical */
    arrival_free(&r);
    buf_init(&out, 8);
    assert_err(body_read(x->a, id, size_of(x->a, id), 0, 9, &out), LIMIT);
    assert_ok(body_read(x->a, id, size_of(x->a, id), 0, 8, &out));
    buf_release(&out);
}

static int64_t count(struct account *a, const char *table)
{
    char text[100];
    sqlite3_stmt *q;
    int64_t n;

    snprintf(text, sizeof(text), "SELECT count(*) FROM %s", table);
    assert_int_equal(sqlite3_prepare_v2(a->db, text, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return n;
}

/* Chunks of an arrival that ends without a message: freed, also after a crash. */
static void staged_chunks(void **state)
{
    struct fixture *x = *state;
    char *text = pattern(600000);
    struct arrival *r;

    for (int crash = 0; crash < 2; crash++) {
        assert_ok(arrival_begin(x->a, 1 << 30, &r));
        assert_ok(arrival_write(r, slice_of(text, 600000)));
        assert_ok(account_commit(x->a));
        assert_int_equal(count(x->a, "chunk"), 2);
        assert_int_equal(count(x->a, "staged"), 1);
        assert_int_equal(inbox(x)->messages, 0);
        idle(x->a); /* not while it is alive */
        assert_int_equal(count(x->a, "chunk"), 2);
        assert_sound(x->a);
        arrival_free(&r);
        if (crash)
            fixture_reopen(x);
        idle(x->a);
        assert_int_equal(count(x->a, "chunk"), 0);
        assert_int_equal(count(x->a, "staged"), 0);
        assert_sound(x->a);
    }
    free(text);
}

/* Parked: all of it is on the disk, nobody sees it; adopted later, or freed like other leftovers.
 */
static void parked(void **state)
{
    struct fixture *x = *state;
    char *text = pattern(600000);
    static const size_t size[] = {10, 600000};
    struct arrival *r;
    uint32_t uid;

    for (size_t i = 0; i < 4; i++) {
        bool adopt = i % 2 != 0;
        struct slice octets = slice_of(text, size[i / 2]);

        assert_ok(arrival_begin(x->a, 1 << 30, &r));
        write_in_pieces(r, octets, 100000);
        assert_ok(arrival_park(r));
        assert_err(arrival_park(r), BUG);
        assert_ok(account_commit(x->a));
        assert_int_equal(count(x->a, "staged"), 1);
        assert_sound(x->a);
        idle(x->a);
        if (adopt)
            assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
        assert_ok(account_commit(x->a));
        arrival_free(&r);
        if (!adopt)
            fixture_reopen(x);
        idle(x->a);
        assert_int_equal(count(x->a, "staged"), 0);
        assert_int_equal(count(x->a, "body"), i / 2 + adopt);
        assert_int_equal(inbox(x)->messages, i / 2 + adopt);
        assert_sound(x->a);
        if (adopt) {
            struct messages *m;

            assert_ok(folder_messages(inbox(x), &m));
            assert_octets(x->a, m->body[m->n - 1], 0, octets.n, octets);
        }
    }
    free(text);
}

/* Many at once, as of one long APPEND: those given up among them are freed, and only those. */
static void many_parked(void **state)
{
    enum { ARRIVALS = 300 };
    struct fixture *x = *state;
    struct arrival *r[ARRIVALS];
    uint32_t uid;

    for (size_t i = 0; i < ARRIVALS; i++) {
        assert_ok(arrival_begin(x->a, 1000, &r[i]));
        write_in_pieces(r[i], SLICE("Subject: x\r\n\r\n"), 1000);
        assert_ok(arrival_park(r[i]));
    }
    assert_ok(account_commit(x->a));
    for (size_t i = 0; i < ARRIVALS; i += 3)
        arrival_free(&r[i]);
    idle(x->a);
    assert_int_equal(count(x->a, "staged"), ARRIVALS * 2 / 3);
    assert_int_equal(count(x->a, "body"), ARRIVALS * 2 / 3);
    for (size_t i = 0; i < ARRIVALS; i++) {
        if (i % 3 == 1)
            assert_ok(arrival_adopt(r[i], inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
        arrival_free(&r[i]);
    }
    assert_ok(account_commit(x->a));
    idle(x->a);
    assert_int_equal(count(x->a, "staged"), 0);
    assert_int_equal(count(x->a, "body"), ARRIVALS / 3);
    assert_int_equal(inbox(x)->messages, ARRIVALS / 3);
    assert_sound(x->a);
}

/* What another command takes back does not touch an arrival that wrote before it. */
static void undo_beside_an_arrival(void **state)
{
    struct fixture *x = *state;
    char *text = pattern(600000);
    struct arrival *r, *doomed;
    uint32_t uid;

    assert_ok(arrival_begin(x->a, 1 << 30, &r));
    assert_ok(arrival_write(r, slice_of(text, 300000)));
    assert_ok(account_savepoint(x->a));
    assert_ok(arrival_begin(x->a, 1 << 30, &doomed));
    assert_ok(arrival_write(doomed, slice_of(text, 300000)));
    append(x, inbox(x), "undone", 300, 0);
    account_undo(x->a);
    assert_err(arrival_write(doomed, SLICE("more")), IO);
    arrival_free(&doomed);
    assert_ok(account_savepoint(x->a));
    assert_ok(arrival_write(r, slice_of(text, 300000)));
    assert_ok(arrival_finish(r));
    assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
    assert_ok(arrival_adopt(r, folder_find(x->a, SLICE("Sent")), 0, NULL, 0, 0, 0,
                            account_tick(x->a), &uid)); /* a second mailbox */
    assert_ok(account_release(x->a));
    arrival_free(&r);
    assert_ok(account_commit(x->a));
    assert_int_equal(count(x->a, "body"), 1);
    assert_int_equal(count(x->a, "staged"), 0);
    assert_sound(x->a);
    free(text);
}

/* Expunged mail is let go after its time, the body when nobody refers to it any more. */
static void retention(void **state)
{
    struct fixture *x = *state;
    struct folder *to = folder_find(x->a, SLICE("Archive"));
    struct message_row row;
    uint32_t first;
    int64_t body_last;

    append(x, inbox(x), "shared", 300000, 0);
    append(x, inbox(x), "alone", 300, 0);
    assert_ok(messages_copy(inbox(x), (uint32_t[]){1}, 1, to, account_tick(x->a), &first));
    assert_ok(messages_expunge(inbox(x), (uint32_t[]){1, 2}, 2, account_tick(x->a)));
    assert_ok(account_commit(x->a));
    idle(x->a);
    assert_ok(message_expunged(inbox(x), 2, &row));
    fixture_days_pass(x, 8);
    idle(x->a);
    assert_err(message_expunged(inbox(x), 2, &row), NOTFOUND);
    assert_int_equal(count(x->a, "body"), 1);
    assert_int_equal(count(x->a, "body_share"), 0);
    assert_int_equal(count(x->a, "expunged WHERE email_id IS NOT NULL"), 2);
    assert_sound(x->a);
    body_last = (int64_t)x->a->body_last;
    fixture_reopen(x);
    assert_int_equal(x->a->body_last, body_last); /* its id is not given out again */
    fixture_days_pass(x, 90);
    idle(x->a);
    assert_int_equal(count(x->a, "expunged"), 0);
    assert_sound(x->a);
}

static void retention_of_folders(void **state)
{
    struct fixture *x = *state;
    struct folder *f;

    assert_ok(folder_create(x->a, SLICE("f"), 0, &f));
    for (int i = 0; i < 300; i++)
        append(x, f, "m", 300, 0);
    assert_ok(folder_delete(f));
    assert_ok(account_commit(x->a));
    idle(x->a);
    assert_int_equal(count(x->a, "message"), 300);
    assert_int_equal(sqlite3_exec(x->a->db,
                                  "UPDATE folder SET gone_time = gone_time - 8 * 86400;"
                                  "UPDATE account SET swept = 0",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    fixture_reopen(x);
    idle(x->a);
    assert_int_equal(count(x->a, "message"), 0);
    assert_int_equal(count(x->a, "body"), 0);
    assert_int_equal(count(x->a, "chunk"), 0);
    assert_sound(x->a);
}

/* What stood for a deleted folder goes when nothing of its messages is left, but the id that was
 * given out last is remembered. */
static void tombstones(void **state)
{
    struct fixture *x = *state;
    struct folder *f;
    uint64_t last = 0;

    for (int i = 0; i < 3; i++) {
        assert_ok(folder_create(x->a, SLICE("f"), 0, &f));
        if (i == 1)
            append(x, f, "m", 300, 0);
        last = f->id;
        assert_ok(folder_delete(f));
    }
    assert_ok(account_commit(x->a));
    for (int pass = 0; pass < 2; pass++) {
        int64_t before = count(x->a, "folder");

        assert_int_equal(sqlite3_exec(x->a->db,
                                      "UPDATE folder SET gone_time = gone_time - 8 * 86400;"
                                      "UPDATE expunged SET time = time - 100 * 86400;"
                                      "UPDATE account SET swept = 0",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
        fixture_reopen(x);
        idle(x->a);
        assert_int_equal(count(x->a, "folder"), before - (pass == 0 ? 2 : 0));
        assert_sound(x->a);
    }
    assert_ok(folder_create(x->a, SLICE("f"), 0, &f));
    assert_true(f->id > last);
    assert_ok(account_commit(x->a));
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(sizes),
        WITH(joins),
        WITH(what_the_parser_made),
        WITH(binary),
        WITH(binary_limit),
        WITH(limits),
        WITH(staged_chunks),
        WITH(parked),
        WITH(many_parked),
        WITH(undo_beside_an_arrival),
        WITH(retention),
        WITH(retention_of_folders),
        WITH(tombstones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
