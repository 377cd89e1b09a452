/* fuzz/store/fuzz_gist.c -- gists from a damaged disk: the first octet says which column, the rest
 * is its row. Invariants: what is answered lies inside the row, and rows that are not as they
 * should be are as good as none.
 */
#include <stdlib.h>

#include "account.h"
#include "store/gist.h"

static bool lies_in(struct slice s, struct slice row)
{
    return s.p >= row.p && s.n <= row.n && s.p <= row.p + (row.n - s.n);
}

static void ask_text(struct gist_reader *r, uint64_t body, enum gist_field field)
{
    struct slice text = SLICE_NULL, again;
    enum gist_answer answer;

    must(gist_text(r, body, field, &answer, &text) == ERR_OK);
    must(gist_text_beside(r, field, (uint32_t)(body % GIST_BODIES), &again) == answer);
    must(answer == GIST_UNKNOWN || r->row[1 + (int)field].there);
    if (answer == GIST_HAS_TEXT)
        must(lies_in(text, buf_slice(&r->row[1 + (int)field].data)));
}

static void ask_dates(struct gist_reader *r, uint64_t body)
{
    int64_t instant;
    int32_t day;
    bool known;

    must(gist_dates(r, body, &known, &instant, &day) == ERR_OK);
    must(known == r->row[GIST_DATES].there);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct account *a = fuzz_account();
    struct slice in = slice_of(data, size);
    uint64_t column = fuzz_number(&in, 1);
    struct gist_reader r;

    if (column >= GIST_COLUMNS)
        return 0;
    must(change_begin(a) == ERR_OK);
    must(sql_run(a, GIST_SET, I(column), B(in)) == ERR_OK);
    gist_reader_init(&r, a);
    for (uint64_t body = 0; body < GIST_BODIES + 1; body++) {
        if (column == GIST_DATES)
            ask_dates(&r, body);
        else
            ask_text(&r, body, (enum gist_field)(column - 1));
    }
    gist_reader_release(&r);
    must(change_end(a, sql_run(a, GIST_DELETE, I(0), I(GIST_BLOCK_ROWS - 1))) == ERR_OK);
    return 0;
}
