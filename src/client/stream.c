/* client/stream.c -- see stream.h: a nonblocking socket that waits with poll.
 *
 * TLS is in this file because there is so little of it: OpenSSL works on the same descriptor, and
 * only the two functions that move octets know whether it is there.
 */
#include "client/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/compress.h"
#include "base/mem.h"
#include "base/openssl.h"

struct client_deflate {
    struct compressor out;
    struct expander in;
    struct buf raw;  /* read and not yet expanded */
    struct buf wire; /* compressed and not yet sent */
};

void client_stream_init(struct client_stream *s, int fd, size_t in_max_octets)
{
    *s = (struct client_stream){.fd = fd};
    buf_init(&s->in, in_max_octets);
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void client_stream_release(struct client_stream *s)
{
    if (s->tls != NULL) {
        SSL_shutdown(s->tls);
        SSL_free(s->tls);
        SSL_CTX_free(s->context);
    }
    if (s->fd >= 0)
        close(s->fd);
    if (s->deflate != NULL) {
        compress_release(&s->deflate->out);
        expand_release(&s->deflate->in);
        buf_release(&s->deflate->raw);
        buf_release(&s->deflate->wire);
        free(s->deflate);
    }
    buf_release(&s->in);
    *s = (struct client_stream){.fd = -1};
}

/* Wait for any of `events`. ERR_MORE: timeout. */
static enum err wait_for(struct client_stream *s, short events, int timeout_ms)
{
    struct pollfd p = {.fd = s->fd, .events = events};
    int n;

    do
        n = poll(&p, 1, timeout_ms);
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return ERR_MORE;
    return n < 0 ? ERR_UNAVAILABLE : ERR_OK;
}

/* What an OpenSSL call that did not succeed waits for, as poll events; 0: it has failed. */
static short tls_wants(struct client_stream *s, int result)
{
    int why = SSL_get_error(s->tls, result);

    ERR_clear_error();
    if (why == SSL_ERROR_WANT_READ)
        return POLLIN;
    return why == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
}

enum err client_stream_start_tls(struct client_stream *s, int timeout_ms)
{
    int n;

    s->context = SSL_CTX_new(TLS_client_method());
    if (s->context == NULL)
        return ERR_UNAVAILABLE;
    SSL_CTX_set_min_proto_version(s->context, TLS1_2_VERSION);
    SSL_CTX_set_mode(s->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                     SSL_MODE_RELEASE_BUFFERS);
    s->tls = SSL_new(s->context);
    if (s->tls == NULL || SSL_set_fd(s->tls, s->fd) != 1) {
        SSL_free(s->tls);
        SSL_CTX_free(s->context);
        s->tls = s->context = NULL;
        return ERR_UNAVAILABLE;
    }
    while ((n = SSL_connect(s->tls)) != 1) {
        short events = tls_wants(s, n);

        if (events == 0)
            return ERR_UNAVAILABLE;
        TRY(wait_for(s, events, timeout_ms));
    }
    return ERR_OK;
}

/* Take what is there now, up to n octets. ERR_MORE: nothing; *events says what to wait for. */
static enum err receive(struct client_stream *s, char *at, size_t n, size_t *got, short *events)
{
    ssize_t k;

    *events = POLLIN;
    if (s->tls != NULL) {
        int r = SSL_read_ex(s->tls, at, n, got);

        if (r == 1)
            return ERR_OK;
        *events = tls_wants(s, r);
        return *events != 0 ? ERR_MORE : ERR_UNAVAILABLE;
    }
    do
        k = recv(s->fd, at, n, 0);
    while (k < 0 && errno == EINTR);
    if (k > 0) {
        *got = (size_t)k;
        return ERR_OK;
    }
    return k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? ERR_MORE : ERR_UNAVAILABLE;
}

/* Expand what has come. ERR_LIMIT: there is no room for all of it. */
static enum err expand_all(struct client_stream *s)
{
    enum expanded how = EXPAND_BORDER;

    while (how == EXPAND_BORDER)
        TRY(expand(&s->deflate->in, &s->deflate->raw, &s->in, s->in.max_octets, &how));
    return how == EXPAND_FULL ? ERR_LIMIT : ERR_OK;
}

enum err client_stream_compress(struct client_stream *s)
{
    s->deflate = mem_new(struct client_deflate);
    s->deflate->raw = s->in;
    buf_init(&s->in, s->deflate->raw.max_octets);
    buf_init(&s->deflate->wire, 2 * COMPRESS_ROOM_OCTETS);
    return expand_all(s);
}

/* Read into `to` what is there, as client_stream_read. */
static enum err read_into(struct client_stream *s, struct buf *to, int timeout_ms)
{
    size_t room = to->max_octets - to->n, got;

    room = room < CLIENT_READ_OCTETS ? room : CLIENT_READ_OCTETS;
    if (room == 0)
        return ERR_LIMIT;
    /* Who waits for an answer waits nearly always: asking the socket first would be in vain. */
    if (timeout_ms != 0 && s->tls == NULL)
        TRY(wait_for(s, POLLIN, timeout_ms));
    for (;;) {
        char *at = buf_reserve(to, room);
        short events;
        enum err e = at != NULL ? receive(s, at, room, &got, &events) : ERR_LIMIT;

        if (e == ERR_OK)
            buf_added(to, got);
        if (e != ERR_MORE)
            return e;
        TRY(wait_for(s, events, timeout_ms));
    }
}

enum err client_stream_read(struct client_stream *s, int timeout_ms)
{
    size_t before = s->in.n;

    if (s->deflate == NULL)
        return read_into(s, &s->in, timeout_ms);
    do {
        TRY(read_into(s, &s->deflate->raw, timeout_ms));
        TRY(expand_all(s));
    } while (s->in.n == before);
    return ERR_OK;
}

/* Give what can be given now. As receive. */
static enum err transmit(struct client_stream *s, struct slice octets, size_t *put, short *events)
{
    ssize_t k;

    *events = POLLOUT;
    if (s->tls != NULL) {
        int r = SSL_write_ex(s->tls, octets.p, octets.n, put);

        if (r == 1)
            return ERR_OK;
        *events = tls_wants(s, r);
        return *events != 0 ? ERR_MORE : ERR_UNAVAILABLE;
    }
    do
        k = send(s->fd, octets.p, octets.n, MSG_NOSIGNAL);
    while (k < 0 && errno == EINTR);
    if (k >= 0) {
        *put = (size_t)k;
        return ERR_OK;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_MORE : ERR_UNAVAILABLE;
}

static enum err write_all(struct client_stream *s, struct slice octets, int timeout_ms)
{
    while (octets.n > 0) {
        size_t put = 0;
        short events;
        enum err e = transmit(s, octets, &put, &events);

        if (e == ERR_OK) {
            octets = slice_sub(octets, put, octets.n);
            continue;
        }
        if (e != ERR_MORE)
            return e;
        TRY(wait_for(s, (short)(events | POLLIN), timeout_ms));
        e = client_stream_read(s, 0);
        if (e != ERR_OK && e != ERR_MORE && e != ERR_LIMIT)
            return e;
        if (e == ERR_LIMIT)
            TRY(wait_for(s, events, timeout_ms));
    }
    return ERR_OK;
}

enum err client_stream_write(struct client_stream *s, struct slice octets, int timeout_ms)
{
    struct client_deflate *z = s->deflate;

    if (z == NULL)
        return write_all(s, octets, timeout_ms);
    while (octets.n > 0) {
        struct slice piece = slice_sub(octets, 0, COMPRESS_PIECE_OCTETS);

        octets = slice_sub(octets, piece.n, octets.n);
        compress_add(&z->out, piece, &z->wire);
        if (octets.n == 0)
            compress_flush(&z->out, &z->wire);
        TRY(write_all(s, buf_slice(&z->wire), timeout_ms));
        buf_clear(&z->wire);
    }
    return ERR_OK;
}
