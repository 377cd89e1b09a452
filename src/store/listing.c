/* store/listing.c -- listings: the header fields of 32 neighbouring bodies in one row.
 *
 * To show a mailbox clients ask for a few header fields of many messages. To choose them from the
 * header takes a way to its page, which is the body's own, for each message; here it is one row for
 * 32. Idle steps copy them from the headers, once all of the 32 have settled, so a delivery does
 * not write here; when one of the bodies is let go its listing goes too, and is made anew of those
 * that are left.
 *
 * A row: 32 ends of 4 octets, little endian, then for each body what usual_pack made of it
 * (mime/usual.h), or nothing: it goes from the end of the one before (the first from 0) to its own,
 * counted from the first. What comes from disk is checked; a listing may be missing, and then the
 * header tells.
 */
#include <endian.h>

#include "base/clock.h"
#include "mime/usual.h"
#include "store/internal.h"

enum {
    LISTING_BODIES = 32,
    ENDS_OCTETS = LISTING_BODIES * (int)sizeof(uint32_t),
    LISTING_OCTETS_MAX = ENDS_OCTETS + LISTING_BODIES * USUAL_OCTETS_MAX,
    HEADER_FIRST_OCTETS = 2048,
    HEADER_OCTETS_MAX = 16 * 1024, /* longer ones are not looked into */
    USES_A_ROW = 4,                /* a row is longer than a header, so it ought to serve several */
};

/* ---- making ---------------------------------------------------------------------------------- */

struct listing {
    struct buf row, header;
    bool any; /* body in the block */
};

static void listing_init(struct listing *l)
{
    *l = (struct listing){.any = false};
    buf_init(&l->row, LISTING_OCTETS_MAX);
    buf_init(&l->header, HEADER_OCTETS_MAX);
}

static void listing_release(struct listing *l)
{
    buf_release(&l->row);
    buf_release(&l->header);
}

/* What cannot be read or packed is left to whoever asks for it. */
static enum err take_body(struct account *a, struct listing *l, uint64_t id, uint32_t size)
{
    uint64_t most = size < HEADER_OCTETS_MAX ? size : HEADER_OCTETS_MAX;
    uint64_t n = HEADER_FIRST_OCTETS;
    bool packed;

    buf_clear(&l->header);
    do {
        n = n < most ? n : most;
        enum err e = body_read(a, id, size, l->header.n, n - l->header.n, &l->header);

        if (e != ERR_OK)
            return e == ERR_CORRUPT ? ERR_OK : e;
        packed = usual_pack(buf_slice(&l->header), l->header.n == size, &l->row);
        n *= 2;
    } while (!packed && l->header.n < most);
    return ERR_OK;
}

static void note_ends(struct listing *l, uint32_t from, uint32_t to)
{
    uint32_t end = htole32((uint32_t)(l->row.n - ENDS_OCTETS));

    for (; from < to; from++)
        memcpy(l->row.p + from * sizeof(end), &end, sizeof(end));
}

static enum err make(struct account *a, uint64_t block, struct listing *l)
{
    scoped_query sqlite3_stmt *q = NULL;
    uint64_t first = block * LISTING_BODIES;
    uint32_t i = 0, at = 0;
    bool row;

    memset(buf_reserve(&l->row, ENDS_OCTETS), 0, ENDS_OCTETS);
    buf_added(&l->row, ENDS_OCTETS);
    TRY(sql_query(a, &q, LISTING_BODIES, I(first), I(first + LISTING_BODIES - 1)));
    for (;; i = at) {
        TRY(sql_step(a, q, &row));
        at = row ? (uint32_t)((uint64_t)sqlite3_column_int64(q, 0) - first) : LISTING_BODIES;
        note_ends(l, i, at);
        if (!row)
            return ERR_OK;
        l->any = true;
        TRY(take_body(a, l, first + at, (uint32_t)sqlite3_column_int64(q, 1)));
    }
}

static enum err make_and_write(struct account *a, uint64_t block)
{
    struct listing l;
    enum err e;

    listing_init(&l);
    e = make(a, block, &l);
    if (e == ERR_OK && l.any) {
        e = change_begin(a);
        if (e == ERR_OK)
            e = change_end(a, sql_run(a, LISTING_SET, I(block), B(buf_slice(&l.row))));
    }
    listing_release(&l);
    return e;
}

