/* Sort columns: right when read, after arrivals and expunges, and after a transaction is taken
 * back. */
#include "fixture.h"

#include "store/sort_columns.h"

enum { ALL = (1 << SORT_COLUMNS) - 1 };

/* Load, `step` messages at a time, and show the subjects in order: their ranks, message by
 * message. */
static const char *ranks(struct folder *f, uint32_t step)
{
    static char text[500];
    const struct sort_columns *c;
    struct messages *m;
    size_t n = 0;
    bool more = true;

    while (more)
        assert_ok(folder_sort_load(f, ALL, step, &more));
    assert_ok(folder_messages(f, &m));
    c = folder_sort_columns(f);
    text[0] = '\0';
    for (uint32_t i = 0; i < m->n; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u", i > 0 ? " " : "",
                              c->rank[SORT_SUBJECT][c->text[SORT_SUBJECT][i]]);
    return text;
}

static void test_ranks(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);

    assert_string_equal(ranks(f, 10), "");
    append(x, f, "pear", 100, 0);
    append(x, f, "Apple", 100, 0);
    append(x, f, "Re: apple", 100, 0);
    assert_string_equal(ranks(f, 1), "2 1 1");
    append(x, f, "", 100, 0);
    append(x, f, "orange", 100, 0);
    assert_string_equal(ranks(f, 1), "3 1 1 0 2");
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_string_equal(ranks(inbox(x), 2), "3 1 1 0 2");
}

static void test_expunge(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    const struct sort_columns *c;
    const uint32_t gone[] = {1, 3};

    append(x, f, "c", 100, 0);
    append(x, f, "b", 100, 0);
    append(x, f, "a", 100, 0);
    append(x, f, "Fwd: b", 100, 0);
    assert_string_equal(ranks(f, 10), "3 2 1 2");
    assert_ok(messages_expunge(f, gone, 2, account_tick(x->a)));
    assert_string_equal(ranks(f, 10), "2 2");
    c = folder_sort_columns(f);
    assert_false(c->reply[0]);
    assert_true(c->reply[1]);
    assert_int_not_equal(c->id[0], c->id[1]);
    append(x, f, "a", 100, 0);
    assert_string_equal(ranks(f, 10), "2 2 1");
}

/* A message that was never committed leaves nothing behind. */
static void test_rollback(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);

    append(x, f, "b", 100, 0);
    assert_ok(account_commit(x->a));
    append(x, f, "c", 100, 0);
    assert_string_equal(ranks(f, 10), "1 2");
    account_rollback(x->a);
    append(x, f, "a", 100, 0);
    assert_string_equal(ranks(f, 10), "2 1");
}

/* Texts of messages that have gone are given back. */
static void test_garbage(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    uint32_t uids[2500], n = sizeof(uids) / sizeof(uids[0]);
    size_t before;
    char subject[20];
    bool more = true;

    for (uint32_t i = 0; i < n; i++) {
        snprintf(subject, sizeof(subject), "subject %u", i);
        uids[i] = append(x, f, subject, 50, 0);
    }
    while (more)
        assert_ok(folder_sort_load(f, ALL, 100, &more));
    before = sort_cache_memory(state_of(f)->sort);
    assert_ok(messages_expunge(f, uids, n - 1, account_tick(x->a)));
    assert_string_equal(ranks(f, 100), "1");
    assert_true(sort_cache_memory(state_of(f)->sort) < before / 2);
}

static void test_references(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    const struct sort_columns *c;
    struct arrival *r;
    uint32_t uid;
    bool more;

    append(x, f, "one", 100, 0);
    assert_ok(arrival_begin(x->a, 1 << 20, &r));
    assert_ok(arrival_write(r, SLICE("Message-ID: <\"two\"@x>\r\nIn-Reply-To: <one@example.org> "
                                     "<other@x>\r\nDate: Thu, 1 Jan 1970 00:00:09 +0000\r\n"
                                     "\r\n")));
    assert_ok(arrival_finish(r));
    assert_ok(arrival_adopt(r, f, 0, NULL, 0, 100, 0, account_tick(x->a), &uid));
    arrival_free(&r);
    assert_ok(folder_sort_load(f, 1 << SORT_THREAD | 1 << SORT_SENT, 10, &more));
    assert_false(more);
    c = folder_sort_columns(f);
    assert_int_equal(c->ref_end[0], 0);
    assert_int_equal(c->ref_end[1], 1); /* of In-Reply-To the first id alone */
    assert_int_equal(c->ref[0], c->id[0]);
    assert_int_equal(c->sent[1], 9);
}

int main(void)
{
#define IN_ACCOUNT(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {IN_ACCOUNT(test_ranks), IN_ACCOUNT(test_expunge),
                                       IN_ACCOUNT(test_rollback), IN_ACCOUNT(test_garbage),
                                       IN_ACCOUNT(test_references)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
