/* store/idle.c -- background work, in steps of about 5 ms, when nobody waits for the account.
 *
 * Each kind of work is one function that does a piece and says whether it did anything. They are
 * tried in order, so the cheap and the urgent come first.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/gist.h"
#include "store/sort_columns.h"
#include "store/thread.h"

enum {
    STEP_US = 5000,
    SWEEP_ROWS = 200,          /* looked at between two looks at the clock */
    SWEEP_EVERY_S = 24 * 3600, /* a full sweep over `expunged` so often */
    FREE_PAGES_LEAST = 256,    /* below this, free pages are not worth moving others for */
    LOG_DELETE_ROWS = 500,
};

struct budget {
    uint64_t until_us;
};

static bool over(const struct budget *b)
{
    return clock_mono_us() >= b->until_us;
}

static int64_t days_ago(int days)
{
    return clock_wall_s() - (int64_t)days * 24 * 3600;
}

/* ---- \Recent --------------------------------------------------------------------------------- */

static enum err write_recent(struct account *a, bool *did)
{
    for (size_t i = 0; i < a->n_folders; i++) {
        struct folder_state *f = state_of(a->folders[i]);

        if (!f->recent_dirty)
            continue;
        if (!*did)
            TRY(change_begin(a));
        *did = true;
        TRY(change_end(a, folder_write_counts(f)));
    }
    return ERR_OK;
}

/* ---- chunks that belong to nobody ------------------------------------------------------------ */

static enum err free_chunks(struct account *a, uint64_t body, const struct budget *b, bool *done)
{
    int64_t first = (int64_t)(body * STORE_BODY_CHUNKS), id;

    *done = false;
    TRY(thread_index_drop(a, body));
    TRY(gist_drop(a, body));
    TRY(listing_drop(a, body));
    TRY(sql_run(a, BODY_DELETE, I(body))); /* of an arrival that was parked and never adopted */
    while (!over(b)) {
        TRY(sql_value(a, &id, 0, CHUNK_LAST, I(first), I(first + STORE_BODY_CHUNKS - 1)));
        if (id == 0) {
            *done = true;
            return sql_run(a, STAGED_DELETE, I(body));
        }
        TRY(sql_run(a, CHUNK_DELETE, I(id)));
    }
    return ERR_OK;
}

/* The next behind *body that is not one of the n bodies in `arriving`, ascending; 0: none. Those
 * may be thousands, and both lists are gone through together. */
static enum err next_staged(struct account *a, const uint64_t *arriving, size_t n, uint64_t *body)
{
    scoped_query sqlite3_stmt *q = NULL;
    size_t i = 0;
    bool row;

    TRY(sql_query(a, &q, STAGED_LIST, I(*body)));
    for (;;) {
        TRY(sql_step(a, q, &row));
        *body = row ? (uint64_t)sqlite3_column_int64(q, 0) : 0;
        while (i < n && arriving[i] < *body)
            i++;
        if (!row || i == n || arriving[i] != *body)
            return ERR_OK;
    }
}

static enum err free_staged(struct account *a, const struct budget *b, bool *did)
{
    size_t n;
    scoped_free uint64_t *arriving = arrivals_bodies(a, &n);
    uint64_t body = 0;
    bool done = true;

    while (done && !over(b)) {
        TRY(next_staged(a, arriving, n, &body));
        if (body == 0)
            return ERR_OK;
        if (!*did)
            TRY(change_begin(a));
        *did = true;
        TRY(change_end(a, free_chunks(a, body, b, &done)));
    }
    return ERR_OK;
}

/* ---- what was expunged long ago -------------------------------------------------------------- */

struct old_row {
    uint64_t folder, body;
    uint32_t uid;
    int64_t time;
    bool has_body;
};

static enum err read_old(struct account *a, sqlite3_stmt *q, struct old_row *rows, size_t *n)
{
    bool row;

    for (*n = 0; *n < SWEEP_ROWS; ++*n) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        rows[*n] = (struct old_row){
            .folder = (uint64_t)sqlite3_column_int64(q, 0),
            .uid = (uint32_t)sqlite3_column_int64(q, 1),
            .body = (uint64_t)sqlite3_column_int64(q, 2),
            .has_body = sqlite3_column_type(q, 2) != SQLITE_NULL,
            .time = sqlite3_column_int64(q, 3),
        };
    }
    return ERR_OK;
}

