/* gate/tls_io.c -- what stands between OpenSSL and the socket: a BIO of ours.
 *
 * OpenSSL's own asks the kernel twice for each record it reads and once for each it writes, and a
 * packet leaves with each. Here what a socket has is received at once into a buffer that all
 * connections share, and records are gathered in another, which leaves in one piece when the
 * connection has been attended to: a ticket with the greeting, four records of a large message, a
 * last answer with close_notify.
 *
 *     socket -> gate.tls_in -> SSL            SSL -> gate.tls_out -> socket
 *                   `-> held.unread -^                    `-> held.unsent -^
 *
 * Both buffers belong to one connection at a time (`owner`). What it has not read when another
 * needs the buffer, and what the client does not take, waits on the heap: at most a buffer each
 * way, since nothing is written while something is unsent.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "gate/conn.h"

/* Beyond the shared buffers: rare, so on the heap. */
struct tls_held {
    struct buf unread, unsent;
};

static struct tls_held *held_of(struct conn *c)
{
    if (c->held == NULL) {
        c->held = mem_new(struct tls_held);
        buf_init(&c->held->unread, TLS_SHARED_OCTETS);
        buf_init(&c->held->unsent, TLS_SHARED_OCTETS);
    }
    return c->held;
}

static void drop_empty(struct conn *c)
{
    if (c->held == NULL || c->held->unread.n > 0 || c->held->unsent.n > 0)
        return;
    buf_release(&c->held->unread);
    buf_release(&c->held->unsent);
    free(c->held);
    c->held = NULL;
}

bool conn_tls_unsent(const struct conn *c)
{
    return c->held != NULL && c->held->unsent.n > 0;
}

/* Octets the socket takes now, or -1: it is broken. */
static ssize_t transmit(struct conn *c, const char *p, size_t n, int flags)
{
    size_t sent = 0;

    while (sent < n) {
        ssize_t k = send(c->client.fd, p + sent, n - sent, MSG_DONTWAIT | MSG_NOSIGNAL | flags);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0 && errno != EAGAIN)
            return -1;
        if (k < 0)
            break;
        sent += (size_t)k;
    }
    return (ssize_t)sent;
}

/* False: the socket is broken. */
static bool send_unsent(struct conn *c, int flags)
{
    struct slice s;
    ssize_t n;

    if (!conn_tls_unsent(c))
        return true;
    s = buf_slice(&c->held->unsent);
    n = transmit(c, s.p, s.n, flags);
    if (n < 0)
        return false;
    buf_consume(&c->held->unsent, (size_t)n);
    drop_empty(c);
    return true;
}

/* As in server/session_io.c: a literal and the end of its line may come in two writes, the second
 * only when the first has been acknowledged. */
