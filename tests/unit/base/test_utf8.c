/* UTF-8 is well-formed exactly as RFC 3629 section 4 says, and survives a round trip. */
#include "../test.h"

#include "base/utf8.h"

static void test_validity(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"\xC3\xA4", true},
        {"\xE2\x82\xAC", true},
        {"\xF0\x9F\x90\x93", true},
        {"\xF4\x8F\xBF\xBF", true},
        {"\xF4\x90\x80\x80", false},
        {"\xC0\x80", false},
        {"\xC1\xBF", false},
        {"\xE0\x80\x80", false},
        {"\xED\xA0\x80", false},
        {"\x80", false},
        {"\xC3", false},
        {"\xE2\x82", false},
        {"\xFF", false},
        {"seventeen octets.", true},
        {"seventeen octets\xFF", false},
        {"eight...\xC3\xA4 and eight more", true},
        {"seven..\xC3\xA4 across the eighth", true},
        {"fifteen octets \xC3", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(utf8_valid(slice_of_str(cases[i].text)), cases[i].valid);
}

static void test_unfinished(void **state)
{
    static const struct {
        const char *text;
        bool unfinished;
    } cases[] = {
        {"\xC3", true},        {"\xE2", true},   {"\xE2\x82", true},      {"\xF0\x9F\x90", true},
        {"\xF4", true},        {"\x80", false},  {"\xC1", false},         {"\xF5", false},
        {"\xE2\x82 x", false}, {"\xC3x", false}, {"\xF0\x9F\xC3", false}, {"\xED\xA0\x80", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(utf8_unfinished(slice_of_str(cases[i].text)), cases[i].unfinished);
}

static void test_ascii(void **state)
{
    char text[40];

    (void)state;
    for (size_t at = 0; at < sizeof(text); at++) {
        memset(text, 'a', sizeof(text));
        text[at] = '\x80';
        for (size_t n = 0; n <= sizeof(text); n++) {
            assert_int_equal(ascii_run(slice_of(text, n)), n < at ? n : at);
            assert_int_equal(ascii_only(slice_of(text, n)), n <= at);
        }
    }
}

static void test_round_trip(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 16);
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        size_t n;

        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        buf_clear(&b);
        utf8_encode(&b, c);
        assert_int_equal(utf8_decode(buf_slice(&b), &n), c);
        assert_int_equal(n, b.n);
    }
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity), cmocka_unit_test(test_unfinished),
        cmocka_unit_test(test_ascii), cmocka_unit_test(test_round_trip)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
