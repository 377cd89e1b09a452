/* Searches of a mailbox that is several blocks long (imap/search_columns.c), compared with what is
 * known of each message; also while another session has expunged some of them.
 */
#include <limits.h>

#include "driver.h"

#include "base/mem.h"

enum { MESSAGES = 200 };

/* What message i (from 1) is: seen, flagged, with a keyword, by the day, by its size. */
static bool is_seen(int i)
{
    return i % 3 == 0;
}
static bool is_flagged(int i)
{
    return i > 60 && i <= 130;
}
static bool is_labelled(int i)
{
    return i % 64 == 0;
}
static int day_of(int i)
{
    return 1 + i / 10;
}
static int padding(int i)
{
    return i * 7 % 50;
}

static void append(struct driver *d, struct imap_session *s, int i)
{
    char line[400];

    snprintf(
        line, sizeof(line),
        "x APPEND INBOX (%s %s %s) \"%02d-Mar-2024 00:30:00 +0200\" {%d+}\r\nx: %0*d\r\n\r\n\r\n",
        is_seen(i) ? "\\Seen" : "", is_flagged(i) ? "\\Flagged" : "", is_labelled(i) ? "Label" : "",
        day_of(i), 10 + padding(i), 3 + padding(i), i);
    for (char *at; (at = strstr(line, "( ")) != NULL || (at = strstr(line, " )")) != NULL ||
                   (at = strstr(line, "  ")) != NULL;)
        memmove(at + (*at == '('), at + 1 + (*at == '('), strlen(at + (*at == '(')));
    assert_says(drive(d, s, line), "x OK");
}

static bool seen_or_flagged(int i)
{
    return is_seen(i) || is_flagged(i);
}
static bool of_set(int i)
{
    return (i >= 63 && i <= 65) || i == 128 || i == MESSAGES;
}
static bool unseen_of_days(int i)
{
    return !is_seen(i) && day_of(i) >= 5 && day_of(i) < 13;
}
static bool on_day(int i)
{
    return day_of(i) == 7;
}
static bool not_on_day(int i)
{
    return day_of(i) != 7;
}
static bool large(int i)
{
    return 10 + padding(i) > 40;
}
static bool is_unseen(int i)
{
    return !is_seen(i);
}
static bool small_labelled(int i)
{
    return 10 + padding(i) < 40 && is_labelled(i);
}
static bool of_text(int i)
{
    return i == 70 || i == 129;
}
static bool every(int i)
{
    return i > 0;
}
static bool none(int i)
{
    return i < 0;
}

static const struct {
    const char *keys;
    bool (*matches)(int i);
} searches[] = {
    {"ALL", every},
    {"NOT ALL", none},
    {"SEEN", is_seen},
    {"UNSEEN", is_unseen},
    {"KEYWORD label", is_labelled},
    {"KEYWORD unheard", none},
    {"OR SEEN FLAGGED", seen_or_flagged},
    {"NOT (NOT SEEN UNFLAGGED)", seen_or_flagged},
    {"63:65,128,*", of_set},
    {"ON 7-Mar-2024", on_day},
    {"NOT ON 7-Mar-2024", not_on_day},
    {"OR BEFORE 7-Mar-2024 SINCE 8-Mar-2024", not_on_day},
    {"UNSEEN SINCE 5-Mar-2024 BEFORE 13-Mar-2024", unseen_of_days},
    {"LARGER 40", large},
    {"LARGER 9223372036854775807", none},
    {"SMALLER 0", none},
    {"SMALLER 40 KEYWORD LABEL", small_labelled},
    {"OLDER 3600", every},
    {"YOUNGER 3600", none},
    {"FLAGGED OR HEADER x 70 HEADER x 129", of_text},
};

/* The messages found, as flags. */
static void read_numbers(const char *answer, bool found[MESSAGES + 1])
{
    const char *at = strstr(answer, "* SEARCH");

    assert_non_null(at);
    memset(found, 0, (MESSAGES + 1) * sizeof(*found));
    for (at += strlen("* SEARCH"); *at == ' ';) {
        long n = strtol(at + 1, (char **)(uintptr_t)&at, 10);

        assert_in_range(n, 1, MESSAGES);
        assert_false(found[n]);
        found[n] = true;
    }
}

static void check_all(struct driver *d, struct imap_session *s, const bool gone[MESSAGES + 1])
{
    bool found[MESSAGES + 1];
    char line[200];

    for (size_t k = 0; k < sizeof(searches) / sizeof(searches[0]); k++) {
        snprintf(line, sizeof(line), "s SEARCH %s\r\n", searches[k].keys);
        read_numbers(drive(d, s, line), found);
        for (int i = 1; i <= MESSAGES; i++) {
            if (found[i] != (searches[k].matches(i) && !gone[i]))
                fail_msg("%s: message %d", searches[k].keys, i);
        }
    }
}

