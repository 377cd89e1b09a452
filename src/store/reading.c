/* store/reading.c -- reading many bodies one after the other, for the price of what is read.
 *
 * A statement begun and ended for each body costs more than the body's row: a read transaction, a
 * look from the root of the b-tree. But messages that are asked for together mostly came together,
 * so their rows lie side by side. One statement stands among the rows and is stepped to the next
 * one asked for; what lies further off begins it anew. Chunks are read through one blob handle that
 * is moved from one to the next.
 *
 * What stands so is a read transaction, which would hold up a checkpoint. So a reading ends before
 * the first change, at every commit of one, undo, checkpoint and idle step. Where nothing changes
 * it goes on from turn to turn: to find its place again in the middle of a long body would cost
 * more than what is read there. It ends at the latest when the account is tended, soon after its
 * last command. Nobody begins or ends one: body_load and body_read do, and account.c.
 *
 * Parts of snapshots are read in the same way, but at once and from end to end, so nothing of them
 * stays open.
 */
#include "store/internal.h"

enum {
    NEAR = 4, /* rows stepped over rather than looked for again */
    PAGE_OCTETS = 4096,
    LONG_OCTETS = 4 * PAGE_OCTETS, /* worth reading ahead */
};

void reading_end(struct account *a)
{
    struct reading *r = &a->reading;

    sql_end(&r->bodies);
    sql_end(&r->listing);
    sqlite3_blob_close(r->chunk); /* or nothing */
    *r = (struct reading){0};
}

/* The statement stands at the first body from `body` on. */
static enum err look_for(struct account *a, enum sql_id id, uint64_t body)
{
    struct reading *r = &a->reading;
    const struct sql_arg arg[] = {NIL, I(body)};

    sql_end(&r->bodies);
    r->body = 0;
    r->columns = id;
    return sql_query_args(a, &r->bodies, id, arg, 1);
}

static enum err step_to(struct account *a, uint64_t body)
{
    struct reading *r = &a->reading;

    while (r->body < body) {
        bool row;

        TRY(sql_step(a, r->bodies, &row));
        if (!row)
            return ERR_CORRUPT;
        r->body = (uint64_t)sqlite3_column_int64(r->bodies, 0);
    }
    return r->body == body ? ERR_OK : ERR_CORRUPT;
}

enum err reading_body(struct account *a, enum sql_id id, uint64_t body, sqlite3_stmt **out)
{
    struct reading *r = &a->reading;
    enum err e = ERR_OK;

    if (r->bodies == NULL || r->columns != id || body < r->body || body - r->body > NEAR)
        e = look_for(a, id, body);
    if (e == ERR_OK)
        e = step_to(a, body);
    if (e != ERR_OK)
        sql_end(&r->bodies);
    *out = r->bodies;
    return e;
}

static int open_chunk(struct account *a, int64_t chunk)
{
    struct reading *r = &a->reading;
    int rc;

    if (r->chunk == NULL)
        rc = sqlite3_blob_open(a->db, "main", "chunk", "data", chunk, 0, &r->chunk);
    else if (chunk != r->chunk_id)
        rc = sqlite3_blob_reopen(r->chunk, chunk);
    else
        return SQLITE_OK;
    r->chunk_id = chunk;
    return rc;
}

static void close_chunk(struct account *a)
{
    sqlite3_blob_close(a->reading.chunk);
    a->reading.chunk = NULL;
}

/* With a window lent to the file (ahead_vfs.c). *keeps: SQLite, which is never seen, has kept some
 * of it, and the handle would go on looking at what is gone. */
static __attribute__((noinline)) int read_long(struct account *a, sqlite3_blob *blob, char *p,
                                               int n, int at, bool *keeps)
{
    struct ahead window;
    int rc;

    window.n = window.span = window.lent = 0;
    window.wanted = n + n / PAGE_OCTETS * 4 + 2 * PAGE_OCTETS; /* each page names the next */
    sqlite3_file_control(a->db, "main", AHEAD_CONTROL, &window);
    rc = sqlite3_blob_read(blob, p, n, at);
    *keeps = window.lent > 0;
    if (*keeps)
        sqlite3_blob_close(blob);
    sqlite3_file_control(a->db, "main", AHEAD_CONTROL, NULL);
    return rc;
}

/* Nulls *blob if it cannot be used any more. */
static int read_blob(struct account *a, sqlite3_blob **blob, char *p, int n, int at, int least)
{
    bool keeps;
    int rc;

    if (n < least)
        return sqlite3_blob_read(*blob, p, n, at);
    rc = read_long(a, *blob, p, n, at, &keeps);
    if (keeps)
        *blob = NULL;
    return rc;
}

enum err reading_octets(struct account *a, int64_t chunk, size_t at, size_t n, size_t length,
                        char *p)
{
    scoped_pool struct pool *before = db_enter(a->pool);
    int rc = open_chunk(a, chunk);

    if (rc == SQLITE_OK && (size_t)sqlite3_blob_bytes(a->reading.chunk) != length)
        rc = SQLITE_ERROR;
    if (rc == SQLITE_OK)
        rc = read_blob(a, &a->reading.chunk, p, (int)n, (int)at, LONG_OCTETS);
    if (rc == SQLITE_OK)
        return ERR_OK;
    close_chunk(a);
    /* SQLITE_ERROR: no such chunk, or not as long as the body says. */
    return rc == SQLITE_ERROR ? ERR_CORRUPT : account_fail(a, "reading a chunk", rc);
}

static int open_part(struct account *a, int64_t part, sqlite3_blob **blob)
{
    return *blob != NULL ? sqlite3_blob_reopen(*blob, part)
                         : sqlite3_blob_open(a->db, "main", "snapshot_part", "data", part, 0, blob);
}

enum err reading_part(struct account *a, int64_t part, sqlite3_blob **blob, struct buf *out)
{
    scoped_pool struct pool *before = db_enter(a->pool);
    int rc = open_part(a, part, blob), n;
    char *p;

    if (rc == SQLITE_ERROR)
        return ERR_CORRUPT;
    if (rc != SQLITE_OK)
        return account_fail(a, "opening a part", rc);
    n = sqlite3_blob_bytes(*blob);
    p = buf_reserve(out, (size_t)n);
    if (p == NULL)
        return ERR_CORRUPT;
    rc = read_blob(a, blob, p, n, 0, 2 * PAGE_OCTETS);
    if (rc != SQLITE_OK)
        return account_fail(a, "reading a part", rc);
    buf_added(out, (size_t)n);
    return ERR_OK;
}

void reading_part_end(sqlite3_blob **blob)
{
    sqlite3_blob_close(*blob);
    *blob = NULL;
}
