/* Flag lists, with parentheses and without. */
#include "../test.h"

#include "wire/flag.h"

static const struct {
    bool store;
    const char *in;
    enum err want;
    uint32_t system;
    const char *keywords; /* with a space behind each */
    size_t at;            /* afterwards */
} cases[] = {
    {false, "()", ERR_OK, 0, "", 2},
    {false, "(\\seen \\Answered \\FLAGGED \\Deleted \\Draft)x", ERR_OK, FLAG_SYSTEM, "", 42},
    {false, "(\\Recent)", ERR_OK, FLAG_RECENT, "", 9},
    {false, "(a \\Seen $Forwarded A \\Seen b)", ERR_OK, FLAG_SEEN, "a $Forwarded b ", 30},
    {false, "\\Seen", ERR_SYNTAX, 0, "", 0},
    {false, "(\\Foo)", ERR_SYNTAX, 0, "", 1},
    {false, "(\\*)", ERR_SYNTAX, 0, "", 2},
    {false, "(a )", ERR_SYNTAX, 0, "", 3},
    {false, "(a", ERR_SYNTAX, 0, "", 2},
    {false, "(a\"b\")", ERR_SYNTAX, 0, "", 2},
    {false, "(a\xc3\xa4)", ERR_SYNTAX, 0, "", 2},
    {true, "()", ERR_OK, 0, "", 2},
    {true, "(a)", ERR_OK, 0, "a ", 3},
    {true, "\\Draft a b\r\n", ERR_OK, FLAG_DRAFT, "a b ", 10},
    {true, "\r\n", ERR_SYNTAX, 0, "", 0},
};

static void test_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].in), false);
        struct flag_list list = {0};
        struct arena a;
        struct buf out;

        arena_init(&a, 10000);
        buf_init(&out, 1000);
        assert_int_equal(cases[i].store ? flag_list_parse_store(&in, &a, &list)
                                        : flag_list_parse(&in, &a, &list),
                         cases[i].want);
        assert_int_equal(in.at, cases[i].at);
        assert_int_equal(list.system, cases[i].system);
        for (size_t k = 0; k < list.n; k++)
            buf_addf(&out, "%.*s ", SLICE_ARG(list.keyword[k]));
        assert_slice(buf_slice(&out), slice_of_str(cases[i].keywords));
        assert_true(cases[i].want == ERR_OK || a.used_octets == 0);
        buf_release(&out);
        arena_clear(&a);
    }
}

/* `n` different keywords, each sent twice. */
static enum err parse_many(unsigned n, size_t *kept)
{
    struct flag_list list = {0};
    struct buf text;
    struct arena a;
    struct lex in;
    enum err e;

    buf_init(&text, 1 << 20);
    arena_init(&a, 1 << 20);
    for (unsigned i = 0; i < n; i++)
        buf_addf(&text, "%ckey%u Key%u", i == 0 ? '(' : ' ', i, i);
    buf_add_char(&text, ')');
    in = lex_of(buf_slice(&text), false);
    e = flag_list_parse(&in, &a, &list);
    *kept = list.n;
    assert_true(e == ERR_OK || a.used_octets == 0);
    arena_clear(&a);
    buf_release(&text);
    return e;
}

static void test_limits(void **state)
{
    static char text[FLAG_KEYWORD_OCTETS_MAX + 1];
    struct flag_list list;
    struct arena a;
    struct lex in;
    size_t kept;

    (void)state;
    assert_int_equal(parse_many(FLAG_KEYWORDS_MAX, &kept), ERR_OK);
    assert_int_equal(kept, FLAG_KEYWORDS_MAX);
    assert_int_equal(parse_many(FLAG_KEYWORDS_MAX + 1, &kept), ERR_LIMIT);
    memset(text, 'k', sizeof(text));
    arena_init(&a, 10000);
    in = lex_of(slice_of(text, sizeof(text)), false);
    assert_int_equal(flag_list_parse_store(&in, &a, &list), ERR_LIMIT);
    in = lex_of(slice_of(text, sizeof(text) - 1), false);
    assert_int_equal(flag_list_parse_store(&in, &a, &list), ERR_OK);
    arena_clear(&a);
}

static void test_writing(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    assert_false(flag_write_system(&out, 0));
    assert_int_equal(out.n, 0);
    assert_true(flag_write_system(&out, FLAG_DRAFT | FLAG_SEEN | FLAG_RECENT));
    assert_slice(buf_slice(&out), SLICE("\\Seen \\Draft \\Recent"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_writing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
