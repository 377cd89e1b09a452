/* The identifiers of OBJECTID: written, read, and recognised as somebody's. */
#include "../test.h"

#include "wire/object_id.h"

static const struct {
    const char *text;
    enum object_kind kind;
    uint64_t id; /* 0: not one of ours */
} cases[] = {
    {"F0000000000000001", OBJECT_MAILBOX, 1},
    {"M7fffffffffffffff", OBJECT_EMAIL, INT64_MAX},
    {"T00000000deadbeef", OBJECT_THREAD, 0xdeadbeef},
    {"A123456789abcdef0", OBJECT_ACCOUNT, 0x123456789abcdef0},
    {"T8000000000000000", OBJECT_THREAD, 0},
    {"Mffffffffffffffff", OBJECT_EMAIL, 0},
    {"M00000000deadbeef", OBJECT_THREAD, 0},
    {"t00000000deadbeef", OBJECT_THREAD, 0},
    {"T00000000DEADBEEF", OBJECT_THREAD, 0},
    {"Tdeadbeef", OBJECT_THREAD, 0},
    {"T000000000deadbeef", OBJECT_THREAD, 0},
    {"T00000000deadbee_", OBJECT_THREAD, 0},
    {"T", OBJECT_THREAD, 0},
    {"", OBJECT_THREAD, 0},
};

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice text = slice_of_str(cases[i].text);
        struct buf out;

        assert_int_equal(object_id_read(text, cases[i].kind), cases[i].id);
        if (cases[i].id == 0)
            continue;
        buf_init(&out, 100);
        object_id_write(&out, cases[i].kind, cases[i].id);
        assert_slice(buf_slice(&out), text);
        buf_release(&out);
    }
}

/* In; how much of it is the id, or 0 for ERR_SYNTAX. */
static const struct {
    const char *in;
    size_t n;
} lexed[] = {
    {"M6d99ac3275bb4e x", 15},
    {"a-Z_09", 6},
    {"-", 1},
    {"a.b", 0},
    {"a+", 0},
    {"\"abc\"", 0},
    {"", 0},
    {"(a)", 0},
    {"a)", 1},
};

static void test_lex(void **state)
{
    char longest[OBJECT_ID_OCTETS_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(lexed) / sizeof(lexed[0]); i++) {
        struct lex in = lex_of(slice_of_str(lexed[i].in), false);
        struct slice out = {0};

        assert_int_equal(object_id_lex(&in, &out), lexed[i].n > 0 ? ERR_OK : ERR_SYNTAX);
        assert_int_equal(out.n, lexed[i].n);
        assert_int_equal(in.at, lexed[i].n);
    }
    memset(longest, 'x', sizeof(longest));
    for (size_t n = OBJECT_ID_OCTETS_MAX; n <= OBJECT_ID_OCTETS_MAX + 1; n++) {
        struct lex in = lex_of(slice_of(longest, n), false);
        struct slice out = {0};

        assert_int_equal(object_id_lex(&in, &out) == ERR_OK, n == OBJECT_ID_OCTETS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_lex)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
