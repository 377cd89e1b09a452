/* store/pack.c -- a folder's columns as octets, for the snapshot.
 *
 * Column after column; every number is a varint (7 bits an octet, low first, high bit: more
 * follow), signed ones with the sign moved to bit 0. UIDs, modseqs, dates and body ids are
 * differences to the message before, since they rise together. About 15 octets a message.
 *
 * What is read back was on disk, so every number is checked: the reader refuses rather than
 * trusts (snapshots are disposable).
 */
#include "store/internal.h"

enum { VARINT_OCTETS_MAX = 10, MESSAGE_OCTETS_MAX = 80 };

static uint64_t zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}

static int64_t unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static uint8_t *put(uint8_t *p, uint64_t v)
{
    while (v >= 0x80) {
        *p++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *p++ = (uint8_t)v;
    return p;
}

#define PUT_COLUMN(p, m, value)                                                                    \
    for (uint32_t i = 0; i < (m)->n; i++)                                                          \
        (p) = put((p), (value));
#define BEFORE(column) (i > 0 ? (int64_t)m->column[i - 1] : 0)

void pack_messages(const struct messages *m, struct buf *out)
{
    const uint32_t *uid = m->map->uid;
    uint8_t *start = (uint8_t *)buf_reserve(out, (size_t)m->n * MESSAGE_OCTETS_MAX), *p = start;

    if (start == NULL)
        return;
    PUT_COLUMN(p, m, uid[i] - (i > 0 ? uid[i - 1] : 0));
    PUT_COLUMN(p, m, m->flags[i]);
    PUT_COLUMN(p, m, m->keywords[i]);
    PUT_COLUMN(p, m, zigzag((int64_t)m->modseq[i] - BEFORE(modseq)));
    PUT_COLUMN(p, m, m->size[i]);
    PUT_COLUMN(p, m,
               zigzag((int64_t)((uint64_t)m->internaldate[i] - (uint64_t)BEFORE(internaldate))));
    PUT_COLUMN(p, m, zigzag(m->zone[i]));
    PUT_COLUMN(p, m, zigzag((int64_t)m->body[i] - BEFORE(body)));
    PUT_COLUMN(p, m, zigzag((int64_t)m->saved[i] - BEFORE(saved)));
    buf_added(out, (size_t)(p - start));
}

struct reader {
    const uint8_t *p, *end;
    bool bad; /* sticky; then everything reads as 0 */
};

static inline uint64_t get(struct reader *r)
{
    uint64_t v = 0;

    for (int shift = 0; shift < 64 && r->p < r->end; shift += 7) {
        uint8_t c = *r->p++;

        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80)
            return v;
    }
    r->bad = true;
    return 0;
}

static inline uint64_t get_max(struct reader *r, uint64_t max)
{
    uint64_t v = get(r);

    if (v > max)
        r->bad = true;
    return v;
}

static void get_uids(struct reader *r, uint32_t n, struct uid_map *map)
{
    uint64_t uid = 0;

    for (uint32_t i = 0; i < n && !r->bad; i++) {
        uint64_t step = get_max(r, UINT32_MAX);

        uid += step;
        if (step == 0 || uid > UINT32_MAX)
            r->bad = true;
        else
            uid_map_add(map, (uint32_t)uid);
    }
}

static inline uint64_t step(struct reader *r, uint64_t before)
{
    return before + (uint64_t)unzigzag(get(r));
}

/* Into the empty columns of f, which have room for n. */
enum err unpack_messages(struct slice packed, uint32_t n, struct folder_state *f)
{
    struct messages *m = f->messages;
    struct reader r = {(const uint8_t *)packed.p, (const uint8_t *)packed.p + packed.n, false};
    uint64_t v = 0;

    get_uids(&r, n, m->map);
    if (r.bad)
        return ERR_CORRUPT;
    for (uint32_t i = 0; i < n; i++)
        m->flags[i] = (uint8_t)get_max(&r, FLAG_SYSTEM);
    for (uint32_t i = 0; i < n; i++)
        m->keywords[i] = (uint32_t)get_max(&r, UINT32_MAX);
    for (uint32_t i = 0; i < n; i++)
        m->modseq[i] = v = step(&r, v);
    for (uint32_t i = 0; i < n; i++)
        m->size[i] = (uint32_t)get_max(&r, UINT32_MAX);
    v = 0;
    for (uint32_t i = 0; i < n; i++)
        m->internaldate[i] = (int64_t)(v = step(&r, v));
    for (uint32_t i = 0; i < n; i++)
        m->zone[i] = (int16_t)unzigzag(get_max(&r, UINT16_MAX));
    v = 0;
    for (uint32_t i = 0; i < n; i++)
        m->body[i] = v = step(&r, v);
    v = 0;
    for (uint32_t i = 0; i < n; i++)
        m->saved[i] = (uint32_t)(v = step(&r, v));
    m->n = n;
    return r.bad || r.p != r.end ? ERR_CORRUPT : ERR_OK;
}
