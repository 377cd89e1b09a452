/* A session against a real account: batches that fail, sleep, news between two devices. What a
 * command answers is in tests/talk; here is what a conversation cannot reach. */
#include "driver.h"

static const char message[] =
    "a1 APPEND INBOX (\\Seen) {29+}\r\nSubject: one\r\n\r\nHello there\r\n\r\n";

static void test_append_and_fetch(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    assert_says(drive(&d, s, message), "a1 OK [APPENDUID ");
    assert_says(drive(&d, s, "a2 SELECT INBOX\r\n"), "* 1 EXISTS");
    assert_says(drive(&d, s, "a3 FETCH 1 (FLAGS BODY.PEEK[TEXT])\r\n"), "Hello there");
    imap_session_free(&s);
    driver_release(&d);
}

/* A message that arrives octet by octet is the same message. */
static void test_append_split(void **state)
{
    struct driver d;
    char octet[2] = {0};

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    for (size_t i = 0; i + 1 < sizeof(message) - 1; i++) {
        octet[0] = message[i];
        assert_string_equal(drive(&d, s, octet), "");
    }
    assert_says(drive(&d, s, "\n"), "a1 OK [APPENDUID ");
    imap_session_free(&s);
    driver_release(&d);
}

/* When the commit fails every command of the batch is answered NO and nothing has happened. */
static void test_failed_batch(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    drive(&d, s, message);
    drive(&d, s, "a2 SELECT INBOX\r\n");

    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "b1 STORE 1 +FLAGS (\\Deleted)\r\nb2 EXPUNGE\r\nb3 NOOP\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(s, ERR_NOSPACE);
    assert_string_equal(drive(&d, s, ""),
                        "b1 NO [UNAVAILABLE] No space left, nothing was changed\r\n"
                        "b2 NO [UNAVAILABLE] No space left, nothing was changed\r\n"
                        "b3 NO [UNAVAILABLE] No space left, nothing was changed\r\n");
    assert_says(drive(&d, s, "b4 FETCH 1 (FLAGS)\r\n"), "* 1 FETCH (FLAGS (\\Seen");
    imap_session_free(&s);
    driver_release(&d);
}

/* Run `input` as a batch whose commit fails, and return what is said. */
static const char *fail_batch(struct driver *d, struct imap_session *s, const char *input)
{
    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), input);
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_INPUT);
    account_rollback(d->account);
    imap_session_batch_failed(s, ERR_NOSPACE);
    return drive(d, s, "");
}

/* What a client sends before it has seen that SELECT, or SEARCH with SAVE, has failed does not
 * meet the mailbox that was selected before, or the messages "$" stood for. */
static void test_failed_select(void **state)
{
    struct driver d;
    const char *said;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    drive(&d, s, message);
    drive(&d, s, "a2 CREATE work\r\n");
    drive(&d, s, "a3 SELECT INBOX\r\na4 SEARCH RETURN (SAVE) UNSEEN\r\n");
    assert_says(fail_batch(&d, s, "b1 SEARCH RETURN (SAVE) ALL\r\n"), "b1 NO ");
    assert_string_equal(drive(&d, s, "b2 UID STORE $ +FLAGS (\\Deleted)\r\n"),
                        "b2 OK UID STORE done\r\n");
    drive(&d, s, "a5 SEARCH RETURN (SAVE) ALL\r\n");
    fail_batch(&d, s, "b3 UID FETCH $ UID\r\n");
    assert_says(drive(&d, s, "b4 UID FETCH $ UID\r\n"), "* 1 FETCH (UID 1)");
    said = fail_batch(&d, s, "b5 SELECT work\r\n");
    assert_says(said, "* OK [CLOSED] ");
    assert_says(said, "b5 NO ");
    assert_says(drive(&d, s, "b6 UID STORE 1 +FLAGS (\\Deleted)\r\n"), "b6 BAD ");
    imap_session_free(&s);
    driver_release(&d);
}

/* Results that are kept current end with a batch that fails, and the client hears of it, whatever
 * became of them in the batch; of those made in it the NO tells. */
