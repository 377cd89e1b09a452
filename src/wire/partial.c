/* wire/partial.c -- see partial.h. */
#include "wire/partial.h"

enum err partial_range_parse(struct lex *in, struct partial_range *out)
{
    struct partial_range got = {0};

    got.from_end = lex_accept(in, '-');
    TRY(lex_nz_number(in, &got.first));
    TRY(lex_expect(in, ':'));
    if (got.from_end)
        TRY(lex_expect(in, '-'));
    TRY(lex_nz_number(in, &got.last));
    *out = got;
    return ERR_OK;
}

void partial_range_write(struct buf *out, const struct partial_range *r)
{
    const char *sign = r->from_end ? "-" : "";

    buf_addf(out, "%s%u:%s%u", sign, r->first, sign, r->last);
}

void partial_range_clip(const struct partial_range *r, size_t n, size_t *from, size_t *to)
{
    size_t low = r->first < r->last ? r->first : r->last;
    size_t high = r->first < r->last ? r->last : r->first;

    low = low - 1 < n ? low - 1 : n;
    high = high < n ? high : n;
    *from = r->from_end ? n - high : low;
    *to = r->from_end ? n - low : high;
}
