/* APPEND's hold on the stream: whatever the command is made of, however it is cut, and whichever of
 * its batches fails, the next command is found where it begins, and a mailbox holds all of a
 * command's messages or none.
 *
 * play() is a client that keeps the rules: it waits for "+" behind a synchronizing literal's
 * header, and gives the command up when it hears something else there.
 */
#include <stdlib.h>

#include "driver.h"

#include "base/mem.h"

#define M1 "Subject: one\r\n\r\nfirst\r\n"
#define M2 "Subject: two\r\n\r\nsecond one\r\n"
#define N1 "23"
#define N2 "28"

/* What to send, and what it comes to when nothing fails. */
struct script {
    const char *text;
    const char *answer; /* some of the tagged line */
    unsigned messages;
};

static const struct script scripts[] = {
    {"a APPEND INBOX {" N1 "}\r\n" M1 "\r\n", "a OK [APPENDUID ", 1},
    {"a APPEND INBOX {" N1 "+}\r\n" M1 "\r\n", "a OK [APPENDUID ", 1},
    {"a APPEND INBOX {" N1 "}\r\n" M1 " (\\Seen $Work) {" N2 "}\r\n" M2 "\r\n", "a OK [APPENDUID ",
     2},
    {"a APPEND INBOX (\\Seen) {" N1 "+}\r\n" M1 " {" N2 "+}\r\n" M2 "\r\n", "a OK [APPENDUID ", 2},
    {"a APPEND INBOX {" N1 "+}\r\n" M1 " \" 7-Feb-1994 22:43:04 -0800\" ~{" N2 "}\r\n" M2 "\r\n",
     "a OK [APPENDUID ", 2},
    {"a APPEND {5+}\r\nINBOX {" N1 "}\r\n" M1 " UTF8 (~{" N2 "+}\r\n" M2 ") {" N1 "}\r\n" M1 "\r\n",
     "a OK [APPENDUID ", 3},
    {"a APPEND INBOX CATENATE (TEXT {" N1 "}\r\n" M1 " TEXT ~{" N2 "+}\r\n" M2 ")\r\n",
     "a OK [APPENDUID ", 1},
    {"a APPEND INBOX CATENATE (URL /Sent/;UID=1)\r\n", "a OK [APPENDUID ", 1},
    {"a APPEND INBOX {" N1 "+}\r\n" M1 " () CATENATE (TEXT {" N1 "}\r\n" M1
     " URL \"/Sent/;UID=1/;SECTION=TEXT\" URL {28+}\r\n/Sent/;UID=1/;SECTION=HEADER UTF8 "
     "(~{" N2 "}\r\n" M2 ") URL {25}\r\n/Sent/;UID=1/;PARTIAL=1.1) {" N2 "+}\r\n" M2 "\r\n",
     "a OK [APPENDUID ", 3},
    /* refused, at each place */
    {"a APPEND {5}\r\nOtter {" N1 "}\r\n" M1 "\r\n", "a NO [TRYCREATE]", 0},
    {"a APPEND Otter {" N1 "+}\r\n" M1 " {" N2 "}\r\n" M2 "\r\n", "a NO [TRYCREATE]", 0},
    {"a APPEND INBOX (\\Recent) {" N1 "+}\r\n" M1 "\r\n", "a BAD ", 0},
    {"a APPEND INBOX {" N1 "+}\r\n" M1 " (\\Nonsense) {" N2 "+}\r\n" M2 "\r\n", "a BAD ", 0},
    {"a APPEND INBOX {" N1 "}\r\n" M1 "  {" N2 "}\r\n" M2 "\r\n", "a BAD ", 0},
    {"a APPEND INBOX {" N1 "}\r\n" M1 " {0}\r\n", "a NO ", 0},
    {"a APPEND INBOX {" N1 "+}\r\n" M1 " {0+}\r\n {" N2 "+}\r\n" M2 "\r\n", "a NO ", 0},
    {"a APPEND INBOX {" N1 "+}\r\n" M1 " {9999999}\r\n", "a NO [TOOBIG]", 0},
    {"a APPEND INBOX {" N1 "+}\r\n" M1 " x\r\n", "a BAD ", 0},
    {"a APPEND INBOX {" N1 "+}\r\n" M1 "y\r\n", "a BAD ", 0},
    {"a APPEND INBOX CATENATE (TEXT {" N1 "+}\r\n" M1 " URL /Sent/;UID=2 TEXT {" N1 "}\r\n" M1
     ")\r\n",
     "a NO [BADURL /Sent/;UID=2]", 0},
    {"a APPEND INBOX CATENATE (URL {13+}\r\n/Sent/;UID=2] TEXT {" N1 "+}\r\n" M1 ")\r\n",
     "a NO [BADURL /Sent/;UID=2%5D]", 0},
    {"a APPEND INBOX CATENATE (URL {0+}\r\n TEXT {" N1 "+}\r\n" M1 ")\r\n", "a NO [BADURL ]", 0},
    {"a APPEND INBOX CATENATE (URL {9999}\r\n", "a NO [LIMIT]", 0},
    {"a APPEND INBOX CATENATE (TEXT {" N1 "}\r\n" M1 " TEXT {1048570}\r\n", "a NO [TOOBIG]", 0},
    {"a APPEND INBOX CATENATE (TEXT {0+}\r\n)\r\n", "a NO Empty", 0},
    {"a APPEND INBOX CATENATE (TEXT {" N1 "+}\r\n" M1 "TEXT {" N1 "}\r\n" M1 ")\r\n", "a BAD ", 0},
    {"a APPEND INBOX CATENATE (TEXT {" N1 "+}\r\n" M1 " )\r\n", "a BAD ", 0},
    {"a APPEND INBOX CATENATE (TEXT {" N1 "+}\r\n" M1 "\r\n", "a BAD ", 0},
    {"a APPEND INBOX CATENATE ()\r\n", "a BAD ", 0},
    {"a APPEND INBOX {5+}\r\na\x01\x02\x03z UTF8 (~{" N2 "+}\r\n" M2 "\r\n", "a BAD ", 0},
};
enum { SCRIPTS = sizeof(scripts) / sizeof(scripts[0]) };

