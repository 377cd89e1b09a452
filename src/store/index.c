/* store/index.c -- a small hash table from octets to the number of an entry kept elsewhere:
 * keywords by name, keyword sets by their ids, the texts of a sort column, message ids by their
 * digests. Open addressing, at most half full; the key is random, so that nobody can choose entries
 * that collide. Texts come from strangers without number: they, as all that is told apart by its
 * octets, are digested as siphash.h has it. Names without case are keywords alone, which are few
 * and the user's own.
 */
#include "base/mem.h"
#include "store/internal.h"

enum { SLOTS_FIRST = 64 };

static size_t hash(const struct slice_index *x, struct slice s, bool nocase)
{
    uint64_t h = x->key.k[0];

    if (!nocase)
        return siphash(&x->key, s);
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (uint8_t)ascii_lower(s.p[i])) * 0x9e3779b97f4a7c15;
        h ^= h >> 32;
    }
    return h;
}

size_t slice_index_find(const struct slice_index *x, struct slice s, bool nocase,
                        struct slice (*get)(const void *ctx, size_t entry), const void *ctx)
{
    if (x->n_slots == 0)
        return SIZE_MAX;
    for (size_t i = hash(x, s, nocase);; i++) {
        uint32_t slot = x->slot[i & (x->n_slots - 1)];
        struct slice have;

        if (slot == 0)
            return SIZE_MAX;
        have = get(ctx, slot - 1);
        if (nocase ? slice_eq_nocase(have, s) : slice_eq(have, s))
            return slot - 1;
    }
}

static void put(struct slice_index *x, struct slice s, bool nocase, size_t entry)
{
    size_t i = hash(x, s, nocase);

    while (x->slot[i & (x->n_slots - 1)] != 0)
        i++;
    x->slot[i & (x->n_slots - 1)] = (uint32_t)entry + 1;
}

static void grow(struct slice_index *x, bool nocase,
                 struct slice (*get)(const void *ctx, size_t entry), const void *ctx)
{
    uint32_t *old = x->slot;
    size_t n_old = x->n_slots;

    if (x->n_slots == 0)
        siphash_key_make(&x->key);
    x->n_slots = n_old > 0 ? n_old * 2 : SLOTS_FIRST;
    x->slot = mem_calloc(x->n_slots, sizeof(*x->slot));
    for (size_t i = 0; i < n_old; i++)
        if (old[i] != 0)
            put(x, get(ctx, old[i] - 1), nocase, old[i] - 1);
    free(old);
}

void slice_index_add(struct slice_index *x, struct slice s, bool nocase, size_t entry,
                     struct slice (*get)(const void *ctx, size_t entry), const void *ctx)
{
    if (x->n * 2 >= x->n_slots)
        grow(x, nocase, get, ctx);
    put(x, s, nocase, entry);
    x->n++;
}

void slice_index_release(struct slice_index *x)
{
    free(x->slot);
    *x = (struct slice_index){0};
}
