/* imap/cmd_fetch.c -- FETCH: walking the messages, in steps, each message whole.
 *
 * Source: RFC 9051 sections 6.4.5 and 7.5.2, RFC 3501 (RFC822 and its kin). A message that was
 * expunged by somebody else but not yet told of is still answered from what the store keeps; one
 * that is gone for good makes the answer NO [EXPUNGEISSUED] (RFC 2180 section 4.1.2).
 */
#include "base/log.h"
#include "imap/fetch.h"
#include "imap/object.h"
#include "imap/resync.h"

static enum err check_modifiers(struct imap_session *s, struct job *j, struct fetch_job *f)
{
    const uint32_t since = FETCH_MODIFIER_CHANGEDSINCE, vanished = FETCH_MODIFIER_VANISHED;

    if ((f->list.modifiers & (FETCH_MODIFIER_PARTIAL | vanished)) != 0 && !f->uid)
        return ERR_SYNTAX;
    if ((f->list.modifiers & vanished) != 0 &&
        ((f->list.modifiers & since) == 0 || !session_enabled(s, ENABLED_QRESYNC))) {
        j->refusal = "BAD VANISHED wants CHANGEDSINCE and ENABLE QRESYNC"; /* section 3.2.6 */
        return ERR_SYNTAX;
    }
    /* MODSEQ is asked for with it (RFC 7162 section 3.1.4.1). */
    if ((f->list.modifiers & since) != 0)
        f->list.kinds |= 1u << FETCH_MODSEQ;
    return ERR_OK;
}

/* Of which UIDs VANISHED tells. The last message the client remembers may be gone, so "*" is the
 * last UID there ever was. */
static enum err name_vanished(struct imap_session *s, struct job *j, struct fetch_job *f,
                              const struct seq_set *set)
{
    f->named = set->saved ? s->saved : *set;
    if ((f->list.modifiers & FETCH_MODIFIER_VANISHED) == 0 || !set->star)
        return ERR_OK;
    f->named.range = arena_array(&j->arena, struct seq_range, set->n + 1);
    if (f->named.range == NULL)
        return ERR_NOMEM;
    memcpy(f->named.range, set->range, set->n * sizeof(*set->range));
    seq_set_resolve(&f->named, s->view.uidnext - 1);
    return ERR_OK;
}

enum err fetch_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct fetch_job *f = arena_new(&j->arena, struct fetch_job);
    struct seq_set set;

    if (f == NULL)
        return ERR_NOMEM;
    j->args = f;
    f->uid = (j->command->flags & COMMAND_UID) != 0;
    TRY(lex_space(in));
    TRY(seq_set_parse(in, &j->arena, &set));
    TRY(lex_space(in));
    TRY(fetch_parse(in, &j->arena, &f->list));
    if ((f->list.kinds & FETCH_GMAIL_KINDS) != 0 && !s->settings->gmail)
        return ERR_SYNTAX;
    f->want = fetch_list_want(&f->list);
    fetch_header_init(&f->header);
    TRY(fetch_sections_make(f, &j->arena));
    TRY(check_modifiers(s, j, f));
    j->writes = f->list.sets_seen && view_check_writable(s) == ERR_OK;
    TRY(name_vanished(s, j, f, &set));
    TRY(target_init(s, &f->target, &set, f->uid));
    if ((f->list.modifiers & FETCH_MODIFIER_PARTIAL) != 0)
        TRY(target_page(s, &j->arena, &f->target, &f->list.partial));
    target_limit(s, j, &f->target);
    return ERR_OK;
}

void fetch_release(struct job *j)
{
    struct fetch_job *f = j->args;

    if (f == NULL)
        return;
    fetch_send_release(&f->sending);
    fetch_header_release(&f->header);
}

/* ---- the message at work -------------------------------------------------------------------- */

static enum err read_row(struct imap_session *s, struct fetch_job *f)
{
    struct view *v = &s->view;
    struct messages *m;
    uint32_t k;

    if (v->folder == NULL)
        return ERR_NOTFOUND;
    if (v->folder->gone)
        return message_expunged(v->folder, uid_at(v->map, f->index), &f->row);
    TRY(folder_messages(v->folder, &m));
    k = view_live(v, m, f->index);
    if (k == UINT32_MAX)
        return message_expunged(v->folder, uid_at(v->map, f->index), &f->row);
    f->row = (struct message_row){.uid = uid_at(m->map, k),
                                  .flags = m->flags[k],
                                  .keywords = m->keywords[k],
                                  .modseq = m->modseq[k],
                                  .size = m->size[k],
                                  .internaldate = m->internaldate[k],
                                  .zone = m->zone[k],
                                  .body = m->body[k],
                                  .saved = m->saved[k]};
    return ERR_OK;
}

/* Reading a body marks the message as read (RFC 9051 section 6.4.5). */
static enum err set_seen(struct imap_session *s, struct job *j, struct fetch_job *f)
{
    struct view *v = &s->view;
    uint64_t before;
    struct messages *m;
    uint32_t k;

    f->seen_now = false;
    if (!j->writes || (f->row.flags & FLAG_SEEN) != 0 || view_check_writable(s) != ERR_OK)
        return ERR_OK;
    TRY(folder_messages(v->folder, &m));
    k = view_live(v, m, f->index);
    if (k == UINT32_MAX)
        return ERR_OK;
    before = v->folder->highestmodseq;
    TRY(message_store(v->folder, k, STORE_ADD, FLAG_SEEN, NULL, 0, job_modseq(s, j), &f->seen_now));
    view_skip_own(s, before);
    f->row.flags |= FLAG_SEEN;
    f->row.modseq = m->modseq[k];
    return ERR_OK;
}

