/* store/change.c -- what happened in a folder since a modseq (RFC 7162 section 3.2.5).
 *
 * Two sources give the same answer. The ring in memory holds the last changes of this opening
 * and serves sessions in step. Further back the database is asked: created_modseq never falls as
 * UIDs rise, so new messages are found from the end of the folder backwards; changed flags are
 * in the modseq column; expunges are in the change log.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/internal.h"

/* ---- the ring -------------------------------------------------------------------------------- */

void ring_reset(struct folder_state *f)
{
    free(f->ring.at);
    f->ring = (struct change_ring){.floor = f->pub.account->modseq};
}

static void ring_grow(struct change_ring *r)
{
    uint32_t cap = r->cap > 0 ? r->cap * 2 : 16;

    /* Never wrapped before it has its full size: entries begin at 0. */
    r->at = mem_resize(r->at, cap, sizeof(*r->at));
    r->cap = cap;
}

void ring_add(struct folder_state *f, uint64_t modseq, uint32_t uid, enum change_kind kind)
{
    struct change_ring *r = &f->ring;
    uint64_t *last = kind == CHANGE_NEW     ? &f->pub.new_modseq
                     : kind == CHANGE_FLAGS ? &f->pub.flags_modseq
                                            : &f->pub.expunge_modseq;

    assert(r->n == 0 || modseq >= r->at[(r->first + r->n - 1) % r->cap].modseq);
    *last = modseq;
    if (r->n == r->cap && r->cap < STORE_RING_MAX)
        ring_grow(r);
    if (r->n == r->cap) {
        r->floor = r->at[r->first].modseq;
        r->first = (r->first + 1) % r->cap;
        r->n--;
    }
    r->at[(r->first + r->n++) % r->cap] = (struct change){modseq, uid, kind};
}

/* ---- an answer being put together ------------------------------------------------------------ */

struct list {
    struct change *at; /* on the heap while it grows */
    size_t n, cap;
    size_t max;
};

static enum err list_add(struct list *l, uint64_t modseq, uint32_t uid, enum change_kind kind)
{
    if (l->n == l->max)
        return ERR_NOMEM;
    if (l->n == l->cap) {
        l->cap = l->cap > 0 ? l->cap * 2 : 64;
        l->at = mem_resize(l->at, l->cap, sizeof(*l->at));
    }
    l->at[l->n++] = (struct change){modseq, uid, kind};
    return ERR_OK;
}

static int order(const void *a, const void *b)
{
    const struct change *x = a, *y = b;

    if (x->modseq != y->modseq)
        return x->modseq < y->modseq ? -1 : 1;
    if (x->uid != y->uid)
        return x->uid < y->uid ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

/* What the ring tells mostly is. */
static bool is_ordered(const struct list *l)
{
    for (size_t i = 1; i < l->n; i++)
        if (order(&l->at[i - 1], &l->at[i]) > 0)
            return false;
    return true;
}

static enum err list_finish(struct list *l, struct arena *arena, struct change **out, size_t *n)
{
    struct change *copy = arena_alloc(arena, l->n * sizeof(*copy));

    if (copy == NULL)
        return ERR_NOMEM;
    if (l->n > 0) {
        memcpy(copy, l->at, l->n * sizeof(*copy));
        if (!is_ordered(l))
            qsort(copy, l->n, sizeof(*copy), order);
    }
    *out = copy;
    *n = l->n;
    return ERR_OK;
}

/* ---- from the ring --------------------------------------------------------------------------- */

static const struct change *ring_at(const struct change_ring *r, uint32_t i)
{
    return &r->at[(r->first + i) % r->cap];
}

/* The first entry after `since`: the clock only moves on. */
static uint32_t ring_after(const struct change_ring *r, uint64_t since)
{
    uint32_t low = 0, high = r->n;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (ring_at(r, middle)->modseq > since)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static enum err from_ring(const struct folder_state *f, uint64_t since, bool all, struct list *l)
{
    const struct change_ring *r = &f->ring;

    for (uint32_t i = ring_after(r, since); i < r->n; i++) {
        const struct change *c = ring_at(r, i);

        if (all || c->kind == CHANGE_EXPUNGE)
            TRY(list_add(l, c->modseq, c->uid, c->kind));
    }
    return ERR_OK;
}

/* ---- from the database ----------------------------------------------------------------------- */

/* New messages, at the modseq of their arrival. */
static enum err add_new(struct folder_state *f, uint64_t since, struct list *l)
{
    struct account *a = f->pub.account;
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, MESSAGE_CREATED, I(f->pub.id)));
    for (;;) {
        uint64_t created;

        TRY(sql_step(a, q, &row));
        created = row ? (uint64_t)sqlite3_column_int64(q, 1) : 0;
        if (!row || created <= since)
            return ERR_OK;
        TRY(list_add(l, created, (uint32_t)sqlite3_column_int64(q, 0), CHANGE_NEW));
    }
}

