/* LIST, LSUB and STATUS arguments. */
#include "../test.h"

#include "wire/list.h"

enum {
    SUB = LIST_SELECT_SUBSCRIBED,
    REM = LIST_SELECT_REMOTE,
    REC = LIST_SELECT_RECURSIVEMATCH,
    USE = LIST_SELECT_SPECIAL_USE,
    RSUB = LIST_RETURN_SUBSCRIBED,
    RCHI = LIST_RETURN_CHILDREN,
    RUSE = LIST_RETURN_SPECIAL_USE,
    RSTA = LIST_RETURN_STATUS,
};

static const struct {
    const char *in;
    bool ok;
    uint32_t select, returns, status_items;
    bool extended, hierarchy_only;
    size_t n;
    const char *matches; /* "a/b" or not */
} cases[] = {
    {"\"\" \"*\"", true, 0, 0, 0, false, false, 1, "yes"},
    {"\"\" %", true, 0, 0, 0, false, false, 1, "no"},
    {"a/ %", true, 0, 0, 0, false, false, 1, "yes"},
    {"\"\" \"\"", true, 0, 0, 0, false, true, 1, "no"},
    {"\"ref\" {0}\r\n", true, 0, 0, 0, false, true, 1, "no"},
    {"() \"\" *", true, 0, 0, 0, true, false, 1, "yes"},
    {"(SUBSCRIBED) \"\" *", true, SUB, 0, 0, true, false, 1, "yes"},
    {"(recursivematch Subscribed) \"\" *", true, SUB | REC, 0, 0, true, false, 1, "yes"},
    {"(SPECIAL-USE REMOTE) \"\" *", true, USE | REM, 0, 0, true, false, 1, "yes"},
    {"\"\" (x \"y\" a/*)", true, 0, 0, 0, true, false, 3, "yes"},
    {"\"\" (\"\")", true, 0, 0, 0, true, false, 1, "no"},
    {"\"\" (\"\" *)", true, 0, 0, 0, true, false, 2, "yes"},
    {"\"\" * RETURN ()", true, 0, 0, 0, true, false, 1, "yes"},
    {"\"\" * return (SUBSCRIBED CHILDREN SPECIAL-USE)", true, 0, RSUB | RCHI | RUSE, 0, true, false,
     1, "yes"},
    {"\"\" * RETURN (STATUS (MESSAGES SIZE) CHILDREN)", true, 0, RSTA | RCHI,
     STATUS_MESSAGES | STATUS_SIZE, true, false, 1, "yes"},
    {"\"\" * RETURN (METADATA (/shared/comment \"/private/a\") CHILDREN)", true, 0,
     LIST_RETURN_METADATA | RCHI, 0, true, false, 1, "yes"},
    {"\"\" * RETURN (METADATA)", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" * RETURN (METADATA ())", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" * RETURN (METADATA /shared/a)", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" * RETURN (METADATA (/a))", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" \"&AOQ*\"", true, 0, 0, 0, false, false, 0, "no"}, /* cannot be decoded */
    {"(RECURSIVEMATCH) \"\" *", false, 0, 0, 0, false, false, 0, "no"},
    {"(RECURSIVEMATCH REMOTE) \"\" *", false, 0, 0, 0, false, false, 0, "no"},
    {"(FOO) \"\" *", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" ()", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\"", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" * RETURN", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" * RETURN (FOO)", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" * RETURN (STATUS)", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" * RETURN (STATUS ())", false, 0, 0, 0, false, false, 0, "no"},
    {"\"\" * (CHILDREN)", false, 0, 0, 0, false, false, 0, "no"},
    {"% *", false, 0, 0, 0, false, false, 0, "no"}, /* no wildcard in a reference atom */
};

static bool any_matches(const struct list_args *args, struct slice name)
{
    for (size_t i = 0; i < args->n; i++) {
        if (mailbox_match(&args->pattern[i], name))
            return true;
    }
    return false;
}

