/* tests/unit/migrate/peer.h -- a server that takes XIMPORTs and writes down what it was given. */
#ifndef ROOST_TESTS_MIGRATE_PEER_H
#define ROOST_TESTS_MIGRATE_PEER_H

#include <pthread.h>

#include "base/buf.h"
#include "client/client.h"

/* Answers OK to everything; to an XIMPORT whose key it knows OK [ALREADYIMPORTED]; NO [TOOBIG] to
 * messages that hold "REFUSE", NO [CANNOT] to CREATE of "Shared". `log` gets one line a command
 * without its tag, keys as K0, K1, ... in the order of their first coming, literals as
 * {n}octets with "|" for CRLF and "$" for LF. */
struct peer {
    struct client *client; /* the other end */
    struct buf log;
    int fd;
    pthread_t thread;
    char key[1000][65];
    size_t n_keys;
};

struct peer *peer_start(void);
/* A new connection to a peer that keeps its keys; the log is emptied. */
void peer_again(struct peer *p);
/* Close the client and wait until the peer has read everything: then the log is complete. */
struct slice peer_finish(struct peer *p);
void peer_free(struct peer **p);

#endif
