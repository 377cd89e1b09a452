/* gate/conn.c -- birth, input and output, and death of a connection; see conn.h for its states. */
#include "gate/conn.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { CLOSING_MS = 5000, LINGER_MS = 2000 };

enum err source_add(struct gate *g, struct source *s, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = s};
    if (epoll_ctl(g->epoll_fd, EPOLL_CTL_ADD, s->fd, &e) != 0)
        return ERR_IO;
    s->interest = events;
    return ERR_OK;
}

void source_want(struct gate *g, struct source *s, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = s};
    if (s->fd < 0 || s->muted || s->interest == events)
        return;
    if (epoll_ctl(g->epoll_fd, EPOLL_CTL_MOD, s->fd, &e) == 0)
        s->interest = events;
}

void source_drop(struct gate *g, struct source *s, bool close_fd)
{
    if (s->fd < 0)
        return;
    if (!s->muted && (s->shared || !close_fd))
        epoll_ctl(g->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
    if (close_fd)
        close(s->fd);
    s->fd = -1;
}

void source_mute(struct gate *g, struct source *s)
{
    if (s->fd >= 0 && !s->muted)
        epoll_ctl(g->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
    s->muted = true;
}

static void on_client(void *ctx, uint32_t events)
{
    struct conn *c = ctx;
    bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    c->drained = false;
    switch (c->state) {
    case CONN_HANDSHAKE:
        conn_handshake(c);
        return;
    case CONN_TALK:
        conn_talk(c);
        return;
    case CONN_RELAY:
        conn_relay(c, (events & EPOLLOUT) != 0 ? RELAY_BOTH : RELAY_UP);
        if (broken && c->state == CONN_RELAY)
            conn_destroy(c); /* reset; a client that merely ended is not broken */
        return;
    case CONN_HANDING:
        if (broken)
            conn_destroy(c);
        else
            conn_hand_over(c);
        return;
    case CONN_ASKED:
    case CONN_PUNISHED:
        if (broken)
            conn_destroy(c);
        else if (conn_flush(c))
            conn_rearm(c);
        return;
    case CONN_CLOSING:
    case CONN_LINGER:
        conn_closing(c);
        return;
    case CONN_GONE:
        return;
    }
}

static void on_store(void *ctx, uint32_t events)
{
    struct conn *c = ctx;
    if (c->state != CONN_RELAY)
        return;
    c->store_hung |= (events & (EPOLLERR | EPOLLHUP)) != 0;
    conn_relay(c, (events & EPOLLOUT) != 0 ? RELAY_BOTH : RELAY_DOWN);
}

static void link_conn(struct gate *g, struct conn *c)
{
    c->next = g->conns;
    if (c->next != NULL)
        c->next->prev = c;
    g->conns = c;
    g->n_conns++;
}

static void unlink_conn(struct gate *g, struct conn *c)
{
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        g->conns = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    g->n_conns--;
}

/* A connection that epoll watches; NULL if it cannot. */
static struct conn *make(struct gate *g, int fd, bool tls, const struct peer *peer)
{
    struct conn *c = mem_new(struct conn);
    c->gate = g;
    c->peer = *peer;
    c->client = (struct source){.ready = on_client, .ctx = c, .fd = fd};
    c->store = (struct source){.ready = on_store, .ctx = c, .fd = -1};
    c->pre = mem_new(struct prelogin);
    prelogin_init(c->pre, tls, peer->loopback, g->tls != NULL);
    buf_init(&c->in, PRELOGIN_IN_OCTETS_MAX);
    buf_init(&c->out, PRELOGIN_OUT_OCTETS_MAX);
    c->state = tls ? CONN_HANDSHAKE : CONN_TALK;
    link_conn(g, c);
    peer_table_add(g->peers, peer->network);
    if (source_add(g, &c->client, EPOLLIN) != ERR_OK) {
        conn_destroy(c);
        return NULL;
    }
    c->login_until_ms = clock_mono_ms() + g->config.login_seconds * 1000ULL;
    deadline_set(&g->deadlines, &c->deadline, c->login_until_ms);
    return c;
}

void conn_new(struct gate *g, int fd, bool tls, const struct peer *peer)
{
    struct conn *c = make(g, fd, tls, peer);
    if (c == NULL)
        return;
    if (tls) {
        conn_handshake(c);
        return;
    }
    prelogin_greet(c->pre, &c->out);
    if (conn_flush(c))
        conn_rearm(c);
}

void conn_resume(struct gate *g, int fd, const struct peer *peer, struct slice input)
{
    struct conn *c = make(g, fd, false, peer);
    if (c == NULL)
        return;
    c->client.shared = true; /* by the store, for a moment */
    buf_init(&c->in, HANDOFF_INPUT_OCTETS_MAX);
    buf_add_slice(&c->in, input);
    conn_talk(c);
}

/* Everything is released now except the struct, which events of this round may still name. */
void conn_destroy(struct conn *c)
{
    struct gate *g = c->gate;
    if (c->state == CONN_GONE)
        return;
    login_forget(c);
    given_remove(&g->givens, c->place, g->peers);
    c->place = GIVEN_NONE;
    conn_tls_end(c);
    source_drop(g, &c->client, true);
    source_drop(g, &c->store, true);
    if (c->pre != NULL)
        prelogin_release(c->pre);
    free(c->pre);
    c->pre = NULL;
    buf_release(&c->in);
    buf_release(&c->out);
    deadline_clear(&g->deadlines, &c->deadline);
    peer_table_remove(g->peers, c->peer.network);
    unlink_conn(g, c);
    c->state = CONN_GONE;
    c->next = g->gone;
    g->gone = c;
}

static long tls_result(struct conn *c, int n)
{
    if (n > 0)
        return n;
    switch (SSL_get_error(c->ssl, n)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return CONN_IO_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return CONN_IO_END;
    default:
        ERR_clear_error();
        return CONN_IO_ERROR;
    }
}

static long plain_result(ssize_t n)
{
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EINTR ? CONN_IO_AGAIN : CONN_IO_ERROR;
}

/* SSL_get_error looks at the thread's queue of errors: what another connection has left there
 * would count as this one's end. */
long conn_read(struct conn *c, char *p, size_t n)
{
    if (c->ssl == NULL)
        return plain_result(recv(c->client.fd, p, n, MSG_DONTWAIT));
    ERR_clear_error();
    return tls_result(c, SSL_read(c->ssl, p, (int)n));
}

long conn_write(struct conn *c, const char *p, size_t n)
{
    if (c->ssl == NULL)
        return plain_result(send(c->client.fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL));
    ERR_clear_error();
    return tls_result(c, SSL_write(c->ssl, p, (int)n));
}

bool conn_flush(struct conn *c)
{
    if (conn_tls_unsent(c) && !conn_tls_send(c, 0)) {
        conn_destroy(c);
        return false;
    }
    while (c->out.n > 0) {
        struct slice s = buf_slice(&c->out);
        long n = conn_write(c, s.p, s.n);
        if (n == CONN_IO_AGAIN)
            return true;
        if (n <= 0) {
            conn_destroy(c);
            return false;
        }
        buf_consume(&c->out, (size_t)n);
    }
    buf_release(&c->out);
    return true;
}

void conn_rearm(struct conn *c)
{
    uint32_t client = 0, store = 0;
    switch (c->state) {
    case CONN_HANDSHAKE:
        client = EPOLLIN;
        break;
    case CONN_TALK:
        client = c->out.n == 0 ? EPOLLIN : 0;
        break;
    case CONN_RELAY:
        client = c->in.n == 0 && !c->client_eof && !c->returned ? EPOLLIN : 0;
        store = (c->out.n == 0 && !c->store_eof ? EPOLLIN : 0) |
                (c->in.n > 0 && !c->returned ? EPOLLOUT : 0);
        break;
    case CONN_LINGER:
        client = EPOLLIN;
        break;
    default:
        break;
    }
    if (c->out.n > 0 || c->again || conn_tls_unsent(c))
        client |= EPOLLOUT;
    source_want(c->gate, &c->client, client);
    source_want(c->gate, &c->store, store);
}

/* Nothing more will be said: read away what they still send, so that closing does not reset
 * the connection before they have read our last line. */
static void linger(struct conn *c)
{
    for (int i = 0; i < GATE_ROUNDS_MAX; i++) {
        ssize_t n = recv(c->client.fd, c->gate->scratch, GATE_SCRATCH_OCTETS, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n <= 0) {
            conn_destroy(c);
            return;
        }
    }
    conn_rearm(c);
}

/* Theirs is not waited for. The end of the connection goes in the same packet. False: not yet, or
 * it is destroyed. */
static bool say_close_notify(struct conn *c)
{
    if (SSL_is_init_finished(c->ssl) && (SSL_get_shutdown(c->ssl) & SSL_SENT_SHUTDOWN) == 0)
        SSL_shutdown(c->ssl);
    ERR_clear_error();
    if (!conn_tls_send(c, MSG_MORE)) {
        conn_destroy(c);
        return false;
    }
    if (!conn_tls_unsent(c))
        return true;
    conn_rearm(c);
    return false;
}

void conn_closing(struct conn *c)
{
    struct gate *g = c->gate;
    if (c->state == CONN_LINGER) {
        linger(c);
        return;
    }
    if (c->state != CONN_CLOSING) {
        login_forget(c);
        c->state = CONN_CLOSING;
        c->again = false;
        source_drop(g, &c->store, true);
        deadline_set(&g->deadlines, &c->deadline, clock_mono_ms() + CLOSING_MS);
    }
    if (!conn_flush(c))
        return;
    if (c->out.n > 0) {
        conn_rearm(c);
        return;
    }
    if (c->ssl != NULL && !say_close_notify(c))
        return;
    shutdown(c->client.fd, SHUT_WR);
    c->state = CONN_LINGER;
    deadline_set(&g->deadlines, &c->deadline, clock_mono_ms() + LINGER_MS);
    linger(c);
}

void conn_due(struct conn *c)
{
    switch (c->state) {
    case CONN_PUNISHED:
        conn_failed(c, c->verdict);
        return;
    case CONN_HANDING:
        conn_hand_over(c);
        return;
    case CONN_TALK:
    case CONN_ASKED:
        prelogin_bye(c->pre, "Too slow to log in", &c->out);
        conn_closing(c);
        return;
    default:
        conn_destroy(c);
        return;
    }
}
