/* base/siphash.h -- a keyed 64-bit digest (SipHash-2-4, Aumasson and Bernstein 2012).
 *
 * For tables whose keys strangers choose: without the key nobody can aim at a slot, and two texts
 * agree by accident once in 2^64.
 */
#ifndef ROOST_BASE_SIPHASH_H
#define ROOST_BASE_SIPHASH_H

#include "base/slice.h"

struct siphash_key {
    uint64_t k[2];
};

/* A key nobody can guess, from the kernel; where it gives none, at least not the same twice. */
void siphash_key_make(struct siphash_key *key);

/* The digest of `in`, which may be empty; the same on every machine. */
uint64_t siphash(const struct siphash_key *key, struct slice in);

#endif
