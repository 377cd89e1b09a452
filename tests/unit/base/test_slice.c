/* Comparing slices and reading numbers out of them. */
#include "../test.h"

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        uint64_t max;
        bool ok;
        uint64_t want;
    } cases[] = {
        {"0", 10, true, 0},
        {"10", 10, true, 10},
        {"11", 10, false, 0},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"1 ", 10, false, 0},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"000000000000000000001", UINT64_MAX, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t v = 77;

        assert_int_equal(slice_to_u64(slice_of_str(cases[i].text), cases[i].max, &v), cases[i].ok);
        assert_int_equal(v, cases[i].ok ? cases[i].want : 77);
    }
}

static void test_compare(void **state)
{
    (void)state;
    assert_true(slice_eq_nocase(SLICE("inBox"), SLICE("INBOX")));
    assert_false(slice_eq_nocase(SLICE("inbox"), SLICE("inboxe")));
    assert_true(slice_cmp(SLICE("a"), SLICE("ab")) < 0);
    assert_true(slice_cmp(SLICE("b"), SLICE("ab")) > 0);
    assert_true(slice_starts_nocase(SLICE("Body[]"), SLICE("BODY")));
    assert_int_equal(slice_find(SLICE("abc"), 'c'), 2);
    assert_int_equal(slice_find(SLICE("abc"), 'x'), 3);
    assert_slice(slice_trim(SLICE(" \tx y ")), SLICE("x y"));
    assert_slice(slice_sub(SLICE("abc"), 2, 9), SLICE("c"));
    assert_slice(slice_sub(SLICE("abc"), 7, 9), SLICE(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_compare)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
