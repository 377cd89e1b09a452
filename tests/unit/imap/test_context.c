/* Contexts against a real account: what a conversation cannot reach of what UPDATE fetches of new
 * messages (RFC 5465 section 7): failed commits, sessions that end within it, and many messages. */
#include "driver.h"

static const char update[] = "u UID SEARCH RETURN (UPDATE (UID BODY.PEEK[]) COUNT) ALL\r\n";

struct pair {
    struct driver d;
    struct imap_session *watcher, *other;
};

static void begin(struct pair *p)
{
    driver_init(&p->d);
    p->watcher = driver_session(&p->d);
    p->other = driver_session(&p->d);
    drive(&p->d, p->watcher, "s SELECT INBOX\r\n");
    assert_says(drive(&p->d, p->watcher, update), "u OK ");
}

static void end(struct pair *p)
{
    imap_session_free(&p->watcher);
    imap_session_free(&p->other);
    driver_release(&p->d);
}

static void append(struct pair *p)
{
    assert_says(drive(&p->d, p->other, "x APPEND INBOX {14+}\r\nSubject: x\r\n\r\n\r\n"), "x OK ");
}

/* Larger than the output may be, in pieces that the input takes. */
static void append_large(struct pair *p)
{
    enum { PIECES = 60, PIECE = 10000 };
    char piece[PIECE + 1], head[80];

    memset(piece, 'y', PIECE);
    piece[PIECE] = '\0';
    snprintf(head, sizeof(head), "x APPEND INBOX {%d+}\r\nSubject: x\r\n\r\n", PIECES * PIECE + 14);
    drive(&p->d, p->other, head);
    for (int i = 0; i < PIECES; i++)
        drive(&p->d, p->other, piece);
    assert_says(drive(&p->d, p->other, "\r\n"), "x OK ");
}

static void fail_batch(struct pair *p, const char *input)
{
    imap_session_batch_begin(p->watcher);
    buf_add_str(imap_session_in(p->watcher), input);
    assert_int_equal(imap_session_run(p->watcher, UINT64_MAX), IMAP_INPUT);
    account_rollback(p->d.account);
    imap_session_batch_failed(p->watcher, ERR_NOSPACE);
}

static void test_failed_batch(void **state)
{
    struct pair p;
    const char *said;

    (void)state;
    begin(&p);
    append(&p);
    fail_batch(&p, "a1 NOOP\r\n");
    said = drive(&p.d, p.watcher, "");
    assert_says(said, "* NO [NOUPDATE \"u\"]");
    assert_says(said, "a1 NO ");
    assert_silent(said, "FETCH");
    said = drive(&p.d, p.watcher, "a2 NOOP\r\n");
    assert_says(said, "* 1 EXISTS");
    assert_silent(said, "FETCH");
    end(&p);
}

/* The IDLE goes on. */
static void test_failed_batch_in_idle(void **state)
{
    struct pair p;
    const char *said;

    (void)state;
    begin(&p);
    drive(&p.d, p.watcher, "a1 IDLE\r\n");
    append(&p);
    fail_batch(&p, "");
    assert_says(drive(&p.d, p.watcher, ""), "* NO [NOUPDATE \"u\"]");
    said = driver_news(&p.d, p.watcher);
    assert_silent(said, "FETCH");
    assert_says(drive(&p.d, p.watcher, "DONE\r\n"), "a1 OK ");
    end(&p);
}

/* The session ends, and the batch fails, while a message is on its way and a command behind it. */
static void test_within_a_message(void **state)
{
    struct pair p;

    (void)state;
    for (int i = 0; i < 2; i++) {
        begin(&p);
        append_large(&p);
        imap_session_batch_begin(p.watcher);
        buf_add_str(imap_session_in(p.watcher), "a1 NOOP\r\na2 NOOP\r\n");
        assert_int_equal(imap_session_run(p.watcher, UINT64_MAX), IMAP_OUTPUT);
        if (i == 1) {
            assert_int_equal(account_commit(p.d.account), ERR_OK);
            buf_clear(imap_session_out(p.watcher));
            imap_session_batch_begin(p.watcher);
            (void)imap_session_run(p.watcher, UINT64_MAX);
            account_rollback(p.d.account);
            imap_session_batch_failed(p.watcher, ERR_NOSPACE); /* part of a line is out */
            assert_int_equal(imap_session_run(p.watcher, UINT64_MAX), IMAP_CLOSED);
        } else {
            assert_int_equal(account_commit(p.d.account), ERR_OK);
        }
        end(&p);
    }
}

/* More than one job's worth: all are fetched before any is told, and each once. */
static void test_many_messages(void **state)
{
    enum { DOUBLED = 11, MESSAGES = 1 << DOUBLED };
    struct pair p;
    const char *said, *first_told;
    unsigned lines = 0;

    (void)state;
    begin(&p);
    append(&p);
    drive(&p.d, p.other, "x SELECT INBOX\r\n");
    for (int i = 0; i < DOUBLED; i++)
        drive(&p.d, p.other, "x COPY 1:* INBOX\r\n");
    said = drive(&p.d, p.watcher, "a1 NOOP\r\n");
    first_told = strstr(said, "ADDTO");
    assert_non_null(first_told);
    for (const char *at = said; (at = strstr(at, " FETCH (UID ")) != NULL; at++) {
        assert_true(at < first_told);
        lines++;
    }
    assert_int_equal(lines, MESSAGES);
    assert_says(said, "ADDTO (0 1:2048)\r\na1 OK ");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failed_batch),
        cmocka_unit_test(test_failed_batch_in_idle),
        cmocka_unit_test(test_within_a_message),
        cmocka_unit_test(test_many_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
