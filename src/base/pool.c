/* base/pool.c -- free lists by size, over chunks; see pool.h.
 *
 *     chunk:  | head | tag piece | tag piece | ... | not yet cut |
 *
 * Each piece has a tag of 8 octets in front of it: its class, and how far behind the head of its
 * chunk it lies, so that it finds its pool. What is larger than any class is the heap's, in a list
 * of the pool.
 */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/mem.h"

enum {
    SPACE_OCTETS = 16 << 20, /* asked of the kernel at a time */
    WARM_MAX = 16,           /* free chunks that keep their memory: to fault it in again costs more
                              * than a small account's opening does otherwise */
    STEP_OCTETS = 16,
    FINE_OCTETS = 512, /* one class for each step up to here, then STEPS for each doubling */
    FINE = FINE_OCTETS / STEP_OCTETS,
    STEPS = 8,
    DOUBLINGS = 6,
    CLASSES = FINE + STEPS * DOUBLINGS,
    LARGE = CLASSES,
    PIECE_OCTETS_MAX = FINE_OCTETS << DOUBLINGS, /* tag included */
};

/* Under AddressSanitizer every piece is the heap's, so that a use after free is seen. */
#if defined(__SANITIZE_ADDRESS__)
#define POOL_IS_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_IS_HEAP 1
#endif
#endif
#ifndef POOL_IS_HEAP
#define POOL_IS_HEAP 0
#endif

struct tag {
    uint32_t at; /* octets behind the head of the chunk */
    uint32_t class;
};

struct chunk {
    struct pool *pool;
    struct chunk *next;
};

struct large {
    struct pool *pool; /* NULL: nobody's */
    struct large *next, **link;
    size_t octets; /* of the piece */
    struct tag tag;
};

struct pool {
    struct chunk *chunks; /* the first is being cut, from `cut` to `end`; the last holds the pool */
    char *cut, *end;
    size_t octets, pieces;
    struct large *larges;
    struct free_piece *free[CLASSES];
};

struct free_piece {
    struct free_piece *next;
};

