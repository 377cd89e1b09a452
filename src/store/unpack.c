/* store/unpack.c -- a folder's columns from the octets of its snapshot; part.h draws their form.
 *
 * What is read was on disk: a sum that differs, or a number that does not fit, is refused
 * (snapshots are disposable). Opening a mailbox waits for this, so blocks are read by loops without
 * branches, and what is small is not made wide between: a run of UIDs is its first, flags stay
 * octets.
 */
#include "base/pack.h"
#include "store/part.h"

static const uint64_t EACH_OCTET = 0x0101010101010101;

struct reader {
    const uint8_t *p, *end; /* PADDING follows */
    bool bad;               /* sticky; then everything reads as 0 */
};

/* Loops of a known length are those the compiler makes vectors of. */
#define EACH(i, n, what)                                                                           \
    do {                                                                                           \
        if ((n) == BLOCK) {                                                                        \
            for (uint32_t i = 0; i < BLOCK; i++)                                                   \
                what;                                                                              \
        } else {                                                                                   \
            for (uint32_t i = 0; i < (n); i++)                                                     \
                what;                                                                              \
        }                                                                                          \
    } while (0)

static inline uint64_t octets_at(const uint8_t *p, size_t width)
{
    uint16_t two;
    uint32_t four;

    switch (width) {
    case 0:
        return 0;
    case 1:
        return *p;
    case 2:
        memcpy(&two, p, sizeof(two));
        return le16toh(two);
    case 4:
        memcpy(&four, p, sizeof(four));
        return le32toh(four);
    case 8:
        return part_load(p);
    default:
        return part_load(p) & (((uint64_t)1 << width * 8) - 1);
    }
}

static inline void widen(const uint8_t *restrict p, size_t width, uint64_t base, uint64_t rise,
                         uint32_t n, uint64_t *restrict v)
{
    EACH(i, n, v[i] = base + i * rise + octets_at(p + i * width, width));
}

static inline void widen_bits(const uint8_t *restrict p, uint32_t bits, uint64_t base,
                              uint64_t rise, uint32_t n, uint64_t *restrict v)
{
    EACH(i, n, v[i] = base + i * rise + (p[i * bits / 8] >> i * bits % 8 & ((1u << bits) - 1)));
}

/* The width is known in each loop. False: there is no such width. */
static bool widen_by(const uint8_t *p, size_t width, uint64_t base, uint64_t rise, uint32_t n,
                     uint64_t *v)
{
    switch (width) {
#define WIDTH(w)                                                                                   \
    case w:                                                                                        \
        widen(p, w, base, rise, n, v);                                                             \
        return true;
        WIDTH(0)
        WIDTH(1)
        WIDTH(2)
        WIDTH(3)
        WIDTH(4)
        WIDTH(5)
        WIDTH(6)
        WIDTH(7)
        WIDTH(8)
#undef WIDTH
#define WIDTH(w)                                                                                   \
    case w:                                                                                        \
        widen_bits(p, bits_of(w), base, rise, n, v);                                               \
        return true;
        WIDTH(BITS_1)
        WIDTH(BITS_2)
        WIDTH(BITS_4)
#undef WIDTH
    default:
        return false;
    }
}

struct block {
    unsigned width;
    bool rises;
    uint64_t base;
    const uint8_t *values;
};

/* The next block, of n values; false, and r is bad: it is not all there. */
static bool take_block(struct reader *r, uint32_t n, struct block *b)
{
    size_t left = (size_t)(r->end - r->p), octets;

    if (r->bad || left < BLOCK_HEAD_OCTETS || *r->p >= 2 * RISES)
        return !(r->bad = true);
    *b = (struct block){*r->p & (RISES - 1), *r->p >= RISES, part_load(r->p + 1),
                        r->p + BLOCK_HEAD_OCTETS};
    octets = BLOCK_HEAD_OCTETS + octets_of(b->width, n);
    if (left < octets)
        return !(r->bad = true);
    r->p += octets;
    return true;
}

static bool widen_block(const struct block *b, uint32_t n, uint64_t *v)
{
    return widen_by(b->values, b->width, b->base, b->rises, n, v);
}

static void get_block(struct reader *r, uint32_t n, uint64_t *v)
{
    struct block b;

    if (take_block(r, n, &b) && widen_block(&b, n, v))
        return;
    r->bad = true;
    memset(v, 0, n * sizeof(*v));
}

/* A value that its column cannot hold makes `bad` differ from 0. */
#define GET_COLUMN(r, column, s, bad)                                                              \
    for (uint32_t at = (s).from; at < (s).to; at += BLOCK) {                                       \
        uint32_t n_ = block_of(s, at);                                                             \
        __typeof__(*(column)) *restrict c_ = (column) + at;                                        \
        uint64_t v_[BLOCK];                                                                        \
                                                                                                   \
        get_block(r, n_, v_);                                                                      \
        EACH(i, n_, (bad) |= (uint64_t)(c_[i] = (__typeof__(*c_))v_[i]) ^ v_[i]);                  \
    }

/* UIDs that follow on each other: nothing of them is read but the first. */
static bool add_run(struct uid_map *map, uint64_t first, uint64_t last, uint32_t n)
{
    if (first <= last || first > UINT32_MAX - (n - 1))
        return false;
    uid_map_add_run(map, (uint32_t)first, n);
    return true;
}

