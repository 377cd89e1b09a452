/* base/buf.c -- see buf.h. */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/mem.h"

enum { FIRST_OCTETS = 512 };

void buf_init(struct buf *b, size_t max_octets)
{
    *b = (struct buf){.max_octets = max_octets};
}

void buf_release(struct buf *b)
{
    free(b->p);
    buf_init(b, b->max_octets);
}

void buf_clear(struct buf *b)
{
    b->head = b->n = 0;
    b->overflowed = false;
}

void buf_put_by(struct buf *b, size_t most_octets)
{
    if (b->cap > most_octets)
        buf_release(b);
    else
        buf_clear(b);
}

static void grow(struct buf *b, size_t need)
{
    size_t cap = b->cap > 0 ? b->cap : FIRST_OCTETS;

    while (cap < need)
        cap *= 2;
    if (cap > b->max_octets)
        cap = b->max_octets > need ? b->max_octets : need;
    b->p = mem_resize(b->p, cap, 1);
    b->cap = cap;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->overflowed || n > b->max_octets || b->n > b->max_octets - n) {
        b->overflowed = true;
        return NULL;
    }
    if (b->head > 0 && b->cap - b->head - b->n < n) {
        memmove(b->p, b->p + b->head, b->n);
        b->head = 0;
    }
    if (b->cap - b->head - b->n < n || b->p == NULL)
        grow(b, b->n + n);
    return b->p + b->head + b->n;
}

void buf_add_slowly(struct buf *b, const void *p, size_t n)
{
    char *at = buf_reserve(b, n);

    if (at != NULL && n > 0) {
        memcpy(at, p, n);
        b->n += n;
    }
}

void buf_add_u64(struct buf *b, uint64_t v)
{
    char digits[DECIMAL_U64_OCTETS_MAX];
    size_t n;

    n = decimal_write(digits, v);
    buf_add(b, digits, n);
}

void buf_addf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    int n;
    char *at;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    at = n >= 0 ? buf_reserve(b, (size_t)n + 1) : NULL;
    if (at != NULL) {
        vsnprintf(at, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void buf_consume(struct buf *b, size_t k)
{
    assert(k <= b->n);
    b->head += k;
    b->n -= k;
    if (b->n == 0)
        b->head = 0;
}

void buf_truncate(struct buf *b, size_t n)
{
    assert(n <= b->n);
    b->n = n;
    b->overflowed = false;
}
