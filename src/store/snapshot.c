/* store/snapshot.c -- loading a folder's messages: from its packed snapshot plus what changed
 * since, or, without one, from all its rows.
 *
 * The catch-up reads the log above snapshot.modseq: expunged UIDs are dropped, ranges with
 * changed flags read again from `message`, and all UIDs from snapshot.uidnext on are new. Reading
 * a change twice does no harm, so snapshot.modseq may err on the low side. The result must agree
 * with the folder's kept counts; else the snapshot is ignored and the rows are read.
 *
 * Writing is done by idle steps, a few parts at a time, each step its own transaction; the row in
 * `snapshot` comes last, so a half-written one is never found.
 */
#include <endian.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/pack.h"
#include "store/internal.h"

enum {
    PARTS_PER_STEP = 4,
    DUE_CHANGES = 500, /* changes a snapshot may lag behind, plus a part of the folder: */
    DUE_PART = 64,
    GONE_MOST = 4096,        /* messages of a snapshot that may be expunged since, */
    GONE_TIMES = 4,          /* and how many for each that is left */
    OCTET_MESSAGES_MOST = 8, /* of all columns together */
    PART_OCTETS_MAX = 1 << 20,
};

struct snapshot {
    uint64_t modseq, octets, first_part;
    uint32_t uidnext, messages, parts;
    bool there;
};

static enum err snapshot_get(struct account *a, uint64_t folder, struct snapshot *out)
{
    scoped_query sqlite3_stmt *q = NULL;

    *out = (struct snapshot){0};
    TRY(sql_query(a, &q, SNAPSHOT_GET, I(folder)));
    TRY(sql_step(a, q, &out->there));
    if (!out->there)
        return ERR_OK;
    out->modseq = (uint64_t)sqlite3_column_int64(q, 0);
    out->uidnext = (uint32_t)sqlite3_column_int64(q, 1);
    out->messages = (uint32_t)sqlite3_column_int64(q, 2);
    out->octets = (uint64_t)sqlite3_column_int64(q, 3);
    out->first_part = (uint64_t)sqlite3_column_int64(q, 4);
    out->parts = (uint32_t)sqlite3_column_int64(q, 5);
    return ERR_OK;
}

/* ---- loading --------------------------------------------------------------------------------- */

static enum err unpack_snapshot(struct folder_state *f, const struct snapshot *s, bool whole)
{
    uint32_t parts = whole ? s->parts : pack_outlines(s->messages);
    scoped_part sqlite3_blob *blob = NULL;
    enum err err = ERR_OK;
    struct buf octets;

    if (s->messages >= s->uidnext || s->messages / OCTET_MESSAGES_MOST > s->octets)
        return ERR_CORRUPT;
    messages_new(f, s->messages, whole);
    buf_init(&octets, PART_OCTETS_MAX);
    for (uint32_t i = 0; i < parts && err == ERR_OK; i++) {
        buf_clear(&octets);
        err = reading_part(f->pub.account, (int64_t)(s->first_part + i), &blob, &octets);
        if (err == ERR_OK)
            err = unpack_part(buf_slice(&octets), i, s->messages, f);
    }
    buf_release(&octets);
    TRY(err);
    return s->messages == 0 || uid_at(f->messages->map, s->messages - 1) < s->uidnext ? ERR_OK
                                                                                      : ERR_CORRUPT;
}

/* Read again the rows of messages that are loaded. */
static enum err reread_range(struct folder_state *f, uint32_t first, uint32_t last)
{
    struct account *a = f->pub.account;
    struct messages *m = f->messages;
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, MESSAGE_RANGE, I(f->pub.id), I(first), I(last)));
    for (;;) {
        struct message_row r;
        uint32_t i;

        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        r = message_of_row(q);
        i = uid_map_lower(m->map, m->n, r.uid);
        f->stale++;
        if (i == m->n || uid_at(m->map, i) != r.uid)
            continue; /* newer than the snapshot: read later */
        m->flags[i] = r.flags;
        folder_use_set(f, r.keywords);
        if (!f->whole)
            continue;
        m->keywords[i] = r.keywords;
        m->modseq[i] = r.modseq;
    }
}

struct catch_up {
    bool *drop; /* of each message of the snapshot; NULL: of none */
    uint32_t n_drop;
};

static void drop_range(struct folder_state *f, struct catch_up *c, uint64_t first, uint64_t last)
{
    struct messages *m = f->messages;
    uint32_t i = uid_map_lower(m->map, m->n, (uint32_t)first);

    if (c->drop == NULL)
        c->drop = mem_calloc((size_t)m->n + 1, sizeof(bool));
    for (; i < m->n && uid_at(m->map, i) <= last; i++) {
        c->n_drop += !c->drop[i];
        c->drop[i] = true;
        f->stale++;
    }
}