/* What the items need of the body; it lives until the store is changed. */
static enum err load_body(struct imap_session *s, const struct fetch_job *f, struct body *b)
{
    return f->want == 0 ? ERR_OK : body_load(s->account, f->row.body, f->want, b);
}

/* From the view index to "* 12 FETCH (UID 7 ...": everything but the sections. ERR_NOTFOUND,
 * ERR_UNKNOWN_CTE: nothing was written, go on with the next message. */
static enum err begin_message(struct imap_session *s, struct job *j, struct fetch_job *f)
{
    struct body b = {0};

    TRY(read_row(s, f));
    if ((f->list.kinds & 1u << FETCH_GM_LABELS) != 0)
        TRY(label_map_make(s, &j->arena, &f->labels));
    TRY(load_body(s, f, &b));
    TRY(fetch_find_pieces(f, &b));
    TRY(set_seen(s, j, f)); /* not before it is known that it can be answered */
    if ((f->list.kinds & 1u << FETCH_FLAGS) != 0 && s->view.folder != NULL && !s->view.folder->gone)
        view_tell_keywords(s);
    if (f->seen_now) /* what was loaded is gone with that */
        TRY(load_body(s, f, &b));
    f->begun_at = s->out.n;
    view_write_fetch_begin(s, f->index, f->row.uid);
    f->any = false;
    f->item = 0;
    fetch_write_items(s, f, &b);
    f->in_message = true;
    return ERR_OK;
}

/* The sections, one after the other, and the end of the line. */
static enum err go_on(struct imap_session *s, struct job *j, struct fetch_job *f)
{
    if (f->sending_now)
        TRY(fetch_send(s, j));
    for (unsigned n = 1; f->item < f->sections; n++) {
        TRY(fetch_send_begin(s, j, f->item++));
        if (f->sending_now)
            TRY(fetch_send(s, j));
        if (session_is_full(s) || (n % 16 == 0 && job_step_is_full(s, j)))
            return ERR_MORE;
    }
    buf_add_str(&s->out, ")\r\n");
    f->in_message = j->in_line = false;
    return ERR_OK;
}

/* A message that cannot be answered is told in the tagged answer; the others go on. */
static bool passes(struct job *j, enum err e)
{
    if (e != ERR_NOTFOUND && e != ERR_UNKNOWN_CTE && e != ERR_CORRUPT)
        return false;
    j->late = e == ERR_NOTFOUND ? ERR_EXPUNGED : e;
    return true;
}

/* The message at work cannot be read to its end. Take back what is written of it; once some of
 * it may be sent there is no way to say NO: end the connection. */
static enum err broken(struct imap_session *s, struct job *j, struct fetch_job *f, enum err e)
{
    log_error("cannot send body=%llu: %s", (unsigned long long)f->row.body, err_text(e));
    if (f->begun_at == SIZE_MAX) {
        s->closed = true;
        return e;
    }
    buf_truncate(&s->out, f->begun_at);
    fetch_send_release(&f->sending);
    f->in_message = f->sending_now = false;
    return passes(j, e) ? ERR_OK : e;
}

static enum err finish_message(struct imap_session *s, struct job *j, struct fetch_job *f)
{
    enum err e = go_on(s, j, f);

    if (e == ERR_MORE) {
        f->begun_at = SIZE_MAX;
        j->in_line = true;
    }
    return e == ERR_OK || e == ERR_MORE ? e : broken(s, j, f, e);
}

static enum err next_message(struct imap_session *s, struct job *j, struct fetch_job *f)
{
    enum err e = begin_message(s, j, f);

    if (passes(j, e))
        return ERR_OK;
    return e;
}

/* Go to the next message that is asked for; false in *found behind the last one. */
static enum err find_next(struct imap_session *s, struct fetch_job *f, bool *found)
{
    struct view *v = &s->view;
    struct messages *m;

    if ((f->list.modifiers & FETCH_MODIFIER_CHANGEDSINCE) == 0 || v->folder == NULL ||
        v->folder->gone) {
        *found = target_next(s, &f->target, &f->index);
        return ERR_OK;
    }
    TRY(folder_messages(v->folder, &m));
    *found = target_next_since(s, &f->target, m, f->list.changedsince, &f->index);
    return ERR_OK;
}

/* What comes before the first message. */
static enum err begin(struct imap_session *s, struct job *j, struct fetch_job *f)
{
    if ((f->list.kinds & 1u << FETCH_OBJECTID) != 0)
        object_activate(s);
    if ((f->list.kinds & 1u << FETCH_MODSEQ) != 0)
        modseq_enable(s);
    if ((f->list.modifiers & FETCH_MODIFIER_VANISHED) != 0 && !f->begun)
        TRY(resync_tell_vanished(s, j, f->list.changedsince, &f->named));
    f->begun = true;
    return ERR_OK;
}

enum err fetch_run(struct imap_session *s, struct job *j)
{
    struct fetch_job *f = j->args;

    TRY(begin(s, j, f));
    for (unsigned n = 1;; n++) {
        bool found;

        if (f->in_message)
            TRY(finish_message(s, j, f));
        if (session_is_full(s) || (n % 16 == 0 && job_step_is_full(s, j)))
            return ERR_MORE;
        TRY(find_next(s, f, &found));
        if (!found)
            return ERR_OK;
        TRY(next_message(s, j, f));
    }
}
