/* imap/object.c -- OBJECTID: identifiers in answers, and who gets which form of them.
 *
 * Source: RFC 8474; draft-ietf-mailmaint-imap-objectid-bis-05 (OBJECTID+), of which everything but
 * the requirement, new in its fifth version, that copies share their flags. A client that uses
 * anything of OBJECTID+ is told that it has thereby enabled it, and from then on gets one compound
 * OBJECTID where RFC 8474 has MAILBOXID.
 */
#include "imap/object.h"

#include "wire/object_id.h"

void object_activate(struct imap_session *s)
{
    if (session_enabled(s, ENABLED_OBJECTID_PLUS))
        return;
    s->chosen.enabled |= ENABLED_OBJECTID_PLUS;
    buf_add_str(&s->out, "* ENABLED OBJECTID+\r\n");
}

/* The account has no id of its own; INBOX, of which there is always one and the same, lends its. */
static uint64_t account_id(struct account *a)
{
    const struct folder *inbox = folder_find(a, SLICE("INBOX"));

    return inbox != NULL ? inbox->mailbox_id : 0;
}

struct folder *object_find_mailbox(struct account *a, struct slice mailbox_id, struct slice account)
{
    uint64_t id = object_id_read(mailbox_id, OBJECT_MAILBOX);
    struct folder *const *folders;
    size_t n;

    if (id == 0 || (account.p != NULL && object_id_read(account, OBJECT_ACCOUNT) != account_id(a)))
        return NULL;
    folders = account_folders(a, &n);
    for (size_t i = 0; i < n; i++)
        if (folders[i]->mailbox_id == id && !folders[i]->noselect)
            return folders[i];
    return NULL;
}

void object_write_mailbox_id(struct buf *out, const struct folder *f)
{
    buf_add_str(out, "MAILBOXID (");
    object_id_write(out, OBJECT_MAILBOX, f->mailbox_id);
    buf_add_char(out, ')');
}

void object_write_mailbox(struct buf *out, const struct folder *f)
{
    buf_add_str(out, "OBJECTID (MAILBOXID ");
    object_id_write(out, OBJECT_MAILBOX, f->mailbox_id);
    buf_add_str(out, " ACCOUNTID ");
    object_id_write(out, OBJECT_ACCOUNT, account_id(f->account));
    buf_add_char(out, ')');
}

void object_write_message(struct buf *out, const struct body *b)
{
    buf_add_str(out, "OBJECTID (EMAILID ");
    object_id_write(out, OBJECT_EMAIL, b->email_id);
    buf_add_str(out, " THREADID ");
    object_id_write(out, OBJECT_THREAD, b->thread_id);
    buf_add_char(out, ')');
}

void object_write_code(const struct imap_session *s, struct buf *out, const struct folder *f)
{
    buf_add_char(out, '[');
    if (session_enabled(s, ENABLED_OBJECTID_PLUS))
        object_write_mailbox(out, f);
    else
        object_write_mailbox_id(out, f);
    buf_add_char(out, ']');
}