static enum err replay_log(struct folder_state *f, const struct snapshot *s, struct catch_up *c)
{
    struct account *a = f->pub.account;
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, CHANGE_SINCE, I(f->pub.id), I(s->modseq)));
    for (;;) {
        uint32_t first, last;

        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        first = (uint32_t)sqlite3_column_int64(q, 2);
        last = (uint32_t)sqlite3_column_int64(q, 3);
        if (sqlite3_column_int(q, 1) == CHANGE_ROW_EXPUNGE)
            drop_range(f, c, first, last);
        else
            TRY(reread_range(f, first, last));
    }
}

/* Append the rows of all UIDs from `from` on. */
static enum err read_from(struct folder_state *f, uint32_t from)
{
    struct account *a = f->pub.account;
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, MESSAGE_RANGE, I(f->pub.id), I(from), I(UINT32_MAX)));
    for (;;) {
        struct message_row r;

        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        r = message_of_row(q);
        message_append(f, &r);
        f->stale++;
    }
}

static enum err catch_up(struct folder_state *f, const struct snapshot *s)
{
    struct catch_up c = {0};
    enum err err = replay_log(f, s, &c);

    if (err == ERR_OK && c.n_drop > 0)
        messages_compact(f, c.drop, c.n_drop);
    free(c.drop);
    return err == ERR_OK && f->pub.uidnext > s->uidnext ? read_from(f, s->uidnext) : err;
}

typedef uint8_t lanes __attribute__((vector_size(16)));

static uint32_t sum_of(lanes v)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < sizeof(v); i++)
        sum += v[i];
    return sum;
}

/* How many messages have each of two flags: octets side by side, no more of them than one holds. */
static void count_flags(const struct messages *m, uint32_t *seen, uint32_t *deleted)
{
    uint32_t i = 0, left;

    *seen = *deleted = 0;
    while ((left = (m->n - i) / sizeof(lanes)) > 0) {
        lanes sums[2] = {{0}, {0}}, f;
        uint32_t times = left < UINT8_MAX ? left : UINT8_MAX;

        for (uint32_t k = 0; k < times; k++, i += sizeof(f)) {
            memcpy(&f, m->flags + i, sizeof(f));
            sums[0] -= (lanes)((f & FLAG_SEEN) != 0); /* true is -1 */
            sums[1] -= (lanes)((f & FLAG_DELETED) != 0);
        }
        *seen += sum_of(sums[0]);
        *deleted += sum_of(sums[1]);
    }
    for (; i < m->n; i++) {
        *seen += m->flags[i] / FLAG_SEEN & 1;
        *deleted += m->flags[i] / FLAG_DELETED & 1;
    }
}

static bool agrees(const struct folder_state *f)
{
    const struct messages *m = f->messages;
    uint32_t seen, deleted;
    uint64_t size = 0;

    count_flags(m, &seen, &deleted);
    for (uint32_t i = 0; f->whole && i < m->n; i++)
        size += m->size[i];
    return m->n == f->pub.messages && m->n - seen == f->pub.unseen && deleted == f->pub.deleted &&
           (!f->whole || size == f->pub.size_octets) &&
           (m->n == 0 || uid_at(m->map, m->n - 1) < f->pub.uidnext);
}

static enum err load_snapshot(struct folder_state *f, const struct snapshot *s, bool whole)
{
    enum err err = unpack_snapshot(f, s, whole);

    if (err == ERR_OK)
        err = catch_up(f, s);
    if (err == ERR_OK && !agrees(f))
        err = ERR_CORRUPT;
    if (err == ERR_CORRUPT)
        log_warn(
            "store: account=%s folder=%llu snapshot not used: it is damaged, or does not agree "
            "with the folder's counts",
            f->pub.account->name, (unsigned long long)f->pub.id);
    if (err != ERR_OK)
        messages_free(&f->messages);
    return err;
}

enum err messages_scan(struct folder_state *f)
{
    enum err err;

    messages_new(f, f->pub.messages < 1 << 20 ? f->pub.messages : 1 << 20, true);
    f->stale = 0;
    err = read_from(f, 1);
    if (err != ERR_OK) {
        messages_free(&f->messages);
        return err;
    }
    if (!agrees(f))
        log_error("store: account=%s folder=%llu kept counts are wrong", f->pub.account->name,
                  (unsigned long long)f->pub.id);
    return ERR_OK;
}

/* One in another form, of an older version, has another number of parts. Where few messages are
 * left their rows are sooner read; and a number that is damaged asks for no more memory than that.
 */
static bool is_worth(const struct folder_state *f, const struct snapshot *s)
{
    return s->there && s->parts == pack_parts(s->messages) &&
           s->messages <= GONE_MOST + GONE_TIMES * (uint64_t)f->pub.messages;
}