static enum err let_go(struct account *a, const struct old_row *r)
{
    int64_t email_id;

    if (r->has_body && r->time < days_ago(STORE_RETENTION_DAYS)) {
        TRY(sql_value(a, &email_id, 0, BODY_IDS, I(r->body)));
        TRY(sql_run(a, EXPUNGED_LET_GO, I(email_id), I(r->folder), I(r->uid)));
        return body_unshare(a, r->body);
    }
    if (!r->has_body && r->time < days_ago(STORE_STUB_DAYS))
        return sql_run(a, EXPUNGED_DROP, I(r->folder), I(r->uid));
    return ERR_OK;
}

static bool is_old(const struct old_row *r)
{
    return r->time < days_ago(r->has_body ? STORE_RETENTION_DAYS : STORE_STUB_DAYS);
}

static enum err finish_sweep(struct account *a)
{
    a->idle.sweeping = false;
    a->swept = clock_wall_s();
    return sql_run(a, ACCOUNT_SET, I(a->uidvalidity_saved), I(a->modseq_reserved), I(a->body_saved),
                   I(a->swept));
}

static enum err sweep_piece(struct account *a, const struct old_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_old(&rows[i]))
            TRY(let_go(a, &rows[i]));
    if (n < SWEEP_ROWS)
        return finish_sweep(a);
    a->idle.sweep_folder = rows[n - 1].folder;
    a->idle.sweep_uid = rows[n - 1].uid;
    return ERR_OK;
}

static enum err sweep_read(struct account *a, struct old_row *rows, size_t *n)
{
    scoped_query sqlite3_stmt *q = NULL;

    TRY(sql_query(a, &q, EXPUNGED_SWEEP, I(a->idle.sweep_folder), I(a->idle.sweep_uid),
                  I(SWEEP_ROWS)));
    return read_old(a, q, rows, n);
}

/* Once a day, by the clock on the wall; a clock that was ahead does not stop it. */
static void begin_sweep(struct account *a)
{
    int64_t now = clock_wall_s();

    if (a->idle.sweeping || (a->swept > now - SWEEP_EVERY_S && a->swept <= now))
        return;
    a->idle.sweeping = true;
    a->idle.sweep_folder = a->idle.sweep_uid = 0;
}

static enum err sweep_expunged(struct account *a, const struct budget *b, bool *did)
{
    struct old_row rows[SWEEP_ROWS];
    size_t n;

    while (a->idle.sweeping && !over(b)) {
        TRY(sweep_read(a, rows, &n));
        if (!*did)
            TRY(change_begin(a));
        *did = true;
        TRY(change_end(a, sweep_piece(a, rows, n)));
    }
    return ERR_OK;
}

/* Messages of folders deleted long ago become stubs, as if expunged then. */
static enum err read_buried(struct account *a, struct old_row *rows, size_t *n)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, TOMBSTONE_MESSAGES, I(days_ago(STORE_RETENTION_DAYS)), I(SWEEP_ROWS)));
    for (*n = 0; *n < SWEEP_ROWS; ++*n) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        rows[*n] = (struct old_row){.folder = (uint64_t)sqlite3_column_int64(q, 0),
                                    .uid = (uint32_t)sqlite3_column_int64(q, 1),
                                    .body = (uint64_t)sqlite3_column_int64(q, 2)};
    }
    return ERR_OK;
}

static enum err drop_buried(struct account *a, const struct old_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        TRY(snapshot_drop(a, rows[i].folder));
        TRY(sql_run(a, MESSAGE_DELETE, I(rows[i].folder), I(rows[i].uid), I(rows[i].uid)));
        TRY(body_unshare(a, rows[i].body));
    }
    return ERR_OK;
}

static enum err sweep_buried(struct account *a, bool *did)
{
    struct old_row rows[SWEEP_ROWS];
    size_t n;

    if (!a->idle.sweeping) /* so before the sweep over `expunged` ends it */
        return ERR_OK;
    TRY(read_buried(a, rows, &n));
    if (n == 0)
        return ERR_OK;
    *did = true;
    TRY(change_begin(a));
    return change_end(a, drop_buried(a, rows, n));
}

