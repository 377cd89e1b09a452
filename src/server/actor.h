/* server/actor.h -- the insides of the runtime: see runtime.h for the drawing.
 *
 * LOCKS, in the order in which they may be taken:
 *   1. runtime.lock           the table of actors, and the existence of each actor
 *   2. runtime.sessions_lock  the table of sessions, and the existence of each session
 *   3. actor.lock             state, inbox, wishes of one actor
 *   4. crew.lock              the queue of actors that wait for a worker, and who is awake
 * What is marked RUNNING below is touched only by the worker that runs the actor.
 *
 * An epoll event names a session by slot and generation, never by address: a session may end
 * while an event for it is on its way.
 */
#ifndef ROOST_SERVER_ACTOR_H
#define ROOST_SERVER_ACTOR_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/compression.h"
#include "server/crew.h"
#include "server/load.h"
#include "server/runtime.h"
#include "store/store.h"

enum {
    ACTOR_TURN_US = 5000,
    ACTOR_READ_OCTETS = 16 * 1024,
    KEEP_MOST_MS = 300 * 1000, /* an account that nobody uses stays open at most so long */
};

enum actor_state { ACTOR_IDLE, ACTOR_QUEUED, ACTOR_RUNNING };

/* What others ask of an actor, as bits. */
enum actor_wish {
    ACTOR_WISH_TEND = 1,  /* a background step of the store */
    ACTOR_WISH_CLOSE = 2, /* close the database if nobody needs it now */
    ACTOR_WISH_STOP = 4,  /* say BYE to everybody and close */
};

struct session_slot {
    struct session *session; /* NULL: free */
    uint32_t generation;
    uint32_t next_free;
};

struct session {
    struct actor *actor;
    struct imap_session *imap;  /* RUNNING */
    struct compression *z;      /* RUNNING: NULL unless COMPRESS was answered OK */
    struct session *next;       /* RUNNING: all sessions of the actor */
    struct session **link;      /* RUNNING: what points to this one; NULL: new */
    struct session *turn_next;  /* RUNNING: those that have this turn */
    struct session *inbox_next; /* actor.lock */
    int fd;
    uint32_t slot, generation; /* of the table of sessions */
    struct gate_origin from;
    bool waiting;              /* actor.lock: in the inbox */
    bool timed_out;            /* actor.lock: autologout */
    bool in_turn;              /* RUNNING */
    bool runs;                 /* RUNNING: this turn there is something to run */
    bool in_batch;             /* RUNNING: has run in this turn, its commit is to come */
    uint32_t polled;           /* RUNNING: the events that epoll was asked for; 0: not yet */
    bool drained;              /* RUNNING: the socket was empty when last read */
    atomic_bool ends;          /* epoll has seen the end of what the client sends */
    bool hungup;               /* RUNNING: nothing more comes from the client */
    bool broken;               /* RUNNING: nothing can be sent to it either */
    bool closing;              /* RUNNING: send what is left, then close */
    bool wants_input;          /* RUNNING: takes what the client sends */
    bool again;                /* RUNNING: its turn ended before its work */
    bool crowded;              /* RUNNING: the kernel has little room for more output */
    bool compresses;           /* RUNNING: COMPRESS is in this batch */
    bool leaves;               /* RUNNING: so is UNAUTHENTICATE; once closing: it was */
    _Atomic uint32_t active_s; /* monotonic seconds of the last octet either way */
};

struct actor {
    struct runtime *runtime;
    struct actor *table_next; /* runtime.lock */
    unsigned users;           /* runtime.lock: sessions attached or about to be */
    bool open;                /* runtime.lock: an account is open, or was a moment ago */
    bool watched;             /* runtime.lock: in the list of those the timer looks at */
    struct actor *watch_next; /* runtime.lock */
    struct actor *queue_next; /* crew.lock */
    pthread_mutex_t lock;
    enum actor_state state;              /* lock */
    struct session *inbox, **inbox_tail; /* lock */
    unsigned wishes;                     /* lock */
    struct session *sessions;            /* RUNNING */
    struct account *account;             /* RUNNING; NULL when closed */
    bool failed;                         /* RUNNING: a commit failed; see recover */
    _Atomic uint32_t used_ms;            /* when a session last had a turn; wraps */
    _Atomic size_t memory;               /* of the open account when last counted; 0 when closed */
    atomic_bool uncounted;               /* there were turns since then */
    uint32_t counted_s;                  /* RUNNING: monotonic seconds */
    _Atomic uint32_t keep_ms;            /* how long it stays open when nobody uses it */
    atomic_bool tended;                  /* background work is done until the next change */
    char name[];                         /* NUL-terminated */
};

