/* imap/view.c -- what a session knows of its selected mailbox, and how it learns what happened.
 *
 * Source: RFC 9051 sections 2.3.1.2 (message sequence numbers), 7.4.1 (EXISTS), 7.5.1 (EXPUNGE:
 * not while a command with sequence numbers runs), 7.5.2 (unsolicited FETCH).
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
#include "wire/flag.h"

static void forget_own(struct imap_session *s)
{
    free(s->own);
    s->own = NULL;
    s->n_own = 0;
}

void view_leave(struct imap_session *s)
{
    view_close(&s->view);
    seq_set_release(&s->saved);
    forget_own(s);
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
    struct messages *m;

    TRY(folder_messages(f, &m));
    *v = (struct view){.folder_id = f->id,
                       .folder = f,
                       .map = uid_map_ref(m->map),
                       .n = m->n,
                       .uidnext = f->uidnext,
                       .modseq = f->highestmodseq,
                       .recent_from = folder_recent(f, !readonly),
                       .readonly = readonly};
    return ERR_OK;
}

uint32_t view_find(const struct view *v, uint32_t uid)
{
    uint32_t i = uid_map_lower(v->map, v->n, uid);

    return i < v->n && v->map->uid[i] == uid ? i : v->n;
}

uint32_t view_live(const struct view *v, const struct messages *m, uint32_t i)
{
    uint32_t uid = v->map->uid[i], k;

    if (v->map == m->map)
        return i < m->n ? i : UINT32_MAX;
    k = uid_map_lower(m->map, m->n, uid);
    return k < m->n && m->map->uid[k] == uid ? k : UINT32_MAX;
}

enum err view_check_writable(const struct imap_session *s)
{
    if (s->view.folder == NULL || s->view.folder->gone)
        return ERR_NOTFOUND;
    return s->view.readonly ? ERR_READONLY : ERR_OK;
}

/* ---- sleeping ------------------------------------------------------------------------------- */

static bool in_step(const struct view *v, const struct messages *m)
{
    return v->map == m->map && v->n == m->n && v->modseq == v->folder->highestmodseq;
}

void view_sleep(struct imap_session *s)
{
    struct view *v = &s->view;
    struct messages *m;

    if (v->folder != NULL && !v->folder->gone && folder_messages(v->folder, &m) == ERR_OK &&
        in_step(v, m))
        uid_map_unref(&v->map);
    v->folder = NULL;
}

/* Put together again which UIDs below uidnext were there at v->modseq: those that are there now
 * and those expunged since. Only needed when another process has changed the folder. */
static enum err rebuild_map(struct view *v, const struct messages *m)
{
    struct arena arena;
    struct change *change;
    size_t n_changes;
    uint32_t live = 0, live_n = uid_map_lower(m->map, m->n, v->uidnext);
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
        bool there = live < live_n && m->map->uid[live] == uid;

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
    struct messages *m;

    if (v->folder_id == 0)
        return ERR_OK;
    v->folder = folder_by_id(s->account, v->folder_id);
    v->keywords_told = 0; /* the folder counts them anew each time it is loaded */
    if (v->map != NULL)
        return ERR_OK;
    if (v->folder == NULL) {
        v->map = map_of_unknown(v->n);
        return ERR_OK;
    }
    TRY(folder_messages(v->folder, &m));
    if (v->modseq == v->folder->highestmodseq && v->n == m->n) {
        v->map = uid_map_ref(m->map);
        return ERR_OK;
    }
    return rebuild_map(v, m);
}

/* ---- flags ---------------------------------------------------------------------------------- */

void view_write_flags(struct imap_session *s, uint32_t uid, uint8_t flags, uint32_t keywords)
{
    struct buf *out = &s->out;
    bool any;
    struct slice names = keyword_set_text(s->account, keywords);
    uint32_t bits = flags;

    if (!session_enabled(s, ENABLED_REV2) && uid >= s->view.recent_from)
        bits |= FLAG_RECENT;
    buf_add_str(out, "FLAGS (");
    any = flag_write_system(out, bits);
    if (!any && names.n > 0)
        names = slice_sub(names, 1, names.n);
    buf_add_slice(out, names);
    buf_add_char(out, ')');
}

