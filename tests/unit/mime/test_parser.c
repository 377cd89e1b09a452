/* tests/unit/mime/test_parser.c -- whole messages: wire texts, keys, and the promised limits. */
#include "../test.h"
#include "lit.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "mime/mime.h"
#include "mime/part.h"

#define NO_FIELDS "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
#define PLAIN     "\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\""

static const struct {
    struct slice in, envelope, structure;
} cases[] = {
    {LIT(""), LIT(NO_FIELDS), LIT("(" PLAIN " 0 0 NIL NIL NIL NIL)")},
    {LIT("Subject:\r\nMessage-ID: <a@b>\r\n\r\nhi\r\n"),
     LIT("(NIL \"\" NIL NIL NIL NIL NIL NIL NIL \"<a@b>\")"),
     LIT("(" PLAIN " 4 1 NIL NIL NIL NIL)")},
    {LIT("From: a@b\r\nSender: c@d\r\nReply-To:\r\n"),
     LIT("(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"c\" \"d\")) ((NIL NIL \"a\" \"b\")) NIL NIL "
         "NIL NIL NIL)"),
     LIT("(" PLAIN " 0 0 NIL NIL NIL NIL)")},
    {LIT("Subject: \xC3\xA4 \r\n b\r\n\r\n"),
     LIT("(NIL {5}\r\n\xC3\xA4  b NIL NIL NIL NIL NIL NIL NIL NIL)"),
     LIT("(" PLAIN " 0 0 NIL NIL NIL NIL)")},
    {LIT("Content-Type: image/PNG; name=a\r\nContent-Transfer-Encoding: BASE64\r\n"
         "Content-ID: <x>\r\nContent-Description: d\r\nContent-MD5: m\r\n"
         "Content-Disposition: attachment; filename=\"a b\"\r\nContent-Language: en, de\r\n"
         "Content-Location: l\r\n\r\nAAAA"),
     LIT(NO_FIELDS),
     LIT("(\"image\" \"PNG\" (\"name\" \"a\") \"<x>\" \"d\" \"BASE64\" 4 \"m\" (\"attachment\" "
         "(\"filename\" \"a b\")) (\"en\" \"de\") \"l\")")},
    {LIT("Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\npre\r\n--a b\r\n\r\nx\r\n--a b  "
         "\r\nContent-Type: text/html\r\n\r\n--a b--\r\nepi"),
     LIT(NO_FIELDS),
     LIT("((" PLAIN " 1 0 NIL NIL NIL NIL)(\"text\" \"html\" NIL NIL NIL \"7bit\" 0 0 NIL NIL NIL "
         "NIL) \"mixed\" (\"boundary\" \"a b\") NIL NIL NIL)")},
    {LIT("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: "
         "i\r\n\r\nx\r\n--b--"),
     LIT(NO_FIELDS),
     LIT("((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 15 (NIL \"i\" NIL NIL NIL NIL NIL NIL NIL "
         "NIL) (" PLAIN " 1 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL) \"digest\" (\"boundary\" \"b\") "
         "NIL NIL NIL)")},
    {LIT("Content-Type: multipart/mixed; boundary=b\r\n\r\nno parts\r\n"), LIT(NO_FIELDS),
     LIT("((" PLAIN " 10 1 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)")},
    {LIT("Content-Type: multipart/mixed\r\n\r\ntext\r\n"), LIT(NO_FIELDS),
     LIT("(" PLAIN " 6 1 NIL NIL NIL NIL)")},
    /* A boundary that begins like another one; a part cut off by the end of an outer one. */
    {LIT("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; "
         "boundary=bb\r\n\r\n--bb\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--\r\n"),
     LIT(NO_FIELDS),
     LIT("(((" PLAIN " 1 0 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"bb\") NIL NIL NIL)(" PLAIN
         " 1 0 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)")},
    {LIT("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n"),
     LIT(NO_FIELDS),
     LIT("(\"message\" \"rfc822\" NIL NIL NIL \"base64\" 6 " NO_FIELDS " (\"text\" \"plain\" "
         "(\"charset\" \"us-ascii\") NIL NIL \"7bit\" 6 1 NIL NIL NIL NIL) 1 NIL NIL NIL NIL)")},
};

