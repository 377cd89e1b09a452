/* GETMETADATA, SETMETADATA, the names of entries and what is below what. */
#include "../test.h"

#include "wire/metadata.h"

static struct arena arena;

static int fresh_arena(void **state)
{
    (void)state;
    arena_init(&arena, 1000000);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static void test_get(void **state)
{
    static const struct {
        const char *in;
        enum err want;
        const char *mailbox; /* NULL: the server */
        size_t n;
        uint32_t max_octets;
        enum metadata_depth depth;
    } table[] = {
        {"\"\" /shared/comment", ERR_OK, NULL, 1, UINT32_MAX, METADATA_DEPTH_0},
        {"inbox (/shared/comment /PRIVATE/a)", ERR_OK, "INBOX", 2, UINT32_MAX, METADATA_DEPTH_0},
        {"(MAXSIZE 5 DEPTH 1) x /private", ERR_OK, "x", 1, 5, METADATA_DEPTH_1},
        {"(depth INFINITY) x /private/vendor", ERR_OK, "x", 1, UINT32_MAX, METADATA_DEPTH_INFINITY},
        {"x (MAXSIZE 5) (/private/a)", ERR_OK, "x", 1, 5, METADATA_DEPTH_0},
        {"x (DEPTH 0) \"/private/a b\"", ERR_OK, "x", 1, UINT32_MAX, METADATA_DEPTH_0},
        {"x", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x ()", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"() x /shared/a", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"(DEPTH 2) x /shared/a", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"(MAXSIZE -1) x /shared/a", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"(MAXSIZE 4294967296) x /shared/a", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"(NEW 1) x /shared/a", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x (NEW 1) /shared/a", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x (/shared/a /b)", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x /shareda", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x /shared/", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x /shared//a", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x \"/shared/*\"", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x \"/shared/%\"", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x \"/shared/\t\"", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x \"/shared/\x7f\"", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"x {10+}\r\n/shared/\xc3\xa4", ERR_SYNTAX, NULL, 0, 0, METADATA_DEPTH_0},
        {"a//b /shared/a", ERR_CANNOT, NULL, 0, 0, METADATA_DEPTH_0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), true);
        struct metadata_args args = {0};

        if (getmetadata_parse(&in, &arena, MAILBOX_UTF8, &args) != table[i].want)
            fail_msg("%s", table[i].in);
        assert_slice(args.mailbox, slice_of_str(table[i].mailbox));
        assert_int_equal(args.list.n, table[i].n);
        assert_int_equal(args.max_octets, table[i].max_octets);
        assert_int_equal(args.depth, table[i].depth);
        if (table[i].want == ERR_OK)
            assert_int_equal(lex_end(&in), ERR_OK);
    }
}

static void test_set(void **state)
{
    static const struct {
        const char *in;
        enum err want;
        bool private;
        const char *name, *value;
    } table[] = {
        {"x (/private/comment \"a b\")", ERR_OK, true, "/comment", "a b"},
        {"x (/Shared/Comment NIL)", ERR_OK, false, "/Comment", NULL},
        {"x (/shared/vendor/a/b {3+}\r\nx\r\n)", ERR_OK, false, "/vendor/a/b", "x\r\n"},
        {"x (/shared/a ~{2+}\r\nab)", ERR_OK, false, "/a", "ab"},
        {"x (/shared/a \"\" /shared/b nil)", ERR_OK, false, "/a", ""},
        {"x (/shared/vendors/b \"c\")", ERR_OK, false, "/vendors/b", "c"},
        {"x /shared/a \"b\"", ERR_SYNTAX, false, NULL, NULL},
        {"x ()", ERR_SYNTAX, false, NULL, NULL},
        {"x (/shared/a)", ERR_SYNTAX, false, NULL, NULL},
        {"x (/shared/a b)", ERR_SYNTAX, false, NULL, NULL},
        {"x (/shared \"b\")", ERR_SYNTAX, false, NULL, NULL},
        {"x (/shared/vendor \"b\")", ERR_SYNTAX, false, NULL, NULL},
        {"x (/shared/VENDOR/a \"b\")", ERR_SYNTAX, false, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct metadata_args args = {0};

        if (setmetadata_parse(&in, &arena, MAILBOX_MUTF7, &args) != table[i].want)
            fail_msg("%s", table[i].in);
        if (table[i].want != ERR_OK)
            continue;
        assert_int_equal(args.list.entry[0].private, table[i].private);
        assert_slice(args.list.entry[0].name, slice_of_str(table[i].name));
        assert_slice(args.list.entry[0].value, slice_of_str(table[i].value));
        assert_int_equal(lex_end(&in), ERR_OK);
    }
}

static void test_too_many_entries(void **state)
{
    struct buf text;
    struct metadata_list list;

    (void)state;
    buf_init(&text, 10000);
    buf_add_str(&text, "(/shared/a");
    for (int i = 1; i < METADATA_ENTRIES_MAX; i++)
        buf_add_str(&text, " /shared/a");
    buf_add_str(&text, ")");
    struct lex in = lex_of(buf_slice(&text), false);
    assert_int_equal(metadata_list_parse(&in, &arena, &list), ERR_OK);
    assert_int_equal(list.n, METADATA_ENTRIES_MAX);
    buf_truncate(&text, text.n - 1);
    buf_add_str(&text, " /shared/a)");
    in = lex_of(buf_slice(&text), false);
    assert_int_equal(metadata_list_parse(&in, &arena, &list), ERR_LIMIT);
    buf_release(&text);
}

static void test_below(void **state)
{
    static const struct {
        const char *base, *name;
        bool in[3]; /* by depth */
    } table[] = {
        {"/a", "/a", {false, false, false}},     {"/a", "/a/b", {false, true, true}},
        {"/a", "/A/b", {false, true, true}},     {"/a", "/a/b/c", {false, false, true}},
        {"/a", "/ab", {false, false, false}},    {"/a/b", "/a", {false, false, false}},
        {"", "/a", {false, true, true}},         {"", "/a/b", {false, false, true}},
        {"/a/b", "/a/c", {false, false, false}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        for (int depth = 0; depth < 3; depth++) {
            if (metadata_is_below(slice_of_str(table[i].base), slice_of_str(table[i].name),
                                  (enum metadata_depth)depth) != table[i].in[depth])
                fail_msg("%s %s %d", table[i].base, table[i].name, depth);
        }
    }
}

static void test_write(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    metadata_name_write(&out, true, SLICE("/a"));
    buf_add_char(&out, ' ');
    metadata_name_write(&out, false, SLICE("/a b"));
    buf_add_char(&out, ' ');
    metadata_value_write(&out, SLICE_NULL);
    metadata_value_write(&out, SLICE("x"));
    metadata_value_write(&out, SLICE("a\0b"));
    metadata_value_write(&out, SLICE("\xc3\xa4"));
    assert_slice(buf_slice(&out),
                 SLICE("/private/a \"/shared/a b\" NIL\"x\"~{3}\r\na\0b{2}\r\n\xc3\xa4"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_get, fresh_arena, clear_arena),
        cmocka_unit_test_setup_teardown(test_set, fresh_arena, clear_arena),
        cmocka_unit_test_setup_teardown(test_too_many_entries, fresh_arena, clear_arena),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
