/* store/account.c -- opening and closing an account, and its transactions.
 *
 * INVARIANTS
 *  1. Whoever holds lock_fd is the only one who opens mail.db. The lock outlives every reopening
 *     of the database.
 *  2. Memory shows what the running transaction shows. Before memory first differs from a
 *     folder's row the folder is in `touched` (folder_touch), so taking back is always: discard
 *     what was touched and read it again.
 *  3. What is written late, kept counts and runs of flag changes, is written before a savepoint
 *     begins and before COMMIT (flush), so a row read again after an undo is right.
 *  4. No statement is in the middle of its rows when a public function returns, but for those of
 *     reading.c, which end before anything is changed, committed or checkpointed.
 *  5. No modseq above modseq_reserved is part of an answered commit: account_commit moves the
 *     reservation in the same transaction. The clock of an opening starts at the reservation, so
 *     a modseq that was ever told to anybody is never given out twice, kill -9 included.
 *  6. A body id is given out once in a life of the database: body_last starts above every id
 *     seen in body, chunk and staged, and freeing raises account.body_last first.
 *  7. Every row of message, and of expunged with a body, has its body row; the number of such
 *     rows is 1 + body_share.extra. A body row has all its chunks. Chunks without a body row
 *     are of a body in `staged`; so is a body row to which no other row refers.
 *
 * STATES
 *
 *      +--------- account_commit, account_rollback, account_undo (owner) ------+
 *      v                                                                       |
 *    CLEAN --- change_begin ---> OPEN --- account_fail, change_end ---> LOST --+
 *      ^                          |                                     |
 *      +--- account_commit -------+                     recover fails --+--> DEAD
 *
 *    LOST: the transaction failed, or SQLite rolled it back on its own. Memory still shows it;
 *    every change is refused until account_commit or account_rollback has discarded it
 *    (recover). DEAD: the file cannot be read again; only account_close helps.
 */
#include <assert.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/thread.h"

/* ---- opening and closing ------------------------------------------------------------------ */

static int on_wal_commit(void *ctx, sqlite3 *db, const char *schema, int pages)
{
    struct account *a = ctx;

    (void)schema;
    a->wal_pages = pages;
    a->wal_short = wal_is_short(db);
    return SQLITE_OK;
}

static enum err open_database(struct account *a)
{
    TRY(db_open(a->path, false, &a->db));
    sqlite3_wal_hook(a->db, on_wal_commit, a);
    a->wal_pages = STORE_WAL_PAGES_IDLE; /* unknown: let an idle step look */
    return ERR_OK;
}

static enum err load_account_row(struct account *a)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, ACCOUNT_GET));
    TRY(sql_step(a, q, &row));
    if (!row)
        return ERR_CORRUPT;
    a->uidvalidity_saved = (uint32_t)sqlite3_column_int64(q, 0);
    a->modseq_reserved = (uint64_t)sqlite3_column_int64(q, 1);
    a->body_saved = (uint64_t)sqlite3_column_int64(q, 2);
    a->swept = sqlite3_column_int64(q, 3);
    a->threaded = (uint64_t)sqlite3_column_int64(q, 4);
    return ERR_OK;
}

/* Nearly everybody who opens an account goes on to a mailbox. Compiled here, where SQLite has just
 * done the like and the processor remembers, its statements take a fraction of what they take after
 * a client's pause. */
static enum err prepare_for_folders(struct account *a)
{
    TRY(sql_prepare(a, SQL_SNAPSHOT_GET));
    return sql_prepare(a, SQL_CHANGE_SINCE);
}

static enum err load(struct account *a)
{
    int64_t body_last;

    TRY(schema_check(a));
    TRY(load_account_row(a));
    a->modseq = a->modseq_reserved;
    a->uidvalidity_last = a->uidvalidity_saved;
    TRY(sql_value(a, &body_last, 0, BODY_LAST));
    a->body_last = a->body_opened = (uint64_t)body_last;
    TRY(keywords_load(a));
    TRY(folders_load(a));
    TRY(subscriptions_load(a));
    sql_forget(a); /* asked once; what comes next takes their memory */
    return prepare_for_folders(a);
}

static char *join(const char *a, const char *b)
{
    char *p = NULL;

    if (asprintf(&p, "%s/%s", a, b) < 0)
        abort(); /* as base/mem does */
    return p;
}

enum err account_open_dir(const char *dir, struct account **out)
{
    struct account *a = mem_new(struct account);
    scoped_pool struct pool *before = db_enter(a->pool = pool_new());
    const char *base = strrchr(dir, '/');
    enum err err;

