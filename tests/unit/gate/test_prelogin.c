/* The conversation before login, driven with arrays: what goes in, what comes out, what is asked of
 * the caller. RFC 9051 sections 6.1 and 6.2.
 */
#include "../test.h"

#include "base/mem.h"
#include "gate/prelogin.h"

static struct prelogin p;
static struct buf in, out;

static void begin(bool tls, bool loopback)
{
    prelogin_init(&p, tls, loopback, true);
    buf_init(&in, PRELOGIN_IN_OCTETS_MAX);
    buf_init(&out, PRELOGIN_OUT_OCTETS_MAX);
}

static void end(void)
{
    prelogin_release(&p);
    buf_release(&in);
    buf_release(&out);
}

/* Feeds `text`, checks the action and that `out` is exactly `want`. */
static void talk(const char *text, enum prelogin_action action, const char *want)
{
    buf_add_str(&in, text);
    assert_int_equal(prelogin_step(&p, &in, &out), action);
    assert_slice(buf_slice(&out), slice_of_str(want));
    buf_clear(&out);
}

#define CLEAR "IMAP4rev1 IMAP4rev2 STARTTLS LOGINDISABLED SASL-IR LITERAL- ID ENABLE LANGUAGE IDLE"
#define LOCAL                                                                                      \
    "IMAP4rev1 IMAP4rev2 STARTTLS AUTH=PLAIN AUTH=LOGIN SASL-IR LITERAL- ID ENABLE LANGUAGE IDLE"
#define SAFE "IMAP4rev1 IMAP4rev2 AUTH=PLAIN AUTH=LOGIN SASL-IR LITERAL- ID ENABLE LANGUAGE IDLE"