enum err messages_load(struct folder_state *f, bool whole)
{
    struct snapshot s;
    enum err err = ERR_CORRUPT;

    TRY(snapshot_get(f->pub.account, f->pub.id, &s));
    f->stale = 0;
    if (is_worth(f, &s))
        err = load_snapshot(f, &s, whole);
    return err == ERR_CORRUPT ? messages_scan(f) : err;
}

/* ---- writing --------------------------------------------------------------------------------- */

bool snapshot_due(const struct folder_state *f)
{
    return !f->pub.gone && f->stale > DUE_CHANGES + f->pub.messages / DUE_PART;
}

static struct folder_state *find_due(struct account *a)
{
    for (size_t i = 0; i < a->n_folders; i++)
        if (snapshot_due(state_of(a->folders[i])))
            return state_of(a->folders[i]);
    return NULL;
}

/* The part behind its length. */
static void pack_counted(const struct messages *m, uint32_t part, struct buf *out)
{
    size_t began = out->n;
    uint32_t octets;

    pack_u32(out, 0);
    pack_part(m, part, out);
    if (out->overflowed)
        return;
    octets = htole32((uint32_t)(out->n - began - sizeof(octets)));
    memcpy(out->p + began, &octets, sizeof(octets));
}

/* A folder that only gets mail is not loaded, and is not left so. */
static enum err pack_folder(struct folder_state *f, struct idle *idle)
{
    bool was_loaded = f->messages != NULL;
    struct messages *m;

    TRY(folder_messages(&f->pub, &m));
    buf_clear(&idle->packed);
    for (uint32_t i = 0; i < pack_parts(m->n); i++)
        pack_counted(m, i, &idle->packed);
    idle->messages = m->n;
    f->stale = 0;
    if (!was_loaded)
        messages_free(&f->messages);
    return ERR_OK;
}

static enum err start(struct account *a, struct folder_state *f)
{
    struct idle *idle = &a->idle;
    int64_t last;

    TRY(sql_value(a, &last, 0, PART_LAST));
    TRY(pack_folder(f, idle));
    if (idle->packed.overflowed)
        return ERR_OK; /* beyond 2 GiB: opened by its rows */
    idle->snapshot_folder = f->pub.id;
    /* One less than what it holds: a step may still be using the last tick. */
    idle->modseq = f->pub.highestmodseq - 1;
    idle->uidnext = f->pub.uidnext;
    idle->first_part = (uint64_t)last + 1;
    idle->part = 0;
    idle->at = idle->octets = 0;
    return ERR_OK;
}

enum err snapshot_drop(struct account *a, uint64_t folder)
{
    struct snapshot old;

    TRY(snapshot_get(a, folder, &old));
    if (!old.there)
        return ERR_OK;
    TRY(sql_run(a, PART_DELETE, I(old.first_part), I(old.first_part + old.parts - 1)));
    return sql_run(a, SNAPSHOT_DELETE, I(folder));
}

static enum err finish(struct account *a)
{
    struct idle *idle = &a->idle;

    TRY(snapshot_drop(a, idle->snapshot_folder));
    return sql_run(a, SNAPSHOT_SET, I(idle->snapshot_folder), I(idle->modseq), I(idle->uidnext),
                   I(idle->messages), I(idle->octets), I(idle->first_part), I(idle->part));
}

static enum err write_parts(struct account *a, bool *last)
{
    struct idle *idle = &a->idle;

    for (int i = 0; i < PARTS_PER_STEP; i++) {
        struct unpack u = unpack_of(slice_sub(buf_slice(&idle->packed), idle->at, SIZE_MAX));
        struct slice part;

        *last = u.in.n == 0;
        if (*last)
            return finish(a);
        part = unpack_octets(&u, UINT32_MAX);
        TRY(sql_run(a, PART_INSERT, I(idle->first_part + idle->part), B(part)));
        idle->at += sizeof(uint32_t) + part.n;
        idle->octets += part.n;
        idle->part++;
    }
    return ERR_OK;
}

/* Begin, or go on with, the next snapshot that is due. *did: something was done. */
enum err snapshot_step(struct account *a, bool *did)
{
    struct idle *idle = &a->idle;
    bool last = false;
    enum err err;

    if (idle->snapshot_folder == 0) {
        struct folder_state *f = find_due(a);

        if (f == NULL)
            return ERR_OK;
        *did = true;
        TRY(start(a, f));
        if (idle->snapshot_folder == 0)
            return ERR_OK;
    }
    *did = true;
    TRY(change_begin(a));
    err = change_end(a, write_parts(a, &last));
    if (err == ERR_OK)
        err = account_commit(a);
    else
        account_rollback(a);
    if (last || err != ERR_OK) {
        idle->snapshot_folder = 0;
        buf_release(&idle->packed);
    }
    return err;
}
