/* gate/relay.c -- a TLS session after login: octets between the client's TLS and the store.
 *
 * Both directions read into the gate's one scratch buffer and write at once. Only what the other
 * side does not take is kept, in `in` (for the store) or `out` (for the client), and until that is
 * gone nothing more is read on that side: a slow reader holds at most one scratch buffer, and the
 * sender feels it through its socket.
 *
 * Half-close: when the client ends, the store sees the end of its input after the last octet,
 * answers what it was asked, and ends; when the store ends, what it said is flushed to the
 * client, as long as that takes some of it every DRAIN_MS, then TLS is closed.
 */
#include <errno.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gate/conn.h"

enum { DRAIN_MS = 60000 };

/* Octets to the store; keeps the rest. False when the store has gone. */
static bool to_store(struct conn *c, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = send(c->store.fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0 && errno != EAGAIN)
            return false;
        if (k < 0)
            break;
        p += k;
        n -= (size_t)k;
    }
    buf_add(&c->in, p, n);
    return true;
}

/* What is kept for the store. False when the store has gone. */
static bool flush_to_store(struct conn *c)
{
    while (c->in.n > 0) {
        struct slice s = buf_slice(&c->in);
        ssize_t k = send(c->store.fd, s.p, s.n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return errno == EAGAIN;
        buf_consume(&c->in, (size_t)k);
    }
    buf_release(&c->in);
    return true;
}

static void client_ended(struct conn *c)
{
    c->client_eof = true;
    if (c->in.n == 0)
        shutdown(c->store.fd, SHUT_WR);
}

/* Client to store. False when the connection is over on the store's side. */
static bool pump_up(struct conn *c)
{
    bool had = c->in.n > 0;
    if (!flush_to_store(c))
        return false;
    if (had && c->in.n == 0 && c->client_eof)
        shutdown(c->store.fd, SHUT_WR);
    for (int round = 0; c->in.n == 0 && !c->client_eof; round++) {
        if (round == GATE_ROUNDS_MAX) {
            c->again = true;
            break;
        }
        long n = conn_read(c, c->gate->scratch, GATE_SCRATCH_OCTETS);
        if (n == CONN_IO_AGAIN)
            break;
        if (n <= 0)
            client_ended(c);
        else if (!to_store(c, c->gate->scratch, (size_t)n))
            return false;
    }
    return true;
}

/* Octets to the client; keeps the rest. False when the client has gone. */
static bool to_client(struct conn *c, const char *p, size_t n)
{
    while (n > 0) {
        long k = conn_write(c, p, n);
        if (k == CONN_IO_AGAIN)
            break;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    buf_add(&c->out, p, n);
    return true;
}

/* Store to client. False when the client has gone. */
static bool pump_down(struct conn *c)
{
    if (!conn_flush(c))
        return true; /* destroyed: the caller looks at the state */
    for (int round = 0; c->out.n == 0 && !c->store_eof; round++) {
        if (round == GATE_ROUNDS_MAX)
            break; /* epoll will tell again */
        ssize_t n = recv(c->store.fd, c->gate->scratch, GATE_SCRATCH_OCTETS, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        c->invites |= n > 0 && c->gate->scratch[0] == '+';
        if (n <= 0)
            c->store_eof = true;
        else if (!to_client(c, c->gate->scratch, (size_t)n))
            return false;
        if (n < GATE_SCRATCH_OCTETS && !c->store_hung)
            break; /* that was all: if more comes, epoll will tell */
    }
    return true;
}

void conn_relay(struct conn *c, unsigned ways)
{
    /* Records that TLS holds show themselves to no epoll: who only looks at what the store says may
     * not take back that they are to be read. */
    if ((ways & RELAY_UP) != 0 || c->returned)
        c->again = false;
    if ((ways & RELAY_UP) != 0 && !c->returned && !pump_up(c)) {
        /* The store listens no more; what it has said is still delivered. */
        c->client_eof = true;
        buf_release(&c->in);
        c->store_hung = true;
        ways |= RELAY_DOWN;
    }
    if ((ways & RELAY_DOWN) != 0 && !pump_down(c)) {
        conn_destroy(c);
        return;
    }
    if (c->state != CONN_RELAY)
        return;
    if (c->store_eof && c->out.n == 0) {
        if (c->returned)
            conn_return(c);
        else
            conn_closing(c);
        return;
    }
    if (c->store_eof || c->store_hung)
        source_mute(c->gate, &c->store);
    if (c->store.muted) /* nobody else watches whether the client still reads */
        deadline_set(&c->gate->deadlines, &c->deadline, clock_mono_ms() + DRAIN_MS);
    conn_rearm(c);
}
