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

/* By 32 bits of the key, from bit `from` on. `o->at` gives which key is whose. */
static void sort_by_word(struct order *o, unsigned from, uint64_t most)
{
    uint32_t top = (uint32_t)(most >> from > UINT32_MAX ? UINT32_MAX : most >> from);

    for (unsigned shift = 0; shift < 32 && top >> shift != 0; shift += DIGIT_BITS)
        sort_by_digit(o, shift);
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

void order_by_key(struct order *o, bool reverse)
{
    bool sorted;
    uint64_t most = normalise(o, reverse, &sorted);

    if (sorted)
        return;
    for (size_t i = 0; i < o->n; i++)
        o->item[i] = (struct order_item){(uint32_t)o->key[i], (uint32_t)i};
    sort_by_word(o, 0, most);
    if (most > UINT32_MAX) {
        for (size_t i = 0; i < o->n; i++)
            o->item[i].key = (uint32_t)(o->key[o->item[i].at] >> 32);
        sort_by_word(o, 32, most);
    }
    for (size_t i = 0; i < o->n; i++)
        o->other[i].at = o->at[o->item[i].at];
    for (size_t i = 0; i < o->n; i++)
        o->at[i] = o->other[i].at;
}