static struct mime_parser *parse(struct slice in, size_t step, struct mime_result *out)
{
    struct mime_parser *p = mime_parser_new();

    for (size_t i = 0; i < in.n; i += step)
        mime_parser_push(p, slice_sub(in, i, step));
    mime_parser_finish(p, out);
    assert_int_equal(out->size_octets, in.n);
    assert_int_equal(mime_parts_check(out->parts, in.n), ERR_OK);
    return p;
}

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t step = 1; step < 6; step++) {
            struct mime_result r;
            struct mime_parser *p = parse(cases[i].in, step == 5 ? SIZE_MAX / 2 : step, &r);

            assert_slice(r.envelope, cases[i].envelope);
            assert_slice(r.bodystructure, cases[i].structure);
            mime_parser_free(&p);
            assert_null(p);
        }
    }
}

static void test_keys(void **state)
{
    struct mime_result r;
    struct mime_parser *p =
        parse(SLICE("From: =?utf-8?q?J=C3=B6?= <jo@x>\r\nTo: g: Al@y;\r\nCc: c\r\n"
                    "Subject: Re: [l] x (fwd)\r\nDate: Wed, 01 Jan 2020 00:30:00 +0100\r\n"
                    "Message-ID: <a@b>\r\nIn-Reply-To: <p@q>\r\nReferences: <o@q>\r\n <p@q>\r\n"
                    "Content-Type: text/html\r\n\r\n<style>p{}</style><p>Hi\r\n  <b>you</b>"),
              7, &r);

    (void)state;
    assert_slice(r.base_subject, SLICE("x"));
    assert_true(r.is_reply_or_forward);
    assert_slice(r.from_mailbox, SLICE("jo"));
    assert_slice(r.from_display, SLICE("J\xC3\xB6"));
    assert_slice(r.to_mailbox, SLICE("g")); /* the first address structure */
    assert_slice(r.to_display, SLICE("g"));
    assert_slice(r.cc_mailbox, SLICE("c"));
    assert_int_equal(r.sent_instant, 1577835000);
    assert_int_equal(r.sent_day, 18262);
    assert_slice(r.message_id, SLICE("a@b"));
    assert_slice(r.in_reply_to, SLICE("p@q"));
    assert_slice(r.references, SLICE("o@q p@q"));
    assert_slice(r.preview, SLICE("Hi you"));
    assert_false(r.has_global);
    mime_parser_free(&p);
    p = parse(SLICE(""), 1, &r);
    assert_true(r.sent_instant == MIME_NO_INSTANT && r.sent_day == MIME_NO_DAY);
    mime_parser_free(&p);
}

static void assert_same(const struct mime_result *x, const struct mime_result *y)
{
#define SAME(c) assert_slice(x->c, y->c)
    SAME(envelope);
    SAME(bodystructure);
    SAME(body);
    SAME(parts);
    SAME(base_subject);
    SAME(from_mailbox);
    SAME(to_mailbox);
    SAME(cc_mailbox);
    SAME(from_display);
    SAME(to_display);
    SAME(message_id);
    SAME(in_reply_to);
    SAME(references);
    SAME(preview);
#undef SAME
    assert_true(x->size_octets == y->size_octets && x->sent_instant == y->sent_instant &&
                x->sent_day == y->sent_day && x->has_global == y->has_global &&
                x->is_reply_or_forward == y->is_reply_or_forward);
}