/* What is left of folders deleted long ago, once nothing was in them any more. The row with the
 * largest id stays: ids are never given out again. */
static enum err read_tombstones(struct account *a, uint64_t *ids, size_t *n)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, TOMBSTONES, I(days_ago(STORE_RETENTION_DAYS)), I(SWEEP_ROWS)));
    for (*n = 0; *n < SWEEP_ROWS; ++*n) {
        TRY(sql_step(a, q, &row));
        if (!row)
            break;
        ids[*n] = (uint64_t)sqlite3_column_int64(q, 0);
    }
    return ERR_OK;
}

static enum err drop_tombstones(struct account *a, const uint64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        TRY(sql_run(a, CHANGE_CUT, I(ids[i]), I(INT64_MAX)));
        TRY(snapshot_drop(a, ids[i]));
        TRY(sql_run(a, TOMBSTONE_DELETE, I(ids[i])));
    }
    return ERR_OK;
}

static enum err sweep_tombstones(struct account *a, bool *did)
{
    uint64_t ids[SWEEP_ROWS];
    size_t n;

    if (!a->idle.sweeping)
        return ERR_OK;
    TRY(read_tombstones(a, ids, &n));
    if (n == 0)
        return ERR_OK;
    *did = true;
    TRY(change_begin(a));
    return change_end(a, drop_tombstones(a, ids, n));
}

/* ---- the log --------------------------------------------------------------------------------- */

/* Flag changes that the snapshot holds are of no more use. */
static enum err drop_flag_rows(struct account *a, uint64_t folder, uint64_t modseq, bool *did)
{
    scoped_query sqlite3_stmt *q = NULL;
    struct {
        int64_t modseq, uid;
    } rows[LOG_DELETE_ROWS];
    size_t n = 0;
    bool row;

    TRY(sql_query(a, &q, CHANGE_OLD_FLAGS, I(folder), I(modseq), I(LOG_DELETE_ROWS)));
    for (; n < LOG_DELETE_ROWS; n++) {
        TRY(sql_step(a, q, &row));
        if (!row)
            break;
        rows[n].modseq = sqlite3_column_int64(q, 0);
        rows[n].uid = sqlite3_column_int64(q, 1);
    }
    sql_end(&q);
    if (n == 0)
        return ERR_OK;
    *did = true;
    TRY(change_begin(a));
    for (size_t i = 0; i < n; i++)
        TRY(change_end(a, sql_run(a, CHANGE_DELETE, I(folder), I(rows[i].modseq),
                                  I(CHANGE_ROW_FLAGS), I(rows[i].uid))));
    return ERR_OK;
}

/* A log beyond its maximum loses its oldest quarter. */
static enum err cut_log(struct folder_state *f, bool *did)
{
    struct account *a = f->pub.account;
    int64_t past, modseq;
    enum err err;

    TRY(sql_value(a, &past, 0, CHANGE_NTH, I(f->pub.id), I(STORE_LOG_ROWS_MAX)));
    if (past == 0)
        return ERR_OK;
    TRY(sql_value(a, &modseq, 0, CHANGE_NTH, I(f->pub.id), I(STORE_LOG_ROWS_MAX / 4 * 3)));
    *did = true;
    TRY(change_begin(a));
    err = sql_run(a, CHANGE_CUT, I(f->pub.id), I(modseq));
    if (err == ERR_OK)
        err = snapshot_drop(a, f->pub.id); /* it could not be caught up any more */
    if (err == ERR_OK)
        err = sql_run(a, FOLDER_FLOOR, I(modseq), I(f->pub.id));
    if (err == ERR_OK)
        f->expunge_floor = (uint64_t)modseq;
    return change_end(a, err);
}

static enum err trim_folder(struct folder_state *f, bool *did)
{
    struct account *a = f->pub.account;
    int64_t modseq;

    TRY(sql_value(a, &modseq, 0, SNAPSHOT_GET, I(f->pub.id)));
    if (modseq > 0)
        TRY(drop_flag_rows(a, f->pub.id, (uint64_t)modseq, did));
    return *did ? ERR_OK : cut_log(f, did);
}

