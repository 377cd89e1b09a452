/* server/crew.h -- the worker threads and the queue of actors that wait for one.
 *
 * Not more of them are awake than there are processors: each that is waken costs a switch, and on
 * one processor less it would only wait. But there are more threads than that, since a worker that
 * waits for a disk (crew_leave .. crew_return) is not counted, and another takes its place.
 *
 *              epoll has events            nothing to run            enough are awake
 *      RUNNING <---------------- LOOKOUT <---------------- RUNNING ------------------> ASLEEP
 *         |  crew_leave                                       ^                          |
 *         +----------------> AWAY ----------------------------+--------------------------+
 *                                    crew_return                 call: work, and none awake
 *
 * Awake are those RUNNING and LOOKOUT. The last to fall asleep is waken first: its caches are warm.
 */
#ifndef ROOST_SERVER_CREW_H
#define ROOST_SERVER_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"

struct actor;
struct member;

/* What epoll has seen (EPOLLIN, ...) of the descriptor that was added with this name. */
typedef void crew_event(void *context, uint64_t name, uint32_t events);

struct crew {
    pthread_mutex_t lock;
    struct actor *queue, **queue_tail; /* lock; by queue_next */
    struct member *member;             /* n of them */
    struct member *asleep;             /* lock; the last first, by below */
    unsigned n, awake, lookouts;       /* lock */
    unsigned awake_max;
    bool called;          /* lock: wake_fd was written and no lookout has seen it yet */
    atomic_bool stopping; /* members end */
    int epoll_fd;
    int wake_fd;       /* eventfd: wakes one lookout */
    crew_event *event; /* a session is to be posted */
    void *context;
};

/* Start n threads, as many as possible; `event` is called by them, with no lock held. ERR_IO. */
must_use enum err crew_start(struct crew *c, unsigned n, unsigned cpus, crew_event *event,
                             void *context);
/* Wait for all of them to end and release what crew_start made. */
void crew_stop(struct crew *c);

/* To the end of the queue. A member takes the next one when it is done with its own; whoever is
 * none has to call one. */
void crew_push(struct crew *c, struct actor *a);
/* See to it that what waits in the queue is run; `urgent`: even if enough are awake, since those
 * may wait for a disk unseen. */
void crew_call(struct crew *c, bool urgent);

/* Around what waits for a disk: called by the member that runs an actor, and by the store where a
 * read has to wait (store_waits). */
void crew_leave(struct crew *c);
void crew_return(struct crew *c);

#endif
