/* Slabs: zeroed, aligned, apart from each other, and used again. */
#include "../test.h"

#include "base/slab.h"

static void test_objects_do_not_overlap(void **state)
{
    static const size_t sizes[] = {0, 1, 16, 17, 80, 504, 1023, 1024, 1025, 5000};
    enum { MANY = 1000 };
    unsigned char *p[MANY];

    (void)state;
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        for (size_t i = 0; i < MANY; i++) {
            p[i] = slab_alloc(sizes[k]);
            assert_int_equal((uintptr_t)p[i] % 16, 0);
            for (size_t j = 0; j < sizes[k]; j++)
                assert_int_equal(p[i][j], 0);
            memset(p[i], (int)(i % 255) + 1, sizes[k]);
        }
        for (size_t i = 0; i < MANY; i++) {
            for (size_t j = 0; j < sizes[k]; j++)
                assert_int_equal(p[i][j], i % 255 + 1);
            slab_free(p[i], sizes[k]);
        }
    }
}

/* What was given back is used again: a million objects, one at a time, take one place. */
static void test_used_again(void **state)
{
    (void)state;
    for (int i = 0; i < 1000000; i++)
        slab_free(slab_alloc(1000), 1000);
    slab_free(NULL, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_objects_do_not_overlap),
                                       cmocka_unit_test(test_used_again)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