struct runtime {
    struct runtime_config config;
    struct crew crew;
    pthread_mutex_t lock;
    struct actor **table;  /* chains by table_next */
    struct actor *watched; /* those with an open account, and those without users */
    unsigned n_open;       /* actors with an open account; runtime.lock */
    size_t descriptors_max;
    pthread_mutex_t sessions_lock;
    struct session_slot *slots;
    uint32_t n_slots, free_slot, n_sessions;
    atomic_bool stopping;
    atomic_uint closed;              /* accounts closed since the heap was last trimmed */
    atomic_uint at_work;             /* actors that are not IDLE */
    _Atomic(struct actor *) tending; /* whose upkeep goes on, see upkeep_goes_on */
    atomic_bool busy;
    struct load load; /* the timer's */
    unsigned cpus;
    pthread_t timer;
};

/* Runs one actor's turn; called by a worker that took it from the queue (state RUNNING). */
void actor_run(struct actor *a);

/* Put a session into its actor's inbox and the actor into the queue if it was idle. */
void actor_post(struct actor *a, struct session *s);
/* Ask for something; queues the actor if it was idle. */
void actor_wish(struct actor *a, unsigned wishes);

/* So many users of the actor less; the timer frees an actor that has none. */
void runtime_actor_release(struct runtime *r, struct actor *a, unsigned users);
/* Its account was opened, or closed: whoever opens it has the timer look after it. */
void runtime_actor_opened(struct runtime *r, struct actor *a, bool open);
/* Whether nobody can reach it any more: no worker, nothing waits, the database is closed. */
bool actor_is_idle_and_closed(struct actor *a);
/* Free an actor without users that is so; runtime.lock is held. */
void runtime_actor_forget(struct runtime *r, struct actor *a);

/* upkeep.c: what is done for an open account when nobody waits for it; all of it RUNNING. Where
 * there is none nothing is done. */
/* One background step of the store, if one is due. */
void upkeep_step(struct actor *a);
/* The rest of them, before the account is closed: then its file holds what its WAL held. */
void upkeep_finish(struct actor *a);
/* Whether another turn for the steps is to follow at once, before a close too. `unused`: this turn
 * was for the timer's wishes only. */
must_use bool upkeep_goes_on(struct actor *a, bool unused);
/* What commits have left to do. */
void upkeep_work_off(struct actor *a);
/* At the end of each turn: when it was used last, if a session had a turn (`used`), what it holds
 * and how long it stays open. */
void upkeep_note(struct actor *a, bool used);

/* timer.c: the thread that does what is done by the clock. */
void *runtime_timer_main(void *runtime);

/* Enter a new session into the table of sessions. */
void runtime_session_add(struct runtime *r, struct session *s);
/* Take it out, so that no event finds it again; false if it is in its actor's inbox. */
bool runtime_session_remove(struct runtime *r, struct session *s);

/* Monotonic seconds. */
uint32_t runtime_now_s(void);

/* session_io.c: sockets of sessions; all of it RUNNING. */
/* Read what is there into the session's input, up to its maximum. Returns false when what came
 * cannot be expanded. */
bool session_read(struct session *s);
/* Whether session_read would find more without asking the socket. */
bool session_has_input(const struct session *s);
/* Send what stands in the output. Returns false when the connection is broken. */
bool session_flush(struct session *s);
/* Before the calling thread sleeps or ends: give back the memory it keeps for its next output. */
void session_spare_release(void);
/* Octets of the output that are not sent. */
size_t session_unsent(const struct session *s);
/* The batch with COMPRESS is durable: compress from here on. */
void session_compress(struct session *s);
/* The batch with UNAUTHENTICATE is durable: when the output is sent, session_end gives the
 * connection back. */
void session_leave(struct session *s);
/* It waits for its client and nothing more is to be sent: it may cost less. */
void session_rest(struct session *s);
/* See to it that epoll tells what is to be waited for next. */
void session_arm(struct session *s);
/* End it, unless it waits in the inbox: then it is ended at its next turn. Returns whether it is
 * gone (and *s NULL). */
bool session_end(struct session **s);

#endif
