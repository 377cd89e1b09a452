/* store/body.c -- bodies: reading them, and counting who refers to them.
 *
 * A body that only one row refers to has no row in body_share, so a delivery never writes there.
 * Chunks are read by blob handles where only a piece is wanted: SQLite then walks the overflow
 * pages and copies only what is asked for.
 */
#include "store/thread.h"

/* ---- what the parser made of it ------------------------------------------------------------- */

/* Copies a column into the scratch buffer; the slice is set when the buffer has stopped moving. */
static size_t keep(struct account *a, sqlite3_stmt *q, int column)
{
    struct slice s = sql_slice(q, column);

    buf_add_slice(&a->scratch, s);
    return s.n;
}

static struct slice cut(struct slice *from, size_t n)
{
    struct slice s = slice_sub(*from, 0, n);

    *from = slice_sub(*from, n, from->n);
    return s;
}

static void read_numbers(sqlite3_stmt *q, struct body *b)
{
    b->email_id = (uint64_t)sqlite3_column_int64(q, 0);
    b->thread_id = (uint64_t)sqlite3_column_int64(q, 1);
    b->size = (uint32_t)sqlite3_column_int64(q, 2);
    b->has_global = sqlite3_column_int(q, 6) != 0;
    b->sent_instant =
        sqlite3_column_type(q, 8) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(q, 8);
    b->sent_day = sqlite3_column_type(q, 9) == SQLITE_NULL ? INT32_MIN : sqlite3_column_int(q, 9);
}

static enum err read_texts(struct account *a, sqlite3_stmt *q, struct body *b)
{
    struct {
        int column;
        struct slice *to;
    } texts[] = {
        {3, &b->envelope},      {4, &b->bodystructure}, {5, &b->body},        {7, &b->parts},
        {10, &b->base_subject}, {11, &b->from},         {12, &b->to},         {13, &b->cc},
        {14, &b->from_display}, {15, &b->to_display},   {16, &b->message_id}, {17, &b->in_reply_to},
        {18, &b->references},   {19, &b->preview},
    };
    enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };
    size_t n[TEXTS];
    struct slice all;

    buf_clear(&a->scratch);
    for (size_t i = 0; i < TEXTS; i++)
        n[i] = keep(a, q, texts[i].column);
    if (a->scratch.overflowed)
        return ERR_CORRUPT;
    all = buf_slice(&a->scratch);
    for (size_t i = 0; i < TEXTS; i++)
        *texts[i].to = cut(&all, n[i]);
    return ERR_OK;
}

enum err body_load(struct account *a, uint64_t id, struct body *out)
{
    scoped_query sqlite3_stmt *q = NULL;
    struct body b = {.id = id};
    bool row;

    TRY(sql_query(a, &q, BODY_GET, I(id)));
    TRY(sql_step(a, q, &row));
    if (!row)
        return ERR_CORRUPT;
    read_numbers(q, &b);
    TRY(read_texts(a, q, &b));
    *out = b;
    return ERR_OK;
}

enum err body_load_ids(struct account *a, uint64_t id, struct body *out)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, BODY_IDS, I(id)));
    TRY(sql_step(a, q, &row));
    if (!row)
        return ERR_CORRUPT;
    *out = (struct body){.id = id,
                         .email_id = (uint64_t)sqlite3_column_int64(q, 0),
                         .thread_id = (uint64_t)sqlite3_column_int64(q, 1),
                         .size = (uint32_t)sqlite3_column_int64(q, 2)};
    return ERR_OK;
}

/* ---- its octets ------------------------------------------------------------------------------ */

static enum err size_of(struct account *a, uint64_t id, uint64_t *out)
{
    struct body b;

    if (a->size_body != id) {
        TRY(body_load_ids(a, id, &b));
        a->size_body = id;
        a->size_octets = b.size;
    }
    *out = a->size_octets;
    return ERR_OK;
}

static enum err read_whole(struct account *a, int64_t chunk, size_t n, struct buf *out)
{
    scoped_query sqlite3_stmt *q = NULL;
    struct slice data;
    bool row;

    TRY(sql_query(a, &q, CHUNK_GET, I(chunk)));
    TRY(sql_step(a, q, &row));
    data = row ? sql_slice(q, 0) : SLICE_NULL;
    if (data.n != n)
        return ERR_CORRUPT;
    buf_add_slice(out, data);
    return ERR_OK;
}