static void test_greeting(void **state)
{
    static const struct {
        bool tls, loopback;
        const char *want;
    } cases[] = {
        {false, false, "* OK [CAPABILITY " CLEAR "] Roost ready.\r\n"},
        {false, true, "* OK [CAPABILITY " LOCAL "] Roost ready.\r\n"},
        {true, false, "* OK [CAPABILITY " SAFE "] Roost ready.\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(cases[i].tls, cases[i].loopback);
        prelogin_greet(&p, &out);
        assert_slice(buf_slice(&out), slice_of_str(cases[i].want));
        end();
    }
}

/* Commands that are answered at once, on a connection with TLS. */
static void test_answers(void **state)
{
    static const struct {
        const char *send;
        const char *want;
    } cases[] = {
        {"a NOOP\r\n", "a OK Done\r\n"},
        {"a noop\n", "a OK Done\r\n"},
        {"a NOOP x\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a CAPABILITY\r\n", "* CAPABILITY " SAFE "\r\na OK Done\r\n"},
        {"a ID NIL\r\n",
         "* ID (\"name\" \"Roost\" \"version\" \"" ROOST_VERSION "\")\r\na OK Done\r\n"},
        {"a ID (\"name\" NIL)\r\n",
         "* ID (\"name\" \"Roost\" \"version\" \"" ROOST_VERSION "\")\r\na OK Done\r\n"},
        {"a ID\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a ID (\"name\")\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a STARTTLS\r\n", "a BAD TLS is active already\r\n"},
        {"a LOGIN\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a LOGIN x\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a LOGIN x y z\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a LOGIN (x) y\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a AUTHENTICATE\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a AUTHENTICATE GSSAPI\r\n", "a NO Mechanism is not supported\r\n"},
        {"a AUTHENTICATE PLAIN !!!!\r\n", "a BAD Syntax error in arguments\r\n"},
        {"a SELECT INBOX\r\n", "a BAD Command not allowed before login\r\n"},
        {"a ENABLE IMAP4rev2\r\n", "a BAD Command not allowed before login\r\n"},
        {"a UID FETCH 1 FLAGS\r\n", "a BAD Command not allowed before login\r\n"},
        {"a FROB\r\n", "a BAD Unknown command\r\n"},
        {"a\r\n", "a BAD Not a command\r\n"},
        {"a \r\n", "a BAD Not a command\r\n"},
        {"\r\n", "* BAD Not a command\r\n"},
        {"* NOOP\r\n", "* BAD Not a command\r\n"},
        {"a NOOP\r\nb NOOP\r\n", "a OK Done\r\nb OK Done\r\n"},
        {"a APPEND x ~{10}\r\n", "a BAD No literal8 before login\r\n"},
        {"a LOGIN {9000}\r\n", "a BAD Command too long before login\r\n"},
        {"a LOGIN {5000+}\r\n", "a BAD Literal too long, see RFC 7888\r\n"},
        {"a LOGIN {99999999999999999999999}\r\n", "a BAD Command too long before login\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(true, false);
        talk(cases[i].send, PRELOGIN_MORE, cases[i].want);
        end();
    }
}

static void test_without_tls(void **state)
{
    (void)state;
    begin(false, false);
    talk("a LOGIN anna secret\r\n", PRELOGIN_MORE, "a NO [PRIVACYREQUIRED] Use TLS first\r\n");
    talk("a AUTHENTICATE PLAIN AGFubmEAc2VjcmV0\r\n", PRELOGIN_MORE,
         "a NO [PRIVACYREQUIRED] Use TLS first\r\n");
    talk("a STARTTLS\r\n", PRELOGIN_STARTTLS, "a OK Begin TLS negotiation now\r\n");
    prelogin_tls_done(&p);
    talk("a CAPABILITY\r\n", PRELOGIN_MORE, "* CAPABILITY " SAFE "\r\na OK Done\r\n");
    end();
}

/* CVE-2011-0411: nothing that came in clear behind STARTTLS may count. */
static void test_starttls_injection(void **state)
{
    (void)state;
    begin(false, false);
    talk("a STARTTLS\r\nb NOOP\r\n", PRELOGIN_CLOSE,
         "a BAD Nothing may follow STARTTLS\r\n* BYE Plaintext behind STARTTLS\r\n");
    talk("c NOOP\r\n", PRELOGIN_CLOSE, "");
    end();
}

/* Every way to say the same name and password. */
static void test_credentials(void **state)
{
    static const struct {
        const char *send;
        const char *prompts; /* what is answered on the way */
        enum handoff_mechanism mechanism;
        const char *user;
        struct slice secret;
    } cases[] = {
        {"a LOGIN anna secret\r\n", "", HANDOFF_LOGIN, "anna", {"secret", 6}},
        {"a login \"anna\" \"se\\\"cret\"\r\n", "", HANDOFF_LOGIN, "anna", {"se\"cret", 7}},
        {"a LOGIN {4}\r\nanna {6}\r\nsecret\r\n",
         "+ Go on\r\n+ Go on\r\n",
         HANDOFF_LOGIN,
         "anna",
         {"secret", 6}},
        {"a LOGIN {4+}\r\nanna {6+}\r\nse\r\ncr\r\n", "", HANDOFF_LOGIN, "anna", {"se\r\ncr", 6}},
        {"a AUTHENTICATE PLAIN AGFubmEAc2VjcmV0\r\n",
         "",
         HANDOFF_PLAIN,
         "",
         {"\0anna\0secret", 12}},
        {"a AUTHENTICATE plain\r\nAGFubmEAc2VjcmV0\r\n",
         "+ \r\n",
         HANDOFF_PLAIN,
         "",
         {"\0anna\0secret", 12}},
        {"a AUTHENTICATE PLAIN =\r\n", "", HANDOFF_PLAIN, "", {"", 0}},
        {"a AUTHENTICATE LOGIN\r\nYW5uYQ==\r\nc2VjcmV0\r\n",
         "+ VXNlcm5hbWU6\r\n+ UGFzc3dvcmQ6\r\n",
         HANDOFF_LOGIN,
         "anna",
         {"secret", 6}},
        {"a AUTHENTICATE LOGIN YW5uYQ==\r\nc2VjcmV0\r\n",
         "+ UGFzc3dvcmQ6\r\n",
         HANDOFF_LOGIN,
         "anna",
         {"secret", 6}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(true, false);
        talk(cases[i].send, PRELOGIN_LOGIN, cases[i].prompts);
        struct handoff_request r = prelogin_request(&p, 7, SLICE("192.0.2.1"));
        assert_int_equal(r.mechanism, cases[i].mechanism);
        assert_slice(r.user, slice_of_str(cases[i].user));
        assert_slice(r.secret, cases[i].secret);
        assert_slice(buf_slice(&p.tag), SLICE("a"));
        assert_true(r.id == 7 && r.tls);
        /* nothing more is read until there is a verdict */
        talk("b NOOP\r\n", PRELOGIN_MORE, "");
        assert_int_equal(prelogin_fail(&p, ERR_AUTHFAILED, &out), PRELOGIN_MORE);
        assert_slice(buf_slice(&out),
                     SLICE("a NO [AUTHENTICATIONFAILED] Wrong name or password\r\n"));
        assert_int_equal(p.secret.n + p.user.n, 0);
        buf_clear(&out);
        talk("", PRELOGIN_MORE, "b OK Done\r\n");
        end();
    }
}

static void test_sasl_refused(void **state)
{
    static const struct {
        const char *send, *want;
    } cases[] = {
        {"*\r\n", "a BAD Authentication cancelled\r\n"},
        {"not base64\r\n", "a BAD Not a SASL response\r\n"},
        {"{5}\r\n", "a BAD Not a SASL response\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(true, false);
        talk("a AUTHENTICATE PLAIN\r\n", PRELOGIN_MORE, "+ \r\n");
        talk(cases[i].send, PRELOGIN_MORE, cases[i].want);
        talk("b NOOP\r\n", PRELOGIN_MORE, "b OK Done\r\n");
        end();
    }
}

static void test_ends(void **state)
{
    static char junk[10] = "a N\0OP\r\n";

    (void)state;
    begin(true, false);
    talk("a LOGOUT\r\nb NOOP\r\n", PRELOGIN_CLOSE, "* BYE See you\r\na OK Logged out\r\n");
    end();

    begin(true, false);
    for (int i = 1; i < PRELOGIN_BAD_MAX; i++)
        talk("a X\r\n", PRELOGIN_MORE, "a BAD Unknown command\r\n");
    talk("a X\r\n", PRELOGIN_CLOSE, "a BAD Unknown command\r\n* BYE Too many bad commands\r\n");
    end();

    begin(true, false);
    for (int i = 1; i <= PRELOGIN_FAILURES_MAX; i++) {
        talk("a LOGIN x y\r\n", PRELOGIN_LOGIN, "");
        assert_int_equal(prelogin_fail(&p, ERR_AUTHFAILED, &out),
                         i < PRELOGIN_FAILURES_MAX ? PRELOGIN_MORE : PRELOGIN_CLOSE);
        buf_clear(&out);
    }
    end();

    begin(true, false);
    for (int i = 0; i < 100; i++) { /* not the client's fault */
        talk("a LOGIN x y\r\n", PRELOGIN_LOGIN, "");
        assert_int_equal(prelogin_fail(&p, ERR_UNAVAILABLE, &out), PRELOGIN_MORE);
        assert_true(slice_starts(buf_slice(&out), SLICE("a NO [UNAVAILABLE] ")));
        buf_clear(&out);
    }
    end();

    begin(true, false);
    buf_add(&in, junk, 8);
    assert_int_equal(prelogin_step(&p, &in, &out), PRELOGIN_CLOSE);
    end();
}

static void test_client_id(void **state)
{
    (void)state;
    begin(true, false);
    talk("a ID (\"Version\" \"1.2\" \"name\" \"A\\\\b\" \"name\" \"other\")\r\n", PRELOGIN_MORE,
         "* ID (\"name\" \"Roost\" \"version\" \"" ROOST_VERSION "\")\r\na OK Done\r\n");
    assert_slice(buf_slice(&p.client_id), SLICE("A\\b 1.2"));
    end();
}

/* A line that never ends, and a conversation one octet at a time. */
/* Apple's TN3189: a busy server asks background work to come back later, and nobody else. */
static void test_busy(void **state)
{
    static const char ok[] =
        "* ID (\"name\" \"Roost\" \"version\" \"" ROOST_VERSION "\")\r\na OK Done\r\n";

    (void)state;
    begin(true, false);
    p.busy = true;
    talk("a ID (\"name\" \"com.apple.x\" \"event\" \"back-fill\")\r\n", PRELOGIN_MORE,
         "a NO [UNAVAILABLE] Busy: background work later, please\r\n");
    talk("a ID (\"name\" \"com.apple.x\" \"event\" NIL)\r\n", PRELOGIN_MORE, ok);
    talk("a ID (\"name\" \"other\" \"event\" \"back-fill\")\r\n", PRELOGIN_MORE, ok);
    p.busy = false;
    talk("a ID (\"name\" \"com.apple.x\" \"event\" \"back-fill\")\r\n", PRELOGIN_MORE, ok);
    end();
}

static void test_long_and_slow(void **state)
{
    static const char slow[] = "a LOGIN {4}\r\nanna {6}\r\nsecret\r\n";

    (void)state;
    begin(true, false);
    for (int i = 0; i < 3 * PRELOGIN_COMMAND_OCTETS_MAX; i++) {
        buf_add_char(&in, 'x');
        assert_int_equal(prelogin_step(&p, &in, &out), PRELOGIN_MORE);
        assert_true(in.n <= PRELOGIN_COMMAND_OCTETS_MAX);
    }
    assert_true(slice_starts(buf_slice(&out), SLICE("* BAD Command too long")));
    buf_clear(&out);
    talk("\r\nb NOOP\r\n", PRELOGIN_MORE, "b OK Done\r\n");
    end();

    begin(true, false);
    for (size_t i = 0; i + 1 < sizeof(slow) - 1; i++) {
        buf_add_char(&in, slow[i]);
        assert_int_equal(prelogin_step(&p, &in, &out), PRELOGIN_MORE);
    }
    buf_add_char(&in, '\n');
    assert_int_equal(prelogin_step(&p, &in, &out), PRELOGIN_LOGIN);
    assert_slice(buf_slice(&p.secret), SLICE("secret"));
    end();
}

/* A client that sends and never reads: `out` stays within its maximum, nothing is lost. */
static void test_no_overflow(void **state)
{
    size_t answers = 0;

    (void)state;
    begin(true, false);
    for (int i = 0; i < 1000; i++) {
        buf_add_str(&in, "a ID NIL\r\n");
        assert_int_equal(prelogin_step(&p, &in, &out), PRELOGIN_MORE);
        assert_false(out.overflowed);
        if (i % 100 == 99) {
            answers += out.n;
            buf_clear(&out);
        }
    }
    while (in.n > 0) {
        assert_int_equal(prelogin_step(&p, &in, &out), PRELOGIN_MORE);
        answers += out.n;
        buf_clear(&out);
    }
    assert_int_equal(answers % 1000, 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greeting),    cmocka_unit_test(test_answers),
        cmocka_unit_test(test_without_tls), cmocka_unit_test(test_starttls_injection),
        cmocka_unit_test(test_credentials), cmocka_unit_test(test_sasl_refused),
        cmocka_unit_test(test_ends),        cmocka_unit_test(test_client_id),
        cmocka_unit_test(test_busy),        cmocka_unit_test(test_long_and_slow),
        cmocka_unit_test(test_no_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
