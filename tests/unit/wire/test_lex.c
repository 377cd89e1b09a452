/* Every token of lex.h: what it takes, what it leaves, where it stands when it fails. */
#include "../test.h"

#include "wire/lex.h"

#define S(lit)                                                                                     \
    {                                                                                              \
        lit, sizeof(lit) - 1                                                                       \
    }
#define ABSENT "\x01NIL" /* stands for an absent slice in the tables */

enum token { TAG, ATOM, BACKSLASH_ATOM, WORD, STRING, NSTRING, ASTRING, LIST_MAILBOX, LITERAL8 };

struct token_case {
    enum token token;
    bool utf8;
    struct slice in;
    enum err want;
    struct slice value;
    size_t at; /* afterwards */
};

static enum err take(enum token token, struct lex *in, struct arena *a, struct slice *out)
{
    bool binary;

    switch (token) {
    case TAG:
        return lex_tag(in, out);
    case ATOM:
        return lex_atom(in, 10, out);
    case BACKSLASH_ATOM:
        return lex_backslash_atom(in, 10, out);
    case WORD:
        return lex_word(in, 10, out);
    case STRING:
        return lex_string(in, a, 10, out);
    case NSTRING:
        return lex_nstring(in, a, 10, out);
    case ASTRING:
        return lex_astring(in, a, 10, out);
    case LIST_MAILBOX:
        return lex_list_mailbox(in, a, 10, out);
    case LITERAL8:
        return lex_literal(in, 10, out, &binary);
    }
    return ERR_BUG;
}

static const struct token_case cases[] = {
    {TAG, false, S("A1] x"), ERR_OK, S("A1]"), 3},
    {TAG, false, S("A+ x"), ERR_OK, S("A"), 1},
    {TAG, false, S("+ x"), ERR_SYNTAX, S(""), 0},
    {TAG, false, S(""), ERR_SYNTAX, S(""), 0},
    {ATOM, false, S("ab+c]d"), ERR_OK, S("ab+c"), 4},
    {ATOM, false, S("a\x7f"), ERR_OK, S("a"), 1},
    {ATOM, false, S("\xc3\xa4"), ERR_SYNTAX, S(""), 0},
    {ATOM, false, S("abcdefghij"), ERR_OK, S("abcdefghij"), 10},
    {ATOM, false, S("abcdefghijk"), ERR_LIMIT, S(""), 0},
    {BACKSLASH_ATOM, false, S("\\Seen)"), ERR_OK, S("\\Seen"), 5},
    {BACKSLASH_ATOM, false, S("\\abcdefghij"), ERR_OK, S("\\abcdefghij"), 11},
    {BACKSLASH_ATOM, false, S("\\abcdefghijk"), ERR_LIMIT, S(""), 1},
    {BACKSLASH_ATOM, false, S("\\*"), ERR_SYNTAX, S(""), 1},
    {BACKSLASH_ATOM, false, S("Seen"), ERR_SYNTAX, S(""), 0},
    {WORD, false, S("BODY[TEXT]"), ERR_OK, S("BODY"), 4},
    {WORD, false, S("A.B-1<0>"), ERR_OK, S("A.B-1"), 5},
    {STRING, false, S("\"\"x"), ERR_OK, S(""), 2},
    {STRING, false, S("\"a b\""), ERR_OK, S("a b"), 5},
    {STRING, false, S("\"a\\\"\\\\\""), ERR_OK, S("a\"\\"), 7},
    {STRING, false, S("\"a\\b\""), ERR_SYNTAX, S(""), 2},
    {STRING, false, S("\"a\\"), ERR_SYNTAX, S(""), 2},
    {STRING, false, S("\"abc"), ERR_SYNTAX, S(""), 4},
    {STRING, false, S("\"a\rb\""), ERR_SYNTAX, S(""), 2},
    {STRING, false, S("\"a\0b\""), ERR_SYNTAX, S(""), 2},
    {STRING, false, S("\"0123456789\""), ERR_OK, S("0123456789"), 12},
    {STRING, false, S("\"01234567\\\\9\""), ERR_OK, S("01234567\\9"), 13},
    {STRING, false, S("\"01234567890\""), ERR_LIMIT, S(""), 1},
    {STRING, false, S("\"\xc3\xa4\""), ERR_SYNTAX, S(""), 1},
    {STRING, true, S("\"\xc3\xa4\""), ERR_OK, S("\xc3\xa4"), 4},
    {STRING, true, S("\"\xc3\"\""), ERR_SYNTAX, S(""), 1},
    {STRING, true, S("\"\xed\xa0\x80\""), ERR_SYNTAX, S(""), 1},
    {STRING, false, S("{3}\r\na\nb)"), ERR_OK, S("a\nb"), 8},
    {STRING, false, S("{3+}\na\xff\x62"), ERR_OK, S("a\xff\x62"), 8},
    {STRING, false, S("{0}\r\n"), ERR_OK, S(""), 5},
    {STRING, false, S("{3}\r\na\0b"), ERR_SYNTAX, S(""), 6},
    {STRING, false, S("{4}\r\nabc"), ERR_SYNTAX, S(""), 5},
    {STRING, false, S("{9223372036854775808}\r\nabc"), ERR_SYNTAX, S(""), 1},
    {STRING, false, S("{11}\r\n01234567890"), ERR_LIMIT, S(""), 6},
    {STRING, false, S("~{1}\r\na"), ERR_SYNTAX, S(""), 0},
    {STRING, false, S("abc"), ERR_SYNTAX, S(""), 0},
    {LITERAL8, false, S("~{2}\r\n\0a"), ERR_OK, S("\0a"), 8},
    {LITERAL8, false, S("{2}\r\n\0a"), ERR_SYNTAX, S(""), 5},
    {NSTRING, false, S("nil)"), ERR_OK, S(ABSENT), 3},
    {NSTRING, false, S("\"NIL\""), ERR_OK, S("NIL"), 5},
    {NSTRING, false, S("NILS"), ERR_SYNTAX, S(""), 0},
    {ASTRING, false, S("a]b c"), ERR_OK, S("a]b"), 3},
    {ASTRING, false, S("\"x\""), ERR_OK, S("x"), 3},
    {ASTRING, false, S("{1}\r\nx"), ERR_OK, S("x"), 6},
    {ASTRING, false, S("a%"), ERR_OK, S("a"), 1},
    {ASTRING, false, S("(a)"), ERR_SYNTAX, S(""), 0},
    {LIST_MAILBOX, false, S("a/*% x"), ERR_OK, S("a/*%"), 4},
};

