/* gate/deadline.c -- sift up, sift down; see deadline.h. */
#include "gate/deadline.h"

#include "base/mem.h"

static void put(struct deadlines *h, size_t place, struct deadline *d)
{
    h->heap[place] = d;
    d->place = place;
}

static void sift_up(struct deadlines *h, struct deadline *d)
{
    size_t i = d->place;
    for (; i > 1 && h->heap[i / 2]->at_ms > d->at_ms; i /= 2)
        put(h, i, h->heap[i / 2]);
    put(h, i, d);
}

static void sift_down(struct deadlines *h, struct deadline *d)
{
    size_t i = d->place;
    for (;;) {
        size_t child = 2 * i;
        if (child < h->n && h->heap[child + 1]->at_ms < h->heap[child]->at_ms)
            child++;
        if (child > h->n || h->heap[child]->at_ms >= d->at_ms)
            break;
        put(h, i, h->heap[child]);
        i = child;
    }
    put(h, i, d);
}

void deadline_set(struct deadlines *h, struct deadline *d, uint64_t at_ms)
{
    if (d->place == 0) {
        if (h->n + 2 > h->cap) {
            h->cap = h->cap == 0 ? 64 : h->cap * 2;
            h->heap = mem_resize(h->heap, h->cap, sizeof(struct deadline *));
        }
        put(h, ++h->n, d);
    }
    d->at_ms = at_ms;
    sift_up(h, d);
    sift_down(h, d);
}

void deadline_clear(struct deadlines *h, struct deadline *d)
{
    if (d->place == 0)
        return;
    struct deadline *last = h->heap[h->n--];
    if (last != d) {
        put(h, d->place, last);
        sift_up(h, last);
        sift_down(h, last);
    }
    d->place = 0;
}

struct deadline *deadline_take_due(struct deadlines *h, uint64_t now_ms)
{
    if (h->n == 0 || h->heap[1]->at_ms > now_ms)
        return NULL;
    struct deadline *d = h->heap[1];
    deadline_clear(h, d);
    return d;
}

int deadline_wait_ms(const struct deadlines *h, uint64_t now_ms)
{
    if (h->n == 0)
        return -1;
    uint64_t at = h->heap[1]->at_ms;
    if (at <= now_ms)
        return 0;
    return at - now_ms > 60000 ? 60000 : (int)(at - now_ms);
}

void deadlines_release(struct deadlines *h)
{
    free(h->heap);
    *h = (struct deadlines){0};
}
