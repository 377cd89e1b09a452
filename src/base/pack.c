/* base/pack.c -- little-endian integers and counted octets, see pack.h. */
#include "base/pack.h"

static void pack_int(struct buf *b, uint64_t v, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        buf_add_char(b, (char)(unsigned char)(v >> (8 * i)));
}

void pack_u8(struct buf *b, uint8_t v)
{
    pack_int(b, v, 1);
}

void pack_u16(struct buf *b, uint16_t v)
{
    pack_int(b, v, 2);
}

void pack_u32(struct buf *b, uint32_t v)
{
    pack_int(b, v, 4);
}

void pack_u64(struct buf *b, uint64_t v)
{
    pack_int(b, v, 8);
}

void pack_octets(struct buf *b, struct slice s)
{
    if (s.n > UINT32_MAX) {
        b->overflowed = true;
        return;
    }
    pack_u32(b, (uint32_t)s.n);
    buf_add_slice(b, s);
}

/* The next n octets, or NULL and `bad`. */
static const unsigned char *take(struct unpack *u, size_t n)
{
    if (u->bad || u->in.n < n) {
        u->bad = true;
        return NULL;
    }
    const unsigned char *p = (const unsigned char *)u->in.p;
    u->in = slice_sub(u->in, n, SIZE_MAX);
    return p;
}

static uint64_t unpack_int(struct unpack *u, size_t octets)
{
    const unsigned char *p = take(u, octets);
    uint64_t v = 0;
    for (size_t i = octets; p != NULL && i > 0; i--)
        v = v << 8 | p[i - 1];
    return v;
}

uint8_t unpack_u8(struct unpack *u)
{
    return (uint8_t)unpack_int(u, 1);
}

uint16_t unpack_u16(struct unpack *u)
{
    return (uint16_t)unpack_int(u, 2);
}

uint32_t unpack_u32(struct unpack *u)
{
    return (uint32_t)unpack_int(u, 4);
}

uint64_t unpack_u64(struct unpack *u)
{
    return unpack_int(u, 8);
}

struct slice unpack_octets(struct unpack *u, size_t max_octets)
{
    size_t n = unpack_u32(u);
    if (n > max_octets)
        u->bad = true;
    const unsigned char *p = take(u, n);
    return p != NULL ? slice_of(p, n) : SLICE("");
}

void unpack_fixed(struct unpack *u, void *p, size_t n)
{
    const unsigned char *from = take(u, n);
    if (from != NULL)
        memcpy(p, from, n);
    else
        memset(p, 0, n);
}

enum err unpack_end(const struct unpack *u)
{
    return u->bad || u->in.n > 0 ? ERR_SYNTAX : ERR_OK;
}