static void test_blocks(void **state)
{
    bool gone[MESSAGES + 1] = {false};
    struct driver d;
    struct imap_session *a, *b;

    (void)state;
    driver_init(&d);
    a = driver_session(&d);
    b = driver_session(&d);
    for (int i = 1; i <= MESSAGES; i++)
        append(&d, a, i);
    assert_says(drive(&d, a, "a1 SELECT INBOX\r\n"), "* 200 EXISTS");
    assert_says(drive(&d, b, "b1 SELECT INBOX\r\n"), "* 200 EXISTS");
    check_all(&d, a, gone);
    /* Expunged by another, not told yet: the numbers stay, the messages are not found. */
    drive(&d, b, "b2 STORE 1,2,64:66,100,199:200 +FLAGS.SILENT (\\Deleted)\r\nb3 EXPUNGE\r\n");
    gone[1] = gone[2] = gone[64] = gone[65] = gone[66] = gone[100] = gone[199] = gone[200] = true;
    check_all(&d, a, gone);
    imap_session_free(&a);
    imap_session_free(&b);
    driver_release(&d);
}

/* The same answers from headers and from gists (store/gist.h). */
static void test_gists(void **state)
{
    static const char *const keys[] = {
        "SUBJECT s4",
        "SUBJECT {6+}\r\nGR\xC3\x9C\xC3\x9F",
        "NOT SUBJECT s",
        "SUBJECT \"\"",
        "SUBJECT \"s1s\"",
        "SUBJECT 77", /* begins in the one before, too */
        "FROM \"sender 3\"",
        "FROM \"<s@\"",
        "CC x",
        "HEADER Cc \"\"",
        "TO ann",
        "SENTON 5-Jan-2020",
        "SENTSINCE 20-Jan-2020 SUBJECT s2",
        "SENTBEFORE 3-Jan-2020",
        "HEADER Message-ID \"<17@\"",
        "OR SUBJECT s7 FROM \"sender 5\"",
    };
    enum { KEYS = sizeof(keys) / sizeof(keys[0]), BODIES = 600 };
    char line[400], *before[KEYS];
    struct imap_session *s;
    struct driver d;

    (void)state;
    driver_init(&d);
    s = driver_session(&d);
    for (int i = 0; i < BODIES; i++) {
        char text[300];
        int n = snprintf(text, sizeof(text),
                         "%sFrom: \"Sender %d\" <s@b.org>\r\nSubject: %ss%d\r\n%s"
                         "Date: %d Jan 2020 10:00:00 +0000\r\nMessage-ID: <%d@x>\r\n\r\n.\r\n",
                         i % 90 == 0 ? "Cc: \r\n" : "", i,
                         i % 10 == 8  ? "77"
                         : i % 7 == 0 ? "=?utf-8?q?Gr=C3=BC=C3=9Fe?= "
                                      : "",
                         i, i % 100 == 99 ? "Subject: s4 again\r\n" : "", 1 + i % 28, i);

        snprintf(line, sizeof(line), "x APPEND INBOX {%d+}\r\n%s\r\n", n, text);
        assert_says(drive(&d, s, line), "x OK");
    }
    assert_says(drive(&d, s, "a SELECT INBOX\r\n"), "* 600 EXISTS");
    for (size_t k = 0; k < KEYS; k++) {
        snprintf(line, sizeof(line), "s SEARCH CHARSET UTF-8 %s\r\n", keys[k]);
        before[k] = mem_strdup(drive(&d, s, line));
        assert_says(before[k], "s OK");
    }
    driver_idle(&d);
    for (size_t k = 0; k < KEYS; k++) {
        snprintf(line, sizeof(line), "s SEARCH CHARSET UTF-8 %s\r\n", keys[k]);
        assert_string_equal(drive(&d, s, line), before[k]);
        free(before[k]);
    }
    imap_session_free(&s);
    driver_release(&d);
}

/* What another session says before the step `at`. */
struct other {
    struct driver *driver;
    struct imap_session *session;
    const char *says;
    unsigned at, steps; /* `steps`: so many were run */
};

static void other_says(void *ctx, unsigned steps)
{
    struct other *x = ctx;

    x->steps = steps + 1;
    if (steps == x->at)
        drive(x->driver, x->session, x->says);
}

