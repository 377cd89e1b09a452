/* wire/seq_set.h -- sets of message numbers or UIDs: read, resolved, asked, built, written.
 *
 * Source: RFC 9051 section 9 (sequence-set, seq-range, seq-last-command), RFC 5182 ("$").
 *
 * Invariants of `range`: ascending, lo <= hi, no two ranges touch. "*" stands for the largest
 * number in use and cannot be placed before that is known, so it is kept apart: every "n:*" of
 * the text is gathered in star_from until seq_set_resolve.
 */
#ifndef ROOST_WIRE_SEQ_SET_H
#define ROOST_WIRE_SEQ_SET_H

#include "base/buf.h"
#include "wire/lex.h"

enum {
    SEQ_SET_RANGES_MAX = 50000,   /* in one argument of a client */
    SEQ_SET_BUILT_MAX = 10000000, /* in a set of our own making: a result over every other UID */
};

struct seq_range {
    uint32_t lo, hi;
};

struct seq_set {
    struct seq_range *range; /* n of them; NULL when n == 0 and nothing was reserved */
    size_t n;
    size_t cap;         /* ranges there is room for */
    uint32_t star_from; /* with `star`: the smallest n of all "n:*"; UINT32_MAX for "*" alone */
    bool star;          /* "*" occurs and is not resolved yet */
    bool saved;         /* "$": the saved result; then there are no ranges */
};

/* Parse `sequence-set`. Costs at most 8 octets of `a` per range named, and 8 more.
 * ERR_LIMIT above SEQ_SET_RANGES_MAX ranges. */
must_use enum err seq_set_parse(struct lex *in, struct arena *a, struct seq_set *out);

/* Put in what "*" means: `largest` is the largest number in use, 0 when there is none (then
 * "*" adds nothing). "n:*" with n above largest is the largest alone (RFC 9051 section 9,
 * seq-range; what lies between does not exist). Needs no memory; a second call does nothing. */
void seq_set_resolve(struct seq_set *s, uint32_t largest);

/* The questions below are about a set without `star` and `saved`. */
bool seq_set_has(const struct seq_set *s, uint32_t number);
uint64_t seq_set_count(const struct seq_set *s);
/* The largest member; 0 when the set is empty. */
uint32_t seq_set_max(const struct seq_set *s);

/* for (struct seq_iter i = seq_iter(&set); seq_iter_next(&i, &number);) ... ascending. */
struct seq_iter {
    const struct seq_set *set;
    size_t at;
    uint64_t next; /* 0: the start of range[at] */
};
static inline struct seq_iter seq_iter(const struct seq_set *s)
{
    return (struct seq_iter){.set = s};
}
bool seq_iter_next(struct seq_iter *i, uint32_t *number);

/* Add [lo, hi], 1 <= lo <= hi, lo not below the last lo; touching ranges are joined. Start from
 * a zeroed set. The ranges live in `a` (which keeps outgrown copies until it is cleared).
 * ERR_NOMEM, ERR_LIMIT: the set is as it was. */
must_use enum err seq_set_add_range(struct seq_set *s, struct arena *a, uint32_t lo, uint32_t hi);
static inline enum err seq_set_add(struct seq_set *s, struct arena *a, uint32_t number)
{
    return seq_set_add_range(s, a, number, number);
}

/* A copy whose ranges are on the heap, for a set that outlives its command ("$"); give it back
 * with seq_set_release, which leaves an empty set. A set with `star` keeps its room for it. */
struct seq_set seq_set_dup(const struct seq_set *s);
void seq_set_release(struct seq_set *s);

/* "1:3,5". Writes nothing for an empty set (which the grammar cannot express). */
void seq_set_write(struct buf *out, const struct seq_set *s);

#endif
