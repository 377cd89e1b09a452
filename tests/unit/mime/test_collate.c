/* Texts in the order of a collation: each row sorts before the next one, or equals it. */
#include "../test.h"

#include "mime/collate.h"

static int compare(enum collation collation, const char *a, const char *b)
{
    struct buf x, y;
    int result;

    buf_init(&x, 1000);
    buf_init(&y, 1000);
    text_collate(collation, slice_of_str(a), &x);
    text_collate(collation, slice_of_str(b), &y);
    result = slice_cmp(buf_slice(&x), buf_slice(&y));
    buf_release(&x);
    buf_release(&y);
    return result;
}

static void test_order(void **state)
{
    static const char *const ascending[COLLATIONS][15] = {
        [COLLATION_UNICODE] = {"", " a", "'quote'", "9", "a", "Ab", "abc", "B", "Zz", "[list]", "_",
                               "~", "ß", "жа", "\xFF"},
        [COLLATION_ASCII] = {"", " a", "'quote'", "9", "a", "Ab", "abc", "B", "Zz", "[list]", "_",
                             "~", "Ä", "ä", "\xFF"}, /* RFC 4790 section 9.2: upper case */
        [COLLATION_OCTET] = {"", " a", "'quote'", "9", "Ab", "B", "Zz", "[list]", "_", "a", "abc",
                             "~", "Ä", "ä", "\xFF"},
    };

    (void)state;
    for (int c = 0; c < COLLATIONS; c++) {
        for (size_t i = 0; i + 1 < sizeof(ascending[c]) / sizeof(ascending[c][0]); i++) {
            if (compare((enum collation)c, ascending[c][i], ascending[c][i + 1]) >= 0)
                fail_msg("%d: \"%s\" does not sort before \"%s\"", c, ascending[c][i],
                         ascending[c][i + 1]);
        }
    }
}

static void test_equal(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal[COLLATIONS]; /* i;unicode-casemap, i;ascii-casemap, i;octet */
    } pairs[] = {
        {"hello", "HeLLo", {true, true, false}},
        {"été", "ÉTÉ", {true, false, false}},
        {"éTé", "été", {true, true, false}},
        {"e\xCC\x81", "É", {true, false, false}}, /* a combining accent */
        {"ЖА", "жа", {true, false, false}},
        {"\xC3", "\xC3", {true, true, true}},          /* not UTF-8 */
        {"\xEF\xAC\x81", "fi", {false, false, false}}, /* decomposed after the casing */
        {"straße", "strasse", {false, false, false}},  /* RFC 5051 has no such folding */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        for (int c = 0; c < COLLATIONS; c++)
            assert_int_equal(compare((enum collation)c, pairs[i].a, pairs[i].b) == 0,
                             pairs[i].equal[c]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_equal)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
