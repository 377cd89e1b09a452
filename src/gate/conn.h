/* gate/conn.h -- one client connection in the gate; private to the room.
 *
 *     accept -> HANDSHAKE (implicit TLS) -> TALK <----------------------------.
 *               HANDSHAKE (STARTTLS) <------'  |                              |
 *                                              v credentials                  |
 *                                            ASKED --- no ---> PUNISHED ------+  (delayed answer)
 *                                              | yes                          |
 *                                              v                              |
 *                                           HANDING --- store not there ------'
 *                                              |
 *             plaintext: descriptor sent, gone |  TLS: RELAY until either side ends
 *
 *     UNAUTHENTICATE: the store gives the descriptor back --> TALK (returned.c)
 *
 *     any --> CLOSING (flush) --> LINGER (their last octets are read away) --> gone
 *
 * Memory: `in`, `out` and `pre` are on the heap only while they hold something; a relayed session
 * at rest is this struct, its SSL and two descriptors.
 */
#ifndef ROOST_GATE_CONN_H
#define ROOST_GATE_CONN_H

#include <sys/epoll.h>

#include "gate/deadline.h"
#include "gate/gate.h"
#include "gate/given.h"
#include "gate/peer.h"
#include "gate/prelogin.h"
#include "gate/tls.h"

enum {
    GATE_SCRATCH_OCTETS = 64 * 1024, /* one read, shared by all connections; measured: best */
    TLS_SHARED_OCTETS = 65 * 1024,   /* so much in records */
    GATE_LOGINS_MAX = 4096,          /* requests to auth without a verdict */
    GATE_ROUNDS_MAX = 16,            /* reads of one connection before the others have a turn */
};

enum conn_state {
    CONN_HANDSHAKE,
    CONN_TALK,
    CONN_ASKED,
    CONN_PUNISHED,
    CONN_HANDING,
    CONN_RELAY,
    CONN_CLOSING,
    CONN_LINGER,
    CONN_GONE,
};

/* A buffer of TLS octets that serves all connections in turn; tls_io.c. */
struct tls_shared {
    char *p;            /* TLS_SHARED_OCTETS */
    struct conn *owner; /* whose the octets are; NULL: nobody's */
    size_t at, n;       /* taken, held */
};

struct tls_held;

/* What epoll gives back. */
struct source {
    void (*ready)(void *ctx, uint32_t events);
    void *ctx;
    int fd; /* -1: none */
    uint32_t interest;
    bool muted;  /* still ours, but epoll no longer watches it */
    bool shared; /* others hold the same open file: closing ours would not end epoll's watching */
};

struct listener {
    struct gate *gate;
    struct source source;
    bool tls;
};

struct conn {
    struct gate *gate;
    struct conn *prev, *next;
    struct source client, store;
    SSL *ssl;              /* NULL: plaintext */
    struct tls_held *held; /* TLS octets that had to wait, NULL: none */
    struct prelogin *pre;  /* NULL after login */
    struct buf in;         /* before login: unread input; relay: client's octets for the store */
    struct buf out;        /* octets for the client */
    struct deadline deadline;
    uint64_t login_until_ms;
    uint64_t hand_until_ms; /* HANDING: when to give up */
    enum conn_state state;
    enum err verdict;  /* PUNISHED: the answer to come */
    uint32_t login_id; /* ASKED: place among the requests */
    bool again;        /* more to do without new events */
    bool drained;      /* TLS: the socket held nothing more when it was last read */
    bool client_eof, store_eof;
    bool store_hung; /* it has ended; what it left in the socket is read as the client takes it */
    bool invites;    /* TLS: what is to be sent asks the client for a literal */
    bool returned;  /* RELAY: the session is over; what the store has said is still to be sent, then
                     * TALK goes on with `in` */
    uint32_t place; /* in `givens`; GIVEN_NONE */
    uint8_t nonce[HANDOFF_NONCE_OCTETS];
    struct peer peer;
};

/* A request that waits for its verdict; the serial makes a late verdict for a former user of the
 * place miss. */
