/* store/gist.c -- making gists, which trail the bodies.
 *
 * A row of `body` holds more than any search asks, and a header is not read in less than a
 * microsecond or two; over a large mailbox that is most of what a search costs. So idle steps copy
 * what is often asked of each 256 bodies into a few rows that are read from end to end. They are
 * written once, when all of the 256 have settled; when one of the bodies is let go its gist goes
 * too, and is made anew of those that are left.
 *
 * A gist holds nothing that is not in the bodies, and may be missing: then the bodies are asked.
 */
#include "store/gist.h"

#include <endian.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mime/decode.h"
#include "mime/header.h"
#include "mime/keys.h"
#include "mime/part.h"

enum { HEADER_OCTETS_MAX = 16 * 1024 }; /* longer ones are not looked into */

static const struct slice names[GIST_FIELDS] = {
    [GIST_SUBJECT] = {"subject", 7},
    [GIST_FROM] = {"from", 4},
    [GIST_TO] = {"to", 2},
    [GIST_CC] = {"cc", 2},
    [GIST_MESSAGE_ID] = {"message-id", 10},
};

enum gist_field gist_field_of(struct slice name)
{
    int i = 0;

    while (i < GIST_FIELDS && !slice_eq_nocase(name, names[i]))
        i++;
    return (enum gist_field)i;
}

/* ---- one body ------------------------------------------------------------------------------- */

/* What is being made of a block; row[0] holds the dates. */
struct gist {
    struct buf row[GIST_COLUMNS];
    struct buf texts[GIST_FIELDS], header, text;
    bool any; /* body in the block */
};

static void gist_init(struct gist *g)
{
    *g = (struct gist){.any = false};
    for (int i = 0; i < GIST_COLUMNS; i++)
        buf_init(&g->row[i], GIST_OCTETS_MAX);
    for (int i = 0; i < GIST_FIELDS; i++)
        buf_init(&g->texts[i], GIST_OCTETS_MAX);
    buf_init(&g->header, HEADER_OCTETS_MAX);
    buf_init(&g->text, (size_t)4 * HEADER_OCTETS_MAX);
}

static void gist_release(struct gist *g)
{
    for (int i = 0; i < GIST_COLUMNS; i++)
        buf_release(&g->row[i]);
    for (int i = 0; i < GIST_FIELDS; i++)
        buf_release(&g->texts[i]);
    buf_release(&g->header);
    buf_release(&g->text);
}

static void set_dates(struct gist *g, uint32_t i, int64_t instant, int32_t day)
{
    uint64_t x = htole64((uint64_t)instant);
    uint32_t y = htole32((uint32_t)day);
    char *p = g->row[GIST_DATES].p;

    memcpy(p + i * sizeof(x), &x, sizeof(x));
    memcpy(p + GIST_BODIES * sizeof(x) + i * sizeof(y), &y, sizeof(y));
}

static void set_kind(struct gist *g, uint32_t i, int field, enum gist_kind kind)
{
    g->row[1 + field].p[i] = (char)kind;
}

/* SORT takes the subject for what the base subject was made of. */
static bool agrees(struct slice subject, struct slice base)
{
    struct buf again;
    bool same;

    buf_init(&again, (size_t)4 * HEADER_OCTETS_MAX);
    (void)base_subject(subject, &again);
    same = slice_eq(buf_slice(&again), base);
    buf_release(&again);
    return same;
}

static enum gist_kind take_field(struct gist *g, int field, struct slice value, struct slice base)
{
    buf_clear(&g->text);
    header_decode(value, &g->text);
    if (g->text.n > GIST_TEXT_OCTETS_MAX ||
        (field == GIST_SUBJECT && !agrees(buf_slice(&g->text), base)))
        return GIST_KIND_ASK;
    buf_add_slice(&g->texts[field], buf_slice(&g->text));
    return GIST_KIND_TEXT;
}

static void take_fields(struct gist *g, uint32_t i, struct slice header, struct slice base)
{
    struct header_field f, found[GIST_FIELDS] = {0};
    unsigned n[GIST_FIELDS] = {0};

    while (header_next(&header, &f)) {
        enum gist_field field = gist_field_of(f.name);

        if (field < GIST_FIELDS && n[field]++ == 0)
            found[field] = f;
    }
    if (n[GIST_SUBJECT] == 0 && base.n > 0)
        n[GIST_SUBJECT] = 2; /* the parser saw what is not seen here */
    for (int k = 0; k < GIST_FIELDS; k++) {
        if (n[k] == 1)
            set_kind(g, i, k, take_field(g, k, found[k].value, base));
        else if (n[k] > 1)
            set_kind(g, i, k, GIST_KIND_ASK);
    }
}

/* The header of a body into g->header. *whole: all of it is there; a body that cannot be read is
 * left to whoever asks for it. */
static enum err read_header(struct account *a, struct gist *g, sqlite3_stmt *q, bool *whole)
{
    struct mime_part root;
    enum err e = mime_part_find(sql_slice(q, 4), NULL, 0, &root);

    buf_clear(&g->header);
    *whole = e == ERR_OK && root.header_n <= HEADER_OCTETS_MAX;
    if (*whole)
        e = body_read(a, (uint64_t)sqlite3_column_int64(q, 0), (uint32_t)sqlite3_column_int64(q, 5),
                      root.header_at, root.header_n, &g->header);
    if (e != ERR_CORRUPT)
        return e;
    *whole = false;
    return ERR_OK;
}

static int64_t number_or(sqlite3_stmt *q, int column, int64_t none)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL ? none : sqlite3_column_int64(q, column);
}

