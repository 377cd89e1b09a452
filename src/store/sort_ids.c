/* store/sort_ids.c -- message ids as numbers, for THREAD (RFC 5256 section 3).
 *
 * An id is kept as a keyed 64-bit digest: eight octets instead of some fifty, and a sender cannot
 * choose ids that collide. Ids are compared with case, as RFC 5256 has it.
 */
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/sort_columns.h"

enum { SLOTS_FIRST = 64 };

void sort_ids_release(struct sort_ids *t)
{
    free(t->digest);
    free(t->slot);
    *t = (struct sort_ids){0};
}

size_t sort_ids_memory(const struct sort_ids *t)
{
    return (size_t)t->cap * sizeof(uint64_t) + t->n_slots * sizeof(uint32_t);
}

static void put(struct sort_ids *t, uint32_t number)
{
    size_t i = t->digest[number];

    while (t->slot[i & (t->n_slots - 1)] != 0)
        i++;
    t->slot[i & (t->n_slots - 1)] = number;
}

/* At most half full. Number 0 is none, so that 0 can be an empty slot. */
static void grow(struct sort_ids *t)
{
    if (t->n_slots == 0 && getrandom(&t->key, sizeof(t->key), 0) != sizeof(t->key))
        t->key.k[0] = clock_mono_us();
    t->n_slots = t->n_slots > 0 ? t->n_slots * 2 : SLOTS_FIRST;
    free(t->slot);
    t->slot = mem_calloc(t->n_slots, sizeof(*t->slot));
    t->cap = (uint32_t)(t->n_slots / 2);
    t->digest = mem_resize(t->digest, t->cap, sizeof(*t->digest));
    if (t->n == 0)
        t->digest[t->n++] = 0;
    for (uint32_t i = 1; i < t->n; i++)
        put(t, i);
}

uint32_t sort_ids_number(struct sort_ids *t, struct slice id)
{
    uint64_t digest;

    if (t->n == t->cap)
        grow(t);
    digest = siphash(&t->key, id);
    for (size_t i = digest;; i++) {
        uint32_t number = t->slot[i & (t->n_slots - 1)];

        if (number == 0)
            break;
        if (t->digest[number] == digest)
            return number;
    }
    t->digest[t->n] = digest;
    put(t, t->n);
    return t->n++;
}
