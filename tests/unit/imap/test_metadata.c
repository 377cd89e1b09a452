/* GETMETADATA with more to tell than one step may write, and SETMETADATA with more than an account
 * may hold (RFC 5464 sections 4.2.2 and 4.3); SETQUOTA by an administrator (RFC 9208). */
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"

enum { VALUE_OCTETS = 500, ENTRIES_A_COMMAND = 50 };

static struct driver d;
static struct imap_session *s;

static int setup(void **state)
{
    (void)state;
    driver_init(&d);
    s = driver_session(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    imap_session_free(&s);
    driver_release(&d);
    return 0;
}

/* Set entries from..to-1 below /private/vendor/x/a, all with the same value. */
static const char *set_entries(int from, int to)
{
    static char value[VALUE_OCTETS + 1];
    struct buf command;
    const char *said;

    memset(value, 'v', VALUE_OCTETS);
    buf_init(&command, 64 * 1024);
    buf_add_str(&command, "a SETMETADATA \"\" (");
    for (int i = from; i < to; i++)
        buf_addf(&command, "%s/private/vendor/x/a/%04d \"%s\"", i > from ? " " : "", i, value);
    buf_add_str(&command, ")\r\n");
    buf_add_char(&command, '\0');
    said = drive(&d, s, buf_slice(&command).p);
    buf_release(&command);
    return said;
}

static size_t occurrences(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

static void more_than_one_step(void **state)
{
    const char *said;
    char entry[40];

    (void)state;
    for (int i = 0; i < STORE_ANNOTATIONS_MAX; i += ENTRIES_A_COMMAND)
        assert_says(set_entries(i, i + ENTRIES_A_COMMAND), "a OK");
    assert_says(set_entries(STORE_ANNOTATIONS_MAX, STORE_ANNOTATIONS_MAX + 1),
                "a NO [METADATA TOOMANY]");
    /* Replacing goes on; what does not fit takes what comes with it along. */
    assert_says(set_entries(0, 1), "a OK");
    assert_says(set_entries(STORE_ANNOTATIONS_MAX - 1, STORE_ANNOTATIONS_MAX + 1),
                "a NO [METADATA TOOMANY]");
    assert_says(drive(&d, s, "a SETMETADATA INBOX (/private/comment \"x\")\r\n"), "a OK");

    said = drive(&d, s, "b GETMETADATA (DEPTH infinity) \"\" (/private /private/vendor/x)\r\n");
    assert_int_equal(occurrences(said, "/private/vendor/x/a/"), 2 * STORE_ANNOTATIONS_MAX);
    assert_true(occurrences(said, "* METADATA \"\" (/private/vendor/x/a/") > 2); /* several steps */
    assert_int_equal(occurrences(said, "* METADATA"), occurrences(said, "vvv\")\r\n"));
    for (int i = 0; i < STORE_ANNOTATIONS_MAX; i++) {
        snprintf(entry, sizeof(entry), "/private/vendor/x/a/%04d \"", i);
        assert_int_equal(occurrences(said, entry), 2);
    }
    assert_says(said, "\r\nb OK");
    said = drive(&d, s, "c GETMETADATA (DEPTH infinity MAXSIZE 499) \"\" /private\r\n");
    assert_silent(said, "* METADATA");
    assert_says(said, "c OK [METADATA LONGENTRIES 500]");
}

/* Time that is up does not divide a short answer, so that clients see one line. */
static void one_line_however_late(void **state)
{
    (void)state;
    assert_says(
        drive(&d, s, "a SETMETADATA INBOX (/private/comment \"x\" /shared/comment \"y\")\r\n"),
        "a OK");
    assert_string_equal(drive_in_steps(&d, s,
                                       "b GETMETADATA INBOX (/private/comment /shared/comment)\r\n",
                                       NULL, NULL),
                        "* METADATA INBOX (/private/comment \"x\" /shared/comment \"y\")\r\n"
                        "b OK GETMETADATA done\r\n");
}

static void administrators_set_quota(void **state)
{
    struct imap_session *trusted = imap_session_new(&d.settings, SLICE(""));

    (void)state;
    assert_int_equal(imap_session_wake(trusted, d.account), ERR_OK);
    assert_says(drive(&d, trusted, ""), "* PREAUTH");
    assert_says(drive(&d, trusted, "a SETQUOTA \"\" (STORAGE 512 MESSAGE 10)\r\n"),
                "* QUOTA \"\" (STORAGE 0 512 MESSAGE 0 10 MAILBOX 6 100000)\r\na OK");
    assert_says(drive(&d, s, "b GETQUOTA \"\"\r\n"), "(STORAGE 0 512 MESSAGE 0 10 ");
    /* What is not named has no limit any more (section 4.1.3). */
    assert_says(drive(&d, trusted, "a SETQUOTA \"\" (MESSAGE 1)\r\n"),
                "* QUOTA \"\" (MESSAGE 0 1 MAILBOX 6 100000)\r\na OK");
    assert_says(drive(&d, trusted, "a SETQUOTA \"\" (MESSAGE 3 NOSUCH 1)\r\n"), "a NO [CANNOT]");
    assert_says(drive(&d, trusted, "a SETQUOTA \"#other\" (MESSAGE 3)\r\n"), "a NO [NONEXISTENT]");
    assert_says(drive(&d, s, "b GETQUOTA \"\"\r\n"), "* QUOTA \"\" (MESSAGE 0 1 MAILBOX");
    assert_says(drive(&d, s, "b SETQUOTA \"\" ()\r\n"), "b NO [NOPERM]");
    assert_says(drive(&d, trusted, "a SETMETADATA \"\" (/shared/admin \"mailto:a@b.example\")\r\n"),
                "a OK");
    assert_says(drive(&d, s, "b GETMETADATA \"\" /shared/admin\r\n"), "\"mailto:a@b.example\"");
    imap_session_free(&trusted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(more_than_one_step, setup, teardown),
        cmocka_unit_test_setup_teardown(one_line_however_late, setup, teardown),
        cmocka_unit_test_setup_teardown(administrators_set_quota, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
