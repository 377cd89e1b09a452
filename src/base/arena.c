/* base/arena.c -- a chain of blocks, each larger than the one before. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    BLOCK_FIRST_OCTETS = 1024, /* its head included: the heap has such pieces at hand */
    BLOCK_LARGEST_OCTETS = 64 * 1024,
};

struct arena_block {
    struct arena_block *before;
    size_t size, used;
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *a, size_t max_octets)
{
    *a = (struct arena){.max_octets = max_octets};
}

static void drop_last(struct arena *a)
{
    struct arena_block *gone = a->last;

    a->last = gone->before;
    free(gone);
}

void arena_clear(struct arena *a)
{
    while (a->last != NULL)
        drop_last(a);
    a->used_octets = 0;
}

static void add_block(struct arena *a, size_t need)
{
    struct arena_block *b;
    size_t size = a->last != NULL ? a->last->size * 2 : BLOCK_FIRST_OCTETS - sizeof(*b);

    if (size > BLOCK_LARGEST_OCTETS)
        size = BLOCK_LARGEST_OCTETS;
    if (size < need)
        size = need;
    b = mem_resize(NULL, 1, sizeof(*b) + size);
    *b = (struct arena_block){.before = a->last, .size = size};
    a->last = b;
}

void *arena_alloc(struct arena *a, size_t n)
{
    const size_t align = alignof(max_align_t);
    void *p;

    if (n > a->max_octets || a->used_octets > a->max_octets - n)
        return NULL;
    n = (n + align - 1) & ~(align - 1);
    if (a->last == NULL || a->last->size - a->last->used < n)
        add_block(a, n);
    p = a->last->data + a->last->used;
    a->last->used += n;
    a->used_octets += n;
    return p;
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
    size_t n;
    void *p;

    if (__builtin_mul_overflow(count, size, &n))
        return NULL;
    p = arena_alloc(a, n);
    if (p != NULL)
        memset(p, 0, n);
    return p;
}

bool arena_copy(struct arena *a, struct slice s, struct slice *out)
{
    char *p = arena_alloc(a, s.n + 1);

    if (p == NULL)
        return false;
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    *out = slice_of(p, s.n);
    return true;
}

struct arena_mark arena_mark(struct arena *a)
{
    return (struct arena_mark){.arena = a,
                               .last = a->last,
                               .block_used = a->last != NULL ? a->last->used : 0,
                               .used_octets = a->used_octets};
}

void arena_undo(struct arena_mark *m)
{
    struct arena *a = m->arena;

    if (a == NULL)
        return;
    while (a->last != m->last)
        drop_last(a);
    if (a->last != NULL)
        a->last->used = m->block_used;
    a->used_octets = m->used_octets;
    m->arena = NULL;
}
