/* store/body.c -- bodies: reading them, and counting who refers to them.
 *
 * A body that only one row refers to has no row in body_share, so a delivery never writes there.
 * Chunks are read by blob handles where only a piece is wanted: SQLite then walks the overflow
 * pages and copies only what is asked for.
 */
#include "store/gist.h"
#include "store/thread.h"

enum { ONCE_OCTETS_MAX = 16 * 1024 };

/* ---- what the parser made of it ------------------------------------------------------------- */

static void take_ids(sqlite3_stmt *q, int at, struct body *b)
{
    b->email_id = (uint64_t)sqlite3_column_int64(q, at);
    b->thread_id = (uint64_t)sqlite3_column_int64(q, at + 1);
    b->size = (uint32_t)sqlite3_column_int64(q, at + 2);
}

static void take_texts(sqlite3_stmt *q, int at, struct body *b)
{
    b->envelope = sql_slice(q, at);
    b->bodystructure = sql_slice(q, at + 1);
    b->has_global = sqlite3_column_int(q, at + 2) != 0;
}

static void take_parts(sqlite3_stmt *q, int at, struct body *b)
{
    b->parts = sql_slice(q, at);
    b->sent_day =
        sqlite3_column_type(q, at + 1) == SQLITE_NULL ? INT32_MIN : sqlite3_column_int(q, at + 1);
}

static void take_rest(sqlite3_stmt *q, int at, struct body *b)
{
    b->body = sql_slice(q, at);
    b->preview = sql_slice(q, at + 1);
}

/* The statement that reads little more than what is wanted, and where its columns stand. */
static enum sql_id statement_for(unsigned want)
{
    switch (want) {
    case BODY_WANT_IDS:
        return SQL_BODY_IDS_FROM;
    case BODY_WANT_TEXTS:
        return SQL_BODY_TEXTS_FROM;
    case BODY_WANT_PARTS:
        return SQL_BODY_PARTS_FROM;
    default:
        return SQL_BODY_FROM;
    }
}

enum err body_load(struct account *a, uint64_t id, unsigned want, struct body *out)
{
    enum sql_id statement = statement_for(want);
    sqlite3_stmt *q;

    TRY(reading_body(a, statement, id, &q));
    *out = (struct body){.id = id, .sent_day = INT32_MIN};
    switch (statement) {
    case SQL_BODY_IDS_FROM:
        take_ids(q, 1, out);
        break;
    case SQL_BODY_TEXTS_FROM:
        take_texts(q, 1, out);
        break;
    case SQL_BODY_PARTS_FROM:
        take_parts(q, 1, out);
        break;
    default:
        take_ids(q, 1, out);
        take_texts(q, 4, out);
        take_parts(q, 7, out);
        take_rest(q, 9, out);
        break;
    }
    return ERR_OK;
}

/* ---- its octets ------------------------------------------------------------------------------ */

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

/* n octets at `at` of one chunk, which holds `length`. */
static enum err read_chunk(struct account *a, int64_t chunk, size_t at, size_t n, size_t length,
                           struct buf *out)
{
    bool again = a->reading.again;
    char *p;

    a->reading.again = true;
    /* To open a blob handle costs about as much as copying this much. */
    if (!again && n == length && n <= ONCE_OCTETS_MAX)
        return read_whole(a, chunk, n, out);
    p = buf_reserve(out, n);
    if (p == NULL)
        return ERR_LIMIT;
    TRY(reading_octets(a, chunk, at, n, length, p));
    buf_added(out, n);
    return ERR_OK;
}

enum err body_read(struct account *a, uint64_t id, uint32_t size, uint64_t at, uint64_t n,
                   struct buf *out)
{
    uint64_t end;

    if (a->db == NULL)
        return a->failed;
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
    if (id > a->body_saved) { /* invariant 6 of account.c */
        a->body_saved = id;
        TRY(sql_run(a, ACCOUNT_SET, I(a->uidvalidity_saved), I(a->modseq_reserved),
                    I(a->body_saved), I(a->swept)));
    }
    TRY(thread_index_drop(a, id));
    TRY(gist_drop(a, id));
    TRY(listing_drop(a, id));
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

enum err body_block(struct account *a, uint64_t size, uint64_t *block, bool *found)
{
    uint64_t lowest = arrivals_lowest(a), settled = a->body_last + 1;
    int64_t next, last;

    settled = (lowest < settled ? lowest : settled) / size;
    *found = false;
    if (*block >= settled)
        return ERR_OK;
    TRY(sql_value(a, &next, INT64_MAX, BODY_ABOVE, I((int64_t)(*block * size) - 1)));
    *block = (uint64_t)next / size < settled ? (uint64_t)next / size : settled;
    if (*block == settled)
        return ERR_OK;
    TRY(sql_value(a, &last, 0, BODY_ABOVE, I((*block + 1) * size - 2)));
    *found = last > 0;
    return ERR_OK;
}