/* All folders in turn, from where the last step stopped; then the account's own log. */
static enum err trim_log(struct account *a, const struct budget *b, bool *did)
{
    struct idle *idle = &a->idle;

    if (!idle->log_due)
        return ERR_OK;
    while (idle->log_at < a->n_folders && !over(b)) {
        bool did_here = false;

        TRY(trim_folder(state_of(a->folders[idle->log_at]), &did_here));
        *did = *did || did_here;
        if (!did_here)
            idle->log_at++;
    }
    if (idle->log_at < a->n_folders) {
        *did = true; /* go on in the next step */
        return ERR_OK;
    }
    idle->log_due = false;
    idle->log_at = 0;
    *did = true;
    TRY(change_begin(a));
    return change_end(a, sql_run(a, EVENT_CUT, I(STORE_EVENTS_MAX)));
}

/* ---- space ----------------------------------------------------------------------------------- */

static enum err drop_stray_parts(struct account *a, bool *did)
{
    int64_t id;

    if (a->idle.strays_gone || a->idle.snapshot_folder != 0)
        return ERR_OK;
    TRY(sql_value(a, &id, 0, PART_STRAY));
    if (id == 0) {
        a->idle.strays_gone = true;
        return ERR_OK;
    }
    *did = true;
    TRY(change_begin(a));
    return change_end(a, sql_run(a, PART_DELETE, I(id), I(id)));
}

static enum err give_space_back(struct account *a, bool *did)
{
    int64_t free_pages, all_pages;

    TRY(sql_value(a, &free_pages, 0, FREE_PAGES));
    TRY(sql_value(a, &all_pages, 0, ALL_PAGES));
    if (free_pages < FREE_PAGES_LEAST || free_pages * 4 < all_pages)
        return ERR_OK;
    *did = true;
    TRY(change_begin(a));
    return change_end(a, sql_run(a, VACUUM));
}

/* ---- the door -------------------------------------------------------------------------------- */

static enum err work(struct account *a, const struct budget *b, bool *did)
{
    begin_sweep(a);
    TRY(write_recent(a, did));
    if (!*did)
        TRY(snapshot_step(a, did));
    if (!*did)
        TRY(thread_index_step(a, b->until_us, did));
    if (!*did)
        TRY(free_staged(a, b, did));
    if (!*did)
        TRY(sweep_buried(a, did));
    if (!*did)
        TRY(sweep_tombstones(a, did));
    if (!*did)
        TRY(sweep_expunged(a, b, did));
    if (!*did)
        TRY(gist_step(a, b->until_us, did)); /* behind all that lets bodies go */
    if (!*did)
        TRY(listing_step(a, b->until_us, did));
    if (!*did)
        TRY(drop_stray_parts(a, did));
    if (!*did)
        TRY(trim_log(a, b, did));
    if (!*did)
        TRY(give_space_back(a, did));
    return ERR_OK;
}

enum err account_idle_step(struct account *a, bool *more)
{
    struct budget b = {.until_us = clock_mono_us() + STEP_US};
    bool did = false;
    enum err err;

    *more = false;
    if (a->state != ACCOUNT_CLEAN || a->in_command)
        return a->state == ACCOUNT_DEAD ? a->failed : ERR_STATE;
    reading_end(a);
    err = work(a, &b, &did);
    if (err != ERR_OK) {
        account_rollback(a);
        return err;
    }
    TRY(account_commit(a));
    if (!did && (a->wal_pages >= STORE_WAL_PAGES_IDLE || a->wal_long)) {
        TRY(account_checkpoint(a, true));
        return ERR_OK;
    }
    *more = did;
    return ERR_OK;
}

size_t account_memory(const struct account *a)
{
    size_t n = sizeof(*a) + pool_octets(a->pool) + a->words.used_octets + a->scratch.cap +
               a->idle.packed.cap + a->events.names.used_octets +
               a->events.n * sizeof(struct event);

    for (size_t i = 0; i < a->n_all; i++) {
        const struct folder_state *f = a->all[i];

        n += sizeof(*f) + f->pub.name.n + f->key.n + f->ring.cap * sizeof(struct change);
        if (f->messages != NULL)
            n += sort_cache_memory(f->sort) + messages_octets(f);
    }
    return n + thread_memory(a) + a->subs.n * 2 * sizeof(struct slice);
}
