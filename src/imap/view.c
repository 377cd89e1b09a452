/* imap/view.c -- what a session knows of its selected mailbox: opened, asked, put to sleep. How it
 * learns what happened is view_tell.c, how a message's lines look view_write.c.
 *
 * Source: RFC 9051 section 2.3.1.2 (message sequence numbers).
 *
 * INVARIANTS
 *   1. uids 0..n-1 of map are exactly the messages the client has been told of and not been told
 *      are gone; sequence number = index + 1.
 *   2. Every change with modseq <= v->modseq has been told, and none above it except those of
 *      part_modseq up to part_uid, and new messages, which may be told early.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/internal.h"

void view_forget_own(struct imap_session *s)
{
    free(s->own);
    s->own = NULL;
    s->n_own = 0;
}

void view_leave(struct imap_session *s)
{
    if (s->notify != NULL)
        notify_left(s);
    view_close(&s->view);
    session_set_saved(s, (struct seq_set){0});
    contexts_free(&s->contexts);
    view_forget_own(s);
}

void view_close(struct view *v)
{
    if (v->map != NULL)
        uid_map_unref(&v->map);
    *v = (struct view){0};
}

struct view view_dup(const struct view *v)
{
    struct view copy = *v;

    if (copy.map != NULL)
        uid_map_ref(copy.map);
    return copy;
}

enum err view_open(struct imap_session *s, struct folder *f, bool readonly)
{
    struct view *v = &s->view;
    struct outline o;

    TRY(folder_outline(f, &o));
    *v = (struct view){.folder_id = f->id,
                       .folder = f,
                       .map = uid_map_ref(o.map),
                       .n = o.n,
                       .uidnext = f->uidnext,
                       .modseq = f->highestmodseq,
                       .told_modseq = f->highestmodseq,
                       .gone_modseq = f->highestmodseq,
                       .recent_from = folder_recent(f, !readonly),
                       .readonly = readonly};
    return ERR_OK;
}

uint32_t view_find(const struct view *v, uint32_t uid)
{
    uint32_t i = uid_map_lower(v->map, v->n, uid);

    return i < v->n && uid_at(v->map, i) == uid ? i : v->n;
}

uint32_t view_live(const struct view *v, const struct messages *m, uint32_t i)
{
    uint32_t uid = uid_at(v->map, i), k;

    if (v->map == m->map)
        return i < m->n ? i : UINT32_MAX;
    k = uid_map_lower(m->map, m->n, uid);
    return k < m->n && uid_at(m->map, k) == uid ? k : UINT32_MAX;
}

enum err view_check_writable(const struct imap_session *s)
{
    if (s->view.folder == NULL || s->view.folder->gone)
        return ERR_NOTFOUND;
    return s->view.readonly ? ERR_READONLY : ERR_OK;
}

/* ---- without numbers (RFC 9586) ------------------------------------------------------------- */

void view_rest(struct imap_session *s)
{
    struct view *v = &s->view;

    if (!session_enabled(s, ENABLED_UIDONLY) || v->map == NULL)
        return;
    uid_map_unref(&v->map);
    v->n = 0;
}

void view_attend(struct imap_session *s)
{
    struct view *v = &s->view;
    struct outline o;

    if (!session_enabled(s, ENABLED_UIDONLY) || v->folder_id == 0)
        return;
    view_rest(s);
    if (v->folder == NULL || v->folder->gone || folder_outline(v->folder, &o) != ERR_OK) {
        v->map = uid_map_new(0);
        return;
    }
    v->map = uid_map_ref(o.map);
    v->n = uid_map_lower(o.map, o.n, v->uidnext);
}

/* ---- sleeping ------------------------------------------------------------------------------- */

static bool in_step(const struct view *v, const struct outline *o)
{
    return v->map == o->map && v->n == o->n && v->modseq == v->folder->highestmodseq;
}

void view_sleep(struct imap_session *s)
{
    struct view *v = &s->view;
    struct outline o;

    view_rest(s);
    if (v->map != NULL && v->folder != NULL && !v->folder->gone &&
        folder_outline(v->folder, &o) == ERR_OK && in_step(v, &o))
        uid_map_unref(&v->map);
    v->folder = NULL;
}

/* Put together again which UIDs below uidnext were there at v->modseq: those that are there now
 * and those expunged since. Only needed when another process has changed the folder. */
static enum err rebuild_map(struct view *v, const struct outline *o)
{
    struct arena arena;
    struct change *change;
    size_t n_changes;
    uint32_t live = 0, live_n = uid_map_lower(o->map, o->n, v->uidnext);
    enum err e;

    arena_init(&arena, SESSION_ARENA_OCTETS_MAX);
    e = folder_changes(v->folder, v->modseq, &arena, &change, &n_changes);
    if (e != ERR_OK) {
        arena_clear(&arena);
        return e;
    }
    /* Expunges of one modseq come in UID order, several runs may interleave: sort them in. */
    bool *gone = mem_calloc(v->uidnext, sizeof(bool));
    v->map = uid_map_new(v->n);
    v->n = 0;
    for (size_t i = 0; i < n_changes; i++) {
        if (change[i].kind == CHANGE_EXPUNGE && change[i].uid < v->uidnext)
            gone[change[i].uid] = true;
    }
    for (uint32_t uid = 1; uid < v->uidnext; uid++) {
        bool there = live < live_n && uid_at(o->map, live) == uid;

        live += there;
        if (there || gone[uid]) {
            uid_map_add(v->map, uid);
            v->n++;
        }
    }
    free(gone);
    arena_clear(&arena);
    return ERR_OK;
}

/* For a folder that is gone: nobody knows its UIDs any more, but the client still counts `n`
 * messages, and must hear of their end (tell_gone). */
static struct uid_map *map_of_unknown(uint32_t n)
{
    struct uid_map *map = uid_map_new(n);

    for (uint32_t i = 1; i <= n; i++)
        uid_map_add(map, i);
    return map;
}

enum err view_wake(struct imap_session *s)
{
    struct view *v = &s->view;
    struct outline o;

    if (v->folder_id == 0)
        return ERR_OK;
    v->folder = folder_by_id(s->account, v->folder_id);
    v->keywords_told = 0; /* the folder counts them anew each time it is loaded */
    if (v->map != NULL || session_enabled(s, ENABLED_UIDONLY))
        return ERR_OK;
    if (v->folder == NULL) {
        v->map = map_of_unknown(v->n);
        return ERR_OK;
    }
    TRY(folder_outline(v->folder, &o));
    if (v->modseq == v->folder->highestmodseq && v->n == o.n) {
        v->map = uid_map_ref(o.map);
        return ERR_OK;
    }
    return rebuild_map(v, &o);
}