static enum err take_body(struct account *a, struct gist *g, uint32_t i, sqlite3_stmt *q)
{
    bool whole;

    g->any = true;
    set_dates(g, i, number_or(q, 1, INT64_MIN), (int32_t)number_or(q, 2, INT32_MIN));
    TRY(read_header(a, g, q, &whole));
    if (whole)
        take_fields(g, i, buf_slice(&g->header), sql_slice(q, 3));
    for (int k = 0; k < GIST_FIELDS && !whole; k++)
        set_kind(g, i, k, GIST_KIND_ASK);
    return ERR_OK;
}

/* ---- a block -------------------------------------------------------------------------------- */

static void begin_rows(struct gist *g)
{
    for (int k = 0; k < GIST_COLUMNS; k++) {
        size_t n = k == GIST_DATES ? GIST_DATES_OCTETS : GIST_TEXTS_AT;

        memset(buf_reserve(&g->row[k], n), 0, n);
        buf_added(&g->row[k], n);
    }
    for (uint32_t i = 0; i < GIST_BODIES; i++)
        set_dates(g, i, INT64_MIN, INT32_MIN);
}

static void note_ends(struct gist *g, uint32_t i)
{
    for (int k = 0; k < GIST_FIELDS; k++) {
        uint16_t end = htole16((uint16_t)g->texts[k].n);

        memcpy(g->row[1 + k].p + GIST_BODIES + i * sizeof(end), &end, sizeof(end));
    }
}

static enum err make_rows(struct account *a, struct gist *g, uint64_t first)
{
    scoped_query sqlite3_stmt *q = NULL;
    uint32_t i = 0, at;
    bool row;

    TRY(sql_query(a, &q, GIST_BODIES, I(first), I(first + GIST_BODIES - 1)));
    for (;;) {
        TRY(sql_step(a, q, &row));
        at = row ? (uint32_t)((uint64_t)sqlite3_column_int64(q, 0) - first) : GIST_BODIES;
        for (; i < at; i++)
            note_ends(g, i);
        if (!row)
            return ERR_OK;
        TRY(take_body(a, g, i, q));
    }
}

static enum err make(struct account *a, uint64_t block, struct gist *g)
{
    enum err e;

    begin_rows(g);
    e = make_rows(a, g, block * GIST_BODIES);
    for (int k = 0; k < GIST_FIELDS; k++)
        buf_add_slice(&g->row[1 + k], buf_slice(&g->texts[k]));
    return e;
}

static enum err write_rows(struct account *a, uint64_t block, const struct gist *g)
{
    for (int k = 0; k < GIST_COLUMNS; k++)
        TRY(sql_run(a, GIST_SET, I(block * GIST_BLOCK_ROWS + (unsigned)k),
                    B(buf_slice(&g->row[k]))));
    return ERR_OK;
}

static enum err make_and_write(struct account *a, uint64_t block)
{
    struct gist g;
    enum err e;

    gist_init(&g);
    e = make(a, block, &g);
    if (e == ERR_OK && g.any) {
        e = change_begin(a);
        if (e == ERR_OK)
            e = change_end(a, write_rows(a, block, &g));
    }
    gist_release(&g);
    return e;
}

/* ---- doors ---------------------------------------------------------------------------------- */

enum err gist_step(struct account *a, uint64_t until_us, bool *did)
{
    while (clock_mono_us() < until_us) {
        int64_t there;
        bool found;

        TRY(body_block(a, GIST_BODIES, &a->gist_next, &found));
        if (!found)
            return ERR_OK;
        *did = true;
        TRY(sql_value(a, &there, -1, GIST_HAS, I(a->gist_next * GIST_BLOCK_ROWS)));
        if (there < 0)
            TRY(make_and_write(a, a->gist_next));
        a->gist_next++;
    }
    return ERR_OK;
}

enum err gist_drop(struct account *a, uint64_t body)
{
    uint64_t block = body / GIST_BODIES;

    if (a->gist_next > block)
        a->gist_next = block;
    return sql_run(a, GIST_DELETE, I(block * GIST_BLOCK_ROWS),
                   I(block * GIST_BLOCK_ROWS + GIST_BLOCK_ROWS - 1));
}

/* ---- whether it is right -------------------------------------------------------------------- */

static enum err check_block(struct account *a, uint64_t block, struct buf *findings)
{
    struct gist g;
    bool same = true;
    enum err e;

    gist_init(&g);
    e = make(a, block, &g);
    for (int k = 0; k < GIST_COLUMNS && e == ERR_OK && same; k++) {
        scoped_query sqlite3_stmt *q = NULL;
        bool row = false;

        e = sql_query(a, &q, GIST_GET, I(block * GIST_BLOCK_ROWS + (unsigned)k));
        if (e == ERR_OK)
            e = sql_step(a, q, &row);
        same = row && g.any && slice_eq(sql_slice(q, 0), buf_slice(&g.row[k]));
    }
    gist_release(&g);
    if (e == ERR_OK && !same)
        buf_addf(findings, "gist that is not of its bodies (first body): %llu\n",
                 (unsigned long long)block * GIST_BODIES);
    return e;
}

enum err gist_check(struct account *a, struct buf *findings)
{
    int64_t id = -1;

    for (;;) {
        TRY(sql_value(a, &id, -1, GIST_ABOVE, I(id)));
        if (id < 0)
            return ERR_OK;
        TRY(check_block(a, (uint64_t)id / GIST_BLOCK_ROWS, findings));
        id |= GIST_BLOCK_ROWS - 1;
    }
}
