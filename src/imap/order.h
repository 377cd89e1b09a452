/* imap/order.h -- putting messages in order by numbers, for SORT and THREAD (RFC 5256).
 *
 * Every criterion is a number a message (a date, a size, the rank of a text), so one stable radix
 * sort does it: linear, and by the last criterion first it sorts by any number of them. Ties stay
 * as they were: by sequence number, as RFC 5256 section 3 wants, if the list begins so.
 */
#ifndef ROOST_IMAP_ORDER_H
#define ROOST_IMAP_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is being put in order. */
struct order {
    uint32_t *at; /* n of them, any numbers: the list */
    uint64_t *key;
    struct order_item *item, *other;
    size_t n;
    uint64_t most;  /* of the keys being sorted by */
    unsigned shift; /* bits below this are sorted */
};

/* Room for n numbers, on the heap; never fails. Fill `at`. Costs 28 octets each. */
void order_init(struct order *o, size_t n);
void order_release(struct order *o);

/* Sort by key[0..n), key[i] belonging to at[i]; the caller has filled it, and it is spoilt. The
 * largest comes first if `reverse`. */
void order_by_key(struct order *o, bool reverse);

/* The same in pieces, each a pass over the list: begin, then pass until it is false. In between
 * `at` is still what it was. */
void order_begin(struct order *o, bool reverse);
bool order_pass(struct order *o);

/* A signed number as a key. */
static inline uint64_t order_key(int64_t x)
{
    return (uint64_t)x ^ (uint64_t)1 << 63;
}

#endif