/* Changed flags: of old messages, and of new ones that were changed after they arrived. */
static enum err add_flags(struct folder_state *f, uint64_t since, struct list *l)
{
    struct messages *m;
    size_t n_new = l->n; /* descending by UID */

    TRY(folder_messages(&f->pub, &m));
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->modseq[i] <= since)
            continue;
        if (n_new > 0 && l->at[n_new - 1].uid == uid_at(m->map, i)) {
            if (l->at[--n_new].modseq == m->modseq[i])
                continue;
        }
        TRY(list_add(l, m->modseq[i], uid_at(m->map, i), CHANGE_FLAGS));
    }
    return ERR_OK;
}

static enum err add_expunges(struct folder_state *f, uint64_t since, struct list *l)
{
    struct account *a = f->pub.account;
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, CHANGE_SINCE, I(f->pub.id), I(since)));
    for (;;) {
        uint64_t modseq, first, last;

        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        if (sqlite3_column_int(q, 1) != CHANGE_ROW_EXPUNGE)
            continue;
        modseq = (uint64_t)sqlite3_column_int64(q, 0);
        first = (uint64_t)sqlite3_column_int64(q, 2);
        last = (uint64_t)sqlite3_column_int64(q, 3);
        for (uint64_t uid = first; uid <= last && uid <= UINT32_MAX; uid++)
            TRY(list_add(l, modseq, (uint32_t)uid, CHANGE_EXPUNGE));
    }
}

/* A deleted folder: whatever it held vanished at once. */
static enum err add_all_gone(struct folder_state *f, struct list *l)
{
    struct account *a = f->pub.account;
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, MESSAGE_UIDS, I(f->pub.id)));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        TRY(list_add(l, f->pub.highestmodseq, (uint32_t)sqlite3_column_int64(q, 0),
                     CHANGE_EXPUNGE));
    }
}

static enum err from_database(struct folder_state *f, uint64_t since, bool all, struct list *l)
{
    if (since < f->expunge_floor)
        return ERR_LIMIT;
    if (f->pub.gone) {
        TRY(add_all_gone(f, l));
    } else if (all) {
        TRY(add_new(f, since, l));
        TRY(add_flags(f, since, l));
    }
    return add_expunges(f, since, l);
}

/* ---- the door -------------------------------------------------------------------------------- */

bool folder_remembers(struct folder *pub, uint64_t since)
{
    const struct folder_state *f = state_of(pub);

    return since >= f->ring.floor && !pub->gone;
}

static enum err gather(struct folder *pub, uint64_t since, bool all, struct arena *arena,
                       struct change **out, size_t *n)
{
    struct folder_state *f = state_of(pub);
    struct list l = {.max = arena->max_octets / sizeof(struct change)};
    enum err err = ERR_OK;

    if (since < pub->highestmodseq)
        err = folder_remembers(pub, since) ? from_ring(f, since, all, &l)
                                           : from_database(f, since, all, &l);
    if (err == ERR_OK)
        err = list_finish(&l, arena, out, n);
    free(l.at);
    return err;
}

enum err folder_changes(struct folder *f, uint64_t since, struct arena *arena, struct change **out,
                        size_t *n)
{
    return gather(f, since, true, arena, out, n);
}

enum err folder_expunges(struct folder *f, uint64_t since, struct arena *arena, struct change **out,
                         size_t *n)
{
    return gather(f, since, false, arena, out, n);
}

enum err change_log(struct folder_state *f, uint64_t modseq, int kind, uint32_t uid_first,
                    uint32_t uid_last)
{
    f->pub.account->idle.log_due = true;
    return sql_run(f->pub.account, CHANGE_INSERT, I(f->pub.id), I(modseq), I(kind), I(uid_first),
                   I(uid_last));
}