static void test_failed_updates(void **state)
{
    static const char *const input[] = {"b1 NOOP\r\n", "b1 UNSELECT\r\n",
                                        "b1 CANCELUPDATE \"a3\"\r\n",
                                        "b1 SEARCH RETURN (UPDATE ALL) SEEN\r\n"};
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    drive(&d, s, message);
    drive(&d, s, "a2 SELECT INBOX\r\n");
    for (size_t i = 0; i < sizeof(input) / sizeof(input[0]); i++) {
        drive(&d, s, "a3 SEARCH RETURN (UPDATE ALL) UNSEEN\r\n");
        const char *said = fail_batch(&d, s, input[i]);
        assert_says(said, "* NO [NOUPDATE \"a3\"] ");
        assert_silent(said, "\"b1\"");
        assert_says(said, "b1 NO ");
        assert_string_equal(drive(&d, s, "b2 STORE 1 -FLAGS.SILENT (\\Seen)\r\n"),
                            "b2 OK STORE done\r\n");
        drive(&d, s, "b3 STORE 1 +FLAGS.SILENT (\\Seen)\r\n");
    }
    assert_silent(fail_batch(&d, s, "b4 NOOP\r\n"), "NOUPDATE");
    imap_session_free(&s);
    driver_release(&d);
}

/* A commit that fails in the middle of an APPEND: NO, and the rest of the literal is not taken for
 * commands. */
static void test_failed_append(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);
    assert_int_equal(imap_session_wake(s, d.account), ERR_OK);
    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a1 APPEND INBOX {20+}\r\nSubject:");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(s, ERR_IO);
    assert_says(drive(&d, s, ""), "a1 NO [UNAVAILABLE]");
    assert_string_equal(drive(&d, s, " x\r\na2 LOGOUT\r\na3 NOOP\r\n"), "a3 OK NOOP done\r\n");
    imap_session_free(&s);
    driver_release(&d);
}

/* Two devices: what one does the other hears, in order, and not while it must not. */
static void test_news(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *a = driver_session(&d), *b = driver_session(&d);
    for (int i = 0; i < 3; i++)
        drive(&d, a, message);
    drive(&d, a, "a2 SELECT INBOX\r\n");
    drive(&d, b, "b2 SELECT INBOX\r\n");
    assert_says(drive(&d, b, "b3 IDLE\r\n"), "+ idling");
    assert_true(imap_session_listens(b));
    drive(&d, a, "a3 STORE 2 +FLAGS (\\Flagged $Work)\r\n");
    const char *news = driver_news(&d, b);
    assert_says(news, "* FLAGS (");
    assert_says(news, "* 2 FETCH (FLAGS (\\Seen \\Flagged $Work");
    assert_says(drive(&d, b, "DONE\r\n"), "b3 OK");

    drive(&d, a, "a4 STORE 1 +FLAGS.SILENT (\\Deleted)\r\na5 EXPUNGE\r\n");
    assert_silent(drive(&d, b, "b4 FETCH 2 (FLAGS)\r\n"), "EXPUNGE");
    assert_says(drive(&d, b, "b5 FETCH 1 (BODY.PEEK[TEXT])\r\n"), "Hello there");
    drive(&d, a, message);
    const char *said = drive(&d, b, "b6 NOOP\r\n");
    assert_says(said, "* 1 EXPUNGE");
    assert_says(said, "* 3 EXISTS");
    imap_session_free(&a);
    imap_session_free(&b);
    driver_release(&d);
}

/* A session that slept knows what it knew: in step, lagging, and after changes by others. */
static void test_sleep(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *pair[2] = {driver_session(&d), driver_session(&d)};
    for (int i = 0; i < 3; i++)
        drive(&d, pair[0], message);
    drive(&d, pair[0], "a2 SELECT INBOX\r\n");
    drive(&d, pair[1], "b2 SELECT INBOX\r\n");
    driver_reopen(&d, pair, 2);
    assert_string_equal(drive(&d, pair[1], "b3 NOOP\r\n"), "b3 OK NOOP done\r\n");
    drive(&d, pair[0], "a3 STORE 1 +FLAGS.SILENT (\\Deleted)\r\na4 EXPUNGE\r\n");
    driver_reopen(&d, pair, 2); /* the second one has not been told */
    assert_says(drive(&d, pair[1], "b4 NOOP\r\n"), "* 1 EXPUNGE");
    assert_says(drive(&d, pair[1], "b5 FETCH 1:* (UID)\r\n"),
                "* 1 FETCH (UID 2)\r\n* 2 FETCH (UID 3)");
    imap_session_free(&pair[0]);
    imap_session_free(&pair[1]);
    driver_release(&d);
}

