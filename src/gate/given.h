/* gate/given.h -- what the gate has given to the store, by place: to count it, and to know it
 * again.
 *
 * A plaintext session has left the gate, but is one of its connections all the same: it counts
 * until the store says that it has ended. A relayed session is still here; its place finds it when
 * the store gives it back (UNAUTHENTICATE, RFC 8437). The store is not trusted with that: a
 * descriptor is taken back only if it is the socket, by the kernel's cookie, that was given under
 * its place.
 */
#ifndef ROOST_GATE_GIVEN_H
#define ROOST_GATE_GIVEN_H

#include "gate/peer.h"

enum { GIVEN_NONE = 0 }; /* no place */

struct conn;

struct given {
    uint64_t cookie;    /* of the socket; 0: the place is free */
    struct conn *conn;  /* relayed; NULL: plaintext */
    uint8_t network[8]; /* plaintext: what is counted in the table of peers */
    uint32_t next_free;
};

struct givens {
    struct given *place; /* place[1..n_places] */
    uint32_t n_places, free;
    uint32_t n_plain; /* plaintext sessions among them */
};

/* What the kernel calls a socket, by whatever descriptor, for as long as it lives (SO_COOKIE,
 * socket(7)); 0: not a socket. */
uint64_t given_cookie(int fd);

/* A place for the socket of a connection that is about to be given. */
uint32_t given_add(struct givens *g, int fd, struct conn *c);
/* A plaintext connection was given and has left. */
void given_left(struct givens *g, uint32_t place, struct peer_table *peers,
                const struct peer *peer);
/* The place is free again; nothing for GIVEN_NONE. */
void given_remove(struct givens *g, uint32_t place, struct peer_table *peers);
/* What was given there, if `fd` (-1: any) is that; else NULL. */
const struct given *given_find(const struct givens *g, uint32_t place, int fd);
/* The store has died, and with it all plaintext sessions. */
void given_remove_plain(struct givens *g, struct peer_table *peers);
void given_release(struct givens *g);

#endif
