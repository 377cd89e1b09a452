/* base/pool.h -- the memory of one owner: taken and released piece by piece, and gone as a whole.
 *
 * Why not the heap: an open account holds some thousand pieces of its database, a hundred KiB. On
 * the heap those of all accounts lie in a heap together, and when one is closed the pages it
 * leaves still hold somebody else's. A pool's pages hold nothing but its own and go back to the
 * kernel at once. It needs no lock, since its owner has one thread at a time, so it is faster, too.
 *
 * Pools take chunks of POOL_CHUNK_OCTETS from address space they share, which is never given back
 * and costs nothing while it is not used.
 */
#ifndef ROOST_BASE_POOL_H
#define ROOST_BASE_POOL_H

#include <stddef.h>

enum { POOL_CHUNK_OCTETS = 64 * 1024 };

struct pool;

/* Never NULL. */
struct pool *pool_new(void);

/* All pieces must have been released. Nulls *p. */
void pool_free(struct pool **p);

/* Pools that have gone leave some chunks behind for those to come, which opens an account faster:
 * give their memory back to the kernel. Any thread. */
void pool_trim(void);

/* n octets, aligned for any type of 8, not zeroed; NULL when there is no memory. p may be NULL:
 * then they are the heap's, and released by pool_release all the same. */
void *pool_alloc(struct pool *p, size_t n);

/* As realloc(3); the piece stays in its pool, and p is asked only when `piece` is NULL. */
void *pool_resize(struct pool *p, void *piece, size_t n);

/* To the pool it came from; NULL is nothing. */
void pool_release(void *piece);

/* How many octets the piece can hold; and what a piece of n will be able to hold. */
size_t pool_size(const void *piece);
size_t pool_round(size_t n);

/* Octets of memory the pool has ever touched, without what was released as a large piece. */
size_t pool_octets(const struct pool *p);

#endif
