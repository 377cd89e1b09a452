/* fuzz/imap/fuzz_session.c -- whatever a logged-in client sends, a session answers and stays sane.
 *
 * The first octet chooses how the rest is cut into pieces. Every so often the batch is made to
 * fail. Invariants: the session comes to rest (input wanted, or closed) within a bounded number
 * of turns, what it says is made of lines, and the account's own check finds nothing. With bit 2
 * of the first octet another session watches everything by NOTIFY and UPDATE, and is told of it
 * all.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "imap/session.h"
#include "store/store.h"

enum { TURNS_MAX = 20000, INPUTS_AN_ACCOUNT = 200 };

static const struct imap_settings settings = {.gmail = true,
                                              .append_octets_max = 1 << 20,
                                              .message_limit = IMAP_MESSAGES_MAX,
                                              .save_limit = IMAP_MESSAGES_MAX,
                                              .server_version = "fuzz",
                                              .unauthenticate = true};
static char root[64];
static struct account *account;
static unsigned inputs;

static void check_account(void)
{
    struct buf findings;

    buf_init(&findings, 1 << 16);
    assert(account_check(account, &findings) == ERR_OK);
    if (findings.n > 0) {
        fwrite(buf_slice(&findings).p, 1, findings.n, stderr);
        abort();
    }
    buf_release(&findings);
}

static void close_account(void)
{
    char command[128];

    if (account == NULL)
        return;
    check_account();
    account_close(&account);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    if (system(command) != 0) /* NOLINT(cert-env33-c): our own directory */
        abort();
}

static void fresh_account(void)
{
    static bool registered;

    if (!registered)
        atexit(close_account);
    registered = true;
    close_account();
    snprintf(root, sizeof(root), "/dev/shm/roost-fuzz-XXXXXX");
    if (mkdtemp(root) == NULL) {
        snprintf(root, sizeof(root), "/tmp/roost-fuzz-XXXXXX");
        assert(mkdtemp(root) != NULL);
    }
    assert(account_create(root, SLICE("anna")) == ERR_OK);
    assert(account_open(root, SLICE("anna"), &account) == ERR_OK);
}

static enum imap_run settle(struct imap_session *s, bool fail)
{
    enum imap_run r;

    for (unsigned turn = 0;; turn++) {
        assert(turn < TURNS_MAX);
        assert(imap_session_wake(s, account) == ERR_OK);
        imap_session_batch_begin(s);
        r = imap_session_run(s, UINT64_MAX);
        if (fail) {
            account_rollback(account);
            imap_session_batch_failed(s, ERR_IO);
            fail = false;
            r = r == IMAP_CLOSED || r == IMAP_UNAUTHENTICATED ? IMAP_CLOSED : IMAP_AGAIN;
        } else {
            assert(account_commit(account) == ERR_OK);
        }
        struct buf *out = imap_session_out(s);
        assert(!out->overflowed);
        buf_clear(out);
        if (r == IMAP_UNAUTHENTICATED)
            return IMAP_CLOSED;
        if (r == IMAP_INPUT || r == IMAP_CLOSED)
            return r;
    }
}

static struct imap_session *watcher(void)
{
    static const char commands[] =
        "w SELECT INBOX\r\nw UID SEARCH RETURN (UPDATE (FLAGS BODY[1])) UNSEEN\r\nw NOTIFY SET "
        "(SELECTED (MessageNew (UID BODY[]) MessageExpunge "
        "FlagChange)) (PERSONAL (MessageNew MessageExpunge FlagChange MailboxName "
        "SubscriptionChange MailboxMetadataChange ServerMetadataChange))\r\n";
    struct imap_session *s = imap_session_new(&settings, SLICE("w"));

    buf_add_str(imap_session_in(s), commands);
    assert(settle(s, false) == IMAP_INPUT);
    return s;
}

static void tell(struct imap_session *s)
{
    struct buf *out;

    if (s == NULL || !imap_session_listens(s))
        return;
    out = imap_session_out(s);
    assert(imap_session_wake(s, account) == ERR_OK);
    imap_session_news(s);
    assert(!out->overflowed);
    buf_clear(out);
    assert(settle(s, false) == IMAP_INPUT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct imap_session *s, *other = NULL;
    struct slice in = slice_of(data, size);
    size_t piece;

    if (size < 2)
        return 0;
    if (account == NULL || ++inputs % INPUTS_AN_ACCOUNT == 0)
        fresh_account();
    piece = data[0] < 128 ? size : (size_t)(data[0] - 127);
    in = slice_sub(in, 1, size);
    s = imap_session_new(&settings, (data[0] & 1) != 0 ? SLICE("t") : SLICE(""));
    if ((data[0] & 4) != 0)
        other = watcher();
    for (size_t n = 0; in.n > 0; n++) {
        struct slice part = slice_sub(in, 0, piece);

        buf_add_slice(imap_session_in(s), part);
        if (imap_session_in(s)->overflowed)
            break;
        in = slice_sub(in, part.n, in.n);
        if (settle(s, (data[0] & 2) != 0 && n % 7 == 3) == IMAP_CLOSED)
            break;
        tell(other);
    }
    imap_session_free(&s);
    imap_session_free(&other);
    return 0;
}
