/* imap/cmd_notify.c -- NOTIFY: what the client wants to hear of, from now on.
 *
 * Source: RFC 5465 section 3.1. NOTIFY SET is first a NOOP, whatever was told or not before; then
 * the new list holds; with STATUS every other mailbox whose messages are watched is told before
 * the tagged OK, in steps.
 */
#include "imap/notify.h"

#define BADEVENT                                                                                   \
    "NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange "           \
    "MailboxMetadataChange ServerMetadataChange)] Not all of these events can be told"

struct notify_job {
    struct notify_args args;
    bool installed;
};

enum err notify_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct notify_job *n = arena_new(&j->arena, struct notify_job);
    enum err e;

    if (n == NULL)
        return ERR_NOMEM;
    j->args = n;
    TRY(lex_space(in));
    e = notify_parse(in, &j->arena, session_form(s), &n->args);
    if (e == ERR_LIMIT)
        j->refusal = "NO [NOTIFICATIONOVERFLOW] Too many mailboxes or groups";
    return e;
}

/* The first STATUS is of all that is watched: nothing of it has been told. */
static void install(struct imap_session *s, const struct notify_args *args)
{
    struct notify *n = notify_new(s->account, args);

    if (args->status) {
        n->cursor.folders = 0;
        n->cursor.all_kinds = true;
    }
    notify_install(s, n);
}

static enum err wait_for_room(struct job *j, enum err e)
{
    j->wants_output = e == ERR_MORE;
    return e;
}

enum err notify_run(struct imap_session *s, struct job *j)
{
    struct notify_job *n = j->args;

    if (n->args.unsupported) {
        j->refusal = BADEVENT;
        return ERR_CANNOT;
    }
    if (!n->installed && s->view.folder_id != 0)
        TRY(wait_for_room(j, view_tell(s, true)));
    if (!n->installed)
        install(s, &n->args);
    n->installed = true;
    return wait_for_room(j, notify_tell_folders(s));
}
