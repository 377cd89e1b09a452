/* gate/gate.h -- the edge: accepts strangers, speaks TLS and the protocol before login, hands
 * over who has logged in. One thread, one epoll, no file and no credential of its own.
 *
 * The process around it (server/gate_process.c) gives it keys, listening sockets and the links to
 * auth and store, and takes its loop.
 */
#ifndef ROOST_GATE_GATE_H
#define ROOST_GATE_GATE_H

#include "base/err.h"

struct gate;

struct gate_config {
    uint32_t max_connections; /* altogether; 0: as many as there are descriptors */
    uint32_t
        max_connections_per_ip; /* IPv4 address or IPv6 /64; loopback is not counted; 0: none */
    uint32_t login_seconds;     /* from accept to login */
};

/* ERR_IO: no descriptors. */
must_use enum err gate_new(const struct gate_config *config, struct gate **out);
void gate_free(struct gate **g);

/* For connections from now on. */
void gate_configure(struct gate *g, const struct gate_config *config);

/* Keys for connections from now on; those that exist keep theirs. PEM, tls_context_new. */
must_use enum err gate_set_keys(struct gate *g, struct slice chain, struct slice key);

/* A listening socket, owned by the gate from here on. tls: implicit TLS (RFC 8314). */
must_use enum err gate_add_listener(struct gate *g, int fd, bool tls);

/* The link to auth or to the store (SOCK_SEQPACKET, nonblocking), owned by the gate from here
 * on; replaces the one before it. Logins that were waiting on the old one are answered
 * UNAVAILABLE. */
must_use enum err gate_set_auth(struct gate *g, int fd);
must_use enum err gate_set_store(struct gate *g, int fd);

/* Call `ready` from the loop whenever `fd` is readable or closed. For the control channel. */
must_use enum err gate_watch(struct gate *g, int fd, void (*ready)(void *ctx), void *ctx);

/* Stop accepting, say BYE to strangers; gate_run returns when the relayed sessions have ended
 * too, which is the store's doing, or after a few seconds. */
void gate_stop(struct gate *g);

/* Runs until gate_stop has finished. */
void gate_run(struct gate *g);

#endif
