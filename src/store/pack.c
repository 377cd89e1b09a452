/* store/pack.c -- a folder's columns as octets, for the snapshot; part.h draws their form. */
#include "base/mem.h"
#include "base/pack.h"
#include "store/part.h"

/* ---- which part holds what ------------------------------------------------------------------- */

uint32_t pack_outlines(uint32_t n)
{
    return n / OUTLINE_MESSAGES + (n % OUTLINE_MESSAGES > 0);
}

uint32_t pack_parts(uint32_t n)
{
    return pack_outlines(n) + n / REST_MESSAGES + (n % REST_MESSAGES > 0);
}

struct span part_span(uint32_t part, uint32_t n)
{
    uint32_t outlines = pack_outlines(n);
    bool outline = part < outlines;
    uint32_t most = outline ? OUTLINE_MESSAGES : REST_MESSAGES;
    uint32_t from = (outline ? part : part - outlines) * most;

    return (struct span){outline, from, n - from < most ? n : from + most};
}

/* ---- the sum --------------------------------------------------------------------------------- */

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
            lane[i] = (lane[i] ^ part_load(p + (size_t)i * 8)) * odd;
    memcpy(tail, p, n);
    for (int i = 0; i < 4; i++) {
        lane[i] = (lane[i] ^ part_load(tail + (size_t)i * 8)) * odd;
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
    struct span s = part_span(part, m->n);
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