/* One batch: run, and commit or fail. What is said is added to `said`. */
static void batch(struct driver *d, struct imap_session *s, bool fail, struct buf *said)
{
    enum imap_run r;

    do {
        assert_int_equal(imap_session_wake(s, d->account), ERR_OK);
        imap_session_batch_begin(s);
        r = imap_session_run(s, UINT64_MAX);
        if (fail) {
            account_rollback(d->account);
            imap_session_batch_failed(s, ERR_NOSPACE);
            r = IMAP_AGAIN;
            fail = false;
        } else {
            assert_int_equal(account_commit(d->account), ERR_OK);
        }
        buf_add_slice(said, buf_slice(imap_session_out(s)));
        buf_clear(imap_session_out(s));
    } while (r == IMAP_AGAIN || r == IMAP_OUTPUT);
}

/* Octets of `text`, which is the rest of a script, that a client may send before it must wait, at
 * most `piece`; *waits: then it does. */
static size_t next_piece(const char *text, size_t piece, bool *waits)
{
    size_t n = strlen(text) < piece ? strlen(text) : piece;

    *waits = false;
    for (size_t i = 0; i < n && !*waits; i++) {
        const char *end = text + i; /* a script is longer than a header before its first LF */

        if (*end != '\n' || end[-1] != '\r' || end[-2] != '}' || end[-3] == '+')
            continue;
        *waits = true;
        n = i + 1;
    }
    return n;
}

/* Send the script in pieces; batch number `fail` (from 1; 0: none) fails. Returns how many batches
 * there were; everything said is added to `said`. */
static unsigned play(struct driver *d, struct imap_session *s, const char *text, size_t piece,
                     unsigned fail, struct buf *said)
{
    unsigned n = 0;
    bool waits = false;

    while (*text != '\0') {
        size_t octets = next_piece(text, piece, &waits), before = said->n;

        buf_add(imap_session_in(s), text, octets);
        text += octets;
        batch(d, s, ++n == fail, said);
        if (waits && (said->n == before || buf_slice(said).p[before] != '+'))
            break;
    }
    return n;
}

static void check_count(struct driver *d, struct imap_session *s, unsigned messages)
{
    char want[100];

    snprintf(want, sizeof(want), "* STATUS INBOX (MESSAGES %u)\r\nz OK STATUS done\r\n", messages);
    assert_string_equal(drive(d, s, "z STATUS INBOX (MESSAGES)\r\n"), want);
}

