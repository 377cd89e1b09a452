/* Strings in the right clothes, the common lines, capabilities. */
#include "../test.h"

#include "wire/capability.h"
#include "wire/reply.h"

#define S(lit)                                                                                     \
    {                                                                                              \
        lit, sizeof(lit) - 1                                                                       \
    }

static const struct {
    struct slice in, string, astring;
} cases[] = {
    {S(""), S("\"\""), S("\"\"")},
    {S("abc"), S("\"abc\""), S("abc")},
    {S("a b"), S("\"a b\""), S("\"a b\"")},
    {S("a\"b\\"), S("\"a\\\"b\\\\\""), S("\"a\\\"b\\\\\"")},
    {S("\"\""), S("\"\\\"\\\"\""), S("\"\\\"\\\"\"")},
    {S("nil"), S("\"nil\""), S("\"nil\"")},
    {S("a]"), S("\"a]\""), S("\"a]\"")},
    {S("a\tb"), S("\"a\tb\""), S("\"a\tb\"")},
    {S("a\rb"), S("{3}\r\na\rb"), S("{3}\r\na\rb")},
    {S("a\nb"), S("{3}\r\na\nb"), S("{3}\r\na\nb")},
    {S("\xc3\xa4"), S("{2}\r\n\xc3\xa4"), S("{2}\r\n\xc3\xa4")},
    {S("a\0b"), S("{3}\r\na\x80\x62"), S("{3}\r\na\x80\x62")},
};

static void test_strings(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&out);
        reply_string(&out, cases[i].in);
        assert_slice(buf_slice(&out), cases[i].string);
        buf_clear(&out);
        reply_nstring(&out, cases[i].in);
        assert_slice(buf_slice(&out), cases[i].string);
        buf_clear(&out);
        reply_astring(&out, cases[i].in);
        assert_slice(buf_slice(&out), cases[i].astring);
    }
    buf_clear(&out);
    reply_nstring(&out, SLICE_NULL);
    assert_slice(buf_slice(&out), SLICE("NIL"));
    buf_release(&out);
}

static void test_long_strings_are_literals(void **state)
{
    static char text[REPLY_QUOTED_OCTETS_MAX + 1];
    struct buf out;

    (void)state;
    memset(text, 'x', sizeof(text));
    buf_init(&out, 10000);
    reply_string(&out, slice_of(text, REPLY_QUOTED_OCTETS_MAX));
    assert_int_equal(buf_slice(&out).p[0], '"');
    buf_clear(&out);
    reply_astring(&out, slice_of(text, REPLY_QUOTED_OCTETS_MAX + 1));
    assert_true(slice_starts(buf_slice(&out), SLICE("{1001}\r\nxxx")));
    buf_release(&out);
}

static void test_lines(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    reply_number(&out, 4294967295u, "EXISTS");
    reply_untagged(&out, "BYE so long");
    reply_continue(&out, SLICE("Zg=="));
    reply_tagged(&out, SLICE("a1"), "OK [CLOSED] done");
    reply_err(&out, SLICE("a2"), ERR_OK);
    reply_err(&out, SLICE("a3"), ERR_NOPERM);
    reply_err(&out, SLICE_NULL, ERR_SYNTAX);
    reply_literal_header(&out, 5, true);
    reply_text(&out, SLICE("a\r\nb\xc3"));
    assert_slice(buf_slice(&out), SLICE("* 4294967295 EXISTS\r\n"
                                        "* BYE so long\r\n"
                                        "+ Zg==\r\n"
                                        "a1 OK [CLOSED] done\r\n"
                                        "a2 OK done\r\n"
                                        "a3 NO [NOPERM] Permission denied\r\n"
                                        "* BAD Command has no tag\r\n"
                                        "~{5}\r\n"
                                        "a??b?"));
    buf_release(&out);
}

static void check_capabilities(enum capability_phase phase, unsigned conditions, struct slice want)
{
    struct buf out;

    buf_init(&out, 1000);
    capability_write(&out, phase, &(struct capability_context){.conditions = conditions});
    assert_slice(buf_slice(&out), want);
    buf_release(&out);
}

static void test_capabilities(void **state)
{
    (void)state;
    check_capabilities(CAPABILITY_PRELOGIN, CAPABILITY_STARTTLS_POSSIBLE | CAPABILITY_LOGIN_REFUSED,
                       SLICE("IMAP4rev1 IMAP4rev2 STARTTLS LOGINDISABLED SASL-IR LITERAL- ID "
                             "ENABLE IDLE"));
    check_capabilities(CAPABILITY_PRELOGIN, CAPABILITY_LOGIN_ALLOWED,
                       SLICE("IMAP4rev1 IMAP4rev2 AUTH=PLAIN AUTH=LOGIN SASL-IR LITERAL- ID "
                             "ENABLE IDLE"));
    check_capabilities(CAPABILITY_POSTLOGIN, CAPABILITY_LOGIN_ALLOWED,
                       SLICE("IMAP4rev1 IMAP4rev2 SASL-IR LITERAL- ID ENABLE IDLE NAMESPACE "
                             "UNSELECT UIDPLUS MOVE ESEARCH SEARCHRES LIST-EXTENDED LIST-STATUS "
                             "CHILDREN SPECIAL-USE CREATE-SPECIAL-USE STATUS=SIZE BINARY"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_long_strings_are_literals),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_capabilities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
