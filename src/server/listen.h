/* server/listen.h -- listening sockets, bound by the supervisor and served by others. */
#ifndef ROOST_SERVER_LISTEN_H
#define ROOST_SERVER_LISTEN_H

#include "base/buf.h"
#include "base/err.h"

/* A nonblocking TCP listener on one address (IPv6 sockets take IPv6 only). ERR_UNAVAILABLE: this
 * machine has no such address family or address; ERR_INUSE, ERR_NOPERM, ERR_IO: one sentence in
 * `why`, like for all. */
must_use enum err listen_tcp(const char *address, uint32_t port, int *fd_out, struct buf *why);
/* Where the client speaks first, as in TLS: a connection is announced when it has (tcp(7),
 * TCP_DEFER_ACCEPT), or after a second without a word. */
void listen_defer(int fd);

/* The address of a socket at `path`. One that is too long for a socket address goes through
 * /proc/self/fd: *dir_fd is then open (else -1) and must stay so until bind or connect is done; the
 * caller closes it. ERR_NOTFOUND: no such directory. ERR_LIMIT: the last part alone is too long. */
struct sockaddr_un;
must_use enum err listen_unix_address(const char *path, struct sockaddr_un *out, int *dir_fd);

/* A nonblocking stream listener at a path, mode 0600; replaces a socket left behind there. */
must_use enum err listen_unix(const char *path, int *fd_out, struct buf *why);

/* The user at the other end of an accepted Unix socket may do what its owner may. */
bool listen_peer_allowed(int fd, uint32_t owner_uid);

#endif
