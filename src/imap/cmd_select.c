/* imap/cmd_select.c -- opening and leaving a mailbox: SELECT, EXAMINE, UNSELECT, CLOSE.
 *
 * Source: RFC 9051 sections 6.3.2, 6.3.3, 6.4.1, 6.4.2, RFC 3501 section 6.3.1 (RECENT, UNSEEN),
 * RFC 7162 sections 3.1.2 (HIGHESTMODSEQ), 3.1.8 (CONDSTORE), 3.2.5 (QRESYNC), 3.2.11 (CLOSED).
 */
#include "imap/object.h"
#include "imap/resync.h"
#include "wire/flag.h"
#include "wire/select.h"

struct select_job {
    struct select_args args;
    bool opened, begun;
    struct resync resync;
};

enum err select_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct select_job *x = arena_new(&j->arena, struct select_job);
    enum err e;

    if (x == NULL)
        return ERR_NOMEM;
    j->args = x;
    TRY(lex_space(in));
    e = select_parse(in, &j->arena, session_form(s), &x->args);
    if (x->args.has_qresync && !session_enabled(s, ENABLED_QRESYNC)) {
        j->refusal = "BAD ENABLE QRESYNC first";
        return ERR_SYNTAX;
    }
    if (x->args.qresync.has_match && session_enabled(s, ENABLED_UIDONLY))
        return ERR_UIDREQUIRED;          /* RFC 9586 section 3.7 */
    return e == ERR_CANNOT ? ERR_OK : e; /* no valid name: answered when the old one is left */
}

enum err folder_selectable(struct imap_session *s, struct slice name, struct folder **out)
{
    struct folder *f = folder_find(s->account, name);

    if (f == NULL)
        return ERR_NOTFOUND;
    if (f->noselect)
        return ERR_CANNOT;
    *out = f;
    return ERR_OK;
}

/* Sequence number of the first message without \Seen; 0 if there is none. */
static uint32_t first_unseen(const struct folder *f, const struct outline *o)
{
    for (uint32_t i = 0; f->unseen > 0 && i < o->n; i++) {
        if ((o->flags[i] & FLAG_SEEN) == 0)
            return i + 1;
    }
    return 0;
}

static void write_rev1_lines(struct imap_session *s, const struct outline *o)
{
    const struct view *v = &s->view;
    bool numbers = !session_enabled(s, ENABLED_UIDONLY);
    uint32_t unseen = numbers ? first_unseen(v->folder, o) : 0;

    reply_number(&s->out, v->n - uid_map_lower(v->map, v->n, v->recent_from), "RECENT");
    if (unseen > 0)
        buf_addf(&s->out, "* OK [UNSEEN %u] First unseen\r\n", unseen);
}

static enum err open_folder(struct imap_session *s, struct job *j, bool readonly)
{
    const struct select_args *args = &((struct select_job *)j->args)->args;
    struct folder *f;
    struct outline o;

    if (args->condstore)
        s->chosen.enabled |= ENABLED_CONDSTORE;
    s->batch.selects = true;
    session_deselect(s); /* also when the new one cannot be opened (RFC 9051 section 6.3.2) */
    if (args->has_objectid)
        object_activate(s);
    if ((f = object_find_mailbox(s->account, args->mailbox_id, args->account_id)) == NULL) {
        if (args->mailbox.p == NULL)
            return ERR_CANNOT;
        TRY(folder_selectable(s, args->mailbox, &f));
    }
    TRY(view_open(s, f, readonly));
    TRY(folder_outline(f, &o));
    view_write_flags_lines(s);
    reply_number(&s->out, s->view.n, "EXISTS");
    if (session_enabled(s, ENABLED_REV2))
        list_write_folder(s, f);
    else
        write_rev1_lines(s, &o);
    buf_addf(&s->out,
             "* OK [UIDVALIDITY %u] UIDs are valid\r\n* OK [UIDNEXT %u] Next UID\r\n* OK [",
             f->uidvalidity, f->uidnext);
    modseq_write_highest(s, &s->out);
    buf_add_str(&s->out, "] Highest mod-sequence\r\n");
    buf_add_str(&s->out, "* OK ");
    object_write_code(s, &s->out, f); /* RFC 8474 section 4.2 */
    buf_add_str(&s->out, " Id of the mailbox\r\n");
    buf_addf(&j->answer, "OK [%s] %s done", readonly ? "READ-ONLY" : "READ-WRITE",
             j->command->name);
    return ERR_OK;
}

/* Bring a client that knows the mailbox up to date, in steps. */
static enum err resync(struct imap_session *s, struct job *j, struct select_job *x)
{
    enum err e = ERR_OK;

    if (!x->args.has_qresync)
        return ERR_OK;
    if (!x->begun)
        e = resync_begin(s, j, &x->args.qresync, &x->resync);
    x->begun = true;
    if (e == ERR_OK)
        e = resync_step(s, j, &x->resync);
    if (e != ERR_OK && e != ERR_MORE)
        view_leave(s);
    return e;
}

static enum err run(struct imap_session *s, struct job *j, bool readonly)
{
    struct select_job *x = j->args;

    if (!x->opened)
        TRY(open_folder(s, j, readonly));
    x->opened = true;
    return resync(s, j, x);
}

enum err select_run(struct imap_session *s, struct job *j)
{
    return run(s, j, false);
}

enum err examine_run(struct imap_session *s, struct job *j)
{
    return run(s, j, true);
}

enum err unselect_run(struct imap_session *s, struct job *j)
{
    (void)j;
    view_leave(s);
    return ERR_OK;
}

enum err close_run(struct imap_session *s, struct job *j)
{
    bool more = false;

    if (view_check_writable(s) == ERR_OK)
        TRY(expunge_step(s, j, NULL, 0, &more));
    return more ? ERR_MORE : unselect_run(s, j);
}
