/* tests/unit/imap/test_limits.c -- what needs more messages or more time than a conversation has:
 * UIDBATCHES of several batches (RFC 10022), INPROGRESS (RFC 9585), a limit of thousands. */
#include <unistd.h>

#include "driver.h"

static void fill(struct driver *d, struct imap_session *s, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        assert_says(drive(d, s, "a APPEND INBOX {14+}\r\nSubject: x\r\n\r\n\r\n"), "a OK");
}

/* 1,201 messages: UIDs 1 to 600 and 605 to 1205. Those that are gone belong to the batch above. */
static void test_batches(void **state)
{
    static const struct {
        const char *command, *want;
    } rows[] = {
        {"u1 UIDBATCHES 500\r\n", "* UIDBATCHES (TAG \"u1\") 1205:706,705:202,201:1\r\n"},
        {"u2 UIDBATCHES 500 2:2\r\n", "* UIDBATCHES (TAG \"u2\") 705:202\r\n"},
        {"u3 UIDBATCHES 500 3:9\r\n", "* UIDBATCHES (TAG \"u3\") 201:1\r\n"},
        {"u4 UIDBATCHES 601\r\n", "* UIDBATCHES (TAG \"u4\") 1205:605,604:1\r\n"},
        {"u5 UIDBATCHES 600\r\n", "* UIDBATCHES (TAG \"u5\") 1205:606,605:2,1:1\r\n"},
        {"u6 UIDBATCHES 1201\r\n", "* UIDBATCHES (TAG \"u6\") 1205:1\r\n"},
    };
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    fill(&d, s, 1206);
    drive(&d, s, "a SELECT INBOX\r\n");
    drive(&d, s, "a UID STORE 601:604,1206 +FLAGS.SILENT (\\Deleted)\r\n");
    assert_says(drive(&d, s, "a EXPUNGE\r\n"), "* 601 EXPUNGE");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_says(drive(&d, s, rows[i].command), rows[i].want);
    imap_session_free(&s);
    driver_release(&d);
}

static void wait_a_little(void *ctx, unsigned steps)
{
    (void)ctx;
    (void)steps;
    usleep(500);
}

/* A search that takes long says how far it is, one that does not keeps silent. */
static void test_progress(void **state)
{
    const char *said;
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    fill(&d, s, 50);
    drive(&d, s, "a SELECT INBOX\r\n");
    said = drive_in_steps(&d, s, "q1 SEARCH BODY nothing\r\n", wait_a_little, NULL);
    assert_silent(said, "INPROGRESS");
    assert_says(said, "q1 OK");
    d.settings.progress_ms = 5;
    said = drive_in_steps(&d, s, "q2 SEARCH BODY nothing\r\n", wait_a_little, NULL);
    assert_says(said, "* OK [INPROGRESS (\"q2\" ");
    assert_says(said, " 50)] ");
    assert_says(said, "q2 OK");
    imap_session_free(&s);
    driver_release(&d);
}

/* In a large mailbox with holes the limit is counted in messages. */
static void test_limit_with_holes(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    fill(&d, s, 40);
    drive(&d, s, "a SELECT INBOX\r\n");
    drive(&d, s, "a UID STORE 21:30 +FLAGS.SILENT (\\Deleted)\r\n");
    drive(&d, s, "a EXPUNGE\r\n");
    d.settings.message_limit = 15;
    assert_says(drive(&d, s, "m1 UID FETCH 1:* UID\r\n"), "m1 OK [MESSAGELIMIT 15 16]");
    assert_says(drive(&d, s, "m2 UID FETCH 1:10,18:40 UID\r\n"), "m2 OK [MESSAGELIMIT 15 9]");
    assert_says(drive(&d, s, "m3 UID FETCH 21:40,1:5 UID\r\n"), "m3 OK UID FETCH done");
    assert_says(drive(&d, s, "m4 FETCH 1:16 UID\r\n"), "m4 OK [MESSAGELIMIT 15 2]");
    assert_says(drive(&d, s, "m5 FETCH 1:15 UID\r\n"), "m5 OK FETCH done");
    imap_session_free(&s);
    driver_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_limit_with_holes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
