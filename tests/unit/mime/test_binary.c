/* tests/unit/mime/test_binary.c -- raw octets that arrive in a literal8 become base64. */
#include "../test.h"
#include "lit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mime/binary.h"
#include "mime/canon.h"
#include "mime/decode.h"
#include "mime/mime.h"
#include "mime/part.h"

#define CTE(name)   "Content-Transfer-Encoding: " name "\r\n"
#define MIXED(b)    "Content-Type: multipart/mixed; boundary=" b "\r\n\r\n"
#define SIXTY_DOTS  "............................................................"
#define DOTS_BASE64 "Li4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4u"

static const struct {
    const char *what;
    struct slice in;
    struct slice want; /* absent: as it came */
} cases[] = {
    {"empty", LIT(""), {NULL, 0}},
    {"no header", LIT("\r\n\0\n\r"), {NULL, 0}},
    {"8bit", LIT(CTE("8bit") "\r\n\0\n\xFF"), {NULL, 0}},
    {"not only the word", LIT(CTE("binary-x") "\r\n\0"), {NULL, 0}},
    {"the first field counts", LIT(CTE("8bit") CTE("binary") "\r\n\0"), {NULL, 0}},
    {"nothing but a header", LIT(CTE("7bit")), {NULL, 0}},
    {"a message's octets", LIT(CTE("binary") "\r\n\0\1\r\n\n\r"),
     LIT(CTE("base64") "\r\nAAENCgoN\r\n")},
    {"no body", LIT(CTE("binary") "\r\n"), LIT(CTE("base64") "\r\n")},
    {"no empty line", LIT(CTE("binary")), LIT(CTE("base64"))},
    {"no end of the line", LIT("content-transfer-encoding:binary"),
     LIT("content-transfer-encoding:base64")},
    {"only the word changes",
     LIT("A: binary\r\nContent-Transfer-Encoding : (c\r\n \\)) BinarY\r\n"
         " (d)\nB: c\r\n\r\nabc"),
     LIT("A: binary\r\nContent-Transfer-Encoding : (c\r\n \\)) base64\r\n"
         " (d)\nB: c\r\n\r\nYWJj\r\n")},
    {"bare LF", LIT("Content-Transfer-Encoding: binary\n\na\n\n"),
     LIT("Content-Transfer-Encoding: base64\n\nYQoK\r\n")},
    {"CR at the end of the field", LIT("Content-Transfer-Encoding: binary\r\r\n\r\na"),
     LIT("Content-Transfer-Encoding: base64\r\r\n\r\nYQ==\r\n")},
    {"every field that says so", LIT(CTE("binary") CTE("binary") CTE("8bit") "\r\n"),
     LIT(CTE("base64") CTE("base64") CTE("8bit") "\r\n")},
    {"lines of 76", LIT(CTE("binary") "\r\n" SIXTY_DOTS "\1\2\3"),
     LIT(CTE("base64") "\r\n" DOTS_BASE64 "\r\nLi4uAQID\r\n")},
    {"a line of exactly 76",
     LIT(CTE("binary") "\r\n.........................................."
                       "..............."),
     LIT(CTE("base64") "\r\n" DOTS_BASE64 "\r\n")},
    {"a multipart",
     LIT(MIXED("b") "pre\0\n--b\r\n" CTE("binary") "\r\n\0\1\r\n--b\r\n" CTE(
         "8bit") "\r\nx\0\n--b\n" CTE("binary") "\n\r\n--b--\r\nepi"),
     LIT(MIXED("b") "pre\0\n--b\r\n" CTE("base64") "\r\nAAE=\r\n--b\r\n" CTE(
         "8bit") "\r\nx\0\n--b\n" CTE("base64") "\n\r\n--b--\r\nepi")},
    {"a line break of one octet", LIT(MIXED("b") "--b\n" CTE("binary") "\n\r\r\n\n--b--"),
     LIT(MIXED("b") "--b\n" CTE("base64") "\nDQ0K\n--b--")},
    {"nearly a boundary", LIT(MIXED("bb") "--bb\r\n" CTE("binary") "\r\n--b\r\n-\r\n--"),
     LIT(MIXED("bb") "--bb\r\n" CTE("base64") "\r\nLS1iDQotDQotLQ==\r\n")},
    {"a multipart that says binary keeps it",
     LIT(CTE("binary") MIXED("b") "--b\r\n" CTE("binary") "\r\na\r\n--b--\r\n"),
     LIT(CTE("binary") MIXED("b") "--b\r\n" CTE("base64") "\r\nYQ==\r\n--b--\r\n")},
    {"nested multiparts",
     LIT(MIXED("a") "--a\r\n" MIXED("ab") "--ab\r\n" CTE("binary") "\r\n\0\r\n--a\r\n" CTE(
         "binary") "\r\n-ab\r\n--a--\r\n"),
     LIT(MIXED("a") "--a\r\n" MIXED("ab") "--ab\r\n" CTE("base64") "\r\nAA==\r\n--a\r\n" CTE(
         "base64") "\r\nLWFi\r\n--a--\r\n")},
    {"a message inside",
     LIT(MIXED("b") "--b\r\nContent-Type: message/rfc822\r\n" CTE("binary") "\r\n" CTE(
         "binary") "\r\n\0\r\n--b--\r\n"),
     LIT(MIXED("b") "--b\r\nContent-Type: message/rfc822\r\n" CTE("binary") "\r\n" CTE(
         "base64") "\r\nAA==\r\n--b--\r\n")},
    {"a digest",
     LIT("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n" CTE(
         "binary") "\r\n\0\r\n--b--"),
     LIT("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n" CTE(
         "base64") "\r\nAA==\r\n--b--")},
    {"a message that is hidden",
     LIT("Content-Type: message/rfc822\r\n" CTE("base64") "\r\n" CTE("binary") "\r\n\0"),
     {NULL, 0}},
    {"a boundary inside a header", LIT(MIXED("b") "--b\r\n" CTE("binary") "--b\r\n\r\n\0\n--b--"),
     LIT(MIXED("b") "--b\r\n" CTE("base64") "--b\r\n\r\n\0\n--b--")},
    {"after the end", LIT(MIXED("b") "--b--\r\n" CTE("binary") "\r\n\0"), {NULL, 0}},
    {"a multipart without a boundary",
     LIT("Content-Type: multipart/mixed\r\n" CTE("binary") "\r\na"),
     LIT("Content-Type: multipart/mixed\r\n" CTE("base64") "\r\nYQ==\r\n")},
    {"NUL in a boundary is 0x80",
     LIT("Content-Type: multipart/mixed; boundary=\"a\0\"\r\n\r\n"
         "--a\x80\r\n" CTE("binary") "\r\n\0\r\n--a\0--"),
     LIT("Content-Type: multipart/mixed; boundary=\"a\0\"\r\n\r\n"
         "--a\x80\r\n" CTE("base64") "\r\nAA==\r\n--a\0--")},
};

