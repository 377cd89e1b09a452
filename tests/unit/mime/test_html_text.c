/* tests/unit/mime/test_html_text.c -- what a page says. */
#include "../test.h"
#include "lit.h"

#include "mime/html_text.h"

static const struct {
    struct slice in, want;
} cases[] = {
    {LIT(""), LIT("")},
    {LIT("plain"), LIT("plain")},
    {LIT("<p>a</p>b"), LIT(" a b")},
    {LIT("a<b>b</b>c<BR/>d<td x='1'>e"), LIT("abc d e")},
    {LIT("<style>p { a > b }</style>x"), LIT("  x")},
    {LIT("<STYLE type=a>x</b></Style>y"), LIT("  y")},
    {LIT("<title>a<b>c</title>d"), LIT("  d")},
    {LIT("<script>never closed"), LIT(" ")},
    {LIT("a<!-- > <b> -->b<!-- open"), LIT("ab")},
    {LIT("<!DOCTYPE html><?xml?></>a"), LIT("   a")},
    {LIT("1 < 2 <3 <"), LIT("1 < 2 <3 <")},
    {LIT("a<b"), LIT("a")},
    {LIT("a &amp; b&lt;c&gt; &quot;&apos;&nbsp;."), LIT("a & b<c> \"' .")},
    {LIT("&eacute;&euro;&#233;&#xE9;&#X20ac;&#128512;"),
     LIT("\xc3\xa9\xe2\x82\xac\xc3\xa9\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")},
    {LIT("a&#173;b&#8203;c&zwnj;d&#xFEFF;e&#160;f&#9;g"), LIT("abcde f g")},
    {LIT("&amp &; &#; &#x; &#xD800; &#1114112; &#99999999999; &nosuch; &AMP;"),
     LIT("&amp &; &#; &#x; &#xD800; &#1114112; &#99999999999; &nosuch; &AMP;")},
    {LIT("&#0;&#10;"), LIT("&#0; ")},
    {LIT("&"), LIT("&")},
    {LIT("\xc3\xa4<i>\xc3\xb6"), LIT("\xc3\xa4\xc3\xb6")},
};

static void test_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;

        buf_init(&out, cases[i].in.n > 0 ? cases[i].in.n : 1); /* never longer */
        html_to_text(cases[i].in, &out);
        assert_slice(buf_slice(&out), cases[i].want);
        assert_false(out.overflowed);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pages)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
