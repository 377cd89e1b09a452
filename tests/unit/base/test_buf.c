/* Buffers stop at their maximum, consume from the front and keep the rest in order. */
#include <stdio.h>

#include "../test.h"

#include "base/buf.h"
#include "base/decimal.h"

static void test_maximum_is_sticky(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 8);
    buf_add_str(&b, "12345678");
    assert_false(b.overflowed);
    buf_add_str(&b, "9");
    assert_true(b.overflowed);
    assert_slice(buf_slice(&b), SLICE("12345678"));
    buf_truncate(&b, 4);
    buf_add_str(&b, "ab");
    assert_slice(buf_slice(&b), SLICE("1234ab"));
    buf_release(&b);
}

static void test_consume(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 4096);
    for (unsigned i = 0; i < 10000; i++) {
        buf_addf(&b, "%05u", i);
        if (i >= 100) {
            char want[6];

            snprintf(want, sizeof(want), "%05u", i - 100);
            assert_slice(slice_sub(buf_slice(&b), 0, 5), slice_of(want, 5));
            buf_consume(&b, 5);
        }
    }
    assert_false(b.overflowed);
    assert_int_equal(b.n, 500);
    buf_release(&b);
}

static void test_numbers(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 64);
    buf_add_u64(&b, 0);
    buf_add_char(&b, ' ');
    buf_add_u64(&b, UINT64_MAX);
    assert_slice(buf_slice(&b), SLICE("0 18446744073709551615"));
    buf_release(&b);
}

static void test_every_number_of_digits(void **state)
{
    (void)state;
    for (uint64_t power = 1, i = 0; i < 20; power *= 10, i++) {
        const uint64_t near[] = {power - 1, power, power + 1, power * 9, UINT64_MAX - power};

        for (size_t k = 0; k < sizeof(near) / sizeof(near[0]); k++) {
            char expected[32], written[32] = "";

            snprintf(expected, sizeof(expected), "%llu", (unsigned long long)near[k]);
            assert_int_equal(decimal_write(written, near[k]), strlen(expected));
            assert_string_equal(written, expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maximum_is_sticky), cmocka_unit_test(test_consume),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_every_number_of_digits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
