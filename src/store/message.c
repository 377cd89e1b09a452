/* store/message.c -- the columns of a folder's messages in memory, and changing flags.
 *
 * Columns and kept counts move together with the rows, in the same call (invariant 2 of
 * account.c). Runs of flag changes in one modseq become one row of the change log, written when
 * the run ends (invariant 3).
 */
#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/sort_columns.h"

/* ---- columns --------------------------------------------------------------------------------- */

#define COLUMNS(X) X(flags) REST_COLUMNS(X)

static void reserve(struct folder_state *f, uint32_t cap)
{
    struct messages *m = f->messages;

#define X(c) m->c = mem_resize(m->c, cap, sizeof(*m->c));
    X(flags)
    if (f->whole) {
        REST_COLUMNS(X)
    }
#undef X
    f->cap = cap;
}

struct messages *messages_new(struct folder_state *f, uint32_t cap, bool whole)
{
    assert(f->messages == NULL);
    f->messages = mem_new(struct messages);
    f->messages->map = uid_map_new(cap);
    f->whole = whole;
    reserve(f, cap > 0 ? cap : 1);
    return f->messages;
}

void messages_free(struct messages **mp)
{
    struct messages *m = *mp;

    if (m == NULL)
        return;
#define X(c) free(m->c);
    COLUMNS(X)
#undef X
    uid_map_unref(&m->map);
    free(m);
    *mp = NULL;
}

size_t messages_octets(const struct folder_state *f)
{
    const struct messages *m = f->messages;
    size_t each = sizeof(*m->flags);

#define X(c) each += sizeof(*m->c);
    if (f->whole) {
        REST_COLUMNS(X)
    }
#undef X
    return each * f->cap + uid_map_octets(m->map);
}

void messages_empty(struct folder_state *f)
{
    sort_cache_free(&f->sort);
    if (f->messages == NULL)
        return;
    if (!f->whole) { /* nobody has a pointer to it */
        messages_free(&f->messages);
        return;
    }
    uid_map_unref(&f->messages->map);
    f->messages->map = uid_map_new(0);
    f->messages->n = 0;
}

void message_append(struct folder_state *f, const struct message_row *row)
{
    struct messages *m = f->messages;
    uint32_t i = m->n;

    if (i == f->cap)
        reserve(f, f->cap + f->cap / 2 + 16);
    uid_map_add(m->map, row->uid);
    m->n++;
#define X(c) m->c[i] = row->c;
    X(flags)
    if (f->whole) {
        REST_COLUMNS(X)
    }
#undef X
    folder_use_set(f, row->keywords);
}

struct message_row message_at(const struct messages *m, uint32_t i)
{
    struct message_row row = {.uid = uid_at(m->map, i)};

#define X(c) row.c = m->c[i];
    COLUMNS(X)
#undef X
    return row;
}

/* A new map, unless nobody else looks at this one. */
static void map_compact(struct messages *m, const bool *drop, uint32_t n_drop)
{
    struct uid_map *old = m->map;

    if (old->refs == 1 && old->uid != NULL) {
        uint32_t kept = 0;

        for (uint32_t i = 0; i < m->n; i++)
            if (!drop[i])
                old->uid[kept++] = old->uid[i];
        old->n = kept;
        return;
    }
    m->map = uid_map_new(m->n - n_drop);
    for (uint32_t i = 0; i < m->n; i++)
        if (!drop[i])
            uid_map_add(m->map, uid_at(old, i));
    uid_map_unref(&old);
}

void messages_compact(struct folder_state *f, const bool *drop, uint32_t n_drop)
{
    struct messages *m = f->messages;
    uint32_t kept = 0;

    map_compact(m, drop, n_drop);
    sort_cache_compact(f->sort, drop);
    for (uint32_t i = 0; i < m->n; i++) {
        if (drop[i])
            continue;
#define X(c) m->c[kept] = m->c[i];
        X(flags)
        if (f->whole) {
            REST_COLUMNS(X)
        }
#undef X
        kept++;
    }
    m->n = kept;
}

static enum err load(struct folder_state *f, bool whole)
{
    uint64_t began_us = clock_thread_us();

    if (f->pub.gone) {
        messages_new(f, 0, whole);
        return ERR_OK;
    }
    TRY(messages_load(f, whole));
    f->pub.account->effort_us += clock_thread_us() - began_us;
    return ERR_OK;
}