static void filter(struct slice in, size_t step, struct buf *out)
{
    struct binary_filter *f = binary_filter_new();

    buf_clear(out);
    for (size_t i = 0; i < in.n; i += step) {
        struct slice piece = slice_sub(in, i, step);
        size_t before = out->n;

        binary_filter_push(f, piece, out);
        assert_true(out->n - before <= 2 * piece.n + BINARY_HELD_OCTETS_MAX);
    }
    binary_filter_finish(f, out);
    assert_false(out->overflowed);
    binary_filter_free(&f);
    assert_null(f);
}

static void test_cases(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice want = cases[i].want.p != NULL ? cases[i].want : cases[i].in;

        for (size_t step = 1; step <= cases[i].in.n + 1; step++) {
            filter(cases[i].in, step, &out);
            if (!slice_eq(buf_slice(&out), want))
                print_error("%s, in pieces of %zu\n", cases[i].what, step);
            assert_slice(buf_slice(&out), want);
        }
    }
    buf_release(&out);
}

/* A leaf "binary" whose header is `octets` long; true if it was rewritten. */
static bool is_rewritten(size_t octets, size_t step)
{
    static const char tail[] = "\r\n" CTE("binary") "\r\n";
    struct buf in, out;
    bool rewritten;

    buf_init(&in, 1 << 20);
    buf_init(&out, 1 << 20);
    buf_add_str(&in, "X: ");
    while (in.n < octets - (sizeof(tail) - 1))
        buf_add_char(&in, 'x');
    buf_add(&in, tail, sizeof(tail) - 1);
    buf_add(&in, "\0\n", 2);
    filter(buf_slice(&in), step, &out);
    rewritten = slice_starts(slice_sub(buf_slice(&out), octets, SIZE_MAX), SLICE("AAo=\r\n"));
    if (!rewritten)
        assert_slice(buf_slice(&out), buf_slice(&in));
    buf_release(&in);
    buf_release(&out);
    return rewritten;
}

