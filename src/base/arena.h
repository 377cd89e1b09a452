/* base/arena.h -- the memory of one command: many small allocations, given back at once.
 *
 * An arena is born with its maximum. When that is reached allocation returns NULL, which the
 * caller answers as ERR_NOMEM. An arena that holds nothing owns no heap memory.
 */
#ifndef ROOST_BASE_ARENA_H
#define ROOST_BASE_ARENA_H

#include "base/slice.h"

struct arena_block;

struct arena {
    struct arena_block *last; /* newest block; each links to the one before it */
    size_t used_octets;       /* handed out since arena_init, slack included */
    size_t max_octets;
};

void arena_init(struct arena *a, size_t max_octets);

/* Gives all memory back; the arena stays usable. Everything allocated from it is gone. */
void arena_clear(struct arena *a);

/* n octets aligned for any type, not zeroed; NULL when the maximum would be passed. n == 0
 * gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t n);

/* count objects of `size` octets, zeroed; NULL when the maximum would be passed or the
 * product overflows. */
void *arena_calloc(struct arena *a, size_t count, size_t size);
#define arena_new(a, type)          ((type *)arena_calloc((a), 1, sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_calloc((a), (count), sizeof(type)))

/* A copy of `s` with a NUL behind it (not counted in n). False, *out untouched, at the maximum. */
must_use bool arena_copy(struct arena *a, struct slice s, struct slice *out);

/* A failed parse gives back what it took:
 *     scoped_undo struct arena_mark undo = arena_mark(a);
 *     ... every early return undoes ...
 *     arena_keep(&undo);   -- success: the memory is the caller's now
 */
struct arena_mark {
    struct arena *arena; /* NULL after arena_keep */
    struct arena_block *last;
    size_t block_used;
    size_t used_octets;
};
struct arena_mark arena_mark(struct arena *a);
void arena_undo(struct arena_mark *m);
static inline void arena_keep(struct arena_mark *m)
{
    m->arena = NULL;
}
#define scoped_undo __attribute__((cleanup(arena_undo), unused))

#endif