static enum err read_piece(struct account *a, int64_t chunk, size_t at, size_t n, size_t length,
                           struct buf *out)
{
    scoped_pool struct pool *before = db_enter(a->pool);
    sqlite3_blob *blob = NULL;
    char *p = buf_reserve(out, n);
    int rc;

    if (p == NULL)
        return ERR_LIMIT;
    rc = sqlite3_blob_open(a->db, "main", "chunk", "data", chunk, 0, &blob);
    if (rc == SQLITE_ERROR || (rc == SQLITE_OK && (size_t)sqlite3_blob_bytes(blob) != length)) {
        sqlite3_blob_close(blob);
        return ERR_CORRUPT; /* no such chunk, or not as long as the body says */
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_blob_read(blob, p, (int)n, (int)at);
    sqlite3_blob_close(blob);
    if (rc != SQLITE_OK)
        return account_fail(a, "reading a chunk", rc);
    buf_added(out, n);
    return ERR_OK;
}

/* n octets at `at` of one chunk, which holds `length`. */
static enum err read_chunk(struct account *a, int64_t chunk, size_t at, size_t n, size_t length,
                           struct buf *out)
{
    /* Opening a blob handle costs about as much as copying this much. */
    if (n == length)
        return read_whole(a, chunk, n, out);
    return read_piece(a, chunk, at, n, length, out);
}

enum err body_read(struct account *a, uint64_t id, uint64_t at, uint64_t n, struct buf *out)
{
    uint64_t size, end;

    if (a->db == NULL)
        return a->failed;
    TRY(size_of(a, id, &size));
    if (at > size)
        at = size;
    end = n < size - at ? at + n : size;
    if (end - at > out->max_octets || out->n > out->max_octets - (end - at))
        return ERR_LIMIT;
    while (at < end) {
        uint64_t chunk = at / STORE_CHUNK_OCTETS, start = chunk * STORE_CHUNK_OCTETS;
        uint64_t length = size - start < STORE_CHUNK_OCTETS ? size - start : STORE_CHUNK_OCTETS;
        uint64_t take = (end < start + length ? end : start + length) - at;

        TRY(read_chunk(a, (int64_t)(id * STORE_BODY_CHUNKS + chunk), at - start, take, length,
                       out));
        at += take;
    }
    return out->overflowed ? ERR_LIMIT : ERR_OK;
}

/* ---- references ------------------------------------------------------------------------------ */

enum err body_share(struct account *a, uint64_t id, uint32_t more)
{
    return sql_run(a, SHARE_ADD, I(id), I(more));
}

static enum err body_drop(struct account *a, uint64_t id)
{
    if (a->size_body == id)
        a->size_body = 0;
    if (id > a->body_saved) { /* invariant 6 of account.c */
        a->body_saved = id;
        TRY(sql_run(a, ACCOUNT_SET, I(a->uidvalidity_saved), I(a->modseq_reserved),
                    I(a->body_saved), I(a->swept)));
    }
    TRY(thread_index_drop(a, id));
    TRY(sql_run(a, BODY_DELETE, I(id)));
    return sql_run(a, STAGED_INSERT, I(id));
}

enum err body_unshare(struct account *a, uint64_t id)
{
    int64_t extra;

    TRY(sql_value(a, &extra, 0, SHARE_GET, I(id)));
    if (extra <= 0)
        return body_drop(a, id);
    if (extra == 1)
        return sql_run(a, SHARE_DELETE, I(id));
    return sql_run(a, SHARE_SET, I(extra - 1), I(id));
}

enum err bodies_shared(struct account *a, struct arena *arena, struct holding **out, size_t *n)
{
    scoped_query sqlite3_stmt *q = NULL;
    int64_t most;
    bool row;

    *n = 0;
    TRY(sql_value(a, &most, 0, SHARED_COUNT));
    *out = arena_array(arena, struct holding, (size_t)most);
    if (*out == NULL)
        return ERR_NOMEM;
    TRY(sql_query(a, &q, SHARED_LIST));
    for (; *n < (size_t)most; ++*n) {
        TRY(sql_step(a, q, &row));
        if (!row)
            break;
        (*out)[*n] = (struct holding){.body = (uint64_t)sqlite3_column_int64(q, 0),
                                      .folder = (uint64_t)sqlite3_column_int64(q, 1)};
    }
    return ERR_OK;
}
