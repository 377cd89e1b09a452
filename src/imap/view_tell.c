/* imap/view_tell.c -- telling a session what happened in its mailbox since its cursor.
 *
 * Source: RFC 9051 sections 7.4.1 (EXISTS), 7.5.1 (EXPUNGE: not while a command with sequence
 * numbers runs), 7.5.2 (unsolicited FETCH). view.c states the invariants.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/internal.h"

/* The end of what may be told: index behind the last change, and the modseq reached then. */
struct reach {
    size_t n;
    uint64_t modseq;
};

static struct reach reach_of(const struct view *v, const struct change *c, size_t n, bool expunges)
{
    for (size_t i = 0; i < n && !expunges; i++) {
        if (c[i].kind == CHANGE_EXPUNGE && view_find(v, c[i].uid) < v->n) {
            uint64_t stop = c[i].modseq;

            while (i > 0 && c[i - 1].modseq == stop)
                i--;
            return (struct reach){i, stop - 1};
        }
    }
    return (struct reach){n, v->folder->highestmodseq};
}

static int compare_descending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x < y) - (x > y);
}

static void write_vanished(struct imap_session *s, const uint32_t *index, size_t n)
{
    struct vanished gone;

    vanished_init(&gone, s);
    for (size_t i = n; i > 0; i--)
        vanished_add(&gone, uid_at(s->view.map, index[i - 1]));
    vanished_end(&gone);
}

/* What is at these view indices is gone. Highest first, so that no number told is moved by
 * another. */