static void check(const struct token_case *c)
{
    struct lex in = lex_of(c->in, c->utf8);
    struct arena a;
    struct slice out = SLICE("untouched");

    arena_init(&a, 1000);
    assert_int_equal(take(c->token, &in, &a, &out), c->want);
    assert_int_equal(in.at, c->at);
    if (c->want != ERR_OK) {
        assert_slice(out, SLICE("untouched"));
        assert_int_equal(a.used_octets, 0);
    } else if (slice_eq(c->value, SLICE(ABSENT))) {
        assert_null(out.p);
    } else {
        assert_non_null(out.p);
        assert_slice(out, c->value);
    }
    arena_clear(&a);
}

static void test_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(&cases[i]);
}

static void test_escapes_need_memory(void **state)
{
    struct lex in = lex_of(SLICE("\"a\\\\b\""), false);
    struct arena a;
    struct slice out;

    (void)state;
    arena_init(&a, 1);
    assert_int_equal(lex_string(&in, &a, 10, &out), ERR_NOMEM);
    arena_clear(&a);
}

static void test_numbers(void **state)
{
    static const struct {
        struct slice in;
        bool number, nz, number64, nz64;
    } table[] = {
        {S("0"), true, false, true, false},
        {S("007"), true, false, true, false},
        {S("1"), true, true, true, true},
        {S("4294967295"), true, true, true, true},
        {S("4294967296"), false, false, true, true},
        {S("9223372036854775807"), false, false, true, true},
        {S("9223372036854775808"), false, false, false, false},
        {S("99999999999999999999999999"), false, false, false, false},
        {S("-1"), false, false, false, false},
        {S(""), false, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(table[i].in, false);
        uint32_t v;
        uint64_t w;

        assert_int_equal(lex_number(&in, &v) == ERR_OK, table[i].number);
        in.at = 0;
        assert_int_equal(lex_nz_number(&in, &v) == ERR_OK, table[i].nz);
        in.at = 0;
        assert_int_equal(lex_number64(&in, &w) == ERR_OK, table[i].number64);
        in.at = 0;
        assert_int_equal(lex_nz_number64(&in, &w) == ERR_OK, table[i].nz64);
    }
}

static void test_end_and_keywords(void **state)
{
    struct lex in = lex_of(SLICE("Flags (x)\r\n"), false);
    struct literal literal;

    (void)state;
    assert_false(lex_accept_atom(&in, SLICE("FLAG")));
    assert_false(lex_accept_atom(&in, SLICE("FLAGSX")));
    assert_true(lex_accept_atom(&in, SLICE("FLAGS")));
    assert_int_equal(lex_end(&in), ERR_SYNTAX);
    assert_int_equal(lex_space(&in), ERR_OK);
    in.at = 9;
    assert_int_equal(lex_end(&in), ERR_OK);
    assert_int_equal(lex_peek(&in), -1);
    in = lex_of(SLICE("\r"), false);
    assert_int_equal(lex_end(&in), ERR_SYNTAX);
    assert_int_equal(in.at, 0);
    in = lex_of(SLICE("\n"), false);
    assert_int_equal(lex_end(&in), ERR_OK);
    in = lex_of(SLICE("\r\n "), false);
    assert_int_equal(lex_end(&in), ERR_SYNTAX);
    in = lex_of(SLICE("~{12+}\r\n"), false);
    assert_int_equal(lex_literal_header(&in, &literal), ERR_OK);
    assert_true(literal.binary && !literal.sync && literal.size == 12);
    in = lex_of(SLICE("{12}\r\nx"), false);
    assert_int_equal(lex_literal_header(&in, &literal), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_escapes_need_memory),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_end_and_keywords),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
