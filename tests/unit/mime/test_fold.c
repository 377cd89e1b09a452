/* tests/unit/mime/test_fold.c -- folding and the streaming matcher. */
#include "../test.h"
#include "lit.h"

#include "mime/fold.h"

static const struct {
    struct slice in, want;
    enum collation collation;
} cases[] = {
    {LIT("ABC xyz"), LIT("abc xyz"), COLLATION_UNICODE},
    {LIT("Stra\xC3\x9F"
         "e"),
     LIT("strasse"), COLLATION_UNICODE},
    {LIT("\xEF\xAC\x81"), LIT("fi"), COLLATION_UNICODE},
    {LIT("\xC3\x84"), LIT("a\xCC\x88"), COLLATION_UNICODE},
    {LIT("A\xCC\x88"), LIT("a\xCC\x88"), COLLATION_UNICODE},
    {LIT("\xD0\x90"), LIT("\xD0\xB0"), COLLATION_UNICODE},
    {LIT("\xE4\xC3"), LIT("\xE4\xC3"), COLLATION_UNICODE},
    {LIT("\xC4\xB1 I i"), LIT("i i i"), COLLATION_UNICODE}, /* title case of a dotless i is I */
    {LIT("\xCF\x82\xCF\x83\xCE\xA3"), LIT("\xCF\x83\xCF\x83\xCF\x83"), COLLATION_UNICODE},
    {LIT("\xC7\x84\xC7\x85\xC7\x86"),
     LIT("dz\xCC\x8C"
         "dz\xCC\x8C"
         "dz\xCC\x8C"),
     COLLATION_UNICODE},
    {LIT("AbC \xC3\x84"), LIT("abc \xC3\x84"), COLLATION_ASCII},
    {LIT("AbC \xC3\x84\xC3"), LIT("AbC \xC3\x84\xC3"), COLLATION_OCTET},
};

static void test_fold(void **state)
{
    struct buf out;
    struct text_folder f;

    (void)state;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&out);
        text_fold(cases[i].collation, cases[i].in, &out);
        assert_slice(buf_slice(&out), cases[i].want);
        for (size_t step = 1; step < 5; step++) {
            buf_clear(&out);
            text_folder_init(&f, cases[i].collation);
            for (size_t k = 0; k < cases[i].in.n; k += step)
                text_folder_push(&f, slice_sub(cases[i].in, k, step), &out);
            text_folder_finish(&f, &out);
            assert_slice(buf_slice(&out), cases[i].want);
        }
    }
    buf_release(&out);
}

static bool finds(struct slice what, struct slice text, size_t step)
{
    struct needle n;
    bool found = false;

    assert_int_equal(needle_init(&n, what), ERR_OK);
    found = needle_feed(&n, SLICE(""));
    for (size_t i = 0; i < text.n; i += step)
        found = needle_feed(&n, slice_sub(text, i, step));
    needle_restart(&n);
    assert_int_equal(needle_feed(&n, text), found);
    needle_release(&n);
    return found;
}

static void test_needle(void **state)
{
    (void)state;
    for (size_t step = 1; step < 6; step++) {
        assert_true(finds(SLICE(""), SLICE(""), step));
        assert_true(finds(SLICE("abc"), SLICE("ababc"), step));
        assert_true(finds(SLICE("aab"), SLICE("aaaaab"), step));
        assert_true(finds(SLICE("abacabab"), SLICE("abacabacabab!"), step));
        assert_false(finds(SLICE("abd"), SLICE("abcab"), step));
        assert_false(finds(SLICE("a"), SLICE(""), step));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fold), cmocka_unit_test(test_needle)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