static void write_dropped(struct imap_session *s, const uint32_t *index, size_t n)
{
    if (session_uses_vanished(s)) {
        write_vanished(s, index, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        reply_number(&s->out, index[i] + 1, "EXPUNGE");
}

/* Take the messages at these view indices out of the view, telling each; one pass over the map. */
static void drop_indices(struct imap_session *s, uint32_t *index, size_t n)
{
    struct view *v = &s->view;
    struct uid_map *map;
    size_t next = n;

    if (n == 0)
        return;
    qsort(index, n, sizeof(*index), compare_descending);
    write_dropped(s, index, n);
    map = uid_map_new(v->n);
    for (uint32_t i = 0; i < v->n; i++) {
        if (next > 0 && index[next - 1] == i)
            next--;
        else
            uid_map_add(map, uid_at(v->map, i));
    }
    v->n = map->n;
    uid_map_unref(&v->map);
    v->map = map;
}

static enum err tell_expunges(struct imap_session *s, struct arena *a, const struct change *c,
                              size_t n)
{
    struct view *v = &s->view;
    uint32_t *index = arena_array(a, uint32_t, n);
    size_t n_index = 0;

    if (index == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        uint32_t at = c[i].kind == CHANGE_EXPUNGE ? view_find(v, c[i].uid) : v->n;

        if (at < v->n)
            index[n_index++] = at;
    }
    drop_indices(s, index, n_index);
    return ERR_OK;
}

/* When the view again holds exactly the first messages of the folder, share its map. */
static void share_map(struct view *v, const struct messages *m)
{
    if (v->map == m->map || v->n > m->n || v->n == 0 || !uid_map_same(v->map, m->map, v->n))
        return;
    uid_map_unref(&v->map);
    v->map = uid_map_ref(m->map);
}

void view_tell_exists(struct imap_session *s, const struct uid_map *map, uint32_t n)
{
    struct view *v = &s->view;
    uint32_t first;

    reply_number(&s->out, n, "EXISTS");
    if (session_enabled(s, ENABLED_REV2))
        return;
    first = folder_recent(v->folder, !v->readonly);
    if (first < v->recent_from)
        v->recent_from = first;
    reply_number(&s->out, n - uid_map_lower(map, n, v->recent_from), "RECENT");
}

static void tell_new(struct imap_session *s, const struct messages *m)
{
    struct view *v = &s->view;
    uint32_t before = v->n;

    if (v->map == m->map) {
        v->n = m->n;
    } else {
        uint32_t last = v->n > 0 ? uid_at(v->map, v->n - 1) : 0;
        uint32_t from = uid_map_lower(m->map, m->n, (last >= v->uidnext ? last + 1 : v->uidnext));

        if (from < m->n && (v->map->refs > 1 || v->map->n != v->n)) {
            struct uid_map *own = uid_map_new(v->n + m->n - from);

            for (uint32_t i = 0; i < v->n; i++)
                uid_map_add(own, uid_at(v->map, i));
            uid_map_unref(&v->map);
            v->map = own;
        }
        for (uint32_t i = from; i < m->n; i++, v->n++)
            uid_map_add(v->map, uid_at(m->map, i));
    }
    if (s->notify != NULL && v->n > before)
        notify_note_new(s, v->uidnext, v->folder->uidnext);
    v->uidnext = v->folder->uidnext;
    if (v->n > before)
        view_tell_exists(s, v->map, v->n);
}

/* Whether this session made the change itself, while it could not be in step. */
static bool is_own(const struct imap_session *s, uint64_t modseq)
{
    for (size_t i = 0; i < s->n_own; i++) {
        if (s->own[i] == modseq)
            return true;
    }
    return false;
}

/* Where the message of that UID is, live and as the client sees it. */
static bool find_seen(const struct imap_session *s, const struct messages *m, uint32_t uid,
                      uint32_t *index, uint32_t *k)
{
    const struct view *v = &s->view;

    if (session_enabled(s, ENABLED_UIDONLY)) {
        *index = 0;
        *k = uid_map_lower(m->map, m->n, uid);
        return *k < m->n && uid_at(m->map, *k) == uid;
    }
    *index = view_find(v, uid);
    if (*index == v->n)
        return false;
    *k = view_live(v, m, *index);
    return *k != UINT32_MAX;
}

/* Whether this change is one of flags that the client has to be told: of a message below
 * `known_uid`, at view index *at and live as *k, as they are now. */
static bool is_flag_news(const struct imap_session *s, const struct messages *m,
                         const struct change *c, uint32_t known_uid, uint32_t *at, uint32_t *k)
{
    const struct view *v = &s->view;

    if (c->kind != CHANGE_FLAGS || c->uid >= known_uid ||
        (c->modseq == v->part_modseq && c->uid <= v->part_uid))
        return false;
    return find_seen(s, m, c->uid, at, k) && m->modseq[*k] == c->modseq && !is_own(s, c->modseq);
}

/* ERR_MORE when the output is full; the cursor then stands behind the last one told. */
static enum err tell_changes(struct imap_session *s, const struct messages *m,
                             const struct change *c, size_t n, uint32_t known_uid)
{
    struct view *v = &s->view;

    for (size_t i = 0; i < n; i++) {
        uint32_t at, k;

        if (!is_flag_news(s, m, &c[i], known_uid, &at, &k))
            continue;
        if (session_is_full(s))
            return ERR_MORE;
        view_write_fetch_flags(s, m, at, k, s->notify != NULL); /* RFC 5465 section 5.1 */
        v->modseq = c[i].modseq - 1;
        v->part_modseq = c[i].modseq;
        v->part_uid = c[i].uid;
    }
    return ERR_OK;
}

/* A client that by NOTIFY is not told of flags, but remembers a HIGHESTMODSEQ, must not take one
 * above the first such change: with that it would never hear of it (RFC 7162 section 6). */
static uint64_t held_modseq(const struct imap_session *s, const struct messages *m,
                            const struct change *c, size_t n, uint32_t known_uid, uint64_t reached)
{
    for (size_t i = 0; i < n && session_enabled(s, ENABLED_CONDSTORE); i++) {
        uint32_t at, k;

        if (is_flag_news(s, m, &c[i], known_uid, &at, &k))
            return c[i].modseq - 1;
    }
    return reached;
}

enum err view_tell_flags(struct imap_session *s, const struct messages *m, const struct change *c,
                         size_t n, uint32_t known_uid, uint64_t *modseq)
{
    if (s->notify != NULL && !notify_wants_flags(s)) {
        *modseq = held_modseq(s, m, c, n, known_uid, *modseq);
        return ERR_OK;
    }
    view_tell_keywords(s);
    return tell_changes(s, m, c, n, known_uid);
}

static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a, *y = b;

    if (x->modseq != y->modseq)
        return x->modseq < y->modseq ? -1 : 1;
    return (x->uid > y->uid) - (x->uid < y->uid);
}

enum err view_compare_flags(const struct view *v, const struct messages *m, struct arena *a,
                            size_t room, struct change **out, size_t *n)
{
    size_t changed = 0, k = 0;
    struct change *c;

    for (uint32_t i = 0; i < m->n; i++)
        changed += m->modseq[i] > v->modseq;
    c = arena_array(a, struct change, changed + room);
    if (c == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->modseq[i] > v->modseq)
            c[k++] = (struct change){m->modseq[i], uid_at(m->map, i), CHANGE_FLAGS};
    }
    qsort(c, k, sizeof(*c), compare_changes);
    *out = c;
    *n = k;
    return ERR_OK;
}