/* In place of an outline, which is as the rows are: what is read beside it now fits. Sessions go on
 * sharing its map. */
static enum err load_whole(struct folder_state *f)
{
    struct messages *outline = f->messages;
    uint32_t cap = f->cap, n = outline->n;
    enum err err;

    f->messages = NULL;
    err = load(f, true);
    if (err != ERR_OK) {
        f->messages = outline;
        f->cap = cap;
        f->whole = false;
        return err;
    }
    if (f->messages->n == n && uid_map_same(f->messages->map, outline->map, n)) {
        uid_map_unref(&f->messages->map);
        f->messages->map = uid_map_ref(outline->map);
    }
    messages_free(&outline);
    return ERR_OK;
}

enum err folder_messages(struct folder *pub, struct messages **out)
{
    struct folder_state *f = state_of(pub);

    if (f->messages == NULL)
        TRY(load(f, true));
    else if (!f->whole)
        TRY(load_whole(f));
    *out = f->messages;
    return ERR_OK;
}

enum err folder_outline(struct folder *pub, struct outline *out)
{
    struct folder_state *f = state_of(pub);

    if (f->messages == NULL)
        TRY(load(f, false));
    *out = (struct outline){f->messages->map, f->messages->n, f->messages->flags};
    return ERR_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct message_row message_of_row(sqlite3_stmt *q)
{
    return (struct message_row){
        .uid = (uint32_t)sqlite3_column_int64(q, 0),
        .flags = (uint8_t)(sqlite3_column_int64(q, 1) & FLAG_SYSTEM),
        .keywords = (uint32_t)sqlite3_column_int64(q, 2),
        .modseq = (uint64_t)sqlite3_column_int64(q, 3),
        .size = (uint32_t)sqlite3_column_int64(q, 4),
        .internaldate = sqlite3_column_int64(q, 5),
        .zone = (int16_t)sqlite3_column_int64(q, 6),
        .body = (uint64_t)sqlite3_column_int64(q, 7),
        .saved = (uint32_t)sqlite3_column_int64(q, 8),
    };
}

void message_count(struct folder_state *f, const struct message_row *row, int by)
{
    quota_count(f->pub.account, (int64_t)row->size * by, by);
    f->pub.messages += (uint32_t)by;
    f->pub.size_octets += (uint64_t)((int64_t)row->size * by);
    if ((row->flags & FLAG_SEEN) == 0)
        f->pub.unseen += (uint32_t)by;
    if ((row->flags & FLAG_DELETED) != 0)
        f->pub.deleted += (uint32_t)by;
}

void message_arrived(struct folder_state *f, const struct message_row *row)
{
    message_count(f, row, 1);
    if (f->messages != NULL)
        message_append(f, row);
    f->stale++;
    ring_add(f, row->modseq, row->uid, CHANGE_NEW);
}

/* Gives the next UID and inserts the row; the caller has checked that there is one. */
enum err message_insert(struct folder_state *f, struct message_row *row)
{
    folder_touch(f);
    row->uid = f->pub.uidnext;
    row->saved = (uint32_t)clock_wall_s();
    TRY(sql_run(f->pub.account, MESSAGE_INSERT, I(f->pub.id), I(row->uid), I(row->body),
                I(row->size), I(row->flags), I(row->keywords), I(row->modseq), I(row->modseq),
                I(row->internaldate), I(row->zone), I(row->saved)));
    f->pub.uidnext++;
    f->pub.highestmodseq = row->modseq;
    message_arrived(f, row);
    return ERR_OK;
}

enum err message_expunged(struct folder *f, uint32_t uid, struct message_row *out)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(f->account, &q, EXPUNGED_GET, I(f->id), I(uid)));
    TRY(sql_step(f->account, q, &row));
    if (!row && f->gone) { /* its rows stay where they were */
        sql_end(&q);
        TRY(sql_query(f->account, &q, MESSAGE_RANGE, I(f->id), I(uid), I(uid)));
        TRY(sql_step(f->account, q, &row));
    }
    if (!row)
        return ERR_NOTFOUND;
    *out = message_of_row(q);
    return ERR_OK;
}

/* ---- flags ----------------------------------------------------------------------------------- */

enum err pending_flush(struct account *a)
{
    struct pending_run run = a->pending;

