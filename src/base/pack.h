/* base/pack.h -- fields of a message between our processes: integers and counted octets.
 *
 *     u8, u16, u32, u64   little-endian, no padding
 *     octets              u32 length, then that many octets
 *
 * Writers append to a buf (its overflow flag says whether all fitted). Readers take from the
 * front of a slice; past its end `bad` is set, stays set, and every further read gives 0 or an
 * empty slice, so that it is checked once, by unpack_end.
 */
#ifndef ROOST_BASE_PACK_H
#define ROOST_BASE_PACK_H

#include "base/buf.h"
#include "base/err.h"

void pack_u8(struct buf *b, uint8_t v);
void pack_u16(struct buf *b, uint16_t v);
void pack_u32(struct buf *b, uint32_t v);
void pack_u64(struct buf *b, uint64_t v);
/* SLICE_NULL is sent as empty. */
void pack_octets(struct buf *b, struct slice s);

struct unpack {
    struct slice in; /* what is left */
    bool bad;
};
static inline struct unpack unpack_of(struct slice s)
{
    return (struct unpack){s, false};
}
uint8_t unpack_u8(struct unpack *u);
uint16_t unpack_u16(struct unpack *u);
uint32_t unpack_u32(struct unpack *u);
uint64_t unpack_u64(struct unpack *u);
/* Borrows from the input; more than max_octets is bad. */
struct slice unpack_octets(struct unpack *u, size_t max_octets);
/* Exactly n octets without a length in front, copied to p (zeros when bad). */
void unpack_fixed(struct unpack *u, void *p, size_t n);
/* ERR_SYNTAX if anything was bad or something is left. */
must_use enum err unpack_end(const struct unpack *u);

#endif