static void test_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].in), false);
        struct list_args args = {0};
        struct arena a;
        bool ok;

        arena_init(&a, 100000);
        ok = list_parse(&in, &a, MAILBOX_MUTF7, &args) == ERR_OK && lex_end(&in) == ERR_OK;
        if (ok != cases[i].ok)
            fail_msg("%s", cases[i].in);
        if (ok) {
            assert_int_equal(args.select, cases[i].select);
            assert_int_equal(args.returns, cases[i].returns);
            assert_int_equal(args.status_items, cases[i].status_items);
            assert_int_equal(args.extended, cases[i].extended);
            assert_int_equal(args.hierarchy_only, cases[i].hierarchy_only);
            assert_int_equal(args.n, cases[i].n);
            assert_int_equal(any_matches(&args, SLICE("a/b")), cases[i].matches[0] == 'y');
        } else {
            assert_int_equal(a.used_octets, 0);
        }
        arena_clear(&a);
    }
}

static void test_too_many_patterns(void **state)
{
    struct list_args args;
    struct arena a;
    struct buf text;
    struct lex in;

    (void)state;
    arena_init(&a, 1 << 20);
    buf_init(&text, 10000);
    buf_add_str(&text, "\"\" (x");
    for (int i = 1; i < LIST_PATTERNS_MAX; i++)
        buf_add_str(&text, " &x"); /* what cannot be decoded counts as well */
    buf_add_char(&text, ')');
    in = lex_of(buf_slice(&text), false);
    assert_int_equal(list_parse(&in, &a, MAILBOX_MUTF7, &args), ERR_OK);
    arena_clear(&a);
    buf_truncate(&text, text.n - 1);
    buf_add_str(&text, " x)");
    in = lex_of(buf_slice(&text), false);
    assert_int_equal(list_parse(&in, &a, MAILBOX_MUTF7, &args), ERR_LIMIT);
    assert_int_equal(a.used_octets, 0);
    buf_release(&text);
}

static void test_lsub(void **state)
{
    struct lex in = lex_of(SLICE("\"a/\" %"), false);
    struct list_args args;
    struct arena a;

    (void)state;
    arena_init(&a, 10000);
    assert_int_equal(list_parse_lsub(&in, &a, MAILBOX_MUTF7, &args), ERR_OK);
    assert_int_equal(args.n, 1);
    assert_true(mailbox_match(&args.pattern[0], SLICE("a/b")));
    in = lex_of(SLICE("\"\" (a b)"), false);
    assert_int_equal(list_parse_lsub(&in, &a, MAILBOX_MUTF7, &args), ERR_SYNTAX);
    arena_clear(&a);
}

static void test_status(void **state)
{
    struct lex in = lex_of(SLICE("inbox (uidnext UIDVALIDITY UNSEEN DELETED RECENT)"), false);
    struct status_args args;
    struct arena a;

    (void)state;
    arena_init(&a, 10000);
    assert_int_equal(status_parse(&in, &a, MAILBOX_MUTF7, &args), ERR_OK);
    assert_slice(args.mailbox, SLICE("INBOX"));
    assert_int_equal(args.items, STATUS_UIDNEXT | STATUS_UIDVALIDITY | STATUS_UNSEEN |
                                     STATUS_DELETED | STATUS_RECENT);
    assert_slice(status_item_name(STATUS_SIZE), SLICE("SIZE"));
    arena_clear(&a);
    in = lex_of(SLICE("inbox (FOO)"), false);
    assert_int_equal(status_parse(&in, &a, MAILBOX_MUTF7, &args), ERR_SYNTAX);
    assert_int_equal(in.at, 7);
    in = lex_of(SLICE("inbox ()"), false);
    assert_int_equal(status_parse(&in, &a, MAILBOX_MUTF7, &args), ERR_SYNTAX);
    assert_int_equal(a.used_octets, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_too_many_patterns),
        cmocka_unit_test(test_lsub),
        cmocka_unit_test(test_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