void view_write_fetch_begin(struct imap_session *s, uint32_t index, uint32_t uid)
{
    (void)uid;
    buf_add_str(&s->out, "* ");
    buf_add_u64(&s->out, (uint64_t)index + 1);
    buf_add_str(&s->out, " FETCH (");
}

void view_write_fetch_flags(struct imap_session *s, const struct messages *m, uint32_t index,
                            uint32_t k, bool with_uid)
{
    uint32_t uid = m->map->uid[k];

    view_write_fetch_begin(s, index, uid);
    if (with_uid || session_enabled(s, ENABLED_REV2)) {
        buf_add_str(&s->out, "UID ");
        buf_add_u64(&s->out, uid);
        buf_add_char(&s->out, ' ');
    }
    view_write_flags(s, uid, m->flags[k], m->keywords[k]);
    buf_add_str(&s->out, ")\r\n");
}

static void write_keywords(struct imap_session *s)
{
    size_t n;
    const uint32_t *ids = folder_keywords(s->view.folder, &n);

    for (size_t i = 0; i < n; i++) {
        buf_add_char(&s->out, ' ');
        buf_add_slice(&s->out, keyword_name(s->account, ids[i]));
    }
    s->view.keywords_told = (uint32_t)n;
}

void view_write_flags_lines(struct imap_session *s)
{
    buf_add_str(&s->out, "* FLAGS (");
    flag_write_system(&s->out, FLAG_SYSTEM);
    write_keywords(s);
    buf_add_str(&s->out, ")\r\n* OK [PERMANENTFLAGS (");
    if (!s->view.readonly) {
        flag_write_system(&s->out, FLAG_SYSTEM);
        write_keywords(s);
        buf_add_str(&s->out, " \\*");
    }
    buf_add_str(&s->out, ")] Flags that stay\r\n");
}

void view_tell_keywords(struct imap_session *s)
{
    size_t n;

    folder_keywords(s->view.folder, &n);
    if (n > s->view.keywords_told)
        view_write_flags_lines(s);
}

/* ---- telling -------------------------------------------------------------------------------- */

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

/* Take the messages at these view indices out of the view, telling each. Highest first, so that
 * no number told is moved by another; then one pass over the map. */