    a->lock_fd = -1;
    a->annotation_octets = -1;
    a->dir = mem_strdup(dir);
    a->name = mem_strdup(base != NULL ? base + 1 : dir);
    a->path = join(dir, "mail.db");
    arena_init(&a->words, 64 << 20);
    buf_init(&a->scratch, 160 << 20);
    buf_init(&a->idle.packed, (size_t)1 << 31);
    err = path_lock(dir, &a->lock_fd);
    if (err == ERR_OK)
        err = open_database(a);
    if (err == ERR_OK)
        err = load(a);
    if (err != ERR_OK) {
        account_close(&a);
        return err;
    }
    *out = a;
    return ERR_OK;
}

enum err account_open(const char *root, struct slice name, struct account **out)
{
    scoped_free char *dir = NULL;
    uint64_t began_us = clock_thread_us();

    TRY(path_account(root, name, &dir));
    TRY(account_open_dir(dir, out));
    (*out)->effort_us += clock_thread_us() - began_us;
    return ERR_OK;
}

uint64_t account_effort_us(const struct account *a)
{
    return a->effort_us;
}

const char *account_name(const struct account *a)
{
    return a->name;
}

void account_close(struct account **ap)
{
    struct account *a = *ap;

    if (a == NULL)
        return;
    *ap = NULL;
    assert(a->arrivals == NULL);
    sql_forget(a);
    db_close(&a->db); /* rolls back */
    pool_free(&a->pool);
    if (a->lock_fd >= 0)
        close(a->lock_fd);
    for (size_t i = 0; i < a->n_all; i++)
        folder_release(a->all[i]);
    free(a->all);
    free(a->folders);
    free(a->touched);
    words_release(a);
    subscriptions_release(a);
    thread_forget(a);
    events_forget(a);
    buf_release(&a->scratch);
    buf_release(&a->idle.packed);
    free(a->dir);
    free(a->path);
    free(a->name);
    free(a);
}

/* ---- what memory holds ---------------------------------------------------------------------- */

void folder_touch(struct folder_state *f)
{
    struct account *a = f->pub.account;

    f->row_dirty = true;
    f->in_command = f->in_command || a->in_command;
    if (f->in_txn)
        return;
    if (a->n_touched == a->cap_touched) {
        a->cap_touched = a->cap_touched > 0 ? a->cap_touched * 2 : 16;
        a->touched = mem_resize(a->touched, a->cap_touched, sizeof(struct folder_state *));
    }
    f->in_txn = true;
    a->touched[a->n_touched++] = f;
}

static enum err write_account_row(struct account *a)
{
    uint64_t reserve = a->modseq_reserved;

    if (a->modseq <= reserve && a->uidvalidity_last == a->uidvalidity_saved)
        return ERR_OK;
    if (a->modseq > reserve)
        reserve = a->modseq + STORE_MODSEQ_BLOCK;
    TRY(sql_run(a, ACCOUNT_SET, I(a->uidvalidity_last), I(reserve), I(a->body_saved), I(a->swept)));
    a->modseq_reserved = reserve;
    a->uidvalidity_saved = a->uidvalidity_last;
    return ERR_OK;
}

/* Invariant 3. */
static enum err flush(struct account *a)
{
    TRY(pending_flush(a));
    for (size_t i = 0; i < a->n_touched; i++)
        if (a->touched[i]->row_dirty)
            TRY(folder_write_counts(a->touched[i]));
    return write_account_row(a);
}

static void forget_touched(struct account *a)
{
    for (size_t i = 0; i < a->n_touched; i++)
        a->touched[i]->in_txn = a->touched[i]->in_command = a->touched[i]->row_dirty = false;
    a->n_touched = 0;
    a->structure_txn = a->structure_command = false;
    a->words_txn = a->words_command = false;
    a->subs_txn = a->subs_command = false;
}

/* Read again what the command, or the transaction, had changed. */
static enum err discard(struct account *a, bool whole)
{
    a->pending.folder = NULL;
    thread_undone(a, whole);
    if (whole) /* one that was written may be gone */
        a->gist_next = a->listing_next = 0;
    events_forget(a);
    a->annotation_octets = -1;
    quota_forget(a);
    TRY(load_account_row(a));
    if (whole ? a->words_txn : a->words_command)
        TRY(keywords_load(a));
    if (whole ? a->structure_txn : a->structure_command)
        TRY(folders_load(a));
    if (whole ? a->subs_txn : a->subs_command)
        TRY(subscriptions_load(a));
    for (size_t i = 0; i < a->n_touched; i++)
        if (whole || a->touched[i]->in_command)
            TRY(folder_reread(a->touched[i]));
    return ERR_OK;
}

