/* store/body_reader.c -- many bodies read one after the other, as a search does.
 *
 * A statement for each body, or a blob handle opened for each piece, costs several times what is
 * read of a short message: it is compiled or bound, a read transaction begins and ends, and the
 * size of the file is asked for. So one handle on each table stays open and is moved from row to
 * row.
 */
#include "store/internal.h"

void body_reader_init(struct body_reader *r, struct account *a)
{
    *r = (struct body_reader){.account = a};
}

void body_reader_end(struct body_reader *r)
{
    (void)sqlite3_blob_close(r->chunk); /* NULL does no harm; readers have nothing to lose here */
    (void)sqlite3_blob_close(r->parts);
    r->chunk = r->parts = NULL;
    r->chunk_id = 0;
}

/* No such row is not an error of SQLite's, but our rows are there or the file is damaged. */
static enum err failed(struct account *a, sqlite3_blob **blob, int rc)
{
    (void)sqlite3_blob_close(*blob); /* one that could not be moved is of no more use */
    *blob = NULL;
    return rc == SQLITE_ERROR ? ERR_CORRUPT : account_fail(a, "reading a body", rc);
}

static enum err move_to(struct account *a, sqlite3_blob **blob, const char *table,
                        const char *column, int64_t id)
{
    int rc;

    if (a->db == NULL)
        return a->failed;
    if (*blob != NULL)
        rc = sqlite3_blob_reopen(*blob, id);
    else
        rc = sqlite3_blob_open(a->db, "main", table, column, id, 0, blob);
    return rc == SQLITE_OK ? ERR_OK : failed(a, blob, rc);
}

static enum err read_blob(struct account *a, sqlite3_blob **blob, size_t at, size_t n,
                          struct buf *out)
{
    char *p = buf_reserve(out, n);
    int rc;

    if (p == NULL)
        return ERR_LIMIT;
    rc = sqlite3_blob_read(*blob, p, (int)n, (int)at);
    if (rc != SQLITE_OK)
        return failed(a, blob, rc);
    buf_added(out, n);
    return ERR_OK;
}

enum err body_reader_parts(struct body_reader *r, uint64_t id, struct buf *out)
{
    TRY(move_to(r->account, &r->parts, "body", "parts", (int64_t)id));
    return read_blob(r->account, &r->parts, 0, (size_t)sqlite3_blob_bytes(r->parts), out);
}

static enum err move_to_chunk(struct body_reader *r, int64_t id)
{
    if (r->chunk != NULL && r->chunk_id == id)
        return ERR_OK;
    r->chunk_id = 0;
    TRY(move_to(r->account, &r->chunk, "chunk", "data", id));
    r->chunk_id = id;
    return ERR_OK;
}

enum err body_reader_octets(struct body_reader *r, uint64_t id, uint64_t at, uint64_t n,
                            struct buf *out)
{
    while (n > 0) {
        uint64_t chunk = at / STORE_CHUNK_OCTETS, from = at % STORE_CHUNK_OCTETS, length;

        if (chunk >= STORE_BODY_CHUNKS)
            return ERR_CORRUPT;
        TRY(move_to_chunk(r, (int64_t)(id * STORE_BODY_CHUNKS + chunk)));
        length = (uint64_t)sqlite3_blob_bytes(r->chunk);
        if (from >= length)
            return ERR_CORRUPT; /* not as long as the body says */
        length = length - from < n ? length - from : n;
        TRY(read_blob(r->account, &r->chunk, from, length, out));
        at += length;
        n -= length;
    }
    return ERR_OK;
}

enum err body_sent_day(struct account *a, uint64_t id, int32_t *day)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, SENT_DAY, I(id)));
    TRY(sql_step(a, q, &row));
    if (!row)
        return ERR_CORRUPT;
    *day = sqlite3_column_type(q, 0) == SQLITE_NULL ? INT32_MIN : sqlite3_column_int(q, 0);
    return ERR_OK;
}