/* ---- which are missing ----------------------------------------------------------------------- */

/* Pass by those that are there. */
static enum err pass_made(struct account *a)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, LISTING_FROM, I(a->listing_next)));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row || (uint64_t)sqlite3_column_int64(q, 0) != a->listing_next)
            return ERR_OK;
        a->listing_next++;
    }
}

static enum err find_block(struct account *a, bool *found)
{
    uint64_t before;

    do {
        TRY(pass_made(a));
        before = a->listing_next;
        TRY(body_block(a, LISTING_BODIES, &a->listing_next, found));
    } while (*found && a->listing_next != before);
    return ERR_OK;
}

enum err listing_step(struct account *a, uint64_t until_us, bool *did)
{
    while (clock_mono_us() < until_us) {
        bool found;

        TRY(find_block(a, &found));
        if (!found)
            return ERR_OK;
        *did = true;
        TRY(make_and_write(a, a->listing_next));
        a->listing_next++;
    }
    return ERR_OK;
}

enum err listing_drop(struct account *a, uint64_t body)
{
    uint64_t block = body / LISTING_BODIES;

    if (a->listing_next > block)
        a->listing_next = block;
    return sql_run(a, LISTING_DELETE, I(block));
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Stand at the block's row, if it is there. */
static enum err read_block(struct account *a, uint64_t block)
{
    struct reading *r = &a->reading;
    const struct sql_arg arg[] = {NIL, I(block)};
    bool row = false;
    enum err e;

    r->listing_read = true;
    r->listing_uses = 0;
    e = sql_query_args(a, &r->listing, SQL_LISTING_GET, arg, 1);
    if (e == ERR_OK)
        e = sql_step(a, r->listing, &row);
    if (!row)
        sql_end(&r->listing);
    return e;
}

static struct slice find_body(struct slice row, uint32_t i)
{
    uint32_t from = 0, to;

    if (row.n < ENDS_OCTETS)
        return SLICE_NULL;
    if (i > 0)
        memcpy(&from, row.p + (i - 1) * sizeof(from), sizeof(from));
    memcpy(&to, row.p + i * sizeof(to), sizeof(to));
    from = le32toh(from);
    to = le32toh(to);
    if (from > to || to > row.n - ENDS_OCTETS)
        return SLICE_NULL;
    return slice_sub(row, ENDS_OCTETS + from, to - from);
}

/* The row is read for the second body of a block in turn, and for the first one when the row before
 * it was worth it. */
enum err body_usual(struct account *a, uint64_t id, struct slice *packed)
{
    struct reading *r = &a->reading;
    uint64_t block = id / LISTING_BODIES;
    bool worth = r->listing_uses >= USES_A_ROW;

    *packed = SLICE_NULL;
    if (r->listing_block != block + 1) {
        sql_end(&r->listing);
        r->listing_block = block + 1;
        r->listing_read = false;
        if (!worth)
            return ERR_OK;
    }
    if (!r->listing_read)
        TRY(read_block(a, block));
    if (r->listing == NULL)
        return ERR_OK;
    r->listing_uses++;
    *packed = find_body(sql_slice(r->listing, 0), (uint32_t)(id % LISTING_BODIES));
    return ERR_OK;
}

/* ---- whether it is right --------------------------------------------------------------------- */

static enum err check_block(struct account *a, uint64_t block, struct buf *findings)
{
    scoped_query sqlite3_stmt *q = NULL;
    struct listing l;
    bool row = false;
    enum err e;

    listing_init(&l);
    e = make(a, block, &l);
    if (e == ERR_OK)
        e = sql_query(a, &q, LISTING_GET, I(block));
    if (e == ERR_OK)
        e = sql_step(a, q, &row);
    if (e == ERR_OK && !(row && l.any && slice_eq(sql_slice(q, 0), buf_slice(&l.row))))
        buf_addf(findings, "listing that is not of its bodies (first body): %llu\n",
                 (unsigned long long)block * LISTING_BODIES);
    listing_release(&l);
    return e;
}

enum err listing_check(struct account *a, struct buf *findings)
{
    int64_t id = -1;

    reading_end(a);
    for (;;) {
        TRY(sql_value(a, &id, -1, LISTING_ABOVE, I(id)));
        if (id < 0)
            return ERR_OK;
        TRY(check_block(a, (uint64_t)id, findings));
    }
}
