/* imap/context_fetch.c -- what UPDATE asked to be fetched of new messages that become results
 * (RFC 5465 section 7).
 *
 * The order is EXISTS, FETCH, ADDTO: as long as new results are to be fetched nothing is told of
 * any context, whose cursor waits, as it does when nothing may be told. What MessageNew fetches
 * of the same messages comes behind the ADDTO (section 5.2). A message that becomes a result by
 * its flags is not fetched.
 */
#include "imap/context.h"

static size_t at_once(const struct imap_session *s)
{
    return s->settings->message_limit < CONTEXT_FETCHES_AT_ONCE_MAX ? s->settings->message_limit
                                                                    : CONTEXT_FETCHES_AT_ONCE_MAX;
}

static void write_range(struct buf *out, uint32_t from, uint32_t to)
{
    buf_addf(out, "%s%u", out->n > 0 ? "," : " ", from);
    if (to > from)
        buf_addf(out, ":%u", to);
}

/* " 7:9,12" of messages from c->fetch_from on that are results; that moves behind the last one
 * looked at. An error ends it: who tells meets it again. */
static void write_new(struct imap_session *s, struct context *c, const struct messages *m,
                      struct buf *out)
{
    const struct view *v = &s->view;
    uint32_t from = 0, to = 0, at = uid_map_lower(v->map, v->n, c->fetch_from);
    struct candidate x;
    size_t n = 0;

    candidate_init(&x, s, m);
    for (; at < v->n && n < at_once(s) && x.error == ERR_OK; at++) {
        uint32_t uid = uid_at(v->map, at), k = view_live(v, m, at);

        if (k == UINT32_MAX || !context_matches(c, &x, at, k) || x.error != ERR_OK)
            continue;
        if (n++ > 0 && uid != to + 1)
            write_range(out, from, to);
        if (n == 1 || uid != to + 1)
            from = uid;
        to = uid;
    }
    if (n > 0)
        write_range(out, from, to);
    c->fetch_from = at < v->n && x.error == ERR_OK ? uid_at(v->map, at) : v->uidnext;
    candidate_release(&x);
}

static void look_for_new(struct imap_session *s, struct context *c, const struct messages *m)
{
    struct buf *due = &s->contexts->due;

    if (c->fetch.n == 0 || c->fetch_from == s->view.uidnext || context_refresh(s, c) != ERR_OK)
        return;
    write_new(s, c, m, due);
    if (due->n == 0)
        return;
    buf_add_char(due, ' ');
    buf_add_slice(due, c->fetch);
}

bool contexts_await_fetch(struct imap_session *s, const struct messages *m)
{
    struct contexts *x = s->contexts;

    for (struct context *c = x->first; c != NULL && x->due.n == 0; c = c->next)
        look_for_new(s, c, m);
    return x->due.n > 0;
}

bool contexts_fetch_begin(struct imap_session *s)
{
    struct contexts *x = s->contexts;
    bool begun;

    if (x->due.n == 0 || s->view.folder_id == 0 || s->closed || s->then != IMAP_INPUT)
        return false;
    begun = fetch_unasked_begin(s, buf_slice(&x->due));
    buf_release(&x->due);
    return begun;
}
