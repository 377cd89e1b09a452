/* The elements of APPEND between its literals. */
#include "../test.h"

#include "wire/append.h"

static struct arena arena;

static int fresh_arena(void **state)
{
    (void)state;
    arena_init(&arena, 100000);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static void test_append_options(void **state)
{
    static const struct {
        const char *in;
        enum err want;
        uint32_t system;
        size_t keywords;
        bool has_date;
        const char *rest;
    } table[] = {
        {"{5}\r\n", ERR_OK, 0, 0, false, "{5}\r\n"},
        {"(\\Seen a) {5}\r\n", ERR_OK, FLAG_SEEN, 1, false, "{5}\r\n"},
        {"\"17-Jul-1996 02:44:25 -0700\" CATENATE (", ERR_OK, 0, 0, true, "CATENATE ("},
        {"() \" 7-Jul-1996 02:44:25 -0700\" ~{5+}\r\n", ERR_OK, 0, 0, true, "~{5+}\r\n"},
        {"\"17-Jul-1996 02:44:25 -0700\" () {5}\r\n", ERR_OK, 0, 0, true, "() {5}\r\n"},
        {"\"17-Jul-1996\" {5}\r\n", ERR_SYNTAX, 0, 0, false, NULL},
        {"(\\Seen){5}\r\n", ERR_SYNTAX, 0, 0, false, NULL},
        {"(\\Seen {5}\r\n", ERR_SYNTAX, 0, 0, false, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct append_options o = {0};

        if (append_options_parse(&in, &arena, &o) != table[i].want)
            fail_msg("%s", table[i].in);
        assert_int_equal(o.flags.system, table[i].system);
        assert_int_equal(o.flags.n, table[i].keywords);
        assert_int_equal(o.has_date, table[i].has_date);
        if (table[i].rest != NULL)
            assert_slice(lex_rest(&in), slice_of_str(table[i].rest));
    }
}

static void test_append_elements(void **state)
{
    static const struct {
        const char *in;
        bool part;
        enum err want;
        enum append_element element;
        uint64_t size;
        bool sync, binary;
        const char *url;
    } table[] = {
        {"{5}\r\n", false, ERR_OK, APPEND_TEXT, 5, true, false, NULL},
        {"{5+}\n", false, ERR_OK, APPEND_TEXT, 5, false, false, NULL},
        {"~{0}\r\n", false, ERR_OK, APPEND_TEXT, 0, true, true, NULL},
        {"~{7+}\r\n", false, ERR_OK, APPEND_TEXT, 7, false, true, NULL},
        {"UTF8 (~{5+}\r\n", false, ERR_OK, APPEND_UTF8, 5, false, true, NULL},
        {"utf8 (~{5}\r\n", true, ERR_OK, APPEND_UTF8, 5, true, true, NULL},
        {"catenate (TEXT", false, ERR_OK, APPEND_CATENATE, 0, false, false, NULL},
        {"TEXT {9}\r\n", true, ERR_OK, APPEND_TEXT, 9, true, false, NULL},
        {"text ~{9+}\r\n", true, ERR_OK, APPEND_TEXT, 9, false, true, NULL},
        {"URL /a)", true, ERR_OK, APPEND_URL, 0, false, false, "/a"},
        {"URL \"/a;UID=1\" TEXT", true, ERR_OK, APPEND_URL, 0, false, false, "/a;UID=1"},
        {"url {3}\r\n", true, ERR_OK, APPEND_URL_LITERAL, 3, true, false, NULL},
        {"UTF8 ({5}\r\n", false, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"UTF8 ~{5}\r\n", false, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"CATENATE TEXT", false, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"CATENATE(TEXT", false, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"TEXT {9}\r\n", false, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"{9}\r\n", true, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"TEXT \"x\"", true, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"TEXTS {9}\r\n", true, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"{5}", false, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"\"hello\"\r\n", false, ERR_SYNTAX, 0, 0, false, false, NULL},
        {"\r\n", false, ERR_SYNTAX, 0, 0, false, false, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct append_data d = {0};
        enum err e =
            table[i].part ? append_part_parse(&in, &arena, &d) : append_data_parse(&in, &d);

        if (e != table[i].want || d.element != table[i].element)
            fail_msg("%s", table[i].in);
        assert_int_equal(d.literal.size, table[i].size);
        assert_int_equal(d.literal.sync, table[i].sync);
        assert_int_equal(d.literal.binary, table[i].binary);
        assert_slice(d.url, slice_of_str(table[i].url));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh_arena, clear_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_append_options), TEST(test_append_elements)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