static unsigned play_one(struct driver *d, const struct script *script, size_t piece, unsigned fail)
{
    struct imap_session *s = driver_session(d);
    struct buf said;
    unsigned n;

    buf_init(&said, 100000);
    n = play(d, s, script->text, piece, fail, &said);
    buf_add_char(&said, '\0');
    const char *answer = buf_slice(&said).p;
    if (fail == 0 || fail > n) {
        assert_says(answer, script->answer);
        check_count(d, s, script->messages);
    } else {
        if (strstr(answer, "a NO ") == NULL && strstr(answer, script->answer) == NULL)
            fail_msg("%s\nbatch %u of %u failed:\n%s", script->text, fail, n, answer);
        check_count(d, s, strstr(answer, "a OK") != NULL ? script->messages : 0);
    }
    drive(d, s, "y1 SELECT INBOX\r\ny2 STORE 1:* +FLAGS.SILENT (\\Deleted)\r\ny3 CLOSE\r\n");
    buf_release(&said);
    imap_session_free(&s);
    return n;
}

/* The message that URLs name. */
static void prepare(struct driver *d)
{
    struct imap_session *s;

    driver_init(d);
    s = driver_session(d);
    assert_says(drive(d, s, "x APPEND Sent {" N1 "+}\r\n" M1 "\r\n"), " 1] APPEND");
    imap_session_free(&s);
}

/* Every script whole, in pieces and octet by octet. */
static void test_pieces(void **state)
{
    struct driver d;

    (void)state;
    prepare(&d);
    for (size_t i = 0; i < SCRIPTS; i++) {
        play_one(&d, &scripts[i], SIZE_MAX, 0);
        play_one(&d, &scripts[i], 11, 0);
        play_one(&d, &scripts[i], 1, 0);
    }
    driver_release(&d);
}

/* Every script, each of its batches failing. */
static void test_failures(void **state)
{
    struct driver d;

    (void)state;
    prepare(&d);
    for (size_t i = 0; i < SCRIPTS; i++) {
        for (unsigned fail = 1; fail <= play_one(&d, &scripts[i], 7, fail); fail++)
            ;
        for (unsigned fail = 1; fail <= play_one(&d, &scripts[i], SIZE_MAX, fail); fail++)
            ;
    }
    driver_release(&d);
}

/* REPLACE, each of its batches failing: there is always one message, and it is the new one if and
 * only if the client heard so. */
static void test_replace(void **state)
{
    static const char script[] =
        "a UID REPLACE 1 Sent CATENATE (TEXT {4}\r\nX: y TEXT {2+}\r\n\r\n URL "
        "\"/Sent/;UID=1\")\r\n";
    struct driver d;
    struct buf said;
    unsigned n = 1;

    (void)state;
    buf_init(&said, 100000);
    for (unsigned fail = 1; fail <= n + 1; fail++) {
        prepare(&d);
        struct imap_session *s = driver_session(&d);
        drive(&d, s, "x SELECT Sent\r\n");
        buf_clear(&said);
        n = play(&d, s, script, 7, fail, &said);
        buf_add_char(&said, '\0');
        bool done = strstr(buf_slice(&said).p, "* OK [APPENDUID ") != NULL;
        assert_true(done == (strstr(buf_slice(&said).p, "a OK") != NULL));
        assert_true(done || strstr(buf_slice(&said).p, "a NO [UNAVAILABLE]") != NULL);
        assert_says(drive(&d, s, "y NOOP\r\nz UID FETCH 1:* UID\r\n"),
                    done ? "* 1 FETCH (UID 2)\r\nz OK" : "* 1 FETCH (UID 1)\r\nz OK");
        imap_session_free(&s);
        driver_release(&d);
    }
    buf_release(&said);
}

/* A refused literal is dropped, up to twice the largest message; then it ends in BYE. */
static void test_drain(void **state)
{
    char *octets = mem_calloc(70001, 1);
    struct driver d;

    (void)state;
    memset(octets, 'x', 70000);
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    assert_string_equal(drive(&d, s, "a APPEND INBOX {1400000+}\r\n"),
                        "a NO [TOOBIG] Too large for this server\r\n");
    for (int i = 0; i < 20; i++)
        assert_string_equal(drive(&d, s, octets), "");
    assert_string_equal(drive(&d, s, "\r\nb NOOP\r\n"), "b OK NOOP done\r\n");

    assert_string_equal(drive(&d, s, "c APPEND INBOX {5+}\r\na\r\nb\n {9000000+}\r\n"),
                        "c NO [TOOBIG] Too large for this server\r\n"
                        "* BYE [TOOBIG] Literal is too large\r\n");
    free(octets);
    imap_session_free(&s);
    driver_release(&d);
}