static void end_command(struct account *a)
{
    a->in_command = a->command_wrote = a->command_owns_txn = false;
    a->command_joins = a->command_saved = false;
    a->structure_command = a->words_command = a->subs_command = false;
    a->command_failed = ERR_OK;
    for (size_t i = 0; i < a->n_touched; i++)
        a->touched[i]->in_command = false;
}

/* ---- failure ------------------------------------------------------------------------------- */

static enum err lose(struct account *a, enum err why)
{
    a->state = ACCOUNT_LOST;
    a->failed = why;
    return why;
}

static void die(struct account *a, enum err why)
{
    log_error("store: account=%s cannot be used until it is opened again: %s", a->name,
              err_text(why));
    sql_forget(a);
    db_close(&a->db);
    a->state = ACCOUNT_DEAD;
    a->failed = why;
    a->pending.folder = NULL;
}

enum err account_fail(struct account *a, const char *what, int rc)
{
    int errno_ = sqlite3_system_errno(a->db);
    enum err err = sql_err(rc, errno_);

    log_error("store: account=%s %s: sqlite %d (%s) errno %d in: %.200s", a->name, err_text(err),
              rc, sqlite3_errmsg(a->db), errno_, what != NULL ? what : "");
    if (a->state == ACCOUNT_OPEN) {
        if ((rc & 0xff) == SQLITE_IOERR)
            a->suspect = true;
        if (sqlite3_get_autocommit(a->db))
            return lose(a, err);
    }
    return err;
}

/* After an I/O error in a transaction. Frames of the failed commit may stand in the WAL, whole
 * but unsynced, and the next opening would take them for committed: emptying the WAL first rules
 * that out. */
static enum err reopen(struct account *a)
{
    scoped_pool struct pool *before = db_enter(a->pool);
    int rc;

    sql_forget(a);
    rc = sqlite3_wal_checkpoint_v2(a->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc != SQLITE_OK)
        return sql_err(rc, sqlite3_system_errno(a->db));
    db_close(&a->db);
    return open_database(a);
}

/* From OPEN or LOST to CLEAN (or DEAD): disk and memory as of the last commit. */
static void recover(struct account *a)
{
    enum err err = ERR_OK;

    reading_end(a);
    if (!sqlite3_get_autocommit(a->db) && sql_run(a, ROLLBACK) != ERR_OK)
        a->suspect = true;
    a->state = ACCOUNT_CLEAN;
    if (a->suspect)
        err = reopen(a);
    a->suspect = false;
    arrivals_undone(a, true);
    if (err == ERR_OK)
        err = discard(a, true);
    end_command(a);
    forget_touched(a);
    if (err != ERR_OK)
        die(a, err);
}

/* ---- transactions ---------------------------------------------------------------------------- */

static enum err usable(const struct account *a)
{
    return a->state == ACCOUNT_LOST || a->state == ACCOUNT_DEAD ? a->failed : ERR_OK;
}

static enum err begin_command_writes(struct account *a)
{
    enum err err;

    if (a->state == ACCOUNT_CLEAN) {
        TRY(sql_run(a, BEGIN));
        a->state = ACCOUNT_OPEN;
        a->command_owns_txn = true;
    } else if (!a->command_joins) {
        err = flush(a); /* of earlier commands: its failure is theirs too */
        if (err == ERR_OK)
            err = sql_run(a, SAVEPOINT);
        if (err != ERR_OK)
            return lose(a, err);
        a->command_saved = true;
    }
    a->command_wrote = true;
    return ERR_OK;
}

enum err change_begin(struct account *a)
{
    TRY(usable(a));
    reading_end(a);
    if (a->in_command) {
        if (a->command_failed != ERR_OK)
            return a->command_failed;
        if (!a->command_wrote)
            return begin_command_writes(a);
    } else if (a->state == ACCOUNT_CLEAN) {
        TRY(sql_run(a, BEGIN));
        a->state = ACCOUNT_OPEN;
    }
    return ERR_OK;
}

void account_joins(struct account *a)
{
    a->command_joins = a->in_command;
}

/* What the command has written cannot be told from what others have. */
static bool has_joined(const struct account *a)
{
    return a->command_wrote && !a->command_owns_txn && !a->command_saved;
}

enum err change_end(struct account *a, enum err err)
{
    if (err == ERR_OK || a->state != ACCOUNT_OPEN)
        return err;
    if (!a->in_command || has_joined(a))
        return lose(a, err);
    a->command_failed = err;
    return err;
}