struct login {
    struct conn *conn;
    uint32_t serial;
};

struct gate {
    struct gate_config config;
    int epoll_fd, spare_fd;
    SSL_CTX *tls;
    struct conn *conns, *gone; /* all; those to be freed after this round of events */
    uint32_t n_conns, connections_possible;
    struct peer_table *peers;
    struct givens givens;
    struct deadlines deadlines;
    struct source auth, store, watched;
    void (*watched_ready)(void *ctx);
    void *watched_ctx;
    struct listener listener[16];
    size_t n_listeners;
    struct login *login;
    uint32_t login_cursor;
    bool stopping, store_busy;
    uint64_t stop_until_ms;
    uint64_t full_logged_ms;
    uint64_t trim_ms;       /* when to trim the heap; 0: nothing to do */
    uint32_t trimmed_conns; /* n_conns when it was last trimmed */
    struct tls_shared tls_in, tls_out;
    char *scratch;     /* GATE_SCRATCH_OCTETS */
    char *ipc_scratch; /* IPC_MESSAGE_OCTETS_MAX */
};

/* Register, change or drop what a source waits for. source_drop also closes. */
must_use enum err source_add(struct gate *g, struct source *s, uint32_t events);
void source_want(struct gate *g, struct source *s, uint32_t events);
void source_drop(struct gate *g, struct source *s, bool close_fd);
/* Hear no more of it: epoll announces a hang-up for ever, whatever was asked for. */
void source_mute(struct gate *g, struct source *s);

/* conn.c */
void conn_new(struct gate *g, int fd, bool tls, const struct peer *peer);
/* A plaintext connection that was here before: no greeting, and octets that were read already. */
void conn_resume(struct gate *g, int fd, const struct peer *peer, struct slice input);
void conn_destroy(struct conn *c);
void conn_closing(struct conn *c); /* flush, then linger, then gone */
void conn_rearm(struct conn *c);   /* compute what to wait for */
/* Octets from or to the client: > 0, or one of these. */
enum { CONN_IO_AGAIN = -1, CONN_IO_END = 0, CONN_IO_ERROR = -2 };
long conn_read(struct conn *c, char *p, size_t n);
long conn_write(struct conn *c, const char *p, size_t n);
/* Write what is in `out`. False: the connection is destroyed. */
bool conn_flush(struct conn *c);
void conn_due(struct conn *c); /* its deadline has come */

/* tls_io.c; errors show as the next read's or write's unless they are told */
/* The connection's SSL reads and writes through the gate's buffers. False: no memory. */
must_use bool conn_tls_begin(struct conn *c);
void conn_tls_end(struct conn *c);
/* Send what was gathered, with these flags of send(2). False: the socket is broken. */
must_use bool conn_tls_send(struct conn *c, int flags);
/* Whether the client has not taken some of it. */
bool conn_tls_unsent(const struct conn *c);
/* The last connection has been attended to: send what was gathered for it. */
void conn_tls_settle(struct gate *g);

/* talk.c */
void conn_handshake(struct conn *c);
void conn_talk(struct conn *c);
void conn_failed(struct conn *c, enum err why); /* the pending login: answer and go on */

/* login.c */
void conn_ask(struct conn *c);
void conn_hand_over(struct conn *c);
void login_forget(struct conn *c);
/* The link to auth has ended: everybody who waited for a verdict may try again. */
void gate_auth_lost(struct gate *g);
void gate_on_auth(void *gate, uint32_t events);

/* returned.c */
void gate_on_store(void *gate, uint32_t events);
/* The link to the store has ended. */
void gate_store_lost(struct gate *g);
/* The relayed session is over and all it said is sent: the protocol before login goes on. */
void conn_return(struct conn *c);

/* relay.c */
enum { RELAY_UP = 1, RELAY_DOWN = 2, RELAY_BOTH = 3 };
/* Look for octets from the client (UP), from the store (DOWN). */
void conn_relay(struct conn *c, unsigned ways);

#endif