static void drop_indices(struct imap_session *s, uint32_t *index, size_t n)
{
    struct view *v = &s->view;
    struct uid_map *map;
    size_t next = n;

    if (n == 0)
        return;
    qsort(index, n, sizeof(*index), compare_descending);
    for (size_t i = 0; i < n; i++)
        reply_number(&s->out, index[i] + 1, "EXPUNGE");
    map = uid_map_new(v->n);
    for (uint32_t i = 0; i < v->n; i++) {
        if (next > 0 && index[next - 1] == i)
            next--;
        else
            uid_map_add(map, v->map->uid[i]);
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
    if (v->map == m->map || v->n > m->n || v->n == 0 ||
        memcmp(v->map->uid, m->map->uid, v->n * sizeof(uint32_t)) != 0)
        return;
    uid_map_unref(&v->map);
    v->map = uid_map_ref(m->map);
}

static void tell_new(struct imap_session *s, const struct messages *m)
{
    struct view *v = &s->view;
    uint32_t before = v->n;

    if (v->map == m->map) {
        v->n = m->n;
    } else {
        uint32_t last = v->n > 0 ? v->map->uid[v->n - 1] : 0;
        uint32_t from = uid_map_lower(m->map, m->n, (last >= v->uidnext ? last + 1 : v->uidnext));

        if (from < m->n && (v->map->refs > 1 || v->map->n != v->n)) {
            struct uid_map *own = uid_map_new(v->n + m->n - from);

            for (uint32_t i = 0; i < v->n; i++)
                uid_map_add(own, v->map->uid[i]);
            uid_map_unref(&v->map);
            v->map = own;
        }
        for (uint32_t i = from; i < m->n; i++, v->n++)
            uid_map_add(v->map, m->map->uid[i]);
    }
    v->uidnext = v->folder->uidnext;
    if (v->n > before) {
        reply_number(&s->out, v->n, "EXISTS");
        if (!session_enabled(s, ENABLED_REV2)) {
            uint32_t first = folder_recent(v->folder, !v->readonly);

            if (first < v->recent_from)
                v->recent_from = first;
            reply_number(&s->out, v->n - uid_map_lower(v->map, v->n, v->recent_from), "RECENT");
        }
    }
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

/* Flag changes of messages told before (index below `known`). ERR_MORE when the output is full;
 * the cursor then stands behind the last one told. */
static enum err tell_changes(struct imap_session *s, const struct messages *m,
                             const struct change *c, size_t n, uint32_t known)
{
    struct view *v = &s->view;

    for (size_t i = 0; i < n; i++) {
        uint32_t at, k;

        if (c[i].kind != CHANGE_FLAGS || (c[i].modseq == v->part_modseq && c[i].uid <= v->part_uid))
            continue;
        at = view_find(v, c[i].uid);
        if (at >= known || (k = view_live(v, m, at)) == UINT32_MAX || m->modseq[k] != c[i].modseq ||
            is_own(s, c[i].modseq))
            continue;
        if (s->out.n > IMAP_OUTPUT_HIGH_OCTETS)
            return ERR_MORE;
        view_write_fetch_flags(s, m, at, k, false);
        v->modseq = c[i].modseq - 1;
        v->part_modseq = c[i].modseq;
        v->part_uid = c[i].uid;
    }
    return ERR_OK;
}

static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a, *y = b;

    if (x->modseq != y->modseq)
        return x->modseq < y->modseq ? -1 : 1;
    return (x->uid > y->uid) - (x->uid < y->uid);
}

/* What the log no longer tells (RFC 7162 section 3.2.5.2), found by comparing the view with the
 * folder: everything gone, then everything whose flags changed. In place of modseq order all that
 * is gone stands at the cursor, so that without leave for expunges nothing is told. */
static enum err compare_folder(const struct view *v, const struct messages *m, struct arena *a,
                               struct change **out, size_t *n)
{
    struct change *c = arena_array(a, struct change, (size_t)v->n + m->n);
    size_t k = 0;

    if (c == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < v->n; i++) {
        if (view_live(v, m, i) == UINT32_MAX)
            c[k++] = (struct change){v->modseq + 1, v->map->uid[i], CHANGE_EXPUNGE};
    }
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->modseq[i] > v->modseq)
            c[k++] = (struct change){m->modseq[i], m->map->uid[i], CHANGE_FLAGS};
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
    uint32_t known;

    TRY(folder_messages(v->folder, &m));
    TRY(changes(v, m, a, &c, &n));
    reach = reach_of(v, c, n, expunges);
    if (expunges)
        TRY(tell_expunges(s, a, c, n));
    known = v->n;
    tell_new(s, m);
    view_tell_keywords(s);
    TRY(tell_changes(s, m, c, reach.n, known));
    v->modseq = reach.modseq;
    if (v->modseq == v->folder->highestmodseq)
        forget_own(s);
    share_map(v, m);
    return ERR_OK;
}

/* A deleted mailbox is empty for those who still have it open. */
static void tell_gone(struct imap_session *s)
{
    struct view *v = &s->view;

    for (uint32_t i = v->n; i > 0; i--)
        reply_number(&s->out, i, "EXPUNGE");
    v->n = 0;
}

enum err view_tell(struct imap_session *s, bool expunges)
{
    struct view *v = &s->view;
    struct arena a;
    enum err e;

    if (v->folder == NULL || v->folder->gone) {
        if (expunges)
            tell_gone(s);
        return ERR_OK;
    }
    if (v->modseq == v->folder->highestmodseq)
        return ERR_OK;
    arena_init(&a, SESSION_ARENA_OCTETS_MAX);
    e = tell(s, &a, expunges);
    arena_clear(&a);
    return e;
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
