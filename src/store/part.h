/* store/part.h -- the form of a snapshot's parts, which pack.c writes and unpack.c reads.
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
 */
#ifndef ROOST_STORE_PART_H
#define ROOST_STORE_PART_H

#include <endian.h>

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
    PADDING = 8, /* the octets of nothing */
    PART_HEAD_OCTETS = 16,
    SUM_OCTETS = 8,
};

/* What a part holds. */
struct span {
    bool outline;
    uint32_t from, to; /* messages */
};
/* `part` is below pack_parts(n). */
struct span part_span(uint32_t part, uint32_t n);

/* Of the block that begins at message `at`: how many messages. */
static inline uint32_t block_of(struct span s, uint32_t at)
{
    return s.to - at < BLOCK ? s.to - at : BLOCK;
}

/* Of a value of this width. */
static inline unsigned bits_of(unsigned width)
{
    return width < BITS_1 ? width * 8 : 1u << (width - BITS_1);
}

/* Of n values. */
static inline size_t octets_of(unsigned width, uint32_t n)
{
    return ((size_t)n * bits_of(width) + 7) / 8;
}

/* Eight octets, the low ones first. */
static inline uint64_t part_load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return le64toh(v);
}

#endif
