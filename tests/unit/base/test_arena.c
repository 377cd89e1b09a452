/* Arenas give back what a failed parse took and refuse past their maximum. */
#include "../test.h"

#include "base/arena.h"

static void test_maximum(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 100);
    assert_non_null(arena_alloc(&a, 64));
    assert_null(arena_alloc(&a, 64));
    assert_null(arena_calloc(&a, SIZE_MAX / 2, 4));
    arena_clear(&a);
    assert_non_null(arena_alloc(&a, 64));
    arena_clear(&a);
    assert_null(a.last);
}

static void test_undo(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 1 << 20);
    assert_non_null(arena_alloc(&a, 10));
    size_t used = a.used_octets;
    {
        scoped_undo struct arena_mark undo = arena_mark(&a);
        for (int i = 0; i < 100; i++)
            assert_non_null(arena_alloc(&a, 1000));
    }
    assert_int_equal(a.used_octets, used);
    {
        scoped_undo struct arena_mark undo = arena_mark(&a);
        assert_non_null(arena_alloc(&a, 1000));
        arena_keep(&undo);
    }
    assert_true(a.used_octets >= used + 1000);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_maximum), cmocka_unit_test(test_undo)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
