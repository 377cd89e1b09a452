/* Mailbox filters of RFC 5465 section 6 and RFC 7377 section 2.2: grammar, and what is covered. */
#include "../test.h"

#include <stdio.h>

#include "base/buf.h"
#include "wire/mailbox_filter.h"

static const struct {
    const char *in;
    enum err e;
    size_t at;
    enum mailbox_filter_kind kind;
    const char *keys; /* joined by "|" */
} parses[] = {
    {"selected", ERR_OK, 8, MAILBOX_FILTER_SELECTED, ""},
    {"Selected-Delayed x", ERR_OK, 16, MAILBOX_FILTER_SELECTED_DELAYED, ""},
    {"inboxes", ERR_OK, 7, MAILBOX_FILTER_INBOXES, ""},
    {"PERSONAL)", ERR_OK, 8, MAILBOX_FILTER_PERSONAL, ""},
    {"subscribed", ERR_OK, 10, MAILBOX_FILTER_SUBSCRIBED, ""},
    {"subtree folder2", ERR_OK, 15, MAILBOX_FILTER_SUBTREE, "folder2"},
    {"subtree \"\"", ERR_OK, 10, MAILBOX_FILTER_SUBTREE, ""},
    {"subtree-one (b a b)", ERR_OK, 19, MAILBOX_FILTER_SUBTREE_ONE, "a|b"},
    {"mailboxes (inbox inbox/x \"a b\" {1}\r\nz)", ERR_OK, 38, MAILBOX_FILTER_MAILBOXES,
     "INBOX|INBOX/x|a b|z"},
    {"mailboxes *", ERR_SYNTAX, 10, MAILBOX_FILTER_MAILBOXES, ""},
    {"mailboxes (a// /b \"\" c)", ERR_OK, 23, MAILBOX_FILTER_MAILBOXES, "c"},
    {"mailboxes &U,BTFw-", ERR_OK, 18, MAILBOX_FILTER_MAILBOXES, "\xe5\x8f\xb0\xe5\x8c\x97"},
    {"mailboxes", ERR_SYNTAX, 9, MAILBOX_FILTER_MAILBOXES, ""},
    {"mailboxes ()", ERR_SYNTAX, 11, MAILBOX_FILTER_MAILBOXES, ""},
    {"mailboxes (a ", ERR_SYNTAX, 13, MAILBOX_FILTER_MAILBOXES, ""},
    {"mailboxes (a", ERR_SYNTAX, 12, MAILBOX_FILTER_MAILBOXES, ""},
    {"\"selected\"", ERR_SYNTAX, 0, MAILBOX_FILTER_SELECTED, ""},
    {"selectedx", ERR_SYNTAX, 0, MAILBOX_FILTER_SELECTED, ""},
    {"", ERR_SYNTAX, 0, MAILBOX_FILTER_SELECTED, ""},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(parses) / sizeof(parses[0]); i++) {
        struct lex in = lex_of(slice_of_str(parses[i].in), false);
        struct mailbox_filter f;
        struct arena a;
        struct buf keys;
        enum err e;

        arena_init(&a, 100000);
        buf_init(&keys, 1000);
        e = filter_mailboxes_parse(&in, &a, MAILBOX_MUTF7, &f);
        if (e != parses[i].e || in.at != parses[i].at)
            fail_msg("%s: %s at %zu", parses[i].in, err_name(e), in.at);
        if (e == ERR_OK) {
            assert_int_equal(f.kind, parses[i].kind);
            for (size_t k = 0; k < f.n; k++) {
                if (k > 0)
                    buf_add_char(&keys, '|');
                buf_add_slice(&keys, f.key[k]);
            }
            assert_slice(buf_slice(&keys), slice_of_str(parses[i].keys));
        } else {
            assert_int_equal(a.used_octets, 0);
        }
        buf_release(&keys);
        arena_clear(&a);
    }
}

static void test_covers(void **state)
{
    static const struct {
        const char *filter, *name;
        bool yes;
    } table[] = {
        {"mailboxes (a b)", "a", true},   {"mailboxes (a b)", "a/x", false},
        {"mailboxes (a b)", "ab", false}, {"subtree a", "a", true},
        {"subtree a", "a/x", true},       {"subtree a", "a/x/y", true},
        {"subtree a", "ab", false},       {"subtree a", "ab/x", false},
        {"subtree a", "x/a", false},      {"subtree a/x", "a", false},
        {"subtree \"\"", "a/x", true},    {"subtree-one a", "a", true},
        {"subtree-one a", "a/x", true},   {"subtree-one a", "a/x/y", false},
        {"subtree-one \"\"", "a", true},  {"subtree-one \"\"", "a/x", false},
        {"subtree (a// b)", "a", false},  {"personal", "a", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].filter), false);
        struct mailbox_filter f;
        struct arena a;

        arena_init(&a, 100000);
        assert_int_equal(filter_mailboxes_parse(&in, &a, MAILBOX_UTF8, &f), ERR_OK);
        if (mailbox_filter_covers(&f, slice_of_str(table[i].name)) != table[i].yes)
            fail_msg("%s: %s", table[i].filter, table[i].name);
        arena_clear(&a);
    }
}

static enum err parse_many(size_t n)
{
    struct mailbox_filter f;
    struct buf text;
    struct arena a;
    struct lex in;
    enum err e;

    buf_init(&text, 1 << 20);
    arena_init(&a, 1 << 20);
    buf_add_str(&text, "mailboxes (a");
    for (size_t i = 1; i < n; i++)
        buf_addf(&text, " b%zu", i);
    buf_add_char(&text, ')');
    in = lex_of(buf_slice(&text), false);
    e = filter_mailboxes_parse(&in, &a, MAILBOX_UTF8, &f);
    assert_true(e == ERR_OK || a.used_octets == 0);
    arena_clear(&a);
    buf_release(&text);
    return e;
}

static void test_limit(void **state)
{
    (void)state;
    assert_int_equal(parse_many(MAILBOX_FILTER_NAMES_MAX), ERR_OK);
    assert_int_equal(parse_many(MAILBOX_FILTER_NAMES_MAX + 1), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_covers),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