/* ---- chunks: address space that all pools share --------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    char **free; /* chunks, n_free of room for n_all */
    size_t n_free, n_all;
    char *warm[WARM_MAX];
    size_t n_warm;
} space = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool more_space(void)
{
    size_t n = SPACE_OCTETS / POOL_CHUNK_OCTETS;
    char *p = mmap(NULL, SPACE_OCTETS, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return false;
    space.free = mem_resize(space.free, space.n_all + n, sizeof(*space.free));
    space.n_all += n;
    for (size_t i = n; i > 0; i--)
        space.free[space.n_free++] = p + (i - 1) * POOL_CHUNK_OCTETS;
    return true;
}

/* NULL when there is no memory. */
static struct chunk *chunk_take(void)
{
    char *c = NULL;

    pthread_mutex_lock(&space.lock);
    if (space.n_warm > 0)
        c = space.warm[--space.n_warm];
    else if (space.n_free > 0 || more_space())
        c = space.free[--space.n_free];
    pthread_mutex_unlock(&space.lock);
    return (struct chunk *)(void *)c;
}

static void chunk_give(struct chunk *chunk)
{
    char *c = (char *)chunk;
    bool kept;

    pthread_mutex_lock(&space.lock);
    kept = space.n_warm < WARM_MAX;
    if (kept)
        space.warm[space.n_warm++] = c;
    pthread_mutex_unlock(&space.lock);
    if (kept)
        return;
    (void)madvise(c, POOL_CHUNK_OCTETS, MADV_DONTNEED);
    pthread_mutex_lock(&space.lock);
    space.free[space.n_free++] = c;
    pthread_mutex_unlock(&space.lock);
}

void pool_trim(void)
{
    pthread_mutex_lock(&space.lock);
    while (space.n_warm > 0) {
        char *c = space.warm[--space.n_warm];

        (void)madvise(c, POOL_CHUNK_OCTETS, MADV_DONTNEED);
        space.free[space.n_free++] = c;
    }
    pthread_mutex_unlock(&space.lock);
}

/* ---- classes -------------------------------------------------------------------------------- */

/* Octets of a piece and its tag. */
static size_t class_octets(size_t class)
{
    size_t step = (class - FINE) % STEPS + 1, doubling = (class - FINE) / STEPS;

    if (class < FINE)
        return (class + 1) * STEP_OCTETS;
    return ((size_t)FINE_OCTETS << doubling) / STEPS * (STEPS + step);
}

/* n, tag included, is at most PIECE_OCTETS_MAX. */
static size_t class_of(size_t n)
{
    size_t doubling, octets;

    if (n <= FINE_OCTETS)
        return (n + STEP_OCTETS - 1) / STEP_OCTETS - 1;
    doubling = (size_t)(63 - __builtin_clzl((n - 1) / FINE_OCTETS));
    octets = (size_t)FINE_OCTETS << doubling;
    return FINE + doubling * STEPS + (n - octets - 1) / (octets / STEPS);
}

size_t pool_round(size_t n)
{
    size_t all = n + sizeof(struct tag);

    return all > PIECE_OCTETS_MAX ? (n + 7) / 8 * 8
                                  : class_octets(class_of(all)) - sizeof(struct tag);
}

/* ---- pools ---------------------------------------------------------------------------------- */

static struct tag *tag_of(const void *piece)
{
    return (struct tag *)(uintptr_t)piece - 1;
}

static struct large *large_of(const void *piece)
{
    return (struct large *)(uintptr_t)piece - 1;
}

static bool add_chunk(struct pool *p)
{
    struct chunk *c = chunk_take();

    if (c == NULL)
        return false;
    *c = (struct chunk){.pool = p, .next = p->chunks};
    p->chunks = c;
    p->cut = (char *)(c + 1);
    p->end = (char *)c + POOL_CHUNK_OCTETS;
    return true;
}

struct pool *pool_new(void)
{
    struct pool first = {0}, *p;

    if (!add_chunk(&first))
        mem_exhausted();
    p = (struct pool *)(void *)first.cut;
    *p = first;
    p->chunks->pool = p;
    p->cut += (sizeof(*p) + STEP_OCTETS - 1) / STEP_OCTETS * STEP_OCTETS;
    p->octets = (size_t)(p->cut - (char *)p->chunks);
    return p;
}

void pool_free(struct pool **pp)
{
    struct pool *p = *pp;

    if (p == NULL)
        return;
    *pp = NULL;
    assert(p->pieces == 0);
    for (struct chunk *c = p->chunks, *next; c != NULL; c = next) {
        next = c->next;
        chunk_give(c);
    }
}

static void *large_alloc(struct pool *p, size_t n)
{
    struct large *l = n < SIZE_MAX - sizeof(*l) ? malloc(sizeof(*l) + n) : NULL;

    if (l == NULL)
        return NULL;
    *l = (struct large){.pool = p, .octets = n, .tag.class = LARGE};
    if (p != NULL) {
        l->next = p->larges;
        if (l->next != NULL)
            l->next->link = &l->next;
        l->link = &p->larges;
        p->larges = l;
        p->octets += sizeof(*l) + n;
        p->pieces++;
    }
    return l + 1;
}

static void large_release(struct large *l)
{
    if (l->pool != NULL) {
        *l->link = l->next;
        if (l->next != NULL)
            l->next->link = l->link;
        l->pool->octets -= sizeof(*l) + l->octets;
        l->pool->pieces--;
    }
    free(l);
}

static void *cut(struct pool *p, size_t class)
{
    size_t octets = class_octets(class);
    struct tag *t;

    if ((size_t)(p->end - p->cut) < octets && !add_chunk(p))
        return NULL;
    t = (struct tag *)(void *)p->cut;
    p->cut += octets;
    p->octets += octets;
    *t = (struct tag){.at = (uint32_t)((char *)t - (char *)p->chunks), .class = (uint32_t) class};
    return t + 1;
}

void *pool_alloc(struct pool *p, size_t n)
{
    size_t class;
    void *piece;

    if (p == NULL || POOL_IS_HEAP || n > PIECE_OCTETS_MAX - sizeof(struct tag))
        return large_alloc(p, n);
    class = class_of(n + sizeof(struct tag));
    piece = p->free[class];
    if (piece != NULL)
        p->free[class] = p->free[class]->next;
    else
        piece = cut(p, class);
    p->pieces += piece != NULL;
    return piece;
}

static struct pool *pool_of(const struct tag *t)
{
    return ((struct chunk *)(void *)((char *)(uintptr_t)t - t->at))->pool;
}

void pool_release(void *piece)
{
    struct free_piece *f = piece;
    const struct tag *t;
    struct pool *p;

    if (piece == NULL)
        return;
    t = tag_of(piece);
    if (t->class == LARGE) {
        large_release(large_of(piece));
        return;
    }
    p = pool_of(t);
    f->next = p->free[t->class];
    p->free[t->class] = f;
    p->pieces--;
}

size_t pool_size(const void *piece)
{
    const struct tag *t = tag_of(piece);

    return t->class == LARGE ? large_of(piece)->octets
                             : class_octets(t->class) - sizeof(struct tag);
}

void *pool_resize(struct pool *p, void *piece, size_t n)
{
    size_t old;
    void *to;

    if (piece == NULL)
        return pool_alloc(p, n);
    old = pool_size(piece);
    if (pool_round(n) == old)
        return piece;
    p = tag_of(piece)->class == LARGE ? large_of(piece)->pool : pool_of(tag_of(piece));
    to = pool_alloc(p, n);
    if (to == NULL)
        return NULL;
    memcpy(to, piece, old < n ? old : n);
    pool_release(piece);
    return to;
}

size_t pool_octets(const struct pool *p)
{
    return p->octets;
}