static bool add_each(struct uid_map *map, const struct block *b, uint64_t last, uint32_t n)
{
    uint64_t v[BLOCK];

    if (!widen_block(b, n, v))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (v[i] <= (i > 0 ? v[i - 1] : last) || v[i] > UINT32_MAX)
            return false;
        uid_map_add(map, (uint32_t)v[i]);
    }
    return true;
}

/* In any order but a rising one they are refused. */
static bool get_uids(struct reader *r, struct span s, struct uid_map *map)
{
    for (uint32_t at = s.from; at < s.to; at += BLOCK) {
        uint64_t last = map->n > 0 ? uid_at(map, map->n - 1) : 0;
        uint32_t n = block_of(s, at);
        struct block b;

        if (map->n != at || !take_block(r, n, &b))
            return false;
        if (!(b.width == 0 && b.rises ? add_run(map, b.base, last, n) : add_each(map, &b, last, n)))
            return false;
    }
    return true;
}

/* Eight values of so many bits, low ones first, to an octet each. */
static inline uint64_t unfold(uint64_t x, unsigned bits)
{
    const uint64_t in_32 = 0x0000000100000001, in_16 = 0x0001000100010001;

    if (bits == 8)
        return x;
    x &= ((uint64_t)1 << 8 * bits) - 1;
    x = (x | x << (32 - 4 * bits)) & in_32 * ((1u << 4 * bits) - 1);
    x = (x | x << (16 - 2 * bits)) & in_16 * ((1u << 2 * bits) - 1);
    return (x | x << (8 - bits)) & EACH_OCTET * ((1u << bits) - 1);
}

/* Returns all bits that were seen, of values with and without the base. The octets of nothing let
 * eight be loaded behind the last. */
static inline uint64_t unfold_by(const struct block *b, unsigned bits, uint8_t *restrict out)
{
    uint64_t base = EACH_OCTET * b->base, seen = 0;

    for (uint32_t i = 0; i < BLOCK / 8; i++) {
        uint64_t x = unfold(part_load(b->values + i * bits), bits), flags = htole64(x + base);

        seen |= x | (x + base);
        memcpy(out + i * sizeof(flags), &flags, sizeof(flags));
    }
    return seen;
}

/* Flags are octets, and mostly blocks of few bits: those need not become wide between. False: this
 * block is another. */
static bool unfold_flags(const struct block *b, uint8_t *out, uint64_t *seen)
{
    if (b->rises || b->base > FLAG_SYSTEM)
        return false;
    switch (b->width) {
    case 0:
        memset(out, (int)b->base, BLOCK);
        return true;
#define WIDTH(w)                                                                                   \
    case w:                                                                                        \
        *seen |= unfold_by(b, bits_of(w), out);                                                    \
        return true;
        WIDTH(1)
        WIDTH(BITS_1)
        WIDTH(BITS_2)
        WIDTH(BITS_4)
#undef WIDTH
    default:
        return false;
    }
}

static bool get_flags(struct reader *r, struct span s, uint8_t *flags)
{
    uint64_t seen = 0;

    for (uint32_t at = s.from; at < s.to; at += BLOCK) {
        uint32_t n = block_of(s, at);
        struct block b;
        uint64_t v[BLOCK];

        if (!take_block(r, n, &b))
            return false;
        if (n == BLOCK && unfold_flags(&b, flags + at, &seen))
            continue;
        if (!widen_block(&b, n, v))
            return false;
        for (uint32_t i = 0; i < n; i++) {
            flags[at + i] = (uint8_t)v[i];
            seen |= v[i] > FLAG_SYSTEM ? UINT64_MAX : 0;
        }
    }
    return (seen & ~(EACH_OCTET * FLAG_SYSTEM)) == 0;
}

/* Each once, in rising order. */
static void get_sets(struct reader *r, struct folder_state *f)
{
    struct unpack u = unpack_of(slice_of((const char *)r->p, (size_t)(r->end - r->p)));
    uint32_t n = unpack_u32(&u), last = 0;

    for (uint32_t i = 0; i < n && !u.bad; i++) {
        uint32_t set = unpack_u32(&u);

        u.bad = u.bad || set <= last;
        last = set;
        folder_use_set(f, set);
    }
    r->bad = r->bad || unpack_end(&u) != ERR_OK;
    r->p = r->end;
}

static bool get_outline(struct reader *r, struct span s, struct folder_state *f)
{
    struct messages *m = f->messages;

    if (!get_uids(r, s, m->map) || !get_flags(r, s, m->flags))
        return false;
    get_sets(r, f);
    m->n = s.to;
    return true;
}

static bool get_rest(struct reader *r, struct span s, struct messages *m)
{
    uint64_t bad = 0;

#define X(c) GET_COLUMN(r, m->c, s, bad)
    REST_COLUMNS(X)
#undef X
    return bad == 0;
}

enum err unpack_part(struct slice packed, uint32_t part, uint32_t n, struct folder_state *f)
{
    const uint8_t *p = (const uint8_t *)packed.p;
    struct span s = part_span(part, n);
    struct reader r;
    bool good;

    if (packed.n < PART_HEAD_OCTETS + PADDING ||
        part_load(p) != pack_sum(slice_sub(packed, SUM_OCTETS, SIZE_MAX)) ||
        part_load(p + SUM_OCTETS) != ((uint64_t)part << 32 | n))
        return ERR_CORRUPT;
    r = (struct reader){p + PART_HEAD_OCTETS, p + packed.n - PADDING, false};
    good = s.outline ? get_outline(&r, s, f) : get_rest(&r, s, f->messages);
    return good && !r.bad && r.p == r.end ? ERR_OK : ERR_CORRUPT;
}
