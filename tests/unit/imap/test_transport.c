/* tests/unit/imap/test_transport.c -- commands after which the connection is another (RFC 4978, RFC
 * 8437): nothing of the next command is looked at before the owner has changed it, and a batch that
 * fails leaves it as it was.
 */
#include "driver.h"

static void test_compress_stops_the_loop(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);

    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a1 NOOP\r\na2 COMPRESS DEFLATE\r\nxyz\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_COMPRESS);
    assert_slice(buf_slice(imap_session_in(s)), SLICE("xyz\r\n"));
    assert_slice(buf_slice(imap_session_out(s)),
                 SLICE("a1 OK NOOP done\r\na2 OK COMPRESS done\r\n"));
    assert_int_equal(account_commit(d.account), ERR_OK);
    buf_clear(imap_session_in(s));
    buf_clear(imap_session_out(s));

    assert_string_equal(drive(&d, s, "a3 COMPRESS DEFLATE\r\n"),
                        "a3 NO [COMPRESSIONACTIVE] DEFLATE is active by COMPRESS\r\n");
    assert_silent(drive(&d, s, "a4 CAPABILITY\r\n"), "COMPRESS=");
    imap_session_free(&s);
    driver_release(&d);
}

/* Nor does it matter that the time of the turn is up when the command ends. */
static void test_no_time(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    d.settings.unauthenticate = true;
    struct imap_session *s = driver_session(&d);

    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a1 COMPRESS DEFLATE\r\n");
    assert_int_equal(imap_session_run(s, 0), IMAP_COMPRESS);
    assert_int_equal(account_commit(d.account), ERR_OK);
    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a2 UNAUTHENTICATE\r\n");
    assert_int_equal(imap_session_run(s, 0), IMAP_UNAUTHENTICATED);
    assert_int_equal(account_commit(d.account), ERR_OK);
    imap_session_free(&s);
    driver_release(&d);
}

static void test_failed_compress(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);

    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a1 CREATE x\r\na2 COMPRESS DEFLATE\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_COMPRESS);
    account_rollback(d.account);
    imap_session_batch_failed(s, ERR_NOSPACE);
    assert_string_equal(drive(&d, s, ""),
                        "a1 NO [UNAVAILABLE] No space left, nothing was changed\r\n"
                        "a2 NO [UNAVAILABLE] No space left, nothing was changed\r\n");
    assert_says(drive(&d, s, "a3 CAPABILITY\r\n"), " COMPRESS=DEFLATE");
    assert_says(drive(&d, s, "a4 COMPRESS DEFLATE\r\n"), "a4 OK");
    imap_session_free(&s);
    driver_release(&d);
}

static void test_unauthenticate(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    d.settings.unauthenticate = true;
    struct imap_session *s = driver_session(&d);

    assert_says(drive(&d, s, "a1 CAPABILITY\r\n"), " UNAUTHENTICATE");
    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a2 UNAUTHENTICATE\r\na3 LOGIN x y\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_UNAUTHENTICATED);
    assert_slice(buf_slice(imap_session_in(s)), SLICE("a3 LOGIN x y\r\n"));
    assert_slice(buf_slice(imap_session_out(s)), SLICE("a2 OK UNAUTHENTICATE done\r\n"));
    assert_int_equal(account_commit(d.account), ERR_OK);
    imap_session_free(&s);
    driver_release(&d);
}

/* It may not be answered NO (RFC 8437 section 3): the connection ends. */
static void test_failed_unauthenticate(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    d.settings.unauthenticate = true;
    struct imap_session *s = driver_session(&d);

    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a1 CREATE x\r\na2 UNAUTHENTICATE\r\na3 NOOP\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_UNAUTHENTICATED);
    account_rollback(d.account);
    imap_session_batch_failed(s, ERR_NOSPACE);
    assert_slice(buf_slice(imap_session_out(s)),
                 SLICE("a1 NO [UNAVAILABLE] No space left, nothing was changed\r\n"
                       "* BYE Closing\r\n"));
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_CLOSED);
    imap_session_free(&s);
    driver_release(&d);
}

static void test_no_unauthenticate(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);

    assert_silent(drive(&d, s, "a1 CAPABILITY\r\n"), "UNAUTHENTICATE");
    assert_says(drive(&d, s, "a2 UNAUTHENTICATE\r\n"), "a2 BAD ");
    imap_session_free(&s);

    d.settings.unauthenticate = true; /* allowed, but a local session has no gate to go back to */
    s = imap_session_new(&d.settings, SLICE(""));
    assert_silent(drive(&d, s, "a1 CAPABILITY\r\n"), "UNAUTHENTICATE");
    assert_says(drive(&d, s, "a2 UNAUTHENTICATE\r\n"), "a2 BAD ");
    imap_session_free(&s);
    driver_release(&d);
}

/* TN3189: only ID is answered otherwise, and only to background work. */
static void test_busy(void **state)
{
    atomic_bool busy = true;
    struct driver d;

    (void)state;
    driver_init(&d);
    d.settings.busy = &busy;
    struct imap_session *s = driver_session(&d);

    assert_string_equal(
        drive(&d, s, "a1 ID (\"name\" \"com.apple.x\" \"event\" \"periodic,indexer\")\r\n"),
        "a1 NO [UNAVAILABLE] Busy: background work later, please\r\n");
    assert_says(drive(&d, s, "a2 ID (\"name\" \"com.apple.x\")\r\n"), "a2 OK");
    assert_says(drive(&d, s, "a3 ID (\"name\" \"x\" \"event\" \"back-fill\")\r\n"), "a3 OK");
    assert_says(drive(&d, s, "a4 SELECT INBOX\r\n"), "a4 OK");
    busy = false;
    assert_says(drive(&d, s, "a5 ID (\"name\" \"com.apple.x\" \"event\" \"back-fill\")\r\n"),
                "a5 OK");
    imap_session_free(&s);
    driver_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compress_stops_the_loop),
        cmocka_unit_test(test_no_time),
        cmocka_unit_test(test_failed_compress),
        cmocka_unit_test(test_unauthenticate),
        cmocka_unit_test(test_failed_unauthenticate),
        cmocka_unit_test(test_no_unauthenticate),
        cmocka_unit_test(test_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
