/* Pools: pieces that do not overlap, find their pool again, and go with it. */
#include "../test.h"

#include <sys/mman.h>

#include "base/pool.h"

enum { MANY = 300 };

static void fill(unsigned char *p, size_t i)
{
    memset(p, (int)(i % 251) + 1, pool_size(p));
}

static void check(const unsigned char *p, size_t i)
{
    for (size_t j = 0; j < pool_size(p); j++)
        assert_int_equal(p[j], i % 251 + 1);
}

static void test_pieces_do_not_overlap(void **state)
{
    static const size_t sizes[] = {0,    1,    8,     9,     24,    503,   504,   505,  567,
                                   4368, 8000, 32000, 32760, 32768, 32769, 65536, 70000};
    struct pool *pool = pool_new();

    (void)state;
    for (size_t round = 0; round < 2; round++) {
        for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
            unsigned char *p[MANY];

            for (size_t i = 0; i < MANY; i++) {
                p[i] = pool_alloc(i % 7 != 0 ? pool : NULL, sizes[k]);
                assert_int_equal((uintptr_t)p[i] % 8, 0);
                assert_true(pool_size(p[i]) >= sizes[k]);
                assert_true(pool_round(sizes[k]) >= sizes[k]);
                fill(p[i], i);
            }
            for (size_t i = 0; i < MANY; i++) {
                check(p[i], i);
                pool_release(p[i]);
            }
        }
    }
    pool_release(NULL);
    pool_free(&pool);
    assert_null(pool);
    pool_free(&pool);
}

/* A size that was rounded is taken as it is, and no class is smaller than what it holds. */
static void test_sizes(void **state)
{
    struct pool *pool = pool_new();

    (void)state;
    for (size_t n = 0; n < 40000; n++) {
        size_t most = pool_round(n);
        void *p = pool_alloc(pool, n);

        assert_true(most >= n && most <= n + n / 8 + 16);
        assert_int_equal(pool_round(most), most);
        assert_true(pool_size(p) >= n && pool_size(p) <= most);
        pool_release(p);
    }
    pool_free(&pool);
}

static void test_resize(void **state)
{
    struct pool *pool = pool_new();
    unsigned char *p = NULL;

    (void)state;
    for (size_t n = 1; n < 300000; n = n * 3 / 2 + 1) {
        p = pool_resize(pool, p, n);
        if (n > 1)
            assert_int_equal(p[0], 7);
        p[0] = p[n - 1] = 7;
    }
    p = pool_resize(pool, p, 10);
    assert_int_equal(p[0], 7);
    pool_release(p);
    pool_free(&pool);
}

/* A pool takes no more for pieces that come and go, and its chunks serve the next pool. */
static void test_used_again(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct pool *pool = pool_new();
        size_t most = 0;

        for (int j = 0; j < 100; j++) {
            char *p = pool_alloc(pool, 5000), *q = pool_alloc(pool, 100000);

            memset(p, 1, 5000);
            pool_release(p);
            pool_release(q);
            most = j == 0 ? pool_octets(pool) : most;
            assert_int_equal(pool_octets(pool), most);
        }
        pool_free(&pool);
    }
}

static bool in_memory(void *p)
{
    unsigned char there = 0;

    assert_int_equal(mincore((void *)((uintptr_t)p & ~(uintptr_t)4095), 1, &there), 0);
    return (there & 1) != 0;
}

/* What a pool has left costs nothing once it is trimmed, and serves the next one all the same. */
static void test_trim(void **state)
{
    struct pool *pool = pool_new();
    void *at = pool;

    (void)state;
    pool_trim();
    assert_true(in_memory(at));
    pool_free(&pool);
    assert_true(in_memory(at));
    pool_trim();
    assert_false(in_memory(at));
    pool = pool_new();
    pool_release(pool_alloc(pool, 100));
    pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces_do_not_overlap),
                                       cmocka_unit_test(test_sizes), cmocka_unit_test(test_resize),
                                       cmocka_unit_test(test_used_again),
                                       cmocka_unit_test(test_trim)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
