/* wire/grow.c -- see grow.h. */
#include "wire/grow.h"

enum { FIRST_ITEMS = 8 };

enum err grow_array(struct arena *a, void **array, size_t n, size_t *cap, size_t size, size_t max)
{
    size_t want = *cap > 0 ? *cap * 2 : FIRST_ITEMS;
    void *p;

    if (n == max)
        return ERR_LIMIT;
    if (n < *cap)
        return ERR_OK;
    if (want > max)
        want = max;
    p = arena_calloc(a, want, size);
    if (p == NULL)
        return ERR_NOMEM;
    if (n > 0)
        memcpy(p, *array, n * size);
    *array = p;
    *cap = want;
    return ERR_OK;
}
