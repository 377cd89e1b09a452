/* tests/unit/mime/test_decode.c -- transfer encodings, charsets, encoded words; each stream cut
 * into pieces of every small size. */
#include "../test.h"
#include "lit.h"

#include "base/mem.h"
#include "mime/decode.h"

static const struct {
    enum mime_cte cte;
    struct slice in, want;
    bool strict_ok;
} ctes[] = {
    {MIME_CTE_7BIT, LIT("a=\r\n"), LIT("a=\r\n"), true},
    {MIME_CTE_UNKNOWN, LIT("abc"), LIT("abc"), false},
    {MIME_CTE_BASE64, LIT("aGVs\r\nbG8=\r\n"), LIT("hello"), true},
    {MIME_CTE_BASE64, LIT("aGVsbG8"), LIT("hello"), true},
    {MIME_CTE_BASE64, LIT(""), LIT(""), true},
    {MIME_CTE_BASE64, LIT("aG!Vs"), LIT("hel"), false},
    {MIME_CTE_BASE64, LIT("aGk=aGk="), LIT("hihi"), false},
    {MIME_CTE_BASE64, LIT("aGVsb"), LIT("hel"), false},
    {MIME_CTE_BASE64, LIT("="), LIT(""), false},
    {MIME_CTE_QP, LIT("a=3Db=e4 c \t\r\nd=\r\ne= \t\r\nf"), LIT("a=b\xE4 c\r\ndef"), true},
    {MIME_CTE_QP, LIT("a=zz=4"), LIT("a=zz=4"), false},
    {MIME_CTE_QP, LIT("a=\rb"), LIT("a=\rb"), false},
    {MIME_CTE_QP, LIT("a \rb"), LIT("a \rb"), true},
    {MIME_CTE_QP, LIT("a  "), LIT("a"), true},
    {MIME_CTE_QP, LIT("a="), LIT("a"), true},
    {MIME_CTE_QP, LIT("==41"), LIT("=A"), false},
    {MIME_CTE_QP, LIT("a  b \t=41 = \r\n  c \r\n"), LIT("a  b \tA   c\r\n"), true},
    {MIME_CTE_BASE64, LIT("aGVsbG8gd29ybGQh\r\naGk="), LIT("hello world!hi"), true},
};

static enum err decode(enum mime_cte cte, const struct slice *charset, bool strict, struct slice in,
                       size_t step, struct buf *out)
{
    struct mime_decoder d;
    enum err got = ERR_OK, last;

    mime_decoder_init(&d, cte, charset, strict);
    for (size_t i = 0; i < in.n && got == ERR_OK; i += step)
        got = mime_decoder_push(&d, slice_sub(in, i, step), out);
    last = mime_decoder_finish(&d, out);
    mime_decoder_release(&d);
    return got != ERR_OK ? got : last;
}

static void test_ctes(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof(ctes) / sizeof(ctes[0]); i++) {
        for (size_t step = 1; step < 9; step++) {
            buf_clear(&out);
            assert_int_equal(decode(ctes[i].cte, NULL, false, ctes[i].in, step, &out), ERR_OK);
            assert_slice(buf_slice(&out), ctes[i].want);
            buf_clear(&out);
            assert_int_equal(decode(ctes[i].cte, NULL, true, ctes[i].in, step, &out),
                             ctes[i].strict_ok ? ERR_OK : ERR_UNKNOWN_CTE);
        }
    }
    buf_release(&out);
}

static void assert_any_cut(enum mime_cte cte, bool strict, struct slice in)
{
    struct buf one, whole;
    enum err e;

    buf_init(&one, 10000);
    buf_init(&whole, 10000);
    e = decode(cte, NULL, strict, in, 1, &one);
    assert_int_equal(decode(cte, NULL, strict, in, in.n, &whole), e);
    if (e == ERR_OK)
        assert_slice(buf_slice(&whole), buf_slice(&one));
    buf_release(&one);
    buf_release(&whole);
}

/* What is decoded in runs and groups is what single octets give. */
static void test_runs(void **state)
{
    static const char qp[] = "aZ09=CcEe \t\r\n.", base64[] = "ABCDabcd0189+/=\r\n!";
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        char in[64];

        for (int k = 0; k < 2; k++) {
            const char *from = k == 0 ? qp : base64;
            size_t letters = k == 0 ? sizeof(qp) - 1 : sizeof(base64) - 1;

            for (size_t i = 0; i < sizeof(in); i++) {
                seed = seed * 1103515245 + 12345;
                in[i] = from[(seed >> 16) % letters];
            }
            assert_any_cut(k == 0 ? MIME_CTE_QP : MIME_CTE_BASE64, round % 2 == 0,
                           slice_of(in, sizeof(in)));
        }
    }
}

