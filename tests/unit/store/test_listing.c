/* tests/unit/store/test_listing.c -- listings say what the headers say, are made anew when bodies
 * go, and may be missing or damaged. */
#include "fixture.h"

#include "mime/usual.h"

enum { BODIES = 200, BLOCK = 32 };

static void store_one(struct fixture *x, uint32_t i)
{
    struct arrival *r;
    uint32_t uid;
    char head[100];

    snprintf(head, sizeof(head), "From: a@b\r\nX-Other: no\r\nSubject: s%u\r\n", i);
    assert_ok(arrival_begin(x->a, 1 << 20, &r));
    assert_ok(arrival_write(r, slice_of_str(head)));
    for (uint32_t k = 0; i % 50 == 7 && k < 1000; k++) /* a header that is not looked into */
        assert_ok(arrival_write(r, SLICE("X-Long: long long long\r\n")));
    assert_ok(arrival_write(r, SLICE("\r\ntext\r\n")));
    assert_ok(arrival_finish(r));
    assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 1000000, 0, account_tick(x->a), &uid));
    arrival_free(&r);
}

static void fill(struct fixture *x)
{
    for (uint32_t i = 1; i <= BODIES; i++)
        store_one(x, i);
    assert_ok(account_commit(x->a));
}

static void run(struct account *a, const char *sql)
{
    assert_int_equal(sqlite3_exec(a->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* Whether the subject is known without the header; then it is the right one. */
static bool knows(struct account *a, uint64_t body)
{
    const struct slice name = SLICE("subject");
    struct usual_choice choice;
    struct slice packed;
    char want[40];
    struct buf got;

    assert_ok(body_usual(a, body, &packed));
    if (!usual_choose(packed, usual_mask(&name, 1), &choice))
        return false;
    buf_init(&got, 100);
    usual_write(&choice, &got);
    snprintf(want, sizeof(want), "Subject: s%u\r\n\r\n", (unsigned)body);
    assert_slice(buf_slice(&got), slice_of_str(want));
    buf_release(&got);
    return true;
}

/* Ask twice: rows are not read for one body. */
static bool knows_now(struct account *a, uint64_t body)
{
    knows(a, body);
    return knows(a, body);
}

static void says_what_headers_say(void **state)
{
    struct fixture *x = *state;

    fill(x);
    assert_false(knows_now(x->a, 100));
    idle(x->a);
    for (uint64_t id = 1; id <= BODIES; id++)
        assert_int_equal(knows_now(x->a, id), id < BODIES / BLOCK * BLOCK && id % 50 != 7);
    assert_false(knows_now(x->a, 1000000));
    for (uint32_t i = BODIES + 1; i <= 240; i++)
        store_one(x, i);
    assert_ok(account_commit(x->a));
    assert_false(knows_now(x->a, 210));
    idle(x->a);
    assert_true(knows_now(x->a, 210));
    assert_false(knows_now(x->a, 230));
    assert_sound(x->a);
}

/* A row is read for the second body of its block, the next ones at once if that was worth it. */
static void reads_rows_that_serve_several(void **state)
{
    struct fixture *x = *state;

    fill(x);
    idle(x->a);
    assert_false(knows(x->a, 40));
    assert_false(knows(x->a, 80));
    assert_true(knows(x->a, 81));
    assert_false(knows(x->a, 40));
    assert_true(knows(x->a, 41));
    for (uint64_t id = 42; id < 70; id++)
        assert_int_equal(knows(x->a, id), id % 50 != 7);
    store_one(x, BODIES + 1); /* after a change one begins anew */
    assert_ok(account_commit(x->a));
    assert_false(knows(x->a, 70));
    assert_true(knows(x->a, 71));
}

/* Nothing is left of a body that was let go. */
static void forgets_bodies(void **state)
{
    struct fixture *x = *state;
    const uint32_t gone[] = {5, 100};

    fill(x);
    idle(x->a);
    assert_true(knows_now(x->a, 5));
    assert_ok(messages_expunge(inbox(x), gone, 2, account_tick(x->a)));
    assert_ok(account_commit(x->a));
    run(x->a, "UPDATE expunged SET time = time - 8 * 86400; UPDATE account SET swept = 0");
    fixture_reopen(x);
    idle(x->a);
    assert_false(knows_now(x->a, 5));
    assert_false(knows_now(x->a, 100));
    assert_true(knows_now(x->a, 6));
    assert_true(knows_now(x->a, 101));
    assert_sound(x->a);
}

/* Ids that were given out and taken back come again after the next opening. */
static void ids_come_again(void **state)
{
    struct fixture *x = *state;

    for (uint32_t i = 1; i <= 90; i++)
        store_one(x, i);
    assert_ok(account_commit(x->a));
    assert_ok(account_savepoint(x->a));
    for (uint32_t i = 91; i <= 100; i++)
        store_one(x, 1000);
    account_undo(x->a);
    assert_ok(account_commit(x->a));
    idle(x->a);
    fixture_reopen(x);
    for (uint32_t i = 91; i <= 100; i++)
        store_one(x, i);
    assert_ok(account_commit(x->a));
    assert_false(knows_now(x->a, 92));
    assert_sound(x->a);
    idle(x->a);
    assert_true(knows_now(x->a, 92));
    assert_true(knows_now(x->a, 94));
}

static void bears_damage(void **state)
{
    static const char *const damage[] = {
        "UPDATE listing SET data = x'00' WHERE id = 1",
        "UPDATE listing SET data = zeroblob(128) WHERE id = 1",
        "UPDATE listing SET data = randomblob(length(data)) WHERE id = 1",
        "UPDATE listing SET data = substr(data, 1, length(data) - 1) || x'00' WHERE id = 1",
        "UPDATE listing SET data = substr(data, 1, 500) WHERE id = 1",
    };
    struct fixture *x = *state;
    struct buf findings;

    fill(x);
    idle(x->a);
    buf_init(&findings, 10000);
    for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
        struct slice packed;

        run(x->a, damage[i]);
        for (uint64_t id = 32; id < 64; id++)
            assert_ok(body_usual(x->a, id, &packed));
        buf_clear(&findings);
        assert_ok(account_check(x->a, &findings));
        assert_true(findings.n > 0);
    }
    buf_release(&findings);
    run(x->a, "DELETE FROM listing WHERE id IN (1, 3)");
    fixture_reopen(x);
    assert_false(knows_now(x->a, 40));
    idle(x->a);
    assert_true(knows_now(x->a, 40));
    assert_true(knows_now(x->a, 100));
    assert_sound(x->a);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {WITH(says_what_headers_say),
                                       WITH(reads_rows_that_serve_several), WITH(forgets_bodies),
                                       WITH(ids_come_again), WITH(bears_damage)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
