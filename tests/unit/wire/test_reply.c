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

/* Whether `word` stands in a list of words with one space between. */
static bool has_word(struct slice list, struct slice word)
{
    while (list.n > 0) {
        size_t n = slice_find(list, ' ');

        if (slice_eq(slice_sub(list, 0, n), word))
            return true;
        list = slice_sub(list, n + 1, list.n);
    }
    return false;
}

/* Each of these words must, or must not, be among the capabilities. */
static void check_capabilities(enum capability_phase phase, unsigned conditions,
                               const char *const *with, const char *const *without)
{
    struct buf out;

    buf_init(&out, 4000);
    capability_write(&out, phase, &(struct capability_context){.conditions = conditions});
    assert_true(slice_starts(buf_slice(&out), SLICE("IMAP4rev1 IMAP4rev2 ")));
    assert_false(has_word(buf_slice(&out), SLICE("")));
    for (; *with != NULL; with++) {
        if (!has_word(buf_slice(&out), slice_of_str(*with)))
            fail_msg("%s is missing", *with);
    }
    for (; *without != NULL; without++) {
        if (has_word(buf_slice(&out), slice_of_str(*without)))
            fail_msg("%s is there", *without);
    }
    buf_release(&out);
}

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void test_capabilities(void **state)
{
    (void)state;
    check_capabilities(CAPABILITY_PRELOGIN, CAPABILITY_STARTTLS_POSSIBLE | CAPABILITY_LOGIN_REFUSED,
                       WORDS("STARTTLS", "LOGINDISABLED", "SASL-IR", "LITERAL-"),
                       WORDS("AUTH=PLAIN", "AUTH=LOGIN", "NAMESPACE", "ESEARCH"));
    check_capabilities(CAPABILITY_PRELOGIN, CAPABILITY_LOGIN_ALLOWED,
                       WORDS("AUTH=PLAIN", "AUTH=LOGIN", "SASL-IR", "LITERAL-", "ID", "ENABLE"),
                       WORDS("STARTTLS", "LOGINDISABLED", "NAMESPACE", "ESEARCH"));
    check_capabilities(CAPABILITY_POSTLOGIN, CAPABILITY_LOGIN_ALLOWED,
                       WORDS("SASL-IR", "ID", "ENABLE", "NAMESPACE", "ESEARCH", "STATUS=SIZE"),
                       WORDS("AUTH=PLAIN", "AUTH=LOGIN", "STARTTLS", "LOGINDISABLED"));
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
