/* gate/returned.c -- what the store says: it is busy, a session has ended, or UNAUTHENTICATE has
 * made a stranger of a client again (RFC 8437), whose connection comes back.
 *
 * A plaintext connection comes back as it was given, and is accepted once more, without a greeting.
 * A relayed one never left: what comes back is the store's end of the socket pair, so that what we
 * have written to it and the store has not read is not lost; and our end still holds what the store
 * said last, which goes out first. In front of all stand the octets that the store did read.
 *
 * Everything of the session is forgotten; the time to log in, the limits and the delays of wrong
 * passwords begin anew, as they would on a new connection.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/conn.h"

static const char too_much[] = "Too much at once behind UNAUTHENTICATE";

void conn_return(struct conn *c)
{
    struct gate *g = c->gate;
    bool overflowed = c->in.overflowed;

    source_drop(g, &c->store, true);
    given_remove(&g->givens, c->place, g->peers);
    c->place = GIVEN_NONE;
    c->returned = c->client_eof = c->store_eof = c->store_hung = c->store.muted = false;
    c->pre = mem_new(struct prelogin);
    prelogin_init(c->pre, true, c->peer.loopback, g->tls != NULL);
    buf_release(&c->out);
    buf_init(&c->out, PRELOGIN_OUT_OCTETS_MAX);
    c->login_until_ms = clock_mono_ms() + g->config.login_seconds * 1000ULL;
    deadline_set(&g->deadlines, &c->deadline, c->login_until_ms);
    c->state = CONN_TALK;
    if (overflowed || g->stopping) {
        prelogin_bye(c->pre, overflowed ? too_much : "Server is shutting down", &c->out);
        conn_closing(c);
        return;
    }
    conn_talk(c);
}

/* What the client has sent and no session has seen, in its order. */
static void gather(struct conn *c, int store_end, struct slice input)
{
    char *scratch = c->gate->scratch;
    struct buf all;
    ssize_t n;

    buf_init(&all, HANDOFF_INPUT_OCTETS_MAX);
    buf_add_slice(&all, input);
    while (!all.overflowed && (n = recv(store_end, scratch, GATE_SCRATCH_OCTETS, MSG_DONTWAIT)) > 0)
        buf_add(&all, scratch, (size_t)n);
    buf_add_slice(&all, buf_slice(&c->in));
    buf_release(&c->in);
    c->in = all;
}

static void take_back_relayed(struct conn *c, int store_end, struct slice input)
{
    if (c->state != CONN_RELAY || c->returned)
        return;
    gather(c, store_end, input);
    c->returned = true;
}

static void take_back_plain(struct gate *g, uint32_t place, int fd, struct slice input)
{
    struct sockaddr_storage from = {0};
    socklen_t n = sizeof(from);
    struct peer peer;

    given_remove(&g->givens, place, g->peers);
    if (getpeername(fd, (struct sockaddr *)&from, &n) != 0) { /* the client has left meanwhile */
        close(fd);
        return;
    }
    peer_of(&from, &peer);
    if (g->stopping)
        close(fd);
    else
        conn_resume(g, fd, &peer, input);
}

static void on_return(struct gate *g, struct ipc_message *m, const struct handoff_return *r)
{
    const struct given *given = m->n_fds == 1 ? given_find(&g->givens, r->place, m->fd[0]) : NULL;

    if (given == NULL) {
        log_error("the store gave back what was not given to it");
    } else if (given->conn == NULL) {
        int fd = m->fd[0];

        m->fd[0] = -1;
        take_back_plain(g, r->place, fd, r->input);
    } else {
        struct conn *c = given->conn;

        take_back_relayed(c, m->fd[0], r->input);
        ipc_message_close_fds(m); /* now our end ends behind what the store has said */
        conn_relay(c, RELAY_BOTH);
    }
}

static void on_gone(struct gate *g, const struct handoff_return *r)
{
    const struct given *given = given_find(&g->givens, r->place, -1);

    if (given != NULL && given->conn == NULL)
        given_remove(&g->givens, r->place, g->peers);
}

void gate_store_lost(struct gate *g)
{
    source_drop(g, &g->store, true);
    g->store_busy = false;
    given_remove_plain(&g->givens, g->peers);
}

void gate_on_store(void *ctx, uint32_t events)
{
    struct gate *g = ctx;
    struct ipc_message m;
    struct handoff_return r;

    (void)events;
    for (int i = 0; i < GATE_ROUNDS_MAX && g->store.fd >= 0; i++) {
        enum err e = ipc_receive(g->store.fd, g->ipc_scratch, &m);

        if (e == ERR_MORE)
            return;
        if (e == ERR_UNAVAILABLE || e == ERR_IO) {
            gate_store_lost(g);
            return;
        }
        if (e != ERR_OK)
            continue;
        if (m.type == HANDOFF_RETURN && handoff_return_decode(m.payload, &r) == ERR_OK)
            on_return(g, &m, &r);
        else if (m.type == HANDOFF_GONE && handoff_return_decode(m.payload, &r) == ERR_OK)
            on_gone(g, &r);
        else if (m.type == HANDOFF_LOAD)
            g->store_busy = slice_eq(m.payload, SLICE("1"));
        ipc_message_close_fds(&m);
    }
}