/* What the log no longer tells (RFC 7162 section 3.2.5.2), found by comparing the view with the
 * folder: everything gone, then everything whose flags changed. In place of modseq order all that
 * is gone stands at the cursor, so that without leave for expunges nothing is told. */
static enum err compare_folder(const struct view *v, const struct messages *m, struct arena *a,
                               struct change **out, size_t *n)
{
    struct change *c;
    size_t k;

    TRY(view_compare_flags(v, m, a, v->n, &c, &k));
    for (uint32_t i = 0; i < v->n; i++) {
        if (view_live(v, m, i) == UINT32_MAX)
            c[k++] = (struct change){v->modseq + 1, uid_at(v->map, i), CHANGE_EXPUNGE};
    }
    qsort(c, k, sizeof(*c), compare_changes);
    *out = c;
    *n = k;
    return ERR_OK;
}

static enum err changes(const struct view *v, const struct messages *m, struct arena *a,
                        struct change **out, size_t *n)
{
    enum err e = folder_changes(v->folder, v->modseq, a, out, n);

    return e == ERR_LIMIT || e == ERR_NOMEM ? compare_folder(v, m, a, out, n) : e;
}

static enum err tell(struct imap_session *s, struct arena *a, bool expunges)
{
    struct view *v = &s->view;
    struct messages *m;
    struct change *c;
    struct reach reach;
    size_t n;
    uint32_t known_uid = v->uidnext;

    TRY(folder_messages(v->folder, &m));
    TRY(changes(v, m, a, &c, &n));
    reach = reach_of(v, c, n, expunges);
    if (expunges)
        TRY(tell_expunges(s, a, c, n));
    tell_new(s, m);
    TRY(view_tell_flags(s, m, c, reach.n, known_uid, &reach.modseq));
    v->modseq = reach.modseq;
    if (v->modseq == v->folder->highestmodseq)
        view_forget_own(s);
    share_map(v, m);
    return ERR_OK;
}

static void write_all_vanished(struct imap_session *s)
{
    const struct view *v = &s->view;
    struct vanished gone;

    vanished_init(&gone, s);
    for (uint32_t i = 0; i < v->n; i++)
        vanished_add(&gone, uid_at(v->map, i));
    vanished_end(&gone);
}

/* Where the view's UIDs are not known, or no more: all there ever were. */
static void write_range_vanished(struct imap_session *s)
{
    struct seq_range all = {1, s->view.uidnext - 1};

    if (all.hi > 0)
        view_write_vanished(s, &(struct seq_set){.range = &all, .n = 1}, false);
}

/* A deleted mailbox is empty for those who still have it open. */
static void tell_gone(struct imap_session *s)
{
    struct view *v = &s->view;

    if (session_enabled(s, ENABLED_UIDONLY) || (session_uses_vanished(s) && v->folder == NULL)) {
        write_range_vanished(s);
        v->uidnext = 1;
    } else if (session_uses_vanished(s)) {
        write_all_vanished(s);
    } else {
        for (uint32_t i = v->n; i > 0; i--)
            reply_number(&s->out, i, "EXPUNGE");
    }
    v->n = 0;
}

/* The view's part: what its cursor has not passed. */
static enum err tell_view(struct imap_session *s, bool expunges)
{
    struct arena a;
    enum err e;

    if (s->view.modseq == s->view.folder->highestmodseq)
        return ERR_OK;
    arena_init(&a, SESSION_ARENA_OCTETS_MAX);
    if (session_enabled(s, ENABLED_UIDONLY))
        e = view_tell_by_uid(s, &a);
    else
        e = tell(s, &a, expunges);
    arena_clear(&a);
    return e;
}

enum err view_tell(struct imap_session *s, bool expunges)
{
    struct view *v = &s->view;

    if (s->notify != NULL && !notify_wants_selected(s))
        return ERR_OK;
    if (v->folder == NULL || v->folder->gone) {
        if (expunges)
            tell_gone(s);
        return ERR_OK;
    }
    if (s->contexts != NULL)
        contexts_tell_expunges(s);
    TRY(tell_view(s, expunges));
    if (s->contexts != NULL)
        contexts_tell_rest(s);
    return ERR_OK;
}

void view_skip_own(struct imap_session *s, uint64_t before)
{
    struct view *v = &s->view;

    if (v->folder == NULL || v->folder->highestmodseq == before)
        return;
    if (v->modseq == before) {
        v->modseq = v->folder->highestmodseq;
    } else if (s->n_own < VIEW_OWN_MAX) { /* past it the client hears of its own changes again */
        s->own = mem_resize(s->own, s->n_own + 1, sizeof(*s->own));
        s->own[s->n_own++] = v->folder->highestmodseq;
    }
}
