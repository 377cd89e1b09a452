/* imap/notify.c -- what a session watches, and its place in the life of a session.
 *
 * Source: RFC 5465 sections 3.1, 5, 6. Groups add up, from left to right; NONE takes back what
 * stood left of it for its mailboxes, so "(PERSONAL (...)) (MAILBOXES Junk NONE)" is all but Junk.
 */
#include "imap/notify.h"

#include <stdlib.h>

#include "base/mem.h"

/* ---- one block ------------------------------------------------------------------------------ */

static size_t octets_of(const struct notify_args *args)
{
    size_t octets = sizeof(struct notify) + args->n * sizeof(struct notify_group) + args->fetch.n;

    for (size_t i = 0; i < args->n; i++) {
        const struct mailbox_filter *f = &args->group[i].filter;

        octets += f->n * sizeof(struct slice);
        for (size_t k = 0; k < f->n; k++)
            octets += f->key[k].n;
    }
    return octets;
}

static struct slice put(char **at, struct slice text)
{
    char *p = *at;

    if (text.n > 0)
        memcpy(p, text.p, text.n);
    *at += text.n;
    return slice_of(p, text.n);
}

/* Slices stand before texts, so that they are aligned. */
static void copy_groups(struct notify *n, const struct notify_args *args)
{
    struct slice *key = (struct slice *)(void *)(n->group + args->n);
    struct slice *first = key;
    char *text;

    for (size_t i = 0; i < args->n; i++) {
        n->group[i] = args->group[i];
        n->group[i].filter.key = key;
        key += args->group[i].filter.n;
    }
    text = (char *)key;
    for (size_t i = 0; i < args->n; i++) {
        for (size_t k = 0; k < args->group[i].filter.n; k++)
            *first++ = put(&text, args->group[i].filter.key[k]);
    }
    n->fetch = put(&text, args->fetch);
}

static bool take_selected(struct notify *n, const struct notify_group *g)
{
    if (g->filter.kind != MAILBOX_FILTER_SELECTED &&
        g->filter.kind != MAILBOX_FILTER_SELECTED_DELAYED)
        return false;
    if (g->events == 0)
        n->selected = NOTIFY_SELECTED_NONE;
    else
        n->selected = g->filter.kind == MAILBOX_FILTER_SELECTED ? NOTIFY_SELECTED_NOW
                                                                : NOTIFY_SELECTED_DELAYED;
    n->flags = (g->events & NOTIFY_FlagChange) != 0;
    return true;
}

struct notify *notify_new(struct account *a, const struct notify_args *args)
{
    struct notify *n = mem_calloc(1, octets_of(args));

    n->n = args->n;
    copy_groups(n, args);
    for (size_t i = 0; i < n->n; i++) {
        if (!take_selected(n, &n->group[i]))
            n->events |= n->group[i].events;
    }
    n->cursor.names = n->cursor.folders = account_modseq(a);
    n->cursor.at_id = UINT64_MAX;
    return n;
}

void notify_free(struct notify **np)
{
    struct notify *n = *np;

    if (n == NULL)
        return;
    *np = NULL;
    notify_free(&n->before);
    free(n);
}

/* ---- what is watched ------------------------------------------------------------------------ */

uint32_t notify_of_name(const struct imap_session *s, struct slice name)
{
    const struct notify *n = s->notify;
    uint32_t events = 0;

    for (size_t i = 0; i < n->n; i++) {
        if (!mailbox_filter_picks_name(s->account, &n->group[i].filter, name))
            continue;
        events = n->group[i].events != 0 ? events | n->group[i].events : 0;
    }
    return events;
}

uint32_t notify_of_folder(const struct imap_session *s, const struct folder *f)
{
    if (f->id == s->view.folder_id || f->noselect || f->gone)
        return 0;
    return notify_of_name(s, f->name) & NOTIFY_MESSAGE_EVENTS;
}

/* ---- batches -------------------------------------------------------------------------------- */

void notify_install(struct imap_session *s, struct notify *n)
{
    struct notify *old = s->notify;

    n->fresh = true;
    n->before = old;
    if (old != NULL && old->fresh) { /* both in this batch: only what was before it can come back */
        n->before = old->before;
        old->before = NULL;
        notify_free(&old);
    }
    s->notify = n;
}

void notify_batch_begin(struct imap_session *s)
{
    struct notify *n = s->notify;

    notify_free(&n->before);
    n->fresh = false;
    n->batch_cursor = n->cursor;
}

void notify_batch_failed(struct imap_session *s)
{
    struct notify *n = s->notify;

    if (n->fresh) {
        s->notify = n->before;
        n->before = NULL;
        notify_free(&n);
    }
    if (s->notify != NULL)
        s->notify->cursor = s->notify->batch_cursor;
}

/* ---- the selected mailbox ------------------------------------------------------------------- */

bool notify_wants_selected(const struct imap_session *s)
{
    return s->notify->selected != NOTIFY_SELECTED_NONE ||
           (s->job != NULL && (s->job->command->flags & COMMAND_SYNCS) != 0);
}

bool notify_wants_flags(const struct imap_session *s)
{
    return s->notify->flags || (s->job != NULL && (s->job->command->flags & COMMAND_SYNCS) != 0);
}

void notify_left(struct imap_session *s)
{
    struct notify_cursor *c = &s->notify->cursor;
    const struct view *v = &s->view;

    c->new_from = c->new_to = c->own_from = c->own_to = 0;
    if (v->folder != NULL && !v->folder->gone && v->modseq < v->folder->highestmodseq)
        c->left = v->folder_id;
}

/* ---- between commands ----------------------------------------------------------------------- */

enum err notify_tell(struct imap_session *s, bool expunges)
{
    if (s->view.folder_id != 0)
        TRY(view_tell(s, expunges || s->notify->selected == NOTIFY_SELECTED_NOW));
    return notify_tell_others(s);
}

/* ---- own changes ---------------------------------------------------------------------------- */

bool notify_before_write(struct imap_session *s, const struct job *j)
{
    if (j->in_line || notify_tell_others(s) != ERR_OK || !notify_in_step(s))
        return false;
    if (s->view.folder != NULL && s->notify->fetch.n > 0 && view_tell(s, false) != ERR_OK)
        return false;
    s->notify->cursor.own_from = s->view.folder != NULL ? s->view.folder->uidnext : 0;
    return true;
}

void notify_after_write(struct imap_session *s)
{
    struct notify_cursor *c = &s->notify->cursor;

    c->names = c->folders = account_modseq(s->account);
    c->own_to = s->view.folder != NULL ? s->view.folder->uidnext : 0;
}
