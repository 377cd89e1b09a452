/* store/pack.c -- a folder's columns as octets, for the snapshot.
 *
 * A snapshot is parts, of two kinds. Outlines come first: UIDs, flags and the keyword sets in use,
 * which is what opening a mailbox asks for. The rest has the other columns; it is five times as
 * much, and is not read before somebody asks.
 *
 *     part:   u64 sum of what follows | u32 messages of the snapshot | u32 number of the part
 *             | column after column | an outline: u32 n, n keyword sets | 8 octets of nothing
 *     column: blocks of 256 values, the last one shorter
 *     block:  u8 width, and 16 if it rises | u64 base | width octets a value; 9, 10 and 11 are
 *             widths of 1, 2 and 4 bits, low ones first
 *
 * All little-endian. A value is base plus its octets; plus its place in the block if that rises, so
 * that UIDs and body ids, which mostly count up, have width 0. A block is read by a loop without
 * branches; the octets of nothing let each value be loaded as eight. About 15 octets a message.
 *
 * What is read back was on disk: a sum that differs, or a number that does not fit, is refused
 * (snapshots are disposable).
 */
#include <endian.h>

#include "base/mem.h"
#include "base/pack.h"
#include "store/internal.h"

enum {
    OUTLINE_MESSAGES = 32768, /* of a part */
    REST_MESSAGES = 8192,
    BLOCK = 256,
    BLOCK_HEAD_OCTETS = 9,
    BITS_1 = 9, /* widths of 1, 2 and 4 bits */
    BITS_2,
    BITS_4,
    RISES = 16,
    PADDING = 8,
    PART_HEAD_OCTETS = 16,
    SUM_OCTETS = 8,
};

/* ---- which part holds what ------------------------------------------------------------------- */

struct span {
    bool outline;
    uint32_t from, to; /* messages */
};

uint32_t pack_outlines(uint32_t n)
{
    return n / OUTLINE_MESSAGES + (n % OUTLINE_MESSAGES > 0);
}

uint32_t pack_parts(uint32_t n)
{
    return pack_outlines(n) + n / REST_MESSAGES + (n % REST_MESSAGES > 0);
}

static struct span span_of(uint32_t part, uint32_t n)
{
    uint32_t outlines = pack_outlines(n);
    bool outline = part < outlines;
    uint32_t most = outline ? OUTLINE_MESSAGES : REST_MESSAGES;
    uint32_t from = (outline ? part : part - outlines) * most;

    return (struct span){outline, from, n - from < most ? n : from + most};
}

/* Of a value. */
static inline unsigned bits_of(unsigned width)
{
    return width < BITS_1 ? width * 8 : 1u << (width - BITS_1);
}

static size_t octets_of(unsigned width, uint32_t n)
{
    return ((size_t)n * bits_of(width) + 7) / 8;
}

static const uint64_t EACH_OCTET = 0x0101010101010101;

static uint32_t block_of(struct span s, uint32_t at)
{
    return s.to - at < BLOCK ? s.to - at : BLOCK;
}

/* ---- the sum --------------------------------------------------------------------------------- */

static uint64_t load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return le64toh(v);
}

/* Against disks, not against people. Four sums side by side, since one would wait for itself. */
uint64_t pack_sum(struct slice s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    size_t n = s.n;
    const uint64_t odd = 0x9e3779b97f4a7c15;
    uint64_t lane[4] = {n, 1, 2, 3}, sum = 0;
    uint8_t tail[32] = {0};

    for (; n >= sizeof(tail); p += sizeof(tail), n -= sizeof(tail))
        for (int i = 0; i < 4; i++)
            lane[i] = (lane[i] ^ load(p + (size_t)i * 8)) * odd;
    memcpy(tail, p, n);
    for (int i = 0; i < 4; i++) {
        lane[i] = (lane[i] ^ load(tail + (size_t)i * 8)) * odd;
        sum = ((sum << 23 | sum >> 41) ^ lane[i] ^ lane[i] >> 32) * odd;
    }
    return sum;
}

/* ---- packing --------------------------------------------------------------------------------- */

/* How far the values are apart when each is taken less its place times `rise`. */
static uint64_t spread(const uint64_t *v, uint32_t n, uint64_t rise, uint64_t *base)
{
    int64_t least = INT64_MAX, most = INT64_MIN;

    for (uint32_t i = 0; i < n; i++) {
        int64_t x = (int64_t)(v[i] - i * rise);

        least = x < least ? x : least;
        most = x > most ? x : most;
    }
    *base = (uint64_t)least;
    return (uint64_t)most - (uint64_t)least;
}