bool account_dirty(const struct account *a)
{
    return a->state == ACCOUNT_OPEN || a->state == ACCOUNT_LOST ||
           (a->state == ACCOUNT_CLEAN && a->modseq > a->modseq_reserved);
}

static void try_checkpoint(struct account *a, bool cut)
{
    if (account_checkpoint(a, cut) != ERR_OK)
        log_warn("store: account=%s the WAL grows, no checkpoint", a->name);
}

bool account_owes_work(const struct account *a)
{
    return a->state == ACCOUNT_CLEAN && (a->wal_pages > STORE_WAL_PAGES_MAX || a->wal_short);
}

void account_work_off(struct account *a)
{
    if (!account_owes_work(a))
        return;
    if (a->wal_pages > STORE_WAL_PAGES_MAX)
        try_checkpoint(a, false);
    else
        wal_make_room(a->db);
    a->wal_short = false;
}

static enum err commit(struct account *a)
{
    TRY(flush(a));
    if (thread_behind(a))
        TRY(thread_index_piece(a));
    return sql_run(a, COMMIT);
}

enum err account_commit(struct account *a)
{
    enum err err;

    if (a->state == ACCOUNT_DEAD)
        return a->failed;
    if (a->state == ACCOUNT_CLEAN && a->modseq <= a->modseq_reserved) {
        end_command(a);
        return ERR_OK;
    }
    reading_end(a);
    if (a->in_command && a->command_failed != ERR_OK)
        account_undo(a);
    err = usable(a);
    if (err == ERR_OK && a->state == ACCOUNT_CLEAN)
        err = change_begin(a); /* only to move the reservation (invariant 5) */
    if (err == ERR_OK)
        err = commit(a);
    if (err != ERR_OK) {
        recover(a);
        return err;
    }
    a->state = ACCOUNT_CLEAN;
    a->suspect = false;
    arrivals_released(a, true);
    news_committed(a);
    thread_committed(a);
    end_command(a);
    forget_touched(a);
    if (a->wal_pages > 2 * STORE_WAL_PAGES_MAX) /* nobody works it off: only bound it */
        try_checkpoint(a, true);
    return ERR_OK;
}

void account_rollback(struct account *a)
{
    if (a->state == ACCOUNT_OPEN || a->state == ACCOUNT_LOST)
        recover(a);
}

enum err account_savepoint(struct account *a)
{
    assert(!a->in_command);
    TRY(usable(a));
    a->in_command = true;
    thread_command_begins(a);
    return ERR_OK;
}

enum err account_release(struct account *a)
{
    enum err err;

    if (!a->in_command)
        return usable(a);
    if (a->command_failed != ERR_OK || usable(a) != ERR_OK) {
        err = a->command_failed != ERR_OK ? a->command_failed : usable(a);
        account_undo(a);
        return err;
    }
    if (a->command_saved) {
        err = sql_run(a, RELEASE);
        if (err != ERR_OK)
            return lose(a, err);
    }
    arrivals_released(a, false);
    end_command(a);
    return ERR_OK;
}

void account_undo(struct account *a)
{
    enum err err;

    if (!a->in_command)
        return;
    reading_end(a);
    if (a->state != ACCOUNT_OPEN || !a->command_wrote) {
        end_command(a);
        return;
    }
    if (a->command_owns_txn || a->suspect || has_joined(a)) {
        if (a->command_owns_txn)
            recover(a);
        else
            (void)lose(a, a->command_failed != ERR_OK ? a->command_failed : ERR_IO);
        end_command(a);
        return;
    }
    err = sql_run(a, UNDO);
    if (err == ERR_OK)
        err = sql_run(a, RELEASE);
    arrivals_undone(a, false);
    if (err == ERR_OK)
        err = discard(a, false);
    end_command(a);
    if (err != ERR_OK)
        (void)lose(a, err);
}

enum err account_checkpoint(struct account *a, bool cut)
{
    scoped_pool struct pool *before = db_enter(a->pool);
    int mode = cut ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    int rc;

    reading_end(a);
    rc = sqlite3_wal_checkpoint_v2(a->db, NULL, mode, NULL, NULL);
    if (rc != SQLITE_OK)
        return account_fail(a, "checkpoint", rc);
    a->wal_pages = 0;
    a->wal_long = !cut;
    return ERR_OK;
}

/* ---- the clock ------------------------------------------------------------------------------- */

uint64_t account_tick(struct account *a)
{
    return ++a->modseq;
}

uint64_t account_modseq(const struct account *a)
{
    return a->modseq;
}
