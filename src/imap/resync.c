/* imap/resync.c -- see resync.h.
 *
 * Source: RFC 7162 sections 3.2.5 (SELECT), 3.2.5.2 (sequence match data), 3.2.6 (UID FETCH) and
 * 3.2.10.1 (VANISHED (EARLIER)).
 *
 * Few changes come from the ring in memory, whatever the mailbox's size. Further back expunges come
 * from the log, and changed messages are found in the column of mod-sequences, which takes no
 * memory and can go on where it stopped. Where the log was cut all that is missing is told; there
 * the sequence match data, which is of no other use, says how far the client is right already.
 */
#include "imap/resync.h"

/* ---- sets of UIDs --------------------------------------------------------------------------- */

/* The UIDs of the changes that are expunges, or that are not, as far as they are in `known`. Of the
 * expunges those the view still shows are told later, without EARLIER. */
static enum err gather(const struct view *v, const struct change *c, size_t n, bool expunges,
                       const struct seq_set *known, struct arena *a, struct seq_set *out)
{
    uint32_t *uid = arena_array(a, uint32_t, n);
    size_t n_uid = 0;

    if (uid == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if ((c[i].kind == CHANGE_EXPUNGE) == expunges && seq_set_has(known, c[i].uid) &&
            (view_find(v, c[i].uid) == v->n) == expunges)
            uid[n_uid++] = c[i].uid;
    }
    numbers_sort(uid, n_uid);
    for (size_t i = 0; i < n_uid; i++)
        TRY(seq_set_add(out, a, uid[i]));
    return ERR_OK;
}

enum err resync_missing(const struct seq_set *known, uint32_t from, uint32_t uidnext,
                        const struct uid_map *map, uint32_t n, struct arena *a, struct seq_set *out)
{
    for (size_t r = 0; r < known->n; r++) {
        uint64_t lo = known->range[r].lo > from ? known->range[r].lo : from;
        uint64_t hi = known->range[r].hi < uidnext ? known->range[r].hi : (uint64_t)uidnext - 1;
        uint32_t i = lo <= hi ? uid_map_lower(map, n, (uint32_t)lo) : n;

        for (; lo <= hi; i++) {
            uint64_t next = i < n && uid_at(map, i) <= hi ? uid_at(map, i) : hi + 1;

            if (next > lo)
                TRY(seq_set_add_range(out, a, (uint32_t)lo, (uint32_t)next - 1));
            lo = next + 1;
        }
    }
    return ERR_OK;
}

/* The first UID behind the last pair of number and UID that is still right: had anything below
 * been expunged that the client does not know of, the number would be another. Numbers above the
 * view's are wrong, so this is bounded by it. */
static uint32_t behind_match(const struct view *v, const struct qresync_args *q)
{
    struct seq_iter numbers = seq_iter(&q->match_numbers), uids = seq_iter(&q->match_uids);
    uint32_t number, uid, behind = 1;

    while (q->has_match && seq_iter_next(&numbers, &number) && seq_iter_next(&uids, &uid) &&
           number <= v->n && uid_at(v->map, number - 1) == uid && uid < UINT32_MAX)
        behind = uid + 1;
    return behind;
}

/* ---- what vanished -------------------------------------------------------------------------- */

static enum err write_missing(struct imap_session *s, struct job *j, const struct seq_set *known,
                              uint32_t from)
{
    const struct view *v = &s->view;
    struct seq_set gone = {0};

    TRY(resync_missing(known, from, v->uidnext, v->map, v->n, &j->arena, &gone));
    view_write_vanished(s, &gone, true);
    return ERR_OK;
}

static enum err write_expunged(struct imap_session *s, struct job *j, const struct change *c,
                               size_t n, const struct seq_set *known)
{
    struct seq_set gone = {0};

    TRY(gather(&s->view, c, n, true, known, &j->arena, &gone));
    view_write_vanished(s, &gone, true);
    return ERR_OK;
}

static enum err tell_vanished(struct imap_session *s, struct job *j, uint64_t since,
                              const struct seq_set *known, uint32_t from)
{
    struct arena a;
    struct change *c;
    size_t n;
    enum err e;

    arena_init(&a, SESSION_ARENA_OCTETS_MAX);
    e = folder_expunges(s->view.folder, since, &a, &c, &n);
    if (e == ERR_OK)
        e = write_expunged(s, j, c, n, known);
    else if (e == ERR_LIMIT || e == ERR_NOMEM)
        e = write_missing(s, j, known, from);
    arena_clear(&a);
    return e;
}

enum err resync_tell_vanished(struct imap_session *s, struct job *j, uint64_t since,
                              const struct seq_set *known)
{
    if (s->view.folder == NULL || s->view.folder->gone)
        return ERR_OK;
    return tell_vanished(s, j, since, known, 1);
}

/* ---- SELECT --------------------------------------------------------------------------------- */

/* The changed messages as the ring tells them, so that nobody looks at the others. */
static enum err gather_changed(struct imap_session *s, struct job *j, struct resync *r,
                               const struct seq_set *known)
{
    struct arena a;
    struct change *c;
    size_t n;
    struct seq_set changed = {0};
    enum err e;

    arena_init(&a, SESSION_ARENA_OCTETS_MAX);
    e = folder_changes(s->view.folder, r->since, &a, &c, &n);
    if (e == ERR_OK)
        e = gather(&s->view, c, n, false, known, &j->arena, &changed);
    arena_clear(&a);
    return e != ERR_OK ? e : target_init(s, &r->target, &changed, true);
}

/* Without a list of UIDs it is all there ever were (section 3.2.5.1). */
static enum err known_uids(const struct imap_session *s, struct job *j,
                           const struct qresync_args *q, struct seq_set *known)
{
    *known = q->uids;
    if (q->has_uids || s->view.uidnext == 1)
        return ERR_OK;
    return seq_set_add_range(known, &j->arena, 1, s->view.uidnext - 1);
}

enum err resync_begin(struct imap_session *s, struct job *j, const struct qresync_args *q,
                      struct resync *r)
{
    struct folder *f = s->view.folder;
    struct seq_set known;

    *r = (struct resync){.since = q->modseq};
    if (q->uidvalidity != f->uidvalidity) /* the client sees that, and begins anew */
        return ERR_OK;
    TRY(known_uids(s, j, q, &known));
    TRY(tell_vanished(s, j, r->since, &known, behind_match(&s->view, q)));
    if (folder_remembers(f, r->since))
        return gather_changed(s, j, r, &known);
    return target_init(s, &r->target, &known, true);
}

enum err resync_step(struct imap_session *s, struct job *j, struct resync *r)
{
    struct view *v = &s->view;
    struct messages *m;
    uint32_t index;

    if (v->folder == NULL || v->folder->gone)
        return ERR_OK;
    TRY(folder_messages(v->folder, &m));
    view_tell_keywords(s);
    for (unsigned n = 1; target_next_since(s, &r->target, m, r->since, &index); n++) {
        uint32_t k = view_live(v, m, index);

        if (k != UINT32_MAX)
            view_write_fetch_flags(s, m, index, k, true);
        if (n % 64 == 0 && job_step_is_full(s, j))
            return ERR_MORE;
    }
    return ERR_OK;
}
