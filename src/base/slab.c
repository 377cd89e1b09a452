/* base/slab.c -- one free list for each multiple of 16 octets; see slab.h. */
#include "base/slab.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/mem.h"

enum { STEP_OCTETS = 16, CLASSES = SLAB_OCTETS_MAX / STEP_OCTETS, BLOCK_OCTETS = 64 * 1024 };

/* Under AddressSanitizer every object is the heap's, so that a use after free is seen. */
#if defined(__SANITIZE_ADDRESS__)
#define SLAB_IS_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLAB_IS_HEAP 1
#endif
#endif
#ifndef SLAB_IS_HEAP
#define SLAB_IS_HEAP 0
#endif

struct free_object {
    struct free_object *next;
};

static struct {
    pthread_mutex_t lock;
    struct free_object *free[CLASSES + 1];
} slab = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t class_of(size_t n)
{
    return n > 0 ? (n + STEP_OCTETS - 1) / STEP_OCTETS : 1;
}

/* Cut a new block into objects of this class, lowest address first. */
static void refill(size_t class)
{
    size_t size = class * STEP_OCTETS;
    char *block =
        mmap(NULL, BLOCK_OCTETS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct free_object **tail = &slab.free[class];

    if (block == MAP_FAILED) {
        /* Let mem.h say so: it ends the process. */
        block = mem_calloc(1, BLOCK_OCTETS);
    }
    for (size_t at = 0; at + size <= BLOCK_OCTETS; at += size) {
        struct free_object *o = (struct free_object *)(void *)(block + at);

        *tail = o;
        tail = &o->next;
    }
    *tail = NULL;
}

void *slab_alloc(size_t n)
{
    size_t class = class_of(n);
    struct free_object *o;

    if (class > CLASSES || SLAB_IS_HEAP)
        return mem_calloc(1, n);
    pthread_mutex_lock(&slab.lock);
    if (slab.free[class] == NULL)
        refill(class);
    o = slab.free[class];
    slab.free[class] = o->next;
    pthread_mutex_unlock(&slab.lock);
    return memset(o, 0, class * STEP_OCTETS);
}

void slab_free(void *p, size_t n)
{
    size_t class = class_of(n);
    struct free_object *o = p;

    if (p == NULL)
        return;
    if (class > CLASSES || SLAB_IS_HEAP) {
        free(p);
        return;
    }
    pthread_mutex_lock(&slab.lock);
    o->next = slab.free[class];
    slab.free[class] = o;
    pthread_mutex_unlock(&slab.lock);
}