static unsigned width_of(uint64_t most)
{
    if (most < 16)
        return most == 0 ? 0 : most < 2 ? BITS_1 : most < 4 ? BITS_2 : BITS_4;
    return (unsigned)(71 - __builtin_clzll(most)) / 8;
}

static void put_block(struct buf *out, const uint64_t *v, uint32_t n)
{
    uint64_t level_base, base, level = spread(v, n, 0, &level_base),
                               rising = spread(v, n, 1, &base);
    bool rises = rising < level;
    uint64_t most = rises ? rising : level;
    uint8_t *p;
    unsigned width = width_of(most);

    base = rises ? base : level_base;
    pack_u8(out, (uint8_t)(width + (rises ? RISES : 0)));
    pack_u64(out, base);
    p = (uint8_t *)buf_reserve(out, octets_of(width, n) + sizeof(uint64_t));
    if (p == NULL)
        return;
    memset(p, 0, octets_of(width, n));
    for (uint32_t i = 0; i < n; i++) {
        uint64_t left = v[i] - base - (rises ? i : 0), octets = htole64(left);
        size_t bit = (size_t)i * bits_of(width);

        if (width >= BITS_1)
            p[bit / 8] = (uint8_t)(p[bit / 8] | left << bit % 8);
        else
            memcpy(p + (size_t)i * width, &octets, sizeof(octets));
    }
    buf_added(out, octets_of(width, n));
}

#define PUT_COLUMN(out, value, s)                                                                  \
    for (uint32_t at = (s).from; at < (s).to; at += BLOCK) {                                       \
        uint32_t n_ = block_of(s, at);                                                             \
        uint64_t v_[BLOCK];                                                                        \
                                                                                                   \
        for (uint32_t i = 0, k = at; i < n_; i++, k++)                                             \
            v_[i] = (uint64_t)(value);                                                             \
        put_block(out, v_, n_);                                                                    \
    }

static void put_sets(struct buf *out, const uint32_t *set, struct span s)
{
    uint32_t last = 0, n = 0;
    scoped_free bool *used = NULL;

    for (uint32_t i = s.from; i < s.to; i++)
        last = set[i] > last ? set[i] : last;
    used = mem_calloc((size_t)last + 1, sizeof(bool));
    for (uint32_t i = s.from; i < s.to; i++) {
        n += set[i] > 0 && !used[set[i]];
        used[set[i]] = true;
    }
    pack_u32(out, n);
    for (uint32_t i = 1; i <= last; i++)
        if (used[i])
            pack_u32(out, i);
}

void pack_part(const struct messages *m, uint32_t part, struct buf *out)
{
    struct span s = span_of(part, m->n);
    size_t began = out->n;
    uint64_t sum;

    pack_u64(out, 0);
    pack_u32(out, m->n);
    pack_u32(out, part);
    if (s.outline) {
        PUT_COLUMN(out, uid_at(m->map, k), s)
        PUT_COLUMN(out, m->flags[k], s)
        put_sets(out, m->keywords, s);
    } else {
#define X(c) PUT_COLUMN(out, m->c[k], s)
        REST_COLUMNS(X)
#undef X
    }
    pack_u64(out, 0);
    if (out->overflowed)
        return;
    sum = htole64(pack_sum(slice_sub(buf_slice(out), began + SUM_OCTETS, SIZE_MAX)));
    memcpy(out->p + began, &sum, sizeof(sum));
}

/* ---- unpacking ------------------------------------------------------------------------------- */

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
        return load(p);
    default:
        return load(p) & (((uint64_t)1 << width * 8) - 1);
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
    *b = (struct block){*r->p & (RISES - 1), *r->p >= RISES, load(r->p + 1),
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
        uint64_t x = unfold(load(b->values + i * bits), bits), flags = htole64(x + base);

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
    struct span s = span_of(part, n);
    struct reader r;
    bool good;

    if (packed.n < PART_HEAD_OCTETS + PADDING ||
        load(p) != pack_sum(slice_sub(packed, SUM_OCTETS, SIZE_MAX)) ||
        load(p + SUM_OCTETS) != ((uint64_t)part << 32 | n))
        return ERR_CORRUPT;
    r = (struct reader){p + PART_HEAD_OCTETS, p + packed.n - PADDING, false};
    good = s.outline ? get_outline(&r, s, f) : get_rest(&r, s, f->messages);
    return good && !r.bad && r.p == r.end ? ERR_OK : ERR_CORRUPT;
}