/* RFC 9738: more messages than may be saved at once are none. */
static void test_too_many(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    d.settings.save_limit = 2;
    struct imap_session *s = driver_session(&d);
    assert_says(drive(&d, s, "a APPEND INBOX {4+}\r\nA:b\n {4+}\r\nA:c\n {8+}\r\nx NOOP\r\n\r\n"),
                "a NO [MESSAGELIMIT 2]");
    check_count(&d, s, 0);
    assert_says(drive(&d, s, "a APPEND INBOX {4+}\r\nA:b\n {4+}\r\nA:c\n\r\n"), "a OK ");
    check_count(&d, s, 2);
    imap_session_free(&s);
    driver_release(&d);
}

/* A session that ends in the middle leaves nothing that anybody sees, and nothing on the disk once
 * the account has been tended. */
static void test_gone_client(void **state)
{
    struct driver d;
    struct buf findings;

    (void)state;
    driver_init(&d);
    buf_init(&findings, 1000);
    struct imap_session *s = driver_session(&d);
    drive(&d, s, "a APPEND INBOX {" N1 "+}\r\n" M1 " {" N2 "+}\r\n" M2 " {" N1 "+}\r\nSub");
    imap_session_free(&s);
    assert_int_equal(account_check(d.account, &findings), ERR_OK);
    driver_idle(&d);
    assert_int_equal(account_check(d.account, &findings), ERR_OK);
    assert_int_equal(findings.n, 0);
    s = driver_session(&d);
    check_count(&d, s, 0);
    imap_session_free(&s);
    buf_release(&findings);
    driver_release(&d);
}

/* A message in Sent that is all header, of so many octets. */
static void append_header(struct driver *d, struct imap_session *s, size_t octets)
{
    struct buf text;

    buf_init(&text, octets + 100);
    buf_addf(&text, "x APPEND Sent {%zu+}\r\nA: b\r\nX: ", octets);
    for (size_t i = strlen("A: b\r\nX: \r\n\r\n"); i < octets; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, "\r\n\r\n\r\n");
    while (text.n > 0) {
        char piece[60001] = "";

        memcpy(piece, buf_slice(&text).p, text.n < 60000 ? text.n : 60000);
        buf_consume(&text, strlen(piece));
        drive(d, s, piece);
    }
    buf_release(&text);
    assert_says(drive(d, s, "y STATUS Sent (MESSAGES)\r\n"), "(MESSAGES 1)");
}

static void note_steps(void *ctx, unsigned steps)
{
    *(unsigned *)ctx = steps + 1;
}

/* URLs that cost much and give little are as many steps as it takes: whoever else uses the account
 * has his turn between two of them. */
static void test_many_urls(void **state)
{
    enum { URLS = 600 };
    unsigned steps = 0;
    struct driver d;
    struct buf command;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    append_header(&d, s, 1000000);
    buf_init(&command, 1 << 20);
    buf_add_str(&command, "a APPEND INBOX CATENATE (TEXT {3+}\r\nxyz");
    for (int i = 0; i < URLS; i++)
        buf_add_str(&command, " URL \"/Sent/;UID=1/;SECTION=HEADER.FIELDS%20(A)/;PARTIAL=0.1\"");
    buf_add_str(&command, ")\r\n");
    buf_add_char(&command, '\0');
    assert_says(drive_in_steps(&d, s, buf_slice(&command).p, note_steps, &steps),
                "a OK [APPENDUID ");
    assert_true(steps >= URLS);
    buf_release(&command);
    imap_session_free(&s);
    driver_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),    cmocka_unit_test(test_failures),
        cmocka_unit_test(test_replace),   cmocka_unit_test(test_drain),
        cmocka_unit_test(test_too_many),  cmocka_unit_test(test_gone_client),
        cmocka_unit_test(test_many_urls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