    if (run.folder == NULL)
        return ERR_OK;
    a->pending.folder = NULL;
    return change_log(run.folder, run.modseq, CHANGE_ROW_FLAGS, run.uid_first, run.uid_last);
}

/* Extend the run by the message at index i, or begin another. */
static enum err pending_add(struct folder_state *f, uint32_t i, uint64_t modseq)
{
    struct account *a = f->pub.account;
    struct pending_run *run = &a->pending;
    uint32_t uid = uid_at(f->messages->map, i);

    if (run->folder == f && run->modseq == modseq && run->index_last + 1 == i &&
        run->uid_last < uid) {
        run->uid_last = uid;
        run->index_last = i;
        return ERR_OK;
    }
    TRY(pending_flush(a));
    *run = (struct pending_run){f, modseq, uid, uid, i};
    return ERR_OK;
}

static uint8_t apply(uint8_t old, enum store_action action, uint8_t flags)
{
    switch (action) {
    case STORE_REPLACE:
        return flags;
    case STORE_ADD:
        return old | flags;
    case STORE_REMOVE:
        break;
    }
    return old & (uint8_t)~flags;
}

static enum err write_flags(struct folder_state *f, uint32_t i, const struct message_row *row)
{
    struct messages *m = f->messages;
    struct message_row old = message_at(m, i);

    folder_touch(f);
    TRY(sql_run(f->pub.account, MESSAGE_FLAGS, I(row->flags), I(row->keywords), I(row->modseq),
                I(f->pub.id), I(row->uid)));
    TRY(pending_add(f, i, row->modseq));
    message_count(f, &old, -1);
    message_count(f, row, 1);
    m->flags[i] = row->flags;
    m->keywords[i] = row->keywords;
    m->modseq[i] = row->modseq;
    f->pub.highestmodseq = row->modseq;
    f->stale++;
    folder_use_set(f, row->keywords);
    ring_add(f, row->modseq, row->uid, CHANGE_FLAGS);
    return ERR_OK;
}

enum err message_store(struct folder *pub, uint32_t i, enum store_action action, uint8_t flags,
                       const uint32_t *keywords, size_t n_keywords, uint64_t modseq, bool *changed)
{
    struct folder_state *f = state_of(pub);
    struct account *a = pub->account;
    struct message_row row;

    assert(f->messages != NULL && i < f->messages->n);
    row = message_at(f->messages, i);
    row.flags = apply(row.flags, action, flags & FLAG_SYSTEM);
    if (action == STORE_REPLACE || n_keywords > 0)
        TRY(keyword_set(a, row.keywords, action, keywords, n_keywords, &row.keywords));
    *changed = row.flags != f->messages->flags[i] || row.keywords != f->messages->keywords[i];
    if (!*changed)
        return ERR_OK;
    row.modseq = modseq;
    TRY(change_begin(a));
    return change_end(a, write_flags(f, i, &row));
}

/* ---- copy ------------------------------------------------------------------------------------ */

static enum err copy_one(struct folder_state *from, uint32_t uid, struct folder_state *to,
                         uint64_t modseq)
{
    struct messages *m = from->messages;
    uint32_t i = uid_map_lower(m->map, m->n, uid);
    struct message_row row;

    if (i == m->n || uid_at(m->map, i) != uid)
        return ERR_NOTFOUND;
    row = message_at(m, i);
    row.modseq = modseq;
    TRY(body_share(from->pub.account, row.body, 1));
    return message_insert(to, &row);
}

static enum err copy(struct folder_state *from, const uint32_t *uids, size_t n,
                     struct folder_state *to, uint64_t modseq)
{
    for (size_t i = 0; i < n; i++)
        TRY(copy_one(from, uids[i], to, modseq));
    return ERR_OK;
}

enum err messages_copy(struct folder *from, const uint32_t *uids, size_t n, struct folder *to,
                       uint64_t modseq, uint32_t *first_uid)
{
    struct account *a = from->account;
    struct messages *m;

    if (to->gone || to->noselect)
        return ERR_NOTFOUND;
    if (n > UINT32_MAX - (size_t)to->uidnext)
        return ERR_LIMIT;
    TRY(folder_messages(from, &m));
    *first_uid = to->uidnext;
    TRY(change_begin(a));
    return change_end(a, copy(state_of(from), uids, n, state_of(to), modseq));
}
