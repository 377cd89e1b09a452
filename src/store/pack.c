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

static void get_block(struct reader *r, uint32_t n, uint64_t *v)
{
    size_t left = (size_t)(r->end - r->p);
    size_t width = left > 0 ? *r->p & (RISES - 1) : 0;

    if (r->bad || left < BLOCK_HEAD_OCTETS + octets_of((unsigned)width, n) || *r->p >= 2 * RISES ||
        !widen_by(r->p + BLOCK_HEAD_OCTETS, width, load(r->p + 1), *r->p >= RISES, n, v)) {
        r->bad = true;
        memset(v, 0, n * sizeof(*v));
        return;
    }
    r->p += BLOCK_HEAD_OCTETS + octets_of((unsigned)width, n);
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

/* n UIDs that follow on each other, at the front of a block without more. */
static bool is_run(const struct reader *r)
{
    return !r->bad && r->end - r->p >= BLOCK_HEAD_OCTETS && *r->p == RISES;
}

/* In any order but a rising one they are refused. */
static uint64_t get_uids(struct reader *r, struct span s, struct uid_map *map)
{
    uint64_t last = map->n > 0 ? uid_at(map, map->n - 1) : 0;

    for (uint32_t at = s.from; at < s.to; at += BLOCK) {
        uint32_t n = block_of(s, at);
        bool run = is_run(r);
        uint64_t v[BLOCK];

        get_block(r, n, v);
        if (run && v[0] > last && v[n - 1] <= UINT32_MAX && v[0] <= v[n - 1])
            uid_map_add_run(map, (uint32_t)v[0], n);
        for (uint32_t i = 0; i < n && !run; i++) {
            if (v[i] <= (i > 0 ? v[i - 1] : last) || v[i] > UINT32_MAX)
                return 1;
            uid_map_add(map, (uint32_t)v[i]);
        }
        last = v[n - 1];
        if (map->n != at + n)
            return 1;
    }
    return 0;
}

static uint64_t get_flags(struct reader *r, struct span s, uint8_t *flags)
{
    uint64_t bad = 0;

    GET_COLUMN(r, flags, s, bad)
    for (uint32_t at = s.from; at < s.to; at += BLOCK) {
        const uint8_t *f = flags + at;
        uint8_t all = 0;

        EACH(i, block_of(s, at), all |= f[i]);
        bad |= all & ~FLAG_SYSTEM;
    }
    return bad;
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

static uint64_t get_outline(struct reader *r, struct span s, struct folder_state *f)
{
    struct messages *m = f->messages;
    uint64_t bad = get_uids(r, s, m->map);

    bad |= get_flags(r, s, m->flags);
    get_sets(r, f);
    m->n = s.to;
    return bad;
}

static uint64_t get_rest(struct reader *r, struct span s, struct messages *m)
{
    uint64_t bad = 0;

#define X(c) GET_COLUMN(r, m->c, s, bad)
    REST_COLUMNS(X)
#undef X
    return bad;
}

enum err unpack_part(struct slice packed, uint32_t part, uint32_t n, struct folder_state *f)
{
    const uint8_t *p = (const uint8_t *)packed.p;
    struct span s = span_of(part, n);
    struct reader r;
    uint64_t bad;

    if (packed.n < PART_HEAD_OCTETS + PADDING ||
        load(p) != pack_sum(slice_sub(packed, SUM_OCTETS, SIZE_MAX)) ||
        load(p + SUM_OCTETS) != ((uint64_t)part << 32 | n))
        return ERR_CORRUPT;
    r = (struct reader){p + PART_HEAD_OCTETS, p + packed.n - PADDING, false};
    bad = s.outline ? get_outline(&r, s, f) : get_rest(&r, s, f->messages);
    return r.bad || bad != 0 || r.p != r.end ? ERR_CORRUPT : ERR_OK;
}
