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

static void add_line(struct buf *b, size_t octets, struct slice end)
{
    for (size_t i = 0; i < octets; i++)
        buf_add_char(b, 'a');
    buf_add_slice(b, end);
}

/* A line end may lie anywhere beside the end of what is looked at together. */
static void test_long_lines(void **state)
{
    static const struct slice nul_cr = LIT("\0\r");

    (void)state;
    for (size_t n = 500; n < 530; n++) {
        struct buf in, want, out;
        struct canon c;

        buf_init(&in, 4000);
        buf_init(&want, 4000);
        buf_init(&out, 4000);
        add_line(&in, n, SLICE("\r\n"));
        add_line(&want, n, SLICE("\r\n"));
        add_line(&in, n, SLICE("\n"));
        add_line(&want, n, SLICE("\r\n"));
        add_line(&in, n, nul_cr);
        add_line(&want, n, SLICE("\x80\r"));
        canon_init(&c);
        canon_push(&c, buf_slice(&in), &out);
        assert_slice(buf_slice(&out), buf_slice(&want));
        buf_release(&in);
        buf_release(&want);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_canon),
                                       cmocka_unit_test(test_long_lines)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
