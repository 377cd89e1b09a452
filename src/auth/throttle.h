/* auth/throttle.h -- guessing gets slower: failures counted per account and peer.
 *
 * Counted per pair, so that nobody can lock a person out from elsewhere by failing on purpose.
 * The first THROTTLE_FREE failures cost nothing; then every attempt waits 1, 2, 4 ... at most
 * THROTTLE_DELAY_MS_MAX before it is looked at, right or wrong. Forgotten by a success and after
 * THROTTLE_FORGET_MS. The table is fixed; the oldest entry gives way. An IPv6 peer counts by its
 * /64, since a home has one of those.
 */
#ifndef ROOST_AUTH_THROTTLE_H
#define ROOST_AUTH_THROTTLE_H

#include "base/slice.h"

enum {
    THROTTLE_SETS = 1024,
    THROTTLE_WAYS = 4,
    THROTTLE_FREE = 3,
    THROTTLE_DELAY_MS_MAX = 16000,
    THROTTLE_FORGET_MS = 15 * 60 * 1000,
};

struct throttle;

/* The network a peer counts as: an IPv6 /64 (in `space`), else the text itself. */
struct slice throttle_network(struct slice peer, unsigned char space[16]);

struct throttle *throttle_new(void);
void throttle_free(struct throttle **t);

/* Milliseconds that an attempt now has to wait first. */
uint32_t throttle_delay_ms(struct throttle *t, struct slice account, struct slice peer,
                           uint64_t now_ms);
void throttle_failed(struct throttle *t, struct slice account, struct slice peer, uint64_t now_ms);
void throttle_succeeded(struct throttle *t, struct slice account, struct slice peer);

#endif
