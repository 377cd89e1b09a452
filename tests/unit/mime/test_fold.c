/* tests/unit/mime/test_fold.c -- folding and the streaming matcher. */
#include "../test.h"
#include "lit.h"

#include "mime/collate.h"
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
    {LIT("\xE6\xBC\xA2\xE3\x82\xAC"), LIT("\xE6\xBC\xA2\xE3\x82\xAB\xE3\x82\x99"),
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

/* Texts of few letters, where matches begin and break off all the time. */
static void test_needle_anywhere(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 4000; round++) {
        char text[41] = "", what[7] = "";
        size_t n = 1 + (size_t)round % 6;

        for (size_t i = 0; i < sizeof(text) - 1; i++)
            text[i] = "ab"[(seed = seed * 1103515245 + 12345) >> 20 & 1];
        for (size_t i = 0; i < n; i++)
            what[i] = "ab"[(seed = seed * 1103515245 + 12345) >> 20 & 1];
        for (size_t step = 1; step < 12; step++)
            assert_int_equal(finds(slice_of(what, n), slice_of(text, 40), step),
                             strstr(text, what) != NULL);
    }
}

/* Eight octets at a time or one: letters of ASCII and nothing else. */
static void test_every_octet(void **state)
{
    char in[256 + 8], want[256 + 8];
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    for (size_t shift = 0; shift < 8; shift++) {
        for (size_t i = 0; i < sizeof(in); i++) {
            in[i] = (char)(i + shift);
            want[i] = ascii_lower(in[i]);
        }
        buf_clear(&out);
        text_fold(COLLATION_ASCII, slice_of(in, sizeof(in)), &out);
        assert_slice(buf_slice(&out), slice_of(want, sizeof(want)));
        for (size_t i = 0; i < sizeof(in); i++)
            want[i] = ascii_upper(in[i]);
        buf_clear(&out);
        text_collate(COLLATION_ASCII, slice_of(in, sizeof(in)), &out);
        assert_slice(buf_slice(&out), slice_of(want, sizeof(want)));
    }
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fold), cmocka_unit_test(test_needle),
                                       cmocka_unit_test(test_needle_anywhere),
                                       cmocka_unit_test(test_every_octet)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
