/* wire/grow.h -- arrays in an arena whose length is not known before the list has been read.
 *
 * Private to the room. An outgrown array stays in the arena until the command's memory is given
 * back, so a list of n items costs at most three times its own size.
 */
#ifndef ROOST_WIRE_GROW_H
#define ROOST_WIRE_GROW_H

#include "base/arena.h"
#include "base/err.h"

/* Make room for item number n (from 0) in *array, which holds *cap items of `size` octets; new
 * room is zeroed. ERR_LIMIT when n == max; ERR_NOMEM. On failure nothing changes. */
must_use enum err grow_array(struct arena *a, void **array, size_t n, size_t *cap, size_t size,
                             size_t max);

#endif
