/* Sort columns: right when read, after arrivals and expunges, and after a transaction is taken
 * back. */
#include "fixture.h"

#include "store/sort_columns.h"

enum { ALL = (1 << SORT_COLUMNS) - 1 };

/* Load the columns of `set`, `step` messages at a time, and show one of texts in order: their
 * ranks, message by message. */
static const char *ranks_of(struct folder *f, unsigned set, enum sort_column column, uint32_t step)
{
    static char text[500];
    const struct sort_columns *c;
    struct messages *m;
    size_t n = 0;
    bool more = true;

    while (more)
        assert_ok(folder_sort_load(f, set, step, &more));
    assert_ok(folder_messages(f, &m));
    c = folder_sort_columns(f);
    text[0] = '\0';
    for (uint32_t i = 0; i < m->n; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u", i > 0 ? " " : "",
                              c->rank[column][c->text[column][i]]);
    return text;
}

/* The subjects as i;unicode-casemap has them, with all the other columns. */
static const char *ranks(struct folder *f, uint32_t step)
{
    return ranks_of(f, ALL, SORT_SUBJECT, step);
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

/* RFC 5255 section 4.2. Each collation reads its own columns, whenever it comes to be asked for. */
static void test_collations(void **state)
{
    static const char *const subjects[] = {"b", "a", "ä", "B", "Ä", "", "Re: [x]", "C"};
    static const struct {
        const char *ranks, *and_more; /* after "A" and "ä" have arrived and the first has gone */
    } rows[COLLATIONS] = {
        [COLLATION_UNICODE] = {"3 1 2 3 2 0 5 4", "1 2 3 2 0 5 4 1 2"},
        [COLLATION_ASCII] = {"2 1 6 2 5 0 4 3", "1 6 2 5 0 4 3 1 6"},
        [COLLATION_OCTET] = {"5 4 7 1 6 0 3 2", "5 8 2 7 0 4 3 1 8"},
    };
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    const uint32_t gone = 1;

    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        append(x, f, subjects[i], 100, 0);
    for (int c = 0; c < COLLATIONS; c++) {
        enum sort_column column = sort_text_column(SORT_SUBJECT, (enum collation)c);
        size_t before = c > 0 ? sort_cache_memory(state_of(f)->sort) : 0;

        assert_string_equal(ranks_of(f, 1U << column, column, 3), rows[c].ranks);
        assert_true(sort_cache_memory(state_of(f)->sort) > before);
    }
    append(x, f, "A", 100, 0);
    append(x, f, "ä", 100, 0);
    assert_ok(messages_expunge(f, &gone, 1, account_tick(x->a)));
    for (int c = COLLATIONS - 1; c >= 0; c--) {
        enum sort_column column = sort_text_column(SORT_SUBJECT, (enum collation)c);

        assert_string_equal(ranks_of(f, 1U << column, column, 1), rows[c].and_more);
    }
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
    const struct CMUnitTest tests[] = {IN_ACCOUNT(test_ranks),   IN_ACCOUNT(test_collations),
                                       IN_ACCOUNT(test_expunge), IN_ACCOUNT(test_rollback),
                                       IN_ACCOUNT(test_garbage), IN_ACCOUNT(test_references)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
