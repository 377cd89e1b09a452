/* tests/unit/store/test_quota.c -- limits bind what comes in, and the sums stay right whatever
 * happens to folders, messages and transactions. */
#include "fixture.h"

enum { KIB = 1024 };

static void limit(struct fixture *x, uint64_t storage, uint64_t messages, uint64_t mailboxes)
{
    const uint64_t most[QUOTA_RESOURCES] = {
        [QUOTA_STORAGE] = storage, [QUOTA_MESSAGE] = messages, [QUOTA_MAILBOX] = mailboxes};

    assert_ok(quota_set(x->a, most));
    assert_ok(account_commit(x->a));
}

/* "storage messages mailboxes" now, asked of the account and of a fresh opening. */
static const char *used_now(struct fixture *x)
{
    static char text[100];
    struct quota_state q[QUOTA_RESOURCES];

    assert_ok(quota_get(x->a, q));
    snprintf(text, sizeof(text), "%d %d %d", (int)q[QUOTA_STORAGE].used, (int)q[QUOTA_MESSAGE].used,
             (int)q[QUOTA_MAILBOX].used);
    return text;
}

static void assert_used(struct fixture *x, const char *want)
{
    assert_string_equal(used_now(x), want);
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_string_equal(used_now(x), want);
}

static void sums_follow(void **state)
{
    struct fixture *x = *state;
    struct folder *f;
    uint32_t uid, first;
    struct messages *m;
    bool changed;

    assert_used(x, "0 0 6");
    append(x, inbox(x), "one", 1 * KIB, 0);
    append(x, inbox(x), "two", 3 * KIB / 2, 0);
    assert_used(x, "3 2 6");
    assert_ok(quota_check(x->a, 1, 1)); /* so that the sums are known */
    assert_ok(folder_create(x->a, SLICE("a/b"), 0, &f));
    assert_ok(folder_messages(inbox(x), &m));
    assert_ok(messages_copy(inbox(x), (uint32_t[]){1, 2}, 2, f, account_tick(x->a), &first));
    assert_string_equal(used_now(x), "5 4 7");
    assert_ok(
        message_store(inbox(x), 0, STORE_ADD, FLAG_DELETED, NULL, 0, account_tick(x->a), &changed));
    uid = uid_at(m->map, 0);
    assert_ok(messages_expunge(inbox(x), &uid, 1, account_tick(x->a)));
    assert_string_equal(used_now(x), "4 3 7");
    assert_ok(account_commit(x->a));
    assert_ok(account_savepoint(x->a));
    append(x, inbox(x), "three", 5 * KIB, 0);
    assert_string_equal(used_now(x), "9 4 7");
    account_undo(x->a);
    assert_string_equal(used_now(x), "4 3 7");
    append(x, inbox(x), "four", 5 * KIB, 0);
    account_rollback(x->a);
    assert_string_equal(used_now(x), "4 3 7");
    assert_ok(folder_rename(inbox(x), SLICE("old")));
    assert_string_equal(used_now(x), "4 3 8");
    assert_ok(folder_delete(folder_find(x->a, SLICE("a/b"))));
    assert_used(x, "2 1 7");
    assert_sound(x->a);
}

static void limits_bind(void **state)
{
    struct fixture *x = *state;
    struct folder *f;
    struct messages *m;
    uint32_t uid, first;

    limit(x, 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT);
    fixture_reopen(x);
    uid = append(x, inbox(x), "one", 4 * KIB, 0);
    assert_err(try_append(x->a, inbox(x), "two", 100, 0, &first), OVERQUOTA);
    assert_err(quota_check_copies(inbox(x), &uid, 1), OVERQUOTA);
    assert_ok(folder_messages(inbox(x), &m));
    assert_err(quota_check(x->a, 0, 4 * KIB - m->size[0] + 1), OVERQUOTA);
    assert_ok(quota_check(x->a, 1, 4 * KIB - m->size[0]));
    assert_used(x, "4 1 6");

    limit(x, QUOTA_NO_LIMIT, 2, 7);
    append(x, inbox(x), "two", 100, 0);
    assert_err(try_append(x->a, inbox(x), "three", 100, 0, &first), OVERQUOTA);
    assert_ok(folder_create(x->a, SLICE("a/b"), 0, &f));
    assert_err(folder_create(x->a, SLICE("a"), 0, NULL), OVERQUOTA);
    assert_err(folder_create(x->a, SLICE("c"), 0, NULL), OVERQUOTA);
    assert_err(folder_rename(inbox(x), SLICE("c")), OVERQUOTA);
    assert_ok(folder_rename(f, SLICE("d/e")));
    assert_used(x, "5 2 7");

    /* Above a limit: nothing goes, nothing comes. A limit of 0 allows nothing. */
    limit(x, 0, 0, 0);
    assert_used(x, "5 2 7");
    assert_err(try_append(x->a, inbox(x), "four", 100, 0, &first), OVERQUOTA);
    limit(x, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT);
    append(x, inbox(x), "five", 100, 0);
    assert_used(x, "5 3 7");
    assert_sound(x->a);
}

/* A limit that was set in a transaction that did not happen was never set. */
static void limits_are_taken_back(void **state)
{
    const uint64_t most[QUOTA_RESOURCES] = {0, 0, 0};
    struct fixture *x = *state;
    struct quota_state q[QUOTA_RESOURCES];

    limit(x, 1, INT64_MAX, 3);
    assert_ok(account_savepoint(x->a));
    assert_ok(quota_set(x->a, most));
    assert_ok(quota_get(x->a, q));
    assert_int_equal(q[QUOTA_STORAGE].most, 0);
    account_undo(x->a);
    assert_ok(quota_get(x->a, q));
    assert_int_equal(q[QUOTA_STORAGE].most, 1);
    assert_ok(quota_set(x->a, most));
    account_rollback(x->a);
    assert_ok(quota_get(x->a, q));
    assert_int_equal(q[QUOTA_STORAGE].most, 1);
    assert_true(q[QUOTA_MESSAGE].most == INT64_MAX);
    assert_int_equal(q[QUOTA_MAILBOX].most, 3);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {WITH(sums_follow), WITH(limits_bind),
                                       WITH(limits_are_taken_back)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
