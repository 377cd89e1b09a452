/* ESEARCH of RFC 7377: the source options, and what may go with them. */
#include "../test.h"

#include "base/buf.h"
#include "wire/multisearch.h"

static const struct {
    const char *in;
    size_t at; /* where ERR_SYNTAX stands; 0: ERR_OK */
    size_t n;
    bool selected, only;
} cases[] = {
    {"ALL", 0, 1, true, true},
    {"RETURN (SAVE) ALL", 0, 1, true, true},
    {"IN (selected) ALL", 0, 1, true, true},
    {"in (Selected SELECTED) RETURN (SAVE ALL) ALL", 0, 2, true, true},
    {"IN (mailboxes \"folder1\" subtree \"folder2\") unseen", 0, 2, false, false},
    {"IN (mailboxes (a b) selected) RETURN (COUNT) CHARSET UTF-8 TEXT x", 0, 2, true, false},
    {"IN (personal subscribed inboxes subtree-one \"\") 1:5", 0, 4, false, false},
    {"IN (selected-delayed) ALL", 4, 0, false, false},
    {"IN (personal selected-delayed) ALL", 13, 0, false, false},
    {"IN (personal (x)) ALL", 13, 0, false, false},
    {"IN () ALL", 4, 0, false, false},
    {"IN (personal ) ALL", 13, 0, false, false},
    {"IN (personal)", 13, 0, false, false},
    {"IN personal ALL", 3, 0, false, false},
    {"IN (personal) RETURN (SAVE) ALL", 31, 0, false, false},
    {"IN (selected personal) RETURN (SAVE) ALL", 40, 0, false, false},
    {"IN (personal) IN (personal) ALL", 14, 0, false, false},
    {"RETURN (ALL) IN (personal) ALL", 13, 0, false, false},
};

static void test_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].in), false);
        struct multisearch_args args;
        struct arena a;
        enum err e;

        arena_init(&a, 100000);
        e = multisearch_parse(&in, &a, MAILBOX_MUTF7, &args);
        if (e != (cases[i].at == 0 ? ERR_OK : ERR_SYNTAX) || (e != ERR_OK && in.at != cases[i].at))
            fail_msg("%s: %s at %zu", cases[i].in, err_name(e), in.at);
        if (e == ERR_OK) {
            assert_int_equal(lex_end(&in), ERR_OK);
            assert_int_equal(args.n, cases[i].n);
            assert_int_equal(args.selected, cases[i].selected);
            assert_int_equal(args.selected_only, cases[i].only);
        } else {
            assert_int_equal(a.used_octets, 0);
        }
        arena_clear(&a);
    }
}

static enum err parse_many(size_t n)
{
    struct multisearch_args args;
    struct buf text;
    struct arena a;
    struct lex in;
    enum err e;

    buf_init(&text, 10000);
    arena_init(&a, 100000);
    buf_add_str(&text, "IN (personal");
    for (size_t i = 1; i < n; i++)
        buf_add_str(&text, " personal");
    buf_add_str(&text, ") ALL");
    in = lex_of(buf_slice(&text), false);
    e = multisearch_parse(&in, &a, MAILBOX_UTF8, &args);
    arena_clear(&a);
    buf_release(&text);
    return e;
}

static void test_limit(void **state)
{
    (void)state;
    assert_int_equal(parse_many(MULTISEARCH_FILTERS_MAX), ERR_OK);
    assert_int_equal(parse_many(MULTISEARCH_FILTERS_MAX + 1), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_source), cmocka_unit_test(test_limit)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
