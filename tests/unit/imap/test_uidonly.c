/* A session without message numbers (RFC 9586): it keeps no map, whatever happens to it. */
#include "driver.h"

#include "imap/internal.h"

/* Messages 1 to 4; a is an ordinary session, b one of UIDONLY that has selected INBOX. */
static void prepare(struct driver *d, struct imap_session **a, struct imap_session **b)
{
    driver_init(d);
    *a = driver_session(d);
    *b = driver_session(d);
    for (int i = 0; i < 4; i++)
        drive(d, *a, "a1 APPEND INBOX {4+}\r\nx: y\r\n");
    drive(d, *a, "a2 SELECT INBOX\r\n");
    assert_says(drive(d, *b, "b1 ENABLE UIDONLY\r\nb2 SELECT INBOX\r\n"), "* 4 EXISTS");
    assert_null((*b)->view.map);
}

static void finish(struct driver *d, struct imap_session **a, struct imap_session **b)
{
    imap_session_free(a);
    imap_session_free(b);
    driver_release(d);
}

static void test_no_map(void **state)
{
    struct driver d;
    struct imap_session *a, *b;

    (void)state;
    prepare(&d, &a, &b);
    assert_says(drive(&d, b, "b3 IDLE\r\n"), "+ idling");
    drive(&d, a, "a3 STORE 2 +FLAGS.SILENT (\\Deleted)\r\na4 EXPUNGE\r\n");
    assert_null(b->view.map);
    assert_says(driver_news(&d, b), "* VANISHED 2\r\n");
    assert_null(b->view.map);
    assert_says(drive(&d, b, "DONE\r\n"), "b3 OK");
    drive(&d, a, "a5 STORE 1 +FLAGS.SILENT (\\Deleted)\r\na6 EXPUNGE\r\n");
    driver_reopen(&d, (struct imap_session *[]){a, b}, 2); /* it has not been told */
    drive(&d, a, "a7 STORE 2 +FLAGS.SILENT (\\Flagged)\r\n");
    assert_says(drive(&d, b, "b4 UID FETCH 1:* (UID)\r\n"),
                "* 3 UIDFETCH (UID 3)\r\n* 4 UIDFETCH (UID 4)\r\n* VANISHED 1\r\n"
                "* 4 UIDFETCH (FLAGS (\\Flagged");
    assert_null(b->view.map);
    assert_string_equal(drive(&d, b, "b5 NOOP\r\n"), "b5 OK NOOP done\r\n");
    assert_says(drive(&d, b, "b6 UID FETCH 1:* (\r\n"), "b6 BAD");
    assert_null(b->view.map);
    finish(&d, &a, &b);
}

/* A batch that failed has told nothing: it is told again. */
static void test_failed_batch(void **state)
{
    struct driver d;
    struct imap_session *a, *b;

    (void)state;
    prepare(&d, &a, &b);
    drive(&d, a, "a3 STORE 2 +FLAGS.SILENT (\\Deleted)\r\na4 EXPUNGE\r\n");
    imap_session_batch_begin(b);
    buf_add_str(imap_session_in(b), "b3 UID STORE 1 +FLAGS (\\Seen)\r\nb4 NOOP\r\n");
    assert_int_equal(imap_session_run(b, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(b, ERR_IO);
    assert_silent(drive(&d, b, ""), "VANISHED");
    driver_reopen(&d, (struct imap_session *[]){a, b}, 2);
    assert_string_equal(drive(&d, b, "b5 NOOP\r\n"), "* VANISHED 2\r\nb5 OK NOOP done\r\n");
    assert_says(drive(&d, b, "b6 UID FETCH 1 (FLAGS)\r\n"), "* 1 UIDFETCH (FLAGS (");
    finish(&d, &a, &b);
}

/* So many changes that they are told in pieces: each once. */
static void test_many_changes(void **state)
{
    struct driver d;
    struct imap_session *a, *b;
    size_t fetched = 0, vanished = 0;

    (void)state;
    prepare(&d, &a, &b);
    for (int i = 0; i < 10; i++)
        drive(&d, a, "a3 COPY 1:* INBOX\r\n");
    drive(&d, b, "b3 NOOP\r\n");
    drive(&d, a, "a4 STORE 1:* +FLAGS.SILENT (\\Flagged)\r\n");
    drive(&d, a, "a5 STORE 1:2 +FLAGS.SILENT (\\Deleted)\r\na6 EXPUNGE\r\n");
    const char *said = drive(&d, b, "b4 NOOP\r\n");
    for (const char *at = said; (at = strstr(at, " UIDFETCH (")) != NULL; at++)
        fetched++;
    for (const char *at = said; (at = strstr(at, "* VANISHED ")) != NULL; at++)
        vanished++;
    assert_int_equal(fetched, 4 * 1024 - 2);
    assert_int_equal(vanished, 1);
    assert_says(said, "* VANISHED 1:2\r\n");
    finish(&d, &a, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_map),
        cmocka_unit_test(test_failed_batch),
        cmocka_unit_test(test_many_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
