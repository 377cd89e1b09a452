/* imap/notify_fetch.c -- what MessageNew asked to be fetched of new messages of the selected
 * mailbox (RFC 5465 section 5.2).
 *
 * It is a UID FETCH that nobody has sent: a job like any other, so a large message goes out in
 * steps and the next command waits for it. An IDLE is parked meanwhile. Nothing is marked as
 * seen by what the client did not do.
 */
#include "imap/fetch.h"
#include "imap/notify.h"

static enum err parse_peeking(struct imap_session *s, struct job *j, struct lex *in)
{
    TRY(fetch_parse_args(s, j, in));
    j->writes = false;
    return ERR_OK;
}

static const struct command fetch_new = {
    "UID FETCH",   STATE_SELECTED, COMMAND_UID | COMMAND_SILENT | COMMAND_UNASKED,
    parse_peeking, fetch_run,      fetch_release,
};

void notify_note_new(struct imap_session *s, uint32_t from, uint32_t to)
{
    struct notify_cursor *c = &s->notify->cursor;

    if (s->notify->fetch.n == 0)
        return;
    if (c->new_from == c->new_to)
        c->new_from = from;
    c->new_to = to;
}

static void write_range(struct buf *text, uint32_t from, uint32_t to, bool *any)
{
    if (from >= to)
        return;
    buf_addf(text, "%s%u:%u", *any ? "," : " ", from, to - 1);
    *any = true;
}

/* " 7:9,12:13 (UID FLAGS)": the new ones but the session's own. False: there are none. */
static bool write_arguments(const struct notify *n, struct buf *text)
{
    const struct notify_cursor *c = &n->cursor;
    uint32_t own_from = c->own_from > c->new_from ? c->own_from : c->new_from;
    uint32_t own_to = c->own_to < c->new_to ? c->own_to : c->new_to;
    bool any = false;

    if (own_from < own_to) {
        write_range(text, c->new_from, own_from, &any);
        write_range(text, own_to, c->new_to, &any);
    } else {
        write_range(text, c->new_from, c->new_to, &any);
    }
    buf_add_char(text, ' ');
    buf_add_slice(text, n->fetch);
    return any;
}

static struct job *make_job(struct imap_session *s, struct slice text)
{
    struct job *j = job_new(&fetch_new, text, slice_sub(text, 0, 0));
    struct lex in = lex_of(slice_of(j->text, text.n), true);

    if (fetch_new.parse(s, j, &in) != ERR_OK)
        job_free(&j);
    return j;
}

bool notify_fetch_begin(struct imap_session *s)
{
    struct notify *n = s->notify;
    struct notify_cursor *c = &n->cursor;
    struct job *j = NULL;
    struct buf text;

    if (c->new_from == c->new_to || s->view.folder_id == 0 || s->closed ||
        (s->job != NULL && s->job->command->run != idle_run))
        return false;
    view_attend(s);
    buf_init(&text, SESSION_COMMAND_OCTETS_MAX + 64);
    if (write_arguments(n, &text))
        j = make_job(s, buf_slice(&text));
    buf_release(&text);
    c->new_from = c->new_to = 0;
    if (j == NULL) {
        view_rest(s);
        return false;
    }
    n->parked = s->job;
    s->job = j;
    return true;
}

void notify_fetch_end(struct imap_session *s)
{
    if (s->job == NULL || s->job->command != &fetch_new)
        return;
    job_free(&s->job);
    view_rest(s);
    s->job = s->notify->parked;
    s->notify->parked = NULL;
}