/* A parser that was put by in the middle of a message, wherever that was, knows nothing of it. */
static void test_put_by(void **state)
{
    const struct slice before =
        SLICE("From: =?utf-8?q?J=C3=B6?= <jo@x>\r\nTo: b@y\r\nCc: c@z\r\nSubject: Re: a subject\r\n"
              "Date: Wed, 01 Jan 2020 00:30:00 +0100\r\nMessage-ID: <a@b>\r\nIn-Reply-To: <p@q>\r\n"
              "References: <o@q>\r\nContent-Language: de\r\nContent-Type: multipart/digest; "
              "boundary=b\r\n\r\n--b\r\n\r\nFrom: d\r\nContent-Type: message/global\r\n\r\n"
              "Subject: inner\r\n\r\ntext\r\n--b\r\nContent-Type: text/html; charset=utf-7\r\n"
              "Content-Transfer-Encoding: base64\r\n\r\nPGI+SGkg=\r\n\r\n--b--\r\nend\r");
    const struct slice after[] = {SLICE(" x: y\r\nSubject: z\r\n\r\n--b\r\ntext\r\n--b--\r\n"),
                                  SLICE("\r\nbody"), SLICE("")};

    (void)state;
    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
        struct mime_result fresh, used;
        struct mime_parser *p;

        mime_trim();
        p = parse(after[i], SIZE_MAX / 2, &fresh);
        for (size_t n = 0; n <= before.n; n++) {
            struct mime_parser *q = mime_parser_new();

            mime_parser_push(q, slice_sub(before, 0, n));
            mime_parser_free(&q);
            q = parse(after[i], SIZE_MAX / 2, &used);
            assert_same(&used, &fresh);
            mime_parser_free(&q);
        }
        mime_parser_free(&p);
    }
    mime_trim();
}

/* Text `unit`, repeated n times behind `head`, is answered within seconds. */
static void check_large(struct slice head, struct slice unit, size_t n, uint32_t max_entries,
                        size_t max_texts)
{
    struct mime_parser *p = mime_parser_new();
    struct mime_result r;
    uint32_t entries;
    clock_t start = clock();

    mime_parser_push(p, head);
    for (size_t i = 0; i < n; i++)
        mime_parser_push(p, unit);
    mime_parser_finish(p, &r);
    assert_int_equal(mime_parts_check(r.parts, r.size_octets), ERR_OK);
    assert_int_equal(mime_parts_count(r.parts, &entries), ERR_OK);
    assert_in_range(entries, 1, max_entries);
    assert_in_range(r.bodystructure.n + r.envelope.n, 1, max_texts);
    assert_true((clock() - start) / CLOCKS_PER_SEC < 20);
    mime_parser_free(&p);
}

static void test_limits(void **state)
{
    (void)state;
    /* A 10 MB header: of one field, of many, of many that count. */
    check_large(SLICE("Subject: "), SLICE("xxxxxxxxx "), 1 << 20, 1, 100000);
    check_large(SLICE(""), SLICE("X-Y: z\r\n"), 1 << 20, 1, 1000);
    check_large(SLICE(""), SLICE("From: a,b\r\n"), 1 << 20, 1,
                3 * MIME_ADDRESSES_OCTETS_MAX + 1000);
    check_large(SLICE("Subject: "), SLICE("=?a?b?"), 1 << 20, 1, 1 << 20);
    check_large(SLICE("Content-Type: a/b"), SLICE("; a*0=\"x\"; a*1=b(("), 1 << 20, 1, 1 << 20);
    /* 20,000 parts; 1,000 messages in each other; 1,000 multiparts, of which those below the limit
     * are opaque and their boundaries, being the same, begin parts of the deepest that is open. */
    check_large(SLICE("Content-Type: multipart/mixed; boundary=b\r\n\r\n"),
                SLICE("--b\r\n\r\nx\r\n"), 20000, MIME_PARTS_MAX + MIME_DEPTH_MAX, 2 << 20);
    check_large(SLICE(""), SLICE("Content-Type: message/rfc822\r\n\r\n"), 1000, MIME_DEPTH_MAX + 1,
                1 << 20);
    check_large(SLICE("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"),
                SLICE("Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n"), 1000, 1002,
                1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts), cmocka_unit_test(test_keys),
                                       cmocka_unit_test(test_put_by),
                                       cmocka_unit_test(test_limits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