static void test_long_header(void **state)
{
    static const size_t steps[] = {1, 1000, SIZE_MAX / 2};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_rewritten(BINARY_HEADER_OCTETS_MAX, steps[i]));
        assert_false(is_rewritten(BINARY_HEADER_OCTETS_MAX + 1, steps[i]));
    }
}

/* The way of every message that comes as literal8: what a client sent is what BINARY returns. */
static void test_returns(void **state)
{
    static const char head[] = MIXED("b") "--b\r\nContent-Type: a/b\r\n" CTE("binary") "\r\n";
    struct buf in, filtered, text, out;
    struct canon canon;
    struct mime_result r;
    struct mime_parser *p = mime_parser_new();
    struct mime_part part;
    struct mime_decoder d;
    struct slice body;

    (void)state;
    buf_init(&in, 1 << 20);
    buf_init(&filtered, 1 << 20);
    buf_init(&text, 1 << 20);
    buf_init(&out, 1 << 20);
    buf_add(&in, head, sizeof(head) - 1);
    for (unsigned i = 0; i < 100000; i++)
        buf_add_char(&in, (char)(i * i >> 4));
    buf_add_str(&in, "\r\n--b--\r\n");
    filter(buf_slice(&in), 1000, &filtered);
    canon_init(&canon);
    canon_push(&canon, buf_slice(&filtered), &text);
    assert_slice(buf_slice(&text), buf_slice(&filtered));
    mime_parser_push(p, buf_slice(&text));
    mime_parser_finish(p, &r);
    assert_int_equal(mime_part_find(r.parts, (uint32_t[]){1}, 1, &part), ERR_OK);
    assert_int_equal(part.cte, MIME_CTE_BASE64);
    assert_int_equal(part.decoded_octets, 100000);
    mime_decoder_init(&d, part.cte, NULL, true);
    body = slice_sub(buf_slice(&text), part.body_at, part.body_n);
    assert_int_equal(mime_decoder_push(&d, body, &out), ERR_OK);
    assert_int_equal(mime_decoder_finish(&d, &out), ERR_OK);
    assert_slice(buf_slice(&out), slice_sub(buf_slice(&in), sizeof(head) - 1, 100000));
    mime_decoder_release(&d);
    mime_parser_free(&p);
    buf_release(&in);
    buf_release(&filtered);
    buf_release(&text);
    buf_release(&out);
}

/* Depth and number of parts cost no more than their octets. */
static void test_deep(void **state)
{
    struct buf in, out;

    (void)state;
    buf_init(&in, 1 << 20);
    buf_init(&out, 1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_add_str(&in,
                    i % 2 == 0 ? MIXED("b") "--b\r\n" : "Content-Type: message/rfc822\r\n\r\n");
    filter(buf_slice(&in), 4096, &out);
    assert_slice(buf_slice(&out), buf_slice(&in));
    buf_clear(&in);
    buf_add_str(&in, MIXED("b"));
    for (int i = 0; i < 20000; i++)
        buf_add_str(&in, "--b\r\n" CTE("7bit"));
    filter(buf_slice(&in), 4096, &out);
    assert_slice(buf_slice(&out), buf_slice(&in));
    buf_release(&in);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_long_header),
        cmocka_unit_test(test_returns),
        cmocka_unit_test(test_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