static void acknowledge_at_once(struct conn *c)
{
    const int on = 1;

    c->invites = false;
    (void)setsockopt(c->client.fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

bool conn_tls_send(struct conn *c, int flags)
{
    struct tls_shared *out = &c->gate->tls_out;
    ssize_t n;

    if (!send_unsent(c, flags))
        return false;
    if (out->owner != c || out->n == 0)
        return true;
    n = conn_tls_unsent(c) ? 0 : transmit(c, out->p, out->n, flags);
    if (n >= 0 && (size_t)n < out->n)
        buf_add(&held_of(c)->unsent, out->p + n, out->n - (size_t)n);
    out->n = 0;
    if (c->invites)
        acknowledge_at_once(c);
    return n >= 0;
}

void conn_tls_settle(struct gate *g)
{
    struct conn *c = g->tls_out.owner;

    if (c == NULL || g->tls_out.n == 0)
        return;
    if (!conn_tls_send(c, 0))
        conn_destroy(c);
    else if (conn_tls_unsent(c))
        conn_rearm(c);
}

/* Make the buffer this connection's. */
static void own_in(struct conn *c)
{
    struct tls_shared *in = &c->gate->tls_in;

    if (in->owner == c)
        return;
    if (in->owner != NULL && in->at < in->n)
        buf_add(&held_of(in->owner)->unread, in->p + in->at, in->n - in->at);
    in->owner = c;
    in->at = in->n = 0;
}

static void own_out(struct conn *c)
{
    struct tls_shared *out = &c->gate->tls_out;

    if (out->owner == c)
        return;
    conn_tls_settle(c->gate);
    out->owner = c;
}

/* More from the socket; > 0, 0 at the end, or -1 and errno. */
static ssize_t fill(struct conn *c)
{
    struct tls_shared *in = &c->gate->tls_in;
    ssize_t n;

    if (c->drained) {
        errno = EAGAIN;
        return -1;
    }
    do
        n = recv(c->client.fd, in->p, TLS_SHARED_OCTETS, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    /* What comes later epoll will tell. The end tells itself only to who asks for it. */
    c->drained = n > 0 && n < TLS_SHARED_OCTETS;
    in->at = 0;
    in->n = n > 0 ? (size_t)n : 0;
    return n;
}

static int take(char *p, int size, const char *from, size_t n)
{
    size_t k = n < (size_t)size ? n : (size_t)size;

    memcpy(p, from, k);
    return (int)k;
}

static int bio_read(BIO *bio, char *p, int size)
{
    struct conn *c = BIO_get_data(bio);
    struct tls_shared *in = &c->gate->tls_in;
    int k;

    BIO_clear_retry_flags(bio);
    if (c->held != NULL && c->held->unread.n > 0) {
        struct slice s = buf_slice(&c->held->unread);

        k = take(p, size, s.p, s.n);
        buf_consume(&c->held->unread, (size_t)k);
        drop_empty(c);
        return k;
    }
    own_in(c);
    if (in->at == in->n) {
        ssize_t n = fill(c);

        if (n < 0 && errno == EAGAIN)
            BIO_set_retry_read(bio);
        if (n == 0)
            BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
        if (n <= 0)
            return (int)n;
    }
    k = take(p, size, in->p + in->at, in->n - in->at);
    in->at += (size_t)k;
    return k;
}

static int bio_write(BIO *bio, const char *p, int size)
{
    struct conn *c = BIO_get_data(bio);
    struct tls_shared *out = &c->gate->tls_out;
    size_t room, n;

    BIO_clear_retry_flags(bio);
    own_out(c);
    if (out->n == TLS_SHARED_OCTETS && !conn_tls_send(c, MSG_MORE))
        return -1;
    if (conn_tls_unsent(c)) {
        BIO_set_retry_write(bio);
        return -1;
    }
    room = TLS_SHARED_OCTETS - out->n;
    n = (size_t)size < room ? (size_t)size : room;
    memcpy(out->p + out->n, p, n);
    out->n += n;
    return (int)n;
}

static long bio_ctrl(BIO *bio, int what, long number, void *p)
{
    (void)number;
    (void)p;
    if (what == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return what == BIO_CTRL_FLUSH; /* it leaves when the connection has been attended to */
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

/* Made once for the process, which has one gate. */
static const BIO_METHOD *method(void)
{
    static BIO_METHOD *m;

    if (m != NULL)
        return m;
    m = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "connection");
    if (m == NULL || BIO_meth_set_read(m, bio_read) != 1 || BIO_meth_set_write(m, bio_write) != 1 ||
        BIO_meth_set_ctrl(m, bio_ctrl) != 1 || BIO_meth_set_create(m, bio_create) != 1)
        abort(); /* no memory */
    return m;
}

bool conn_tls_begin(struct conn *c)
{
    BIO *bio = BIO_new(method());

    if (bio == NULL)
        return false;
    BIO_set_data(bio, c);
    SSL_set_bio(c->ssl, bio, bio);
    return true;
}

void conn_tls_end(struct conn *c)
{
    struct gate *g = c->gate;

    if (c->ssl == NULL)
        return;
    (void)!conn_tls_send(c, 0); /* the alert that says why */
    if (g->tls_in.owner == c)
        g->tls_in = (struct tls_shared){.p = g->tls_in.p};
    if (g->tls_out.owner == c)
        g->tls_out = (struct tls_shared){.p = g->tls_out.p};
    if (c->held != NULL) {
        buf_clear(&c->held->unread);
        buf_clear(&c->held->unsent);
        drop_empty(c);
    }
    SSL_free(c->ssl);
    c->ssl = NULL;
}
