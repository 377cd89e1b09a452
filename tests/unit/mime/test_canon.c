/* tests/unit/mime/test_canon.c -- line ends and NUL at the door. */
#include "../test.h"
#include "lit.h"

#include "mime/canon.h"

static const struct {
    struct slice in, want;
} cases[] = {
    {LIT(""), LIT("")},
    {LIT("a\nb\r\nc\rd"), LIT("a\r\nb\r\nc\rd")},
    {LIT("\n\n\r\r\n"), LIT("\r\n\r\n\r\r\n")},
    {LIT("a\0b"), LIT("a\x80"
                      "b")},
    {LIT("\r"), LIT("\r")},
    {LIT("\r\0\n"), LIT("\r\x80\r\n")},
};

static void check(struct slice in, struct slice want, size_t step)
{
    struct canon c;
    struct buf out;

    canon_init(&c);
    buf_init(&out, 100);
    for (size_t i = 0; i < in.n; i += step)
        canon_push(&c, slice_sub(in, i, step), &out);
    canon_finish(&c, &out);
    assert_slice(buf_slice(&out), want);
    assert_int_equal(canon_is_canonical(in), slice_eq(in, want));
    assert_true(canon_is_canonical(want));
    buf_release(&out);
}

static void test_canon(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t step = 1; step <= 4; step++)
            check(cases[i].in, cases[i].want, step);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_canon)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
