/* Order by keys: against a sort that compares, with keys of every width. */
#include "../test.h"

#include <stdlib.h>

#include "imap/order.h"

static uint64_t seed = 1;

static uint64_t any(void)
{
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return seed ^ seed >> 29;
}

/* Sort n keys of `bits` bits and see that they are in order, and ties as they stood. */
static void check(size_t n, unsigned bits, bool reverse)
{
    uint64_t *keys = calloc(n + 1, sizeof(*keys));
    struct order o;

    order_init(&o, n);
    for (size_t i = 0; i < n; i++) {
        o.at[i] = (uint32_t)i;
        o.key[i] = keys[i] = bits == 0 ? 7 : any() >> (64 - bits);
    }
    order_by_key(&o, reverse);
    for (size_t i = 1; i < n; i++) {
        uint64_t a = keys[o.at[i - 1]], b = keys[o.at[i]];

        assert_true(reverse ? a >= b : a <= b);
        assert_true(a != b || o.at[i - 1] < o.at[i]);
    }
    order_release(&o);
    free(keys);
}

static void test_widths(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits <= 64; bits++) {
        check(300, bits, false);
        check(300, bits, true);
    }
    check(0, 8, false);
    check(1, 8, true);
}

static void test_signed(void **state)
{
    static const int64_t dates[] = {5, INT64_MIN, -1, INT64_MAX, 0};
    static const uint32_t want[] = {1, 2, 4, 0, 3};
    struct order o;

    (void)state;
    order_init(&o, 5);
    for (uint32_t i = 0; i < 5; i++) {
        o.at[i] = i;
        o.key[i] = order_key(dates[i]);
    }
    order_by_key(&o, false);
    assert_memory_equal(o.at, want, sizeof(want));
    order_release(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_widths),
                                       cmocka_unit_test(test_signed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
