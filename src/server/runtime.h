/* server/runtime.h -- the store process's engine: sessions, accounts as actors, worker threads.
 *
 * An account is an actor: its state is IDLE, QUEUED or RUNNING, guarded by one mutex. Workers wait
 * on one epoll; an event only puts its session into its account's inbox and, if the account was
 * IDLE, the account at the end of one queue. The worker that takes an account runs what waits for
 * at most ACTOR_TURN_US, commits once, then sends the replies and the news. So account state needs
 * no lock inside and all waiting commands of an account share one fsync.
 *
 *                 event, attach, wish                worker takes it
 *        IDLE  ------------------------>  QUEUED  ------------------>  RUNNING
 *          ^                                 ^     (actor_run)            |
 *          |                                 |   inbox not empty          |
 *          +---------------------------------+----------------------------+
 */
#ifndef ROOST_SERVER_RUNTIME_H
#define ROOST_SERVER_RUNTIME_H

#include "base/err.h"
#include "base/slice.h"
#include "imap/session.h"
#include "server/gate_link.h"

struct runtime;

struct runtime_config {
    const char *root;           /* the data directory; borrowed */
    struct imap_settings imap;  /* shared by all sessions */
    unsigned workers;           /* threads; 0: 32 */
    size_t memory_octets;       /* budget of all open accounts; 0: 256 MiB */
    unsigned session_timeout_s; /* autologout (RFC 9051 section 5.4); 0: 1,860 */
    struct gate_link *gate;     /* NULL: all sessions are local; borrowed */
    /* What runtime_watch watches is readable or closed; called by a worker. */
    void (*watched)(void *context);
    void *watched_context;
};

/* Starts the threads. The config is copied, its strings are borrowed. ERR_IO. */
must_use enum err runtime_start(const struct runtime_config *config, struct runtime **out);

/* Says BYE to every session, commits, closes every account, ends the threads, nulls *r. */
void runtime_stop(struct runtime **r);

/* How a session begins. */
struct runtime_session {
    int fd;               /* a connected stream socket; owned by the runtime from here on */
    struct slice account; /* exists or not: a missing one is answered NO */
    struct slice tag;     /* of the login command; empty: a trusted local connection (PREAUTH) */
    struct slice input;   /* octets already read behind the login command */
    struct gate_origin from;
    bool by_worker; /* called from `watched`: that worker runs it next, nobody needs to be called */
};
void runtime_attach(struct runtime *r, const struct runtime_session *start);

/* Call `watched` once for this descriptor; again: it has been watched before. */
void runtime_watch(struct runtime *r, int fd, bool again);

/* End all sessions of an account and close it. False if that took too long (5 s). */
must_use bool runtime_evict(struct runtime *r, struct slice account);

#endif