/* The numbers of an answer without those of the messages that have gone. */
static void drop_numbers(char *answer, long from, long to)
{
    char *in = strchr(answer + 2, ' '), *out = in;

    while (*in == ' ') {
        char *end;
        long n = strtol(in + 1, &end, 10);

        if (n < from || n > to) {
            memmove(out, in, (size_t)(end - in));
            out += end - in;
        }
        in = end;
    }
    memmove(out, in, strlen(in) + 1);
}

/* ---- in steps -------------------------------------------------------------------------------- */

enum { MANY = 2500 };

static struct driver many;
static struct imap_session *searcher, *expunger;

static int fill_many(void **state)
{
    char line[300], text[200];

    (void)state;
    driver_init(&many);
    searcher = driver_session(&many);
    expunger = driver_session(&many);
    for (int i = 0; i < MANY; i++) {
        int n = snprintf(text, sizeof(text),
                         "Subject: s%d\r\nDate: %d Jan 20%02d 10:00:00 +0000\r\n\r\n.\r\n",
                         i * 7919 % 211, 1 + i * 31 % 28, i * 13 % 60);

        snprintf(line, sizeof(line), "x APPEND INBOX {%d+}\r\n%s\r\n", n, text);
        assert_says(drive(&many, searcher, line), "x OK");
    }
    drive(&many, searcher, "a SELECT INBOX\r\n");
    drive(&many, expunger, "a SELECT INBOX\r\n");
    return 0;
}

static int release_many(void **state)
{
    (void)state;
    imap_session_free(&searcher);
    imap_session_free(&expunger);
    driver_release(&many);
    return 0;
}

/* The answer, with five messages expunged before the step `at`; the caller frees it. */
static char *expunged_meanwhile(const char *command, unsigned at)
{
    struct other other = {.driver = &many,
                          .session = expunger,
                          .says =
                              "x STORE 1:5 +FLAGS.SILENT (\\Deleted)\r\nx EXPUNGE\r\nx NOOP\r\n",
                          .at = at};

    return mem_strdup(drive_in_steps(&many, searcher, command, other_says, &other));
}

/* Only the first line of what was said. */
static void keep_line(char *said)
{
    char *end = strstr(said, "\r\n");

    assert_non_null(end);
    end[2] = '\0';
}

static void test_steps(void **state)
{
    static const char *const commands[] = {
        "c SEARCH ALL\r\n",
        "c UID SEARCH SUBJECT s\r\n",
        "c SORT (DATE) UTF-8 ALL\r\n",
        "c SORT (REVERSE SUBJECT SIZE) UTF-8 ALL\r\n",
        "c UID SORT (SUBJECT REVERSE DATE) UTF-8 NOT SUBJECT s7\r\n",
        "c THREAD REFERENCES UTF-8 ALL\r\n",
        "c UID THREAD ORDEREDSUBJECT UTF-8 ALL\r\n",
        "c THREAD REFS UTF-8 NOT SUBJECT s7\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct other nobody = {.at = UINT_MAX};
        const char *whole = drive(&many, searcher, commands[i]);

        assert_string_equal(drive_in_steps(&many, searcher, commands[i], other_says, &nobody),
                            whole);
        assert_true(nobody.steps > 3);
    }
}

/* The numbers stay as they are until the command has ended; what has gone may be left out. */
static void test_steps_of_numbers(void **state)
{
    static const char command[] = "c SORT (REVERSE SUBJECT SIZE) UTF-8 ALL\r\n";

    (void)state;
    for (unsigned at = 0; at < 60; at += 7) {
        char *before = mem_strdup(drive(&many, searcher, command));
        char *pieces = expunged_meanwhile(command, at);

        keep_line(before);
        keep_line(pieces);
        drop_numbers(before, 1, 5);
        drop_numbers(pieces, 1, 5);
        assert_string_equal(pieces, before);
        free(before);
        free(pieces);
        drive(&many, searcher, "n NOOP\r\n");
    }
}

/* What has gone before the command began to tell is not in a tree. */
static void test_steps_of_threads(void **state)
{
    static const char command[] = "c UID THREAD REFERENCES UTF-8 ALL\r\n";
    enum { TELLS_FROM = 14 };

    (void)state;
    for (unsigned at = 0; at < 60; at += 7) {
        char *pieces = expunged_meanwhile(command, at);

        assert_says(pieces, "c OK");
        drive(&many, searcher, "n NOOP\r\n");
        keep_line(pieces);
        if (at < TELLS_FROM)
            assert_int_equal(strncmp(drive(&many, searcher, command), pieces, strlen(pieces)), 0);
        free(pieces);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_gists),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_steps_of_numbers),
        cmocka_unit_test(test_steps_of_threads),
    };

    return cmocka_run_group_tests(tests, fill_many, release_many);
}
