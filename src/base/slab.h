/* base/slab.h -- small objects that live long, side by side.
 *
 * Why not the heap: a session lives for hours and holds a few hundred octets, while around it
 * databases are opened and closed that take a hundred times as much. On the heap each such
 * object pins a page of what was freed around it; here a page holds nothing else.
 *
 * Blocks are never given back: what a slab holds is bounded by the most objects there ever were
 * at a time. Any thread may call.
 */
#ifndef ROOST_BASE_SLAB_H
#define ROOST_BASE_SLAB_H

#include <stddef.h>

enum { SLAB_OCTETS_MAX = 1024 };

/* n zeroed octets, aligned for any type; never NULL. Larger than SLAB_OCTETS_MAX: the heap. */
void *slab_alloc(size_t n) __attribute__((malloc, returns_nonnull));

/* Give them back; n as allocated. p may be NULL. */
void slab_free(void *p, size_t n);

#endif
