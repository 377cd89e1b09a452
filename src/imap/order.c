/* imap/order.c -- see order.h. */
#include "imap/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

struct order_item {
    uint32_t key, at;
};

void order_init(struct order *o, size_t n)
{
    *o = (struct order){.n = n};
    o->at = mem_calloc(n + 1, sizeof(*o->at));
    o->key = mem_calloc(n + 1, sizeof(*o->key));
    o->item = mem_calloc(n + 1, sizeof(*o->item));
    o->other = mem_calloc(n + 1, sizeof(*o->other));
}

void order_release(struct order *o)
{
    free(o->at);
    free(o->key);
    free(o->item);
    free(o->other);
    *o = (struct order){0};
}

static void sort_by_digit(struct order *o, unsigned shift)
{
    uint32_t start[DIGITS] = {0}, sum = 0;
    struct order_item *swap;

    for (size_t i = 0; i < o->n; i++)
        start[o->item[i].key >> shift & (DIGITS - 1)]++;
    for (size_t d = 0; d < DIGITS; d++) {
        uint32_t n = start[d];

        start[d] = sum;
        sum += n;
    }
    for (size_t i = 0; i < o->n; i++)
        o->other[start[o->item[i].key >> shift & (DIGITS - 1)]++] = o->item[i];
    swap = o->item;
    o->item = o->other;
    o->other = swap;
}

/* Keys become distances from the smallest (or largest), so that only their range costs. Returns
 * the largest; *sorted: there is nothing to do. */
static uint64_t normalise(struct order *o, bool reverse, bool *sorted)
{
    uint64_t least = UINT64_MAX, most = 0, before = 0;

    for (size_t i = 0; i < o->n; i++) {
        least = o->key[i] < least ? o->key[i] : least;
        most = o->key[i] > most ? o->key[i] : most;
    }
    *sorted = true;
    for (size_t i = 0; i < o->n; i++) {
        o->key[i] = reverse ? most - o->key[i] : o->key[i] - least;
        *sorted &= o->key[i] >= before;
        before = o->key[i];
    }
    return most - least;
}

/* The low or the high word of each key; `item` says in which order they are. */
static void take_words(struct order *o, unsigned from)
{
    for (size_t i = 0; i < o->n; i++)
        o->item[i].key = (uint32_t)(o->key[o->item[i].at] >> from);
}

void order_begin(struct order *o, bool reverse)
{
    bool sorted;

    o->most = normalise(o, reverse, &sorted);
    o->shift = 0;
    if (sorted) {
        o->most = 0;
        return;
    }
    for (size_t i = 0; i < o->n; i++)
        o->item[i] = (struct order_item){(uint32_t)o->key[i], (uint32_t)i};
}

static void put_in_order(struct order *o)
{
    for (size_t i = 0; i < o->n; i++)
        o->other[i].at = o->at[o->item[i].at];
    for (size_t i = 0; i < o->n; i++)
        o->at[i] = o->other[i].at;
    o->most = 0;
}

bool order_pass(struct order *o)
{
    if (o->most == 0)
        return false;
    sort_by_digit(o, o->shift % 32);
    if (o->shift < 32 && o->shift + DIGIT_BITS >= 32) {
        o->shift = 32;
        if (o->most >> 32 != 0)
            take_words(o, 32);
    } else {
        o->shift += DIGIT_BITS;
    }
    if (o->shift < 64 && o->most >> o->shift != 0)
        return true;
    put_in_order(o);
    return false;
}

void order_by_key(struct order *o, bool reverse)
{
    order_begin(o, reverse);
    while (order_pass(o))
        ;
}
