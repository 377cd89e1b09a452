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
#include "base/log.h"
#include "base/mem.h"
#include "store/internal.h"

enum {
    PARTS_PER_STEP = 4,
    DUE_CHANGES = 500, /* changes a snapshot may lag behind, plus a part of the folder: */
    DUE_PART = 64,
    FLAG_ROWS_PER_STEP = 500,
    MESSAGE_OCTETS_MOST = 90, /* more than a packed message can need */
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

static void read_parts_failed(const struct folder_state *f, const char *why)
{
    log_warn("store: account=%s folder=%llu snapshot not used: %s", f->pub.account->name,
             (unsigned long long)f->pub.id, why);
}

static enum err read_parts(struct account *a, const struct snapshot *s, struct buf *out)
{
    for (uint32_t i = 0; i < s->parts; i++) {
        scoped_query sqlite3_stmt *q = NULL;
        bool row;

        TRY(sql_query(a, &q, PART_GET, I(s->first_part + i)));
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_CORRUPT;
        buf_add_slice(out, sql_slice(q, 0));
    }
    return out->overflowed || out->n != s->octets ? ERR_CORRUPT : ERR_OK;
}

static enum err unpack_snapshot(struct folder_state *f, const struct snapshot *s)
{
    struct buf packed;
    enum err err;

    if (s->octets > (uint64_t)s->messages * MESSAGE_OCTETS_MOST || s->messages >= s->uidnext)
        return ERR_CORRUPT;
    buf_init(&packed, s->octets + 1);
    (void)buf_reserve(&packed, s->octets);
    err = read_parts(f->pub.account, s, &packed);
    if (err == ERR_OK) {
        messages_new(f, s->messages);
        err = unpack_messages(buf_slice(&packed), s->messages, f);
    }
    buf_release(&packed);
    return err;
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
        if (i == m->n || m->map->uid[i] != r.uid)
            continue; /* newer than the snapshot: read later */
        m->flags[i] = r.flags;
        m->keywords[i] = r.keywords;
        m->modseq[i] = r.modseq;
    }
}

struct catch_up {
    bool *drop; /* of each message of the snapshot */
    uint32_t n_drop;
};

static void drop_range(struct folder_state *f, struct catch_up *c, uint64_t first, uint64_t last)
{
    struct messages *m = f->messages;
    uint32_t i = uid_map_lower(m->map, m->n, (uint32_t)first);

    for (; i < m->n && m->map->uid[i] <= last; i++) {
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
    struct catch_up c = {.drop = mem_calloc((size_t)f->messages->n + 1, sizeof(bool))};
    enum err err = replay_log(f, s, &c);

    if (err == ERR_OK && c.n_drop > 0)
        messages_compact(f, c.drop, c.n_drop);
    free(c.drop);
    return err == ERR_OK ? read_from(f, s->uidnext) : err;
}

static bool agrees(const struct folder_state *f)
{
    const struct messages *m = f->messages;
    uint32_t unseen = 0, deleted = 0;
    uint64_t size = 0;

    for (uint32_t i = 0; i < m->n; i++) {
        unseen += (m->flags[i] & FLAG_SEEN) == 0;
        deleted += (m->flags[i] & FLAG_DELETED) != 0;
        size += m->size[i];
    }
    return m->n == f->pub.messages && unseen == f->pub.unseen && deleted == f->pub.deleted &&
           size == f->pub.size_octets && (m->n == 0 || m->map->uid[m->n - 1] < f->pub.uidnext);
}

static enum err load_snapshot(struct folder_state *f, const struct snapshot *s)
{
    enum err err = unpack_snapshot(f, s);

    if (err == ERR_OK)
        err = catch_up(f, s);
    if (err == ERR_OK && !agrees(f))
        err = ERR_CORRUPT;
    if (err == ERR_CORRUPT)
        read_parts_failed(f, "it does not agree with the folder's counts");
    if (err != ERR_OK)
        messages_free(&f->messages);
    return err;
}

enum err messages_scan(struct folder_state *f)
{
    enum err err;

    messages_new(f, f->pub.messages < 1 << 20 ? f->pub.messages : 1 << 20);
    f->stale = 0;
    err = read_from(f, 1);
    if (err != ERR_OK) {
        messages_free(&f->messages);
        return err;
    }
    if (!agrees(f))
        log_error("store: account=%s folder=%llu kept counts are wrong; see roost check",
                  f->pub.account->name, (unsigned long long)f->pub.id);
    return ERR_OK;
}

/* Each set is merged once, however many messages use it. */
static void note_keywords(struct folder_state *f)
{
    size_t n_sets = f->pub.account->n_sets;
    scoped_free bool *seen = mem_calloc(n_sets + 1, sizeof(bool));
    const struct messages *m = f->messages;

    for (uint32_t i = 0; i < m->n; i++) {
        uint32_t set = m->keywords[i];

        if (set == 0 || set > n_sets || seen[set])
            continue;
        seen[set] = true;
        folder_use_set(f, set);
    }
}

enum err messages_load(struct folder_state *f)
{
    struct snapshot s;
    enum err err = ERR_CORRUPT;

    TRY(snapshot_get(f->pub.account, f->pub.id, &s));
    f->stale = 0;
    if (s.there)
        err = load_snapshot(f, &s);
    if (err == ERR_CORRUPT)
        err = messages_scan(f);
    if (err == ERR_OK)
        note_keywords(f);
    return err;
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

/* A folder that only gets mail is not loaded, and is not left so. */
static enum err pack_folder(struct folder_state *f, struct buf *packed, uint32_t *n)
{
    bool was_loaded = f->messages != NULL;
    struct messages *m;

    TRY(folder_messages(&f->pub, &m));
    buf_clear(packed);
    pack_messages(m, packed);
    *n = m->n;
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
    TRY(pack_folder(f, &idle->packed, &idle->messages));
    if (idle->packed.overflowed)
        return ERR_OK; /* beyond 2 GiB: opened by its rows */
    idle->snapshot_folder = f->pub.id;
    /* One less than what it holds: a step may still be using the last tick. */
    idle->modseq = f->pub.highestmodseq - 1;
    idle->uidnext = f->pub.uidnext;
    idle->first_part = (uint64_t)last + 1;
    idle->part = 0;
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
                   I(idle->messages), I(idle->packed.n), I(idle->first_part), I(idle->part));
}

static enum err write_parts(struct account *a, bool *last)
{
    struct idle *idle = &a->idle;
    struct slice all = buf_slice(&idle->packed);

    for (int i = 0; i < PARTS_PER_STEP; i++) {
        size_t at = (size_t)idle->part * STORE_CHUNK_OCTETS;

        *last = at >= all.n;
        if (*last)
            return finish(a);
        TRY(sql_run(a, PART_INSERT, I(idle->first_part + idle->part),
                    B(slice_sub(all, at, STORE_CHUNK_OCTETS))));
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
