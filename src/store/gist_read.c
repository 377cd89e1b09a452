/* store/gist_read.c -- reading gists: the rows of one block at a time, each when first asked for.
 *
 * Messages of a mailbox mostly follow each other as their bodies do, so a row read serves most of
 * 256 questions. Where they do not, reading rows costs more than asking the bodies: so rows that
 * are not used often enough are no longer read.
 *
 * What comes from disk is checked; a row that is not as it should be is as good as none.
 */
#include <endian.h>

#include "store/gist.h"

enum { READS_FREE = 64, USES_A_READ = 8 };

void gist_reader_init(struct gist_reader *r, struct account *a)
{
    *r = (struct gist_reader){.account = a};
    for (int i = 0; i < GIST_COLUMNS; i++)
        buf_init(&r->row[i].data, GIST_OCTETS_MAX);
}

void gist_reader_release(struct gist_reader *r)
{
    for (int i = 0; i < GIST_COLUMNS; i++)
        buf_release(&r->row[i].data);
}

static bool has_sane_size(int column, size_t n)
{
    return column == GIST_DATES ? n == GIST_DATES_OCTETS : n >= GIST_TEXTS_AT;
}

static enum err read_row(struct gist_reader *r, uint64_t block, int column)
{
    struct gist_row *to = &r->row[column];
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    to->there = false;
    buf_clear(&to->data);
    TRY(sql_query(r->account, &q, GIST_GET, I(block * GIST_BLOCK_ROWS + (unsigned)column)));
    TRY(sql_step(r->account, q, &row));
    if (row)
        buf_add_slice(&to->data, sql_slice(q, 0));
    to->there = row && !to->data.overflowed && has_sane_size(column, to->data.n);
    to->block = block + 1;
    return ERR_OK;
}

/* The row of the block, or none. */
static enum err get_row(struct gist_reader *r, uint64_t body, int column, struct slice *out)
{
    struct gist_row *row = &r->row[column];
    uint64_t block = body / GIST_BODIES;

    *out = SLICE_NULL;
    r->asked++;
    if (row->block != block + 1) {
        if (r->reads > READS_FREE + r->asked / USES_A_READ)
            return ERR_OK;
        r->reads++;
        TRY(read_row(r, block, column));
    }
    if (row->there)
        *out = buf_slice(&row->data);
    return ERR_OK;
}

static enum gist_answer text_of(struct slice row, uint32_t i, struct slice *text)
{
    uint16_t from = 0, to;

    if (row.p == NULL || (unsigned char)row.p[i] >= GIST_KIND_ASK)
        return GIST_UNKNOWN;
    if (i > 0)
        memcpy(&from, row.p + GIST_BODIES + (i - 1) * sizeof(from), sizeof(from));
    memcpy(&to, row.p + GIST_BODIES + i * sizeof(to), sizeof(to));
    from = le16toh(from);
    to = le16toh(to);
    if (from > to || to > row.n - GIST_TEXTS_AT)
        return GIST_UNKNOWN;
    *text = slice_sub(row, GIST_TEXTS_AT + from, to - from);
    return row.p[i] == GIST_KIND_TEXT ? GIST_HAS_TEXT : GIST_NO_FIELD;
}

enum err gist_text(struct gist_reader *r, uint64_t body, enum gist_field field,
                   enum gist_answer *answer, struct slice *text)
{
    struct slice row;

    TRY(get_row(r, body, 1 + (int)field, &row));
    *answer = text_of(row, (uint32_t)(body % GIST_BODIES), text);
    return ERR_OK;
}

enum gist_answer gist_text_beside(const struct gist_reader *r, enum gist_field field, uint32_t i,
                                  struct slice *text)
{
    const struct gist_row *row = &r->row[1 + (int)field];

    return text_of(row->there ? buf_slice(&row->data) : SLICE_NULL, i, text);
}

enum err gist_dates(struct gist_reader *r, uint64_t body, bool *known, int64_t *instant,
                    int32_t *day)
{
    uint32_t i = (uint32_t)(body % GIST_BODIES), y;
    struct slice row;
    uint64_t x;

    TRY(get_row(r, body, GIST_DATES, &row));
    *known = row.p != NULL;
    if (!*known)
        return ERR_OK;
    memcpy(&x, row.p + i * sizeof(x), sizeof(x));
    memcpy(&y, row.p + GIST_BODIES * sizeof(x) + i * sizeof(y), sizeof(y));
    *instant = (int64_t)le64toh(x);
    *day = (int32_t)le32toh(y);
    return ERR_OK;
}
