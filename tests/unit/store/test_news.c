/* tests/unit/store/test_news.c -- which folders changed, and what became of names. */
#include <stdlib.h>

#include "fixture.h"

/* "INBOX Sent": the folders changed since, the oldest change first. */
static const char *changed(struct account *a, uint64_t since)
{
    static char text[2000];
    struct folder **f;
    struct arena arena;
    size_t n, at = 0;

    arena_init(&arena, 1 << 20);
    assert_ok(account_changed_folders(a, since, &arena, &f, &n));
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.*s", i > 0 ? " " : "",
                               SLICE_ARG(f[i]->name));
    arena_clear(&arena);
    return text;
}

/* "1:a 3:b<a": kind, name, old name. */
static const char *events(struct account *a, uint64_t since)
{
    static char text[4000];
    const struct event *e;
    size_t n, at = 0;

    assert_ok(account_events(a, since, &e, &n));
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%d:%.*s", i > 0 ? " " : "",
                               e[i].kind, SLICE_ARG(e[i].name));
        if (e[i].old_name.p != NULL)
            at += (size_t)snprintf(text + at, sizeof(text) - at, "<%.*s", SLICE_ARG(e[i].old_name));
    }
    return text;
}

static void folders_that_changed(void **state)
{
    struct fixture *x = *state;
    struct folder *in = inbox(x), *sent = folder_find(x->a, SLICE("Sent"));
    uint64_t start = account_modseq(x->a), middle;

    assert_string_equal(changed(x->a, start), "");
    append(x, in, "one", 100, 0);
    assert_string_equal(changed(x->a, start), "INBOX"); /* not committed, but in this batch */
    assert_ok(account_commit(x->a));
    middle = account_modseq(x->a);
    append(x, sent, "two", 100, 0);
    assert_ok(account_commit(x->a));
    assert_string_equal(changed(x->a, start), "INBOX Sent");
    assert_string_equal(changed(x->a, middle), "Sent");
    append(x, in, "three", 100, 0);
    assert_string_equal(changed(x->a, start), "Sent INBOX");
    assert_string_equal(changed(x->a, middle), "Sent INBOX");
    account_rollback(x->a);
    assert_ok(account_commit(x->a));
    assert_string_equal(changed(x->a, account_modseq(x->a)), "");
    assert_ok(folder_delete(sent));
    assert_ok(account_commit(x->a));
    append(x, in, "four", 100, 0);
    assert_ok(account_commit(x->a));
    assert_string_equal(changed(x->a, start), "INBOX");
    fixture_reopen(x);
    assert_string_equal(changed(x->a, start), "INBOX");
}

/* Of two folders changed by one commit a cursor between their modseqs finds only the later one. */
static void cursor_within_a_commit(void **state)
{
    struct fixture *x = *state;
    struct folder *in = inbox(x), *sent = folder_find(x->a, SLICE("Sent"));
    uint64_t start = account_modseq(x->a), between;

    assert_string_equal(changed(x->a, start), "");
    append(x, in, "one", 100, 0);
    between = account_modseq(x->a);
    append(x, sent, "two", 100, 0);
    assert_ok(account_commit(x->a));
    assert_string_equal(changed(x->a, between), "Sent");
    assert_string_equal(changed(x->a, start), "INBOX Sent");
}

static void kinds_of_change(void **state)
{
    struct fixture *x = *state;
    struct folder *in = inbox(x);
    struct messages *m;
    uint64_t since;
    uint32_t uid;
    bool did;

    uid = append(x, in, "one", 100, 0);
    assert_ok(account_commit(x->a));
    since = account_modseq(x->a);
    assert_ok(folder_messages(in, &m));
    assert_ok(message_store(in, 0, STORE_ADD, FLAG_SEEN, NULL, 0, account_tick(x->a), &did));
    assert_true(in->flags_modseq > since && in->new_modseq <= since && in->expunge_modseq <= since);
    since = account_modseq(x->a);
    assert_ok(messages_expunge(in, &uid, 1, account_tick(x->a)));
    assert_true(in->flags_modseq <= since && in->new_modseq <= since && in->expunge_modseq > since);
    since = account_modseq(x->a);
    append(x, in, "two", 100, 0);
    assert_true(in->flags_modseq <= since && in->new_modseq > since && in->expunge_modseq <= since);
    assert_ok(account_commit(x->a));
}

static void what_became_of_names(void **state)
{
    struct fixture *x = *state;
    uint64_t start, middle;
    struct folder *f;

    assert_ok(account_commit(x->a));
    start = account_modseq(x->a);
    assert_string_equal(events(x->a, start), "");
    assert_ok(folder_create(x->a, SLICE("a/b/c"), 0, NULL));
    assert_string_equal(events(x->a, start), "1:a 1:a/b 1:a/b/c");
    assert_ok(account_commit(x->a));
    middle = account_modseq(x->a);
    assert_ok(folder_rename(folder_find(x->a, SLICE("a")), SLICE("x")));
    assert_string_equal(events(x->a, middle), "3:x<a"); /* its inferiors with it */
    assert_string_equal(changed(x->a, middle), "x x/b x/b/c");
    f = folder_find(x->a, SLICE("x/b/c"));
    assert_ok(folder_delete(f));
    assert_ok(subscription_set(x->a, SLICE("Nowhere"), true));
    assert_ok(subscription_set(x->a, SLICE("Nowhere"), false));
    assert_string_equal(events(x->a, middle), "3:x<a 2:x/b/c 4:Nowhere 5:Nowhere");
    account_rollback(x->a);
    assert_string_equal(events(x->a, middle), "");
    assert_string_equal(events(x->a, start), "1:a 1:a/b 1:a/b/c");
    fixture_reopen(x);
    assert_string_equal(events(x->a, start), "1:a 1:a/b 1:a/b/c");
    assert_string_equal(events(x->a, account_modseq(x->a)), "");
}

/* An answer that is too long, or was cut, is none. */
static void too_many_events(void **state)
{
    struct fixture *x = *state;
    uint64_t start = account_modseq(x->a), later = 0;
    const struct event *e;
    size_t n;

    for (int i = 0; i < ACCOUNT_EVENTS_MAX + 1; i++) {
        assert_ok(subscription_set(x->a, SLICE("Nowhere"), i % 2 == 0));
        if (i == 0)
            later = account_modseq(x->a);
    }
    assert_ok(account_commit(x->a));
    assert_err(account_events(x->a, start, &e, &n), LIMIT);
    assert_ok(account_events(x->a, later, &e, &n));
    assert_int_equal(n, ACCOUNT_EVENTS_MAX);
    assert_int_equal(sqlite3_exec(x->a->db, "DELETE FROM event WHERE id < 900", NULL, NULL, NULL),
                     SQLITE_OK);
    events_forget(x->a);
    assert_err(account_events(x->a, later, &e, &n), LIMIT);
    assert_ok(account_events(x->a, account_modseq(x->a) - 5, &e, &n));
    assert_int_equal(n, 5);
}

static void events_are_counted_memory(void **state)
{
    struct fixture *x = *state;
    const struct event *e;
    size_t n, octets;

    assert_ok(account_events(x->a, 0, &e, &n));
    assert_true(n > 0);
    octets = account_memory(x->a);
    events_forget(x->a);
    assert_true(account_memory(x->a) + n * sizeof(*e) < octets);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(folders_that_changed), WITH(cursor_within_a_commit), WITH(kinds_of_change),
        WITH(what_became_of_names), WITH(too_many_events),        WITH(events_are_counted_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
