/* tests/unit/imap/test_listing.c -- what FETCH says of header fields does not depend on whether
 * they stand ready (store/listing.c): each answer is the same before and after. */
#include "driver.h"

#include <stdlib.h>

enum { MESSAGES = 150 };

static const char *const fetches[] = {
    "FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (From To Subject Date Message-ID References)])",
    "FETCH 1:* (BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (subject SUBJECT)] RFC822.SIZE)",
    "FETCH 1:* (BODY.PEEK[HEADER.FIELDS (From X-Odd)] BODY.PEEK[HEADER.FIELDS (To)])",
    "FETCH 1:* (BODY.PEEK[HEADER.FIELDS (To)] BODY.PEEK[HEADER.FIELDS.NOT (To)])",
    "FETCH 1:* BODY.PEEK[HEADER.FIELDS (Subject To)]<3.9>",
    "FETCH 1:* (BODY.PEEK[1.HEADER.FIELDS (Subject)] BODY.PEEK[HEADER.FIELDS (X-Odd)])",
    "FETCH 150,3,77:80,5,150 BODY.PEEK[HEADER.FIELDS (Content-Type Subject)]",
    "FETCH 60:90 (BODY.PEEK[HEADER.FIELDS (Bcc)] BODY.PEEK[HEADER])",
};

/* Headers that are usual, odd, without an end, and too long to be kept. */
static void make(struct buf *out, unsigned i)
{
    buf_addf(out, "From: a%u@b\r\nX-Odd: y\r\nTo : b\r\n\tfolded\r\n", i);
    if (i % 9 == 4)
        buf_add_str(out, "to: again\r\nno field\r\n");
    for (unsigned k = 0; i % 31 == 6 && k < 300; k++)
        buf_addf(out, "Received: by %u; quite long a line of no importance at all\r\n", k);
    for (unsigned k = 0; i % 40 == 2 && k < 120; k++)
        buf_addf(out, "Cc: c%u@d\r\n", k);
    if (i % 11 == 8)
        buf_add_str(out, "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n");
    if (i % 12 != 5)
        buf_addf(out, "Subject: s%u\r\n%s", i, i % 10 == 3 ? "" : "\r\ntext\r\n");
    else
        buf_add_str(out, "Subject: the message ends here");
}

static void fill(struct driver *d, struct imap_session *s)
{
    struct buf message, command;

    buf_init(&message, 1 << 20);
    buf_init(&command, 1 << 20);
    for (unsigned i = 1; i <= MESSAGES; i++) {
        buf_clear(&message);
        buf_clear(&command);
        make(&message, i);
        buf_addf(&command, "a APPEND INBOX {%zu+}\r\n", message.n);
        buf_add_slice(&command, buf_slice(&message));
        buf_add_str(&command, "\r\n");
        buf_add_char(&command, '\0');
        assert_says(drive(d, s, buf_slice(&command).p), "a OK");
    }
    buf_release(&message);
    buf_release(&command);
}

static char *ask(struct driver *d, struct imap_session *s, const char *fetch)
{
    char line[200];
    const char *answer;

    snprintf(line, sizeof(line), "f %s\r\n", fetch);
    answer = drive(d, s, line);
    assert_says(answer, "f OK");
    return strdup(answer);
}

static void same_answers(void **state)
{
    enum { FETCHES = sizeof(fetches) / sizeof(fetches[0]) };
    char *before[FETCHES];
    struct imap_session *s;
    struct driver d;

    (void)state;
    driver_init(&d);
    s = driver_session(&d);
    fill(&d, s);
    assert_says(drive(&d, s, "b SELECT INBOX\r\n"), "* 150 EXISTS");
    for (size_t i = 0; i < FETCHES; i++)
        before[i] = ask(&d, s, fetches[i]);
    driver_idle(&d);
    for (size_t i = 0; i < FETCHES; i++) {
        char *after = ask(&d, s, fetches[i]);

        assert_string_equal(after, before[i]);
        free(after);
        free(before[i]);
    }
    imap_session_free(&s);
    driver_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_answers)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
