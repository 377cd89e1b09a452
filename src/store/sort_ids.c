/* store/sort_ids.c -- message ids as numbers, for THREAD (RFC 5256 section 3).
 *
 * An id is kept as a keyed 64-bit digest: eight octets instead of some fifty, and a sender cannot
 * choose ids that collide. Ids are compared with case, as RFC 5256 has it.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/sort_columns.h"

void sort_ids_release(struct sort_ids *t)
{
    free(t->digest);
    slice_index_release(&t->index);
    *t = (struct sort_ids){0};
}

size_t sort_ids_memory(const struct sort_ids *t)
{
    return (size_t)t->cap * sizeof(uint64_t) + t->index.n_slots * sizeof(uint32_t);
}

static struct slice get(const void *ctx, size_t entry)
{
    const struct sort_ids *t = ctx;

    return slice_of(&t->digest[entry], sizeof(t->digest[entry]));
}

/* Number 0 is none. */
static void reserve(struct sort_ids *t)
{
    if (t->n < t->cap)
        return;
    t->cap = t->cap > 0 ? t->cap * 2 : 32;
    t->digest = mem_resize(t->digest, t->cap, sizeof(*t->digest));
    if (t->n > 0)
        return;
    siphash_key_make(&t->key);
    t->digest[t->n++] = 0;
}

uint32_t sort_ids_number(struct sort_ids *t, struct slice id)
{
    uint64_t digest;
    struct slice key = slice_of(&digest, sizeof(digest));
    size_t found;

    reserve(t);
    digest = siphash(&t->key, id);
    found = slice_index_find(&t->index, key, false, get, t);
    if (found != SIZE_MAX)
        return (uint32_t)found;
    t->digest[t->n] = digest;
    slice_index_add(&t->index, key, false, t->n, get, t);
    return t->n++;
}
