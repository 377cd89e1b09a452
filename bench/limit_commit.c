/* bench/limit_commit.c -- commits of bare SQLite that write as many pages as the store's do, to
 * databases opened as the store opens its own.
 *
 * Of the pages of a commit some are those of the new rows; the others are a row each that fills
 * its page and is overwritten, drawn from PAGES_THERE.
 */
#include <sqlite3.h>

#include "base/mem.h"
#include "limit.h"
#include "store/internal.h"

enum { PAGES_THERE = 1000, ROWS_IN_ONE = 20 };

struct bare {
    sqlite3 *db;
    sqlite3_stmt *insert, *update, *begin, *commit;
    unsigned rows, updates; /* in each commit */
    int wal_pages;
};

static void sql(struct bare *b, const char *text)
{
    if (sqlite3_exec(b->db, text, NULL, NULL, NULL) != SQLITE_OK)
        drive_die("%s: %s", text, sqlite3_errmsg(b->db));
}

static sqlite3_stmt *statement(struct bare *b, const char *text)
{
    sqlite3_stmt *s;

    if (sqlite3_prepare_v2(b->db, text, -1, &s, NULL) != SQLITE_OK)
        drive_die("%s: %s", text, sqlite3_errmsg(b->db));
    return s;
}

static void run(struct bare *b, sqlite3_stmt *s)
{
    if (sqlite3_step(s) != SQLITE_DONE)
        drive_die("%s: %s", sqlite3_sql(s), sqlite3_errmsg(b->db));
    sqlite3_reset(s);
}

static int note_wal(void *ctx, sqlite3 *db, const char *name, int pages)
{
    struct bare *b = ctx;

    (void)db;
    (void)name;
    b->wal_pages = pages;
    return SQLITE_OK;
}

/* One commit; a checkpoint where the store makes one. */
static void commit(struct limit_side *s)
{
    struct bare *b = s->own;

    run(b, b->begin);
    for (unsigned i = 0; i < b->rows; i++) {
        sqlite3_bind_blob(b->insert, 1, s->room, (int)s->shared->options.octets, SQLITE_STATIC);
        run(b, b->insert);
    }
    for (unsigned i = 0, at = random_below(&s->random, PAGES_THERE); i < b->updates; i++) {
        sqlite3_bind_int(b->update, 1, (int)((at + i * 7) % PAGES_THERE) + 1);
        run(b, b->update);
    }
    run(b, b->commit);
    if (b->wal_pages > STORE_WAL_PAGES_MAX &&
        sqlite3_wal_checkpoint_v2(b->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) != SQLITE_OK)
        drive_die("checkpoint: %s", sqlite3_errmsg(b->db));
}

/* Pages that n commits wrote, by SQLite's own count. */
static unsigned pages_of(struct limit_side *s, unsigned n)
{
    struct bare *b = s->own;
    int before, after, high;

    sqlite3_db_status(b->db, SQLITE_DBSTATUS_CACHE_WRITE, &before, &high, 0);
    for (unsigned i = 0; i < n; i++)
        commit(s);
    sqlite3_db_status(b->db, SQLITE_DBSTATUS_CACHE_WRITE, &after, &high, 0);
    return (unsigned)(after - before + (int)n / 2) / n;
}

static void open_database(struct limit_side *s, unsigned rows)
{
    struct bare *b = mem_new(struct bare);
    char path[100];
    unsigned pages;

    s->own = b;
    b->rows = rows;
    snprintf(path, sizeof(path), "%s/%u.db", s->shared->directory, s->number);
    drive_must(db_open(path, true, &b->db), path);
    sqlite3_wal_hook(b->db, note_wal, b);
    sql(b, "CREATE TABLE body (id INTEGER PRIMARY KEY, octets BLOB)");
    sql(b, "CREATE TABLE page (id INTEGER PRIMARY KEY, n INTEGER, filling BLOB)");
    sql(b, "BEGIN");
    for (int i = 0; i < PAGES_THERE; i++)
        sql(b, "INSERT INTO page (n, filling) VALUES (0, zeroblob(3800))");
    sql(b, "COMMIT");
    sql(b, "PRAGMA wal_checkpoint(TRUNCATE)");
    b->begin = statement(b, "BEGIN IMMEDIATE");
    b->commit = statement(b, "COMMIT");
    b->insert = statement(b, "INSERT INTO body (octets) VALUES (?)");
    b->update = statement(b, "UPDATE page SET n = n + 1 WHERE id = ?");
    pages = rows > 0 ? pages_of(s, 50) : 0;
    b->updates = s->shared->options.pages > pages ? s->shared->options.pages - pages : 0;
}

void limit_append_open(struct limit_side *s)
{
    open_database(s, 1);
}

void limit_one_open(struct limit_side *s)
{
    open_database(s, ROWS_IN_ONE);
}

void limit_store_open(struct limit_side *s)
{
    open_database(s, 0);
}

void limit_commit_close(struct limit_side *s)
{
    struct bare *b = s->own;

    sqlite3_finalize(b->insert);
    sqlite3_finalize(b->update);
    sqlite3_finalize(b->begin);
    sqlite3_finalize(b->commit);
    db_close(&b->db);
    free(b);
    s->own = NULL;
}

bool limit_commit(struct limit_side *s)
{
    commit(s);
    return true;
}

/* An operation is a row; the caller counts the last one. */
bool limit_one(struct limit_side *s)
{
    double from = drive_now();

    commit(s);
    for (unsigned i = 1; i < ROWS_IN_ONE; i++)
        latency_add(&s->latency, drive_now() - from);
    s->operations += ROWS_IN_ONE - 1;
    return true;
}
