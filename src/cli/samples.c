/* cli/samples.c -- ten messages of the kinds that a client shows differently: plain, HTML, with
 * an attachment, a thread, other scripts, a forwarded message, a draft, spam.
 */
#include "cli/samples.h"

#define TEXT(charset) "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=" charset "\r\n"
#define UTF8          TEXT("utf-8") "Content-Transfer-Encoding: 8bit\r\n"

const struct sample samples[] = {
    {"INBOX", "", 1, "Roost <postmaster@roost.example>", "Welcome to Roost", UTF8,
     "Hello!\r\n\r\n"
     "This is your own IMAP server, and this is a demo account with a few messages,\r\n"
     "so that there is something to look at, search, flag, move and delete.\r\n\r\n"
     "Connect a second client to the same account: what one does, the other sees in\r\n"
     "the same second.\r\n\r\n"
     "An account of your own:    roost account add NAME\r\n"
     "Mail you already have:     roost import maildir PATH\r\n"},
    {"INBOX", "", 3, "Anna Berg <anna@berg.example>", "Lunch on Thursday?",
     "Message-ID: <lunch-1@berg.example>\r\n" TEXT("us-ascii"),
     "Hi,\r\n\r\nthe place by the canal has opened again. Thursday at half past twelve?\r\n\r\n"
     "Anna\r\n"},
    {"INBOX", "\\Seen \\Answered", 2, "Jonas Weber <jonas@weber.example>", "Re: Lunch on Thursday?",
     "Message-ID: <lunch-2@weber.example>\r\nIn-Reply-To: <lunch-1@berg.example>\r\n"
     "References: <lunch-1@berg.example>\r\n" TEXT("us-ascii"),
     "> Thursday at half past twelve?\r\n\r\nFine with me, if I may bring the "
     "dog.\r\n\r\nJonas\r\n"},
    {"INBOX", "\\Flagged", 26, "Library <loans@library.example>", "Two books are due on Friday",
     UTF8,
     "Dear reader,\r\n\r\nthese are due on Friday:\r\n\r\n"
     "  * The Count of Monte Cristo\r\n  * A Field Guide to Birds\r\n\r\n"
     "You may extend each of them once.\r\n"},
    {"INBOX", "\\Seen", 50, "=?utf-8?B?5bGx55Sw6Iqx5a2Q?= <hanako@yamada.example>",
     "=?utf-8?B?5pel5pys44GL44KJ44GT44KT44Gr44Gh44Gv?=", UTF8,
     "\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf\xe3\x80\x82\r\n\r\n"
     "Gr\xc3\xbc\xc3\x9f"
     "e, \xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82, \xce\xb3\xce\xb5\xce\xb9\xce\xb1.\r\n"},
    {"INBOX", "", 74, "The Weekly Heron <news@heron.example>", "Herons, issue 12",
     "List-Id: The Weekly Heron <news.heron.example>\r\n"
     "List-Unsubscribe: <mailto:leave@heron.example>\r\nMIME-Version: 1.0\r\n"
     "Content-Type: multipart/alternative; boundary=\"heron\"\r\n",
     "--heron\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
     "The herons are back at the mill pond. Three nests so far.\r\n"
     "--heron\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n"
     "<html><body><h1>Herons, issue 12</h1>\r\n"
     "<p>The herons are back at the <b>mill pond</b>. Three nests so far.</p></body></html>\r\n"
     "--heron--\r\n"},
    {"INBOX", "\\Seen", 98, "Jonas Weber <jonas@weber.example>", "The table of distances",
     "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"mixed\"\r\n",
     "--mixed\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
     "As promised, in kilometres.\r\n\r\nJonas\r\n"
     "--mixed\r\nContent-Type: text/csv; name=\"distances.csv\"\r\n"
     "Content-Disposition: attachment; filename=\"distances.csv\"\r\n"
     "Content-Transfer-Encoding: base64\r\n\r\n"
     "ZnJvbSx0byxrbQ0KbWlsbCxicmlkZ2UsNA0KYnJpZGdlLHRvd2VyLDcNCg==\r\n--mixed--\r\n"},
    {"Archive", "\\Seen", 700, "Anna Berg <anna@berg.example>", "Fwd: The old house",
     "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"fwd\"\r\n",
     "--fwd\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nLook at this.\r\n\r\n"
     "--fwd\r\nContent-Type: message/rfc822\r\n\r\n"
     "From: Agent <agent@houses.example>\r\nTo: anna@berg.example\r\n"
     "Subject: The old house\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\n"
     "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
     "The old house by the mill is for sale again.\r\n--fwd--\r\n"},
    {"Sent", "\\Seen", 25, "Demo <demo@roost.example>", "Re: Two books are due on Friday",
     TEXT("us-ascii"), "Please extend the field guide.\r\n\r\nThank you!\r\n"},
    {"Drafts", "\\Draft \\Seen", 5, "Demo <demo@roost.example>", "Notes for the summer",
     TEXT("us-ascii"), "- tent\r\n- maps\r\n- ask Anna about the boat\r\n"},
    {"Junk", "", 30, "Prize Office <win@prizes.example>", "You have won a boat", TEXT("us-ascii"),
     "Send us your name and we will send you a boat.\r\n"},
};
const size_t n_samples = sizeof(samples) / sizeof(samples[0]);

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static struct tm utc(int64_t when)
{
    time_t t = (time_t)when;
    struct tm tm = {0};
    gmtime_r(&t, &tm);
    return tm;
}

void sample_write(const struct sample *s, size_t number, int64_t now, struct buf *out)
{
    int64_t when = now - (int64_t)s->hours_ago * 3600;
    struct tm tm = utc(when);
    buf_addf(out, "Date: %d %s %d %02d:%02d:%02d +0000\r\n", tm.tm_mday, months[tm.tm_mon % 12],
             tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    buf_addf(out, "From: %s\r\nTo: Demo <demo@roost.example>\r\nSubject: %s\r\n", s->from,
             s->subject);
    if (strstr(s->more, "Message-ID:") == NULL)
        buf_addf(out, "Message-ID: <sample-%zu@roost.example>\r\n", number);
    buf_addf(out, "%s\r\n%s", s->more, s->body);
}
