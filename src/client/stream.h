/* client/stream.h -- octets to and from a server, plain or through TLS, compressed or not, with a
 * deadline.
 *
 * The descriptor is nonblocking inside; each call waits at most as long as it is told. Writing
 * reads as well when the peer sends, so two sides that pipeline can never wait for each other.
 */
#ifndef ROOST_CLIENT_STREAM_H
#define ROOST_CLIENT_STREAM_H

#include "base/buf.h"
#include "base/err.h"

struct client_stream {
    int fd;
    void *tls;                      /* SSL *; NULL: plain */
    void *context;                  /* SSL_CTX *, owned */
    struct buf in;                  /* read and not yet consumed */
    struct client_deflate *deflate; /* owned; NULL: not compressed */
};

enum { CLIENT_READ_OCTETS = 64 * 1024 };

/* Takes `fd`, a connected stream socket. in_max_octets bounds what is held unread. */
void client_stream_init(struct client_stream *s, int fd, size_t in_max_octets);

/* Begin TLS (1.2 or later), certificate not verified: for tests and measurements against our
 * own servers. ERR_UNAVAILABLE, ERR_MORE (timeout). */
must_use enum err client_stream_start_tls(struct client_stream *s, int timeout_ms);

/* Both directions are compressed from here on (RFC 4978); what stands in s->in came already so.
 * ERR_SYNTAX: it is not compressed. */
must_use enum err client_stream_compress(struct client_stream *s);

/* Closes the descriptor, gives the memory back. */
void client_stream_release(struct client_stream *s);

/* Wait until at least one more octet stands in s->in.
 * ERR_MORE         timeout_ms passed (0: nothing is there now; -1: never)
 * ERR_UNAVAILABLE  the peer has closed, or the connection broke
 * ERR_LIMIT        s->in is full */
must_use enum err client_stream_read(struct client_stream *s, int timeout_ms);

/* Send all of it. timeout_ms is how long nothing at all may happen. Errors as above. */
must_use enum err client_stream_write(struct client_stream *s, struct slice octets, int timeout_ms);

#endif
