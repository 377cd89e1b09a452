/* server/gate_link.h -- the store's way back to the gate: connections that are no sessions any
 * more.
 *
 * The process's own thread receives from the gate and replaces the link when a new gate has come;
 * workers send, under a lock. A session remembers by which link it came: what it has to say is
 * nothing to another gate, and its connection is then closed instead.
 */
#ifndef ROOST_SERVER_GATE_LINK_H
#define ROOST_SERVER_GATE_LINK_H

#include <pthread.h>

#include "base/err.h"

struct gate_link {
    pthread_mutex_t lock;
    int fd;              /* -1: none; only the process's own thread changes it, under the lock */
    uint32_t generation; /* 1, 2, ...: which link `fd` is */
    bool told_busy;
};

/* Where a session came from. */
struct gate_origin {
    uint32_t generation; /* 0: from no gate */
    uint32_t place;      /* HANDOFF's */
    bool plain;          /* the gate counts it until it hears of its end */
};

void gate_link_init(struct gate_link *l);
/* Takes fd (-1: none) for the one before, which is closed. */
void gate_link_replace(struct gate_link *l, int fd);

/* Give the connection back; a copy, the caller closes its own. ERR_LIMIT: too much input;
 * ERR_UNAVAILABLE: that gate is not there any more. */
must_use enum err gate_link_return(struct gate_link *l, const struct gate_origin *from, int fd,
                                   struct slice input);
/* Whether the store is busy; said only when it changes. Only one thread may. */
void gate_link_load(struct gate_link *l, bool busy);

/* It has ended. */
void gate_link_gone(struct gate_link *l, const struct gate_origin *from);

#endif
