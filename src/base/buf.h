/* base/buf.h -- a growing buffer of octets that is born with its maximum.
 *
 * Overflow is a sticky flag, checked once at the end and not at each write: past the maximum
 * writes do nothing and `overflowed` stays set until buf_clear. An empty, released buffer owns
 * no heap memory, so an idle session costs none.
 *
 * Input side: octets are consumed from the front with buf_consume. Unread octets are always
 * p[head .. head+n).
 */
#ifndef ROOST_BASE_BUF_H
#define ROOST_BASE_BUF_H

#include <stdarg.h>

#include "base/slice.h"

struct buf {
    char *p;
    size_t head;       /* octets consumed from the front */
    size_t n;          /* octets held */
    size_t cap;        /* octets allocated */
    size_t max_octets; /* n never passes this */
    bool overflowed;
};

void buf_init(struct buf *b, size_t max_octets);

/* Gives the memory back; contents are lost, the maximum stays, the flag is cleared. */
void buf_release(struct buf *b);

/* Forgets the contents and the flag, keeps the memory. */
void buf_clear(struct buf *b);

/* The same for a buffer that is put by: memory beyond most_octets is given back. */
void buf_put_by(struct buf *b, size_t most_octets);

static inline struct slice buf_slice(const struct buf *b)
{
    return slice_of(b->p != NULL ? b->p + b->head : "", b->n);
}

/* Mostly there is room; then a literal string is stored by a move or two. */
void buf_add_slowly(struct buf *b, const void *p, size_t n);
static inline void buf_add(struct buf *b, const void *p, size_t n)
{
    if (n == 0 || b->overflowed || n > b->cap - b->head - b->n) {
        buf_add_slowly(b, p, n);
        return;
    }
    memcpy(b->p + b->head + b->n, p, n);
    b->n += n;
}
static inline void buf_add_slice(struct buf *b, struct slice s)
{
    buf_add(b, s.p, s.n);
}
static inline void buf_add_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}
static inline void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}
/* Decimal digits of v. */
void buf_add_u64(struct buf *b, uint64_t v);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for at least n more octets behind the contents, or NULL (and the flag) at the maximum.
 * After writing k <= n octets there call buf_added(b, k). */
char *buf_reserve(struct buf *b, size_t n);
static inline void buf_added(struct buf *b, size_t k)
{
    b->n += k;
}

/* Drop the first k <= n octets. The memory is kept. */
void buf_consume(struct buf *b, size_t k);

/* Cut back to the first n octets held (n <= b->n), and clear the overflow flag. */
void buf_truncate(struct buf *b, size_t n);

#endif
