/* Texts in the order of i;unicode-casemap: each row sorts before the next one, or equals it. */
#include "../test.h"

#include "mime/collate.h"

static int compare(const char *a, const char *b)
{
    struct buf x, y;
    int result;

    buf_init(&x, 1000);
    buf_init(&y, 1000);
    text_collate(slice_of_str(a), &x);
    text_collate(slice_of_str(b), &y);
    result = slice_cmp(buf_slice(&x), buf_slice(&y));
    buf_release(&x);
    buf_release(&y);
    return result;
}

static void test_order(void **state)
{
    static const char *const ascending[] = {
        "",   " a",     "'quote'", "9", "a", "Ab", "abc",  "B",
        "Zz", "[list]", "_",       "~", "ß", "жа", "\xFF",
    };

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(ascending) / sizeof(ascending[0]); i++) {
        if (compare(ascending[i], ascending[i + 1]) >= 0)
            fail_msg("\"%s\" does not sort before \"%s\"", ascending[i], ascending[i + 1]);
    }
}

static void test_equal(void **state)
{
    static const char *const pairs[][2] = {
        {"hello", "HeLLo"}, {"été", "ÉTÉ"},   {"e\xCC\x81", "É"}, /* a combining accent */
        {"ЖА", "жа"},       {"\xC3", "\xC3"},                     /* not UTF-8 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        assert_int_equal(compare(pairs[i][0], pairs[i][1]), 0);
    assert_int_equal(compare("\xEF\xAC\x81", "fi") > 0, true); /* decomposed after the casing */
    assert_int_not_equal(compare("straße", "strasse"), 0);     /* RFC 5051 has no such folding */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_equal)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
