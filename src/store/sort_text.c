/* store/sort_text.c -- the texts of one sort column: each distinct one is kept once, has a number,
 * and a place in the order of the column's collation (RFC 5255 section 4.2), by which it is
 * distinct.
 *
 * A message then is compared by a number, and equal texts are found without looking at them. New
 * texts wait unranked until somebody sorts; then they are sorted among themselves and merged into
 * the order that is there, so an arrival costs one pass over the distinct texts and no more.
 */
#include <endian.h>
#include <stdlib.h>

#include "base/mem.h"
#include "mime/collate.h"
#include "store/sort_columns.h"

enum {
    COLLATED_OCTETS_MAX = 32 * 1024, /* of one text: 18 times MIME_KEY_OCTETS_MAX */
    TEXTS_OCTETS_MAX = 1 << 30, /* of one column; what comes later is sorted as if it were empty */
};

void sort_texts_init(struct sort_texts *t, enum collation collation)
{
    *t = (struct sort_texts){.collation = collation};
    buf_init(&t->octets, TEXTS_OCTETS_MAX);
    buf_init(&t->scratch, COLLATED_OCTETS_MAX);
}

void sort_texts_release(struct sort_texts *t)
{
    buf_release(&t->octets);
    buf_release(&t->scratch);
    slice_index_release(&t->index);
    free(t->end);
    free(t->rank);
    free(t->order);
    *t = (struct sort_texts){0};
}

size_t sort_texts_memory(const struct sort_texts *t)
{
    return t->octets.cap + t->scratch.cap + (size_t)t->cap * 3 * sizeof(uint32_t) +
           t->index.n_slots * sizeof(uint32_t);
}

static struct slice text_at(const struct sort_texts *t, uint32_t number)
{
    uint32_t from = number > 0 ? t->end[number - 1] : 0;

    return slice_sub(buf_slice(&t->octets), from, t->end[number] - from);
}

static struct slice get(const void *ctx, size_t entry)
{
    return text_at(ctx, (uint32_t)entry);
}

static void reserve(struct sort_texts *t)
{
    if (t->n < t->cap)
        return;
    t->cap = t->cap > 0 ? t->cap * 2 : 64;
    t->end = mem_resize(t->end, t->cap, sizeof(*t->end));
    t->rank = mem_resize(t->rank, t->cap, sizeof(*t->rank));
    t->order = mem_resize(t->order, t->cap, sizeof(*t->order));
}

static uint32_t add(struct sort_texts *t, struct slice text)
{
    reserve(t);
    buf_add_slice(&t->octets, text);
    t->end[t->n] = (uint32_t)t->octets.n;
    slice_index_add(&t->index, text, false, t->n, get, t);
    return t->n++;
}

/* The number of `text`, collated. */
uint32_t sort_texts_number(struct sort_texts *t, struct slice text)
{
    struct slice key;
    size_t found;

    if (t->n == 0)
        (void)add(t, SLICE("")); /* number 0, for whoever has no such field */
    if (text.n == 0)
        return 0;
    buf_clear(&t->scratch);
    text_collate(t->collation, text, &t->scratch);
    key = buf_slice(&t->scratch);
    found = slice_index_find(&t->index, key, false, get, t);
    if (found != SIZE_MAX)
        return (uint32_t)found;
    return t->octets.n + key.n > TEXTS_OCTETS_MAX ? 0 : add(t, key);
}

/* ---- ranking -------------------------------------------------------------------------------- */

struct entry {
    uint64_t prefix; /* the first eight octets, so that most comparisons end here */
    uint32_t number;
};

static uint64_t prefix_of(struct slice s)
{
    uint64_t word = 0;

    if (s.n > 0)
        memcpy(&word, s.p, s.n < sizeof(word) ? s.n : sizeof(word));
    return be64toh(word);
}

static int compare_texts(const struct sort_texts *t, uint32_t a, uint32_t b)
{
    return slice_cmp(text_at(t, a), text_at(t, b));
}

static int compare_entries(const void *a, const void *b, void *ctx)
{
    const struct entry *x = a, *y = b;

    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return compare_texts(ctx, x->number, y->number);
}

/* Merge n new ones, sorted, into the order, from its end. */
static void merge(struct sort_texts *t, const struct entry *fresh, uint32_t n)
{
    uint32_t old = t->n_ranked, to = old + n;

    while (n > 0) {
        if (old > 0 && compare_texts(t, t->order[old - 1], fresh[n - 1].number) > 0)
            t->order[--to] = t->order[--old];
        else
            t->order[--to] = fresh[--n].number;
    }
}

void sort_texts_rank(struct sort_texts *t)
{
    uint32_t n = t->n - t->n_ranked;
    struct entry *fresh;

    if (n == 0)
        return;
    fresh = mem_calloc(n, sizeof(*fresh));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = t->n_ranked + i;

        fresh[i] = (struct entry){prefix_of(text_at(t, number)), number};
    }
    qsort_r(fresh, n, sizeof(*fresh), compare_entries, t);
    merge(t, fresh, n);
    free(fresh);
    t->n_ranked = t->n;
    for (uint32_t i = 0; i < t->n; i++)
        t->rank[t->order[i]] = i;
}
