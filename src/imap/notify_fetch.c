/* imap/notify_fetch.c -- what MessageNew asked to be fetched of new messages of the selected
 * mailbox (RFC 5465 section 5.2).
 */
#include "imap/notify.h"

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

bool notify_fetch_begin(struct imap_session *s)
{
    struct notify *n = s->notify;
    struct notify_cursor *c = &n->cursor;
    struct buf text;
    bool begun;

    if (c->new_from == c->new_to || s->view.folder_id == 0 || s->closed)
        return false;
    buf_init(&text, SESSION_COMMAND_OCTETS_MAX + 64);
    begun = write_arguments(n, &text) && fetch_unasked_begin(s, buf_slice(&text));
    buf_release(&text);
    c->new_from = c->new_to = 0;
    return begun;
}