/* Those who are in a mailbox that is deleted are told it is empty, and cannot write. */
static void test_deleted_mailbox(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *a = driver_session(&d), *b = driver_session(&d);
    drive(&d, a, "a1 CREATE work\r\n");
    drive(&d, a, "a2 APPEND work {4+}\r\nx: y\r\n");
    drive(&d, b, "b1 SELECT work\r\n");
    assert_says(drive(&d, a, "a3 DELETE work\r\n"), "a3 OK");
    assert_says(drive(&d, b, "b2 NOOP\r\n"), "* 1 EXPUNGE");
    assert_says(drive(&d, b, "b3 EXPUNGE\r\n"), "b3 NO [NONEXISTENT]");
    imap_session_free(&a);
    imap_session_free(&b);
    driver_release(&d);
}

/* An APPEND whose "+" was never sent: the client hears NO in its place and sends no message, so
 * nothing of what follows may be taken for one. */
static void test_failed_invitation(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);

    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a1 APPEND INBOX {30}\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(s, ERR_NOSPACE);
    assert_says(drive(&d, s, "a2 NOOP\r\n"), "a2 OK NOOP done\r\n");

    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a3 FOO\r\na4 SELECT {5}\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(s, ERR_NOSPACE);
    assert_string_equal(drive(&d, s, ""),
                        "a3 NO [UNAVAILABLE] No space left, nothing was changed\r\n+ OK\r\n");
    assert_says(drive(&d, s, "INBOX\r\n"), "a4 OK [READ-WRITE]");
    imap_session_free(&s);
    driver_release(&d);
}

/* However many commands are refused, each is answered when their batch fails. */
static void test_failed_flood(void **state)
{
    struct driver d;
    size_t answers = 0;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);

    for (int i = 0; i < 200; i++)
        buf_addf(imap_session_in(s), "%0250d FOO\r\n", i);
    imap_session_batch_begin(s);
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_AGAIN);
    account_rollback(d.account);
    imap_session_batch_failed(s, ERR_IO);
    for (const char *at = drive(&d, s, ""); (at = strchr(at, '\n')) != NULL; at++)
        answers++;
    assert_int_equal(answers, 200);
    imap_session_free(&s);
    driver_release(&d);
}

/* APPEND a message of 200,000 octets that begins with `start`, and select INBOX. */
static void append_large(struct driver *d, struct imap_session *s, const char *start)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    buf_addf(&text, "a1 APPEND INBOX {200000}\r\n%s%0*d", start, 200000 - (int)strlen(start), 0);
    for (size_t at = 0; at < text.n; at += 50000) {
        struct slice piece = slice_sub(buf_slice(&text), at, 50000);
        char *copy = strndup(piece.p, piece.n);

        drive(d, s, copy);
        free(copy);
    }
    assert_says(drive(d, s, "\r\na2 SELECT INBOX\r\n"), "a1 OK");
    buf_release(&text);
}

/* A BYE within a literal would pass for mail. */
static void test_bye_within_literal(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);

    append_large(&d, s, "A: b\r\n\r\n");
    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a3 FETCH 1 BODY.PEEK[]\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_OUTPUT);
    imap_session_bye(s, "Server is shutting down");
    buf_add_char(imap_session_out(s), '\0');
    assert_says(buf_slice(imap_session_out(s)).p, "BODY[] {200000}");
    assert_silent(buf_slice(imap_session_out(s)).p, "BYE");
    imap_session_free(&s);
    driver_release(&d);
}