/* White space without end, which may be padding or not: linear, or this does not come back. */
static void test_blanks(void **state)
{
    enum { BLANKS = 2 << 20 };
    scoped_free char *in = mem_calloc(BLANKS + 2, 1);
    struct buf out;

    (void)state;
    memset(in, ' ', BLANKS);
    in[BLANKS] = '\n';
    in[BLANKS + 1] = 'x';
    buf_init(&out, BLANKS + QP_HELD_OCTETS_MAX);
    assert_int_equal(decode(MIME_CTE_QP, NULL, true, slice_of(in, BLANKS + 2), BLANKS + 2, &out),
                     ERR_OK);
    assert_slice(slice_sub(buf_slice(&out), out.n - 2, 2), SLICE("\nx"));
    assert_true(out.n <= BLANKS + 2);
    buf_release(&out);
}

static const struct {
    struct slice name, in, want;
} charsets[] = {
    {LIT(""), LIT("\xC3\xA4 \xE4 \xE2\x82"), LIT("\xC3\xA4 \xC3\xA4 \xC3\xA2\xE2\x80\x9A")},
    {LIT("us-ascii"), LIT("a\xE4"), LIT("a\xC3\xA4")},
    {LIT("UTF-8"), LIT("\xE2\x82\xAC\xE2\x82"), LIT("\xE2\x82\xAC\xEF\xBF\xBD\xEF\xBF\xBD")},
    {LIT("ISO-8859-1"), LIT("\x80\xE4"), LIT("\xE2\x82\xAC\xC3\xA4")},
    {LIT("koi8-r"), LIT("\xC1"), LIT("\xD0\xB0")},
    {LIT("iso-2022-jp"), LIT("\x1B$B$\"\x1B(B!"), LIT("\xE3\x81\x82!")},
    {LIT("shift_jis"), LIT("\x82\xA0"), LIT("\xE3\x81\x82")},
    {LIT("no-such"), LIT("a\xE4"), LIT("a\xEF\xBF\xBD")},
    {LIT("utf-8//IGNORE"), LIT("a\xE4"), LIT("a\xEF\xBF\xBD")},
};

static void test_charsets(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++) {
        for (size_t step = 1; step < 9; step++) {
            buf_clear(&out);
            assert_int_equal(
                decode(MIME_CTE_8BIT, &charsets[i].name, false, charsets[i].in, step, &out),
                ERR_OK);
            assert_slice(buf_slice(&out), charsets[i].want);
        }
    }
    assert_true(charset_known(SLICE("us-ascii")));
    assert_true(charset_known(SLICE("Windows-1251")));
    assert_false(charset_known(SLICE("")));
    assert_false(charset_known(SLICE("x-nope")));
    buf_clear(&out);
    assert_int_equal(charset_to_utf8(SLICE("x-nope"), SLICE("a"), &out), ERR_BADCHARSET);
    assert_int_equal(charset_to_utf8(SLICE("us-ascii"), SLICE("\xE4"), &out), ERR_SYNTAX);
    assert_int_equal(charset_to_utf8(SLICE("utf-8"), SLICE("a\xE4"), &out), ERR_SYNTAX);
    assert_int_equal(out.n, 0);
    assert_int_equal(charset_to_utf8(SLICE("latin1"), SLICE("\xE4"), &out), ERR_OK);
    assert_slice(buf_slice(&out), SLICE("\xC3\xA4"));
    buf_release(&out);
}

static const struct {
    struct slice in, want;
} words[] = {
    {LIT(" plain\r\n text "), LIT("plain text")},
    {LIT("=?iso-8859-1?q?a=E4_b?= c"), LIT("a\xC3\xA4 b c")},
    {LIT("=?utf-8?b?YQ==?= =?UTF-8?Q?b?="), LIT("ab")},
    {LIT("=?utf-8?q?=C3?=\r\n =?utf-8?q?=A4?="), LIT("\xC3\xA4")},
    {LIT("=?utf-8?q?a?= x =?utf-8?q?b?="), LIT("a x b")},
    {LIT("=?utf-8*en?q?a?="), LIT("a")},
    {LIT("=?utf-8?x?a?= =?utf-8?q?a"), LIT("=?utf-8?x?a?= =?utf-8?q?a")},
    {LIT("=?a b?q?c?="), LIT("=?a b?q?c?=")},
    {LIT("x=?utf-8?q?a?=y"), LIT("xay")},
    {LIT("\xE4"), LIT("\xC3\xA4")},
};

static void test_words(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        buf_clear(&out);
        header_decode(words[i].in, &out);
        assert_slice(buf_slice(&out), words[i].want);
    }
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ctes), cmocka_unit_test(test_runs), cmocka_unit_test(test_blanks),
        cmocka_unit_test(test_charsets), cmocka_unit_test(test_words)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
