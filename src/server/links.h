/* server/links.h -- how a process of ours is told what to do: its side of the control channel.
 *
 * The supervisor starts every process with one end of a SOCK_SEQPACKET pair as descriptor
 * LINK_CONTROL_FD. Over it come, by base/ipc.h:
 *
 *     CONFIG   first, and again at every reload: the settings a role needs
 *     KEYS     gate only, before LISTEN and at every reload: certificate chain and key
 *     LISTEN   listening sockets, each with what it is for
 *     PEER     one end of a socket pair (SOCK_SEQPACKET, nonblocking) to another process;
 *              replaces the one before it, which is closed: the peer died and has come back
 *     STOP     say good-bye, finish, exit 0
 *
 * and from the process back, once: READY, when everything it needs to serve has been set up.
 * The end of the channel means the supervisor is gone: treat as STOP.
 *
 * A role's main: read until CONFIG came (link_wait_config), sandbox_enter (server/sandbox.h),
 * link_ready, then the control descriptor is one more of its epoll set.
 */
#ifndef ROOST_SERVER_LINKS_H
#define ROOST_SERVER_LINKS_H

#include "base/buf.h"
#include "base/err.h"
#include "imap/session.h"
#include "base/ipc.h"

enum { LINK_CONTROL_FD = 3 };

enum link_type { LINK_CONFIG = 1, LINK_KEYS, LINK_LISTEN, LINK_PEER, LINK_STOP, LINK_READY };

enum role { ROLE_GATE, ROLE_AUTH, ROLE_STORE, ROLE_COUNT };
/* "gate", "auth", "store". */
const char *role_name(enum role r);

enum listen_kind {
    LISTEN_IMAP = 1,    /* gate: plaintext, STARTTLS offered */
    LISTEN_IMAPS = 2,   /* gate: implicit TLS */
    LISTEN_CONTROL = 3, /* auth: DATA/control/auth.sock, store: DATA/control/store.sock */
};

enum { LINK_PATH_OCTETS_MAX = 512, LINK_HOST_OCTETS_MAX = 255 };

/* The settings that leave the supervisor. No secret is among them. */
struct role_config {
    char data[LINK_PATH_OCTETS_MAX + 1];     /* the data directory as this process can open it:
                                                the store opens accounts below it */
    char hostname[LINK_HOST_OCTETS_MAX + 1]; /* how the server calls itself */
    uint32_t uid, gid;                       /* become this user; own ids when not root */
    uint32_t owner_uid;                      /* who, besides root, may use the control sockets */
    struct imap_settings imap;
    uint64_t memory_octets;          /* store: budget for open accounts; 0: choose */
    uint32_t max_connections;        /* gate: altogether */
    uint32_t max_connections_per_ip; /* gate: not applied to loopback */
    uint32_t login_seconds;          /* gate: time to log in */
    uint32_t idle_seconds;           /* store: autologout, RFC 9051 section 5.4 */
    uint32_t workers;                /* store: worker threads; 0: choose */
    bool demo;                       /* `roost serve --demo` */
};

/* One message of the channel, decoded. Slices borrow from the scratch. */
struct link_message {
    enum link_type type;
    struct role_config config;          /* CONFIG */
    struct slice chain, key;            /* KEYS: PEM */
    enum role peer;                     /* PEER */
    int fd[IPC_FDS_MAX];                /* LISTEN, PEER: the caller's to close */
    enum listen_kind kind[IPC_FDS_MAX]; /* LISTEN */
    size_t n_fds;
};

/* Receive and decode one message into `scratch` (IPC_MESSAGE_OCTETS_MAX octets). Errors as
 * ipc_receive; ERR_UNAVAILABLE: the supervisor is gone. */
must_use enum err link_receive(int control_fd, char *scratch, struct link_message *out);

/* Block until CONFIG comes. Any other message before it is ERR_SYNTAX. */
must_use enum err link_wait_config(int control_fd, struct role_config *out);

/* Tell the supervisor that this process serves. Failure shows as the end of the channel. */
void link_ready(int control_fd);

/* The supervisor's side. */
void link_config_encode(struct buf *out, const struct role_config *c);
void link_keys_encode(struct buf *out, struct slice chain, struct slice key);
void link_peer_encode(struct buf *out, enum role peer);
/* One octet of kind for each descriptor sent along. */
void link_listen_encode(struct buf *out, const enum listen_kind *kind, size_t n);

#endif
