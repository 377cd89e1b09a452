/* tests/unit/migrate/test_mbox.c -- From lines, marks, and whole files as the server gets them. */
#include "../test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "migrate/mbox.h"
#include "peer.h"
#include "wire/flag.h"

static void test_from_line(void **state)
{
    static const struct {
        const char *line;
        int64_t want; /* -1: no From line */
    } table[] = {
        {"From a@b Thu Jan  1 00:00:10 1970", 10},
        {"From - Wed Jul 17 02:44:25 1996", 837571465},
        {"From a@b Wed Jul 17 02:44:25 1996\r", 837571465},
        {"From a@b Wed Jul 17 02:44 1996", 837571440},
        {"From a@b Wed Jul 17 02:44:25 -0700 1996", 837596665},
        {"From a@b Wed Jul 17 02:44:25 PDT 1996", 837571465},
        {"From 123@xxx Wed Jul 17 02:44:25 +0000 1996", 837571465},
        {"From a b c Wed, 17 Jul 1996 02:44:25 +0200", 837564265},
        {"From a@b Wed Jul 17 02:44:25 1996 remote from x", 837571465},
        {"From here on we go", -1},
        {"From 10:20 to 11:30 in May", -1},
        {"From a@b Wed Jul 17 25:44:25 1996", -1},
        {"From a@b Wed Jul 32 02:44:25 1996", -1},
        {"From a@b Wed Jul 17 02:44:25 96", -1},
        {"From: a@b Wed Jul 17 02:44:25 1996", -1},
        {"from a@b Wed Jul 17 02:44:25 1996", -1},
        {"From", -1},
        {"From ", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        int64_t got = -1;

        if (mbox_from_line(slice_of_str(table[i].line), &got) != (table[i].want >= 0) ||
            got != table[i].want)
            fail_msg("%s: %lld", table[i].line, (long long)got);
    }
}

static void test_quoted_from(void **state)
{
    (void)state;
    assert_true(mbox_is_quoted_from(SLICE(">From x")));
    assert_true(mbox_is_quoted_from(SLICE(">>>From ")));
    assert_false(mbox_is_quoted_from(SLICE("From x")));
    assert_false(mbox_is_quoted_from(SLICE("> From x")));
    assert_false(mbox_is_quoted_from(SLICE(">From")));
    assert_false(mbox_is_quoted_from(SLICE("")));
}

static void test_marks(void **state)
{
    static const struct {
        const char *line;
        bool is_mark, forwarded, pseudo;
        uint32_t flags;
        const char *keywords;
    } table[] = {
        {"Status: RO", true, false, false, FLAG_SEEN, ""},
        {"status:O", true, false, false, 0, ""},
        {"X-Status: AFT", true, false, false, FLAG_ANSWERED | FLAG_FLAGGED | FLAG_DRAFT, ""},
        {"X-Status: D", true, false, false, FLAG_DELETED, ""},
        {"X-Keywords: $Junk  work (bad)", true, false, false, 0, "$Junk work"},
        {"X-Mozilla-Status: 1003", true, true, false, FLAG_SEEN | FLAG_ANSWERED, ""},
        {"X-Mozilla-Status: 000C", true, false, false, FLAG_FLAGGED | FLAG_DELETED, ""},
        {"X-Mozilla-Status: zzzz", true, false, false, 0, ""},
        {"X-UID: 7", true, false, false, 0, ""},
        {"Content-Length: 7", true, false, false, 0, ""},
        {"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA", false, false, true, 0, ""},
        {"Subject: hello", false, false, false, 0, ""},
        {"X-Status-Of: R", false, false, false, 0, ""},
        {"Status", false, false, false, 0, ""},
        {"", false, false, false, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct mbox_marks m = {0};

        buf_init(&m.keywords, MBOX_KEYWORDS_OCTETS_MAX);
        assert_int_equal(mbox_mark_line(slice_of_str(table[i].line), &m), table[i].is_mark);
        assert_int_equal(m.flags, table[i].flags);
        assert_int_equal(m.forwarded, table[i].forwarded);
        assert_int_equal(m.is_pseudo, table[i].pseudo);
        assert_slice(buf_slice(&m.keywords), slice_of_str(table[i].keywords));
        buf_release(&m.keywords);
    }
}

/* ---- whole files ----------------------------------------------------------------------------- */

static void count_problem(void *ctx, struct slice where, const char *why)
{
    (void)where;
    (void)why;
    ++*(unsigned *)ctx;
}

/* Import these octets as a file through the peer; the counts are the result. */
static struct import_counts import_octets(struct peer *p, struct slice octets, enum err want)
{
    char path[] = "/tmp/roost-mbox-XXXXXX";
    unsigned problems = 0;
    const struct import_listener listener = {&problems, count_problem, NULL};
    struct import *im = import_new(p->client, &listener);
    struct import_counts counts;
    int fd = mkostemp(path, O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets.p, octets.n), octets.n);
    close(fd);
    assert_int_equal(mbox_import(im, path, SLICE("INBOX")), want);
    unlink(path);
    counts = *import_counts(im);
    assert_int_equal(counts.skipped, problems);
    import_free(&im);
    return counts;
}

#define FROM "From a@b Thu Jan  1 00:00:10 1970\n"
#define DATE "\"01-Jan-1970 00:00:10 +0000\""

static void test_files(void **state)
{
    static const struct {
        const char *file, *log;
    } table[] = {
        {"", ""},
        {FROM "S: 1\n\nx\n", "K0 INBOX " DATE " {8+}|S: 1$$x$\n"},
        {FROM "S: 1\n\nx\n\n" FROM "S: 2\n\ny\n\n",
         "K0 INBOX " DATE " {8+}|S: 1$$x$\nK1 INBOX " DATE " {8+}|S: 2$$y$\n"},
        /* only one empty line belongs to the format */
        {FROM "S: 1\n\nx\n\n\n" FROM "S: 2\n\ny",
         "K0 INBOX " DATE " {9+}|S: 1$$x$$\nK1 INBOX " DATE " {7+}|S: 2$$y\n"},
        /* CRLF */
        {"From a@b Thu Jan  1 00:00:10 1970\r\nS: 1\r\n\r\nx\r\n\r\n" FROM "S: 2\n\ny\n",
         "K0 INBOX " DATE " {11+}|S: 1||x|\nK1 INBOX " DATE " {8+}|S: 2$$y$\n"},
        /* no empty line in front, a sentence in the text, quoting in body but not in header */
        {FROM ">From h\nS: 1\n\nFrom here\n>From x\n>>From y\n> From z\n" FROM "S: 2\n\ny\n",
         "K0 INBOX " DATE " {48+}|>From h$S: 1$$From here$From x$>From y$> From z$\n"
         "K1 INBOX " DATE " {8+}|S: 2$$y$\n"},
        /* flags; headers stay */
        {FROM "Status: RO\nX-Status: F\nX-Keywords: a b\n\nx\n",
         "K0 INBOX (\\Seen \\Flagged a b) " DATE
         " {42+}|Status: RO$X-Status: F$X-Keywords: a b$$x$\n"},
        {FROM "X-Mozilla-Status: 1001\n\nStatus: R\n",
         "K0 INBOX (\\Seen $Forwarded) " DATE " {34+}|X-Mozilla-Status: 1001$$Status: R$\n"},
        /* equal messages are two; one without body; one refused */
        {FROM "S: 1\n\nx\n\n" FROM "S: 1\n\nx\n\n" FROM "S: 3\n\n" FROM "S: REFUSE\n\n\n",
         "K0 INBOX " DATE " {8+}|S: 1$$x$\nK1 INBOX " DATE " {8+}|S: 1$$x$\n"
         "K2 INBOX " DATE " {6+}|S: 3$$\nK3 INBOX " DATE " {11+}|S: REFUSE$$\n"},
        /* what c-client leaves */
        {FROM "Subject: DON'T DELETE THIS MESSAGE -- X\nX-IMAP: 1 2\n\nx\n\n" FROM "S: 2\n\ny\n",
         "K0 INBOX " DATE " {8+}|S: 2$$y$\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct peer *p = peer_start();

        (void)import_octets(p, slice_of_str(table[i].file), ERR_OK);
        assert_slice(peer_finish(p), slice_of_str(table[i].log));
        peer_free(&p);
    }
}

/* A message with a NUL is sent as literal8. */
static void test_nul(void **state)
{
    struct peer *p = peer_start();

    (void)state;
    (void)import_octets(p, SLICE(FROM "S: 1\n\n\0\n\n" FROM "S: 2\n\ny\n"), ERR_OK);
    assert_slice(peer_finish(p), SLICE("K0 INBOX " DATE " ~{8+}|S: 1$$\0$\n"
                                       "K1 INBOX " DATE " {8+}|S: 2$$y$\n"));
    peer_free(&p);
}

static void test_not_mbox(void **state)
{
    struct peer *p = peer_start();

    (void)state;
    (void)import_octets(p, SLICE("Subject: a message\n\nx\n"), ERR_SYNTAX);
    assert_slice(peer_finish(p), SLICE(""));
    peer_free(&p);
}

static void test_again(void **state)
{
    static const char first[] = FROM "S: 1\n\nx\n\n" FROM "S: 1\n\nx\n\n" FROM "S: 3\n\ny\n";
    static const char later[] = /* one deleted, one read and answered meanwhile, one new */
        FROM "S: 1\nStatus: RO\n\nx\n\n" FROM "S: 3\nX-Status: A\n\ny\n\n" FROM "S: 4\n\nz\n";
    struct peer *p = peer_start();
    struct import_counts c = import_octets(p, slice_of_str(first), ERR_OK);

    (void)state;
    assert_int_equal(c.imported, 3);
    assert_int_equal(c.known, 0);
    peer_finish(p);
    peer_again(p);
    c = import_octets(p, slice_of_str(first), ERR_OK);
    assert_int_equal(c.imported, 0);
    assert_int_equal(c.known, 3);
    peer_finish(p);
    peer_again(p);
    c = import_octets(p, slice_of_str(later), ERR_OK);
    assert_int_equal(c.imported, 1);
    assert_int_equal(c.known, 2);
    peer_finish(p);
    peer_free(&p);
}

/* Messages whose size is around that of the reader's pieces and buffer, with long lines. */
static void test_sizes(void **state)
{
    static const size_t sizes[] = {65500, 65536, 65537, 131072, 262143, 262144, 262145, 3000000};
    struct buf file;
    struct peer *p = peer_start();
    struct import_counts c;
    uint64_t sum = 0;

    (void)state;
    buf_init(&file, 16 << 20);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        size_t line = i % 2 == 0 ? 70 : SIZE_MAX;

        buf_addf(&file, FROM "S: %zu\n\n", i);
        for (size_t k = 0; k < sizes[i]; k++)
            buf_add_char(&file, k % line == line - 1 ? '\n' : (char)('a' + k % 7));
        buf_add_str(&file, "\n\n");
        sum += 6 + sizes[i] + 1;
    }
    c = import_octets(p, buf_slice(&file), ERR_OK);
    assert_int_equal(c.imported, sizeof(sizes) / sizeof(*sizes));
    assert_int_equal(c.octets, sum);
    assert_int_equal(c.done, file.n);
    peer_finish(p);
    peer_free(&p);
    buf_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_line), cmocka_unit_test(test_quoted_from),
        cmocka_unit_test(test_marks),     cmocka_unit_test(test_files),
        cmocka_unit_test(test_nul),       cmocka_unit_test(test_not_mbox),
        cmocka_unit_test(test_again),     cmocka_unit_test(test_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
