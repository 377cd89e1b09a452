/* tests/unit/server/test_load.c -- busy after seconds of more work than processors, not for less.
 */
#include "../test.h"

#include "server/load.h"

static unsigned samples_until(struct load *l, unsigned at_work, bool busy)
{
    unsigned n = 0;

    while (l->busy != busy && n < 10000) {
        load_sample(l, at_work, 2);
        n++;
    }
    return n;
}

static void test_rises_and_falls(void **state)
{
    struct load l = {0};

    (void)state;
    assert_int_equal(samples_until(&l, 4, true), 10000); /* as much as two processors may have */
    assert_in_range(samples_until(&(struct load){0}, 8, true), 40, 50); /* 4 to 5 s */
    assert_in_range(samples_until(&(struct load){0}, 1000, true), 1, 2);
    l = (struct load){0};
    (void)samples_until(&l, 8, true);
    assert_int_equal(samples_until(&l, 3, false), 10000); /* not calm enough to end */
    assert_in_range(samples_until(&l, 0, false), 20, 60);
}

static void test_peak_is_no_load(void **state)
{
    struct load l = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) { /* a hundred accounts at once, but only every ten seconds */
        load_sample(&l, i % 100 == 0 ? 100 : 0, 2);
        assert_false(l.busy);
    }
}

static void test_no_overflow(void **state)
{
    struct load l = {0};

    (void)state;
    for (int i = 0; i < 10000; i++)
        load_sample(&l, UINT32_MAX, 2);
    assert_true(l.busy);
    assert_in_range(samples_until(&l, 0, false), 100, 2000);
    assert_true(load_cpus() > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rises_and_falls),
        cmocka_unit_test(test_peak_is_no_load),
        cmocka_unit_test(test_no_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
