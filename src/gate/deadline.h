/* gate/deadline.h -- what has to happen at a time: a binary heap whose members know their place.
 *
 * A member is embedded in its owner, so setting and clearing are O(log n) and cost no memory
 * beyond one pointer. An owner without a deadline is in no heap.
 */
#ifndef ROOST_GATE_DEADLINE_H
#define ROOST_GATE_DEADLINE_H

#include "base/slice.h"

struct deadline {
    uint64_t at_ms;
    size_t place; /* 1..n in the heap; 0: not in it */
};

struct deadlines {
    struct deadline **heap; /* heap[1..n] */
    size_t n, cap;
};

/* (Re)schedule at a time of clock_mono_ms. */
void deadline_set(struct deadlines *h, struct deadline *d, uint64_t at_ms);
void deadline_clear(struct deadlines *h, struct deadline *d);

/* The earliest if it is due (taken out), else NULL. */
struct deadline *deadline_take_due(struct deadlines *h, uint64_t now_ms);

/* Milliseconds until the earliest, 0 if due, -1 if there is none: for epoll_wait. */
int deadline_wait_ms(const struct deadlines *h, uint64_t now_ms);

void deadlines_release(struct deadlines *h);

#endif
