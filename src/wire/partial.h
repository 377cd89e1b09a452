/* wire/partial.h -- a page of results: "1:500" from the oldest, "-1:-100" from the newest.
 *
 * Source: RFC 9394 sections 3.1 and 4 (partial-range).
 */
#ifndef ROOST_WIRE_PARTIAL_H
#define ROOST_WIRE_PARTIAL_H

#include "base/buf.h"
#include "wire/lex.h"

struct partial_range {
    uint32_t first, last; /* as sent, either may be the larger; from 1 */
    bool from_end;        /* both have a "-" before them */
};

/* ERR_SYNTAX: a zero, "*", or a "-" before only one of the two. */
must_use enum err partial_range_parse(struct lex *in, struct partial_range *out);

/* As sent: the answer repeats it. */
void partial_range_write(struct buf *out, const struct partial_range *r);

/* Which of n results, counted from 0 and the oldest: those in [*from, *to), perhaps none. */
void partial_range_clip(const struct partial_range *r, size_t n, size_t *from, size_t *to);

#endif
