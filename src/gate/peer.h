/* gate/peer.h -- who is at the other end: address text, loopback or not, and how many there are.
 *
 * Connections are counted by IPv4 address or IPv6 /64, in a hash table under a secret so that
 * nobody can choose addresses that collide.
 */
#ifndef ROOST_GATE_PEER_H
#define ROOST_GATE_PEER_H

#include <sys/socket.h>

#include "base/slice.h"

struct peer {
    uint8_t network[8]; /* what is counted */
    bool loopback;
    char text[48]; /* NUL-terminated, without port or zone */
};

/* IPv4 mapped into IPv6 counts and reads as IPv4. */
void peer_of(const struct sockaddr_storage *from, struct peer *out);

struct peer_table;
struct peer_table *peer_table_new(void);
void peer_table_free(struct peer_table **t);
/* One more, one less; the count after it. */
uint32_t peer_table_add(struct peer_table *t, const uint8_t network[8]);
uint32_t peer_table_remove(struct peer_table *t, const uint8_t network[8]);

#endif
