/* store/sort_columns.h -- the insides of the sort columns, for their three files and message.c.
 * What others may see of them is in store.h.
 */
#ifndef ROOST_STORE_SORT_COLUMNS_H
#define ROOST_STORE_SORT_COLUMNS_H

#include "base/siphash.h"
#include "store/internal.h"

/* ---- sort_text.c */

struct sort_texts {
    struct buf octets, scratch;
    uint32_t *end;   /* of text i in octets; it begins where the one before ends */
    uint32_t *rank;  /* of text i, for i < n_ranked */
    uint32_t *order; /* the ranked ones, ascending */
    uint32_t n, cap, n_ranked;
    struct slice_index index;
    enum collation collation;
};
void sort_texts_init(struct sort_texts *t, enum collation collation);
void sort_texts_release(struct sort_texts *t);
/* The number of a text, a new one if need be; 0 is the empty one. */
uint32_t sort_texts_number(struct sort_texts *t, struct slice text);
/* Give every text its rank. */
void sort_texts_rank(struct sort_texts *t);
size_t sort_texts_memory(const struct sort_texts *t);

/* ---- sort_ids.c */

struct sort_ids {
    struct siphash_key key;
    uint64_t *digest; /* of id i, 1 <= i < n */
    uint32_t n, cap;
    struct slice_index index; /* by digest */
};
/* The number of an id, a new one if need be; never 0. */
uint32_t sort_ids_number(struct sort_ids *t, struct slice id);
void sort_ids_release(struct sort_ids *t);
size_t sort_ids_memory(const struct sort_ids *t);

/* ---- sort_columns.c */

struct sort_cache {
    struct sort_columns pub;
    uint32_t cap;                  /* allocated entries of the columns that are there */
    uint32_t filled[SORT_COLUMNS]; /* messages whose entry is right, from the first on */
    struct sort_texts texts[SORT_TEXTS];
    struct sort_ids ids;
    uint32_t ref_cap;
};
void sort_cache_free(struct sort_cache **c);
/* The messages with drop[i] set go. */
void sort_cache_compact(struct sort_cache *c, const bool *drop);
size_t sort_cache_memory(const struct sort_cache *c);

#endif