/* One reply of many long sections leaves in pieces, each section whole. */
static void test_many_sections(void **state)
{
    struct driver d;
    size_t sections = 0;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);

    append_large(&d, s, "A: ");
    imap_session_batch_begin(s);
    buf_add_str(imap_session_in(s), "a3 FETCH 1 (UID");
    for (int i = 0; i < 40; i++)
        buf_add_str(imap_session_in(s), " BODY.PEEK[HEADER.FIELDS (A)]");
    buf_add_str(imap_session_in(s), ")\r\n");
    assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_OUTPUT);
    assert_in_range(imap_session_out(s)->n, imap_session_high(s), 300000);
    buf_clear(imap_session_out(s));
    for (const char *at = drive(&d, s, ""); (at = strstr(at, "BODY[")) != NULL; at++)
        sections++;
    assert_int_equal(sections, 39);
    imap_session_free(&s);
    driver_release(&d);
}

/* One step sends as much of a body as there is room for, between two limits. */
static void test_pieces(void **state)
{
    static const struct {
        size_t room, octets;
    } row[] = {
        {0, IMAP_PIECE_OCTETS_LEAST},
        {100000, 100000},
        {SIZE_MAX, IMAP_PIECE_OCTETS_MOST},
    };
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *s = driver_session(&d);

    append_large(&d, s, "A: b\r\n\r\n");
    drive(&d, s, "a3 COPY 1 INBOX\r\na4 COPY 1:2 INBOX\r\n");
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        imap_session_room(s, row[i].room);
        imap_session_batch_begin(s);
        buf_add_str(imap_session_in(s), "b FETCH 1:* BODY.PEEK[]\r\n");
        assert_int_equal(imap_session_run(s, UINT64_MAX), IMAP_OUTPUT);
        assert_in_range(imap_session_out(s)->n, imap_session_high(s), row[i].octets + 100);
        buf_clear(imap_session_out(s));
        assert_says(drive(&d, s, ""), "b OK");
    }
    imap_session_free(&s);
    driver_release(&d);
}

/* Deleted, and its account closed, while a session slept in it: the client still counts messages.
 */
static void test_deleted_while_asleep(void **state)
{
    struct driver d;

    (void)state;
    driver_init(&d);
    struct imap_session *a = driver_session(&d), *b = driver_session(&d);

    drive(&d, b, "b1 CREATE box\r\nb2 APPEND box {8+}\r\nA: b\r\n\r\n\r\n");
    assert_says(drive(&d, a, "a1 SELECT box\r\n"), "* 1 EXISTS");
    driver_reopen(&d, (struct imap_session *[]){a, b}, 2);
    drive(&d, b, "b3 DELETE box\r\n");
    driver_reopen(&d, &b, 1);
    assert_says(drive(&d, a, "a2 FETCH 1 (FLAGS)\r\n"), "a2 NO [EXPUNGEISSUED]");
    assert_says(drive(&d, a, "a3 NOOP\r\n"), "* 1 EXPUNGE\r\na3 OK");
    imap_session_free(&a);
    imap_session_free(&b);
    driver_release(&d);
}

/* A login into an account that cannot be opened is answered NO, not OK. */
static void test_refused_login(void **state)
{
    struct imap_settings settings = {.server_version = "test"};
    struct imap_session *s = imap_session_new(&settings, SLICE("l1"));

    (void)state;
    imap_session_bye(s, "[NONEXISTENT] Does not exist");
    assert_slice(
        buf_slice(imap_session_out(s)),
        SLICE("l1 NO [NONEXISTENT] Does not exist\r\n* BYE [NONEXISTENT] Does not exist\r\n"));
    imap_session_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_and_fetch),
        cmocka_unit_test(test_append_split),
        cmocka_unit_test(test_failed_batch),
        cmocka_unit_test(test_failed_select),
        cmocka_unit_test(test_failed_updates),
        cmocka_unit_test(test_failed_append),
        cmocka_unit_test(test_failed_invitation),
        cmocka_unit_test(test_failed_flood),
        cmocka_unit_test(test_bye_within_literal),
        cmocka_unit_test(test_many_sections),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_news),
        cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_deleted_mailbox),
        cmocka_unit_test(test_deleted_while_asleep),
        cmocka_unit_test(test_refused_login),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
