/* gate/talk.c -- drives the TLS handshake and the conversation before login on a connection. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/conn.h"

enum { READ_OCTETS = 4096 };

/* The connection gets its SSL once what was said in clear is out. */
static bool start_tls(struct conn *c)
{
    if (c->ssl != NULL)
        return true;
    if (!conn_flush(c))
        return false;
    if (c->out.n > 0) {
        source_want(c->gate, &c->client, EPOLLOUT);
        return false;
    }
    c->ssl = c->gate->tls != NULL ? SSL_new(c->gate->tls) : NULL;
    if (c->ssl == NULL || !conn_tls_begin(c)) {
        conn_destroy(c);
        return false;
    }
    SSL_set_accept_state(c->ssl);
    return true;
}

static void handshake_done(struct conn *c)
{
    bool implicit = c->pre->tls;
    prelogin_tls_done(c->pre);
    c->state = CONN_TALK;
    if (implicit)
        prelogin_greet(c->pre, &c->out);
    conn_talk(c);
}

void conn_handshake(struct conn *c)
{
    if (!start_tls(c))
        return;
    if (!conn_flush(c))
        return;
    ERR_clear_error();
    int n = SSL_do_handshake(c->ssl);
    if (n == 1) {
        handshake_done(c);
        return;
    }
    switch (SSL_get_error(c->ssl, n)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: /* until the client takes what is unsent */
        conn_rearm(c);
        return;
    default:
        log_debug("tls handshake failed peer=%s: %s", c->peer.text, tls_error_text());
        conn_destroy(c);
        return;
    }
}

static void act(struct conn *c, enum prelogin_action action)
{
    switch (action) {
    case PRELOGIN_MORE:
        conn_rearm(c);
        return;
    case PRELOGIN_STARTTLS:
        c->state = CONN_HANDSHAKE;
        buf_release(&c->in);
        conn_handshake(c);
        return;
    case PRELOGIN_LOGIN:
        conn_ask(c);
        return;
    case PRELOGIN_CLOSE:
        conn_closing(c);
        return;
    }
}

/* One read behind what is there. CONN_IO_*, or the octets read. */
static long read_more(struct conn *c)
{
    char *at = buf_reserve(&c->in, READ_OCTETS);
    if (at == NULL)
        return CONN_IO_ERROR;
    long n = conn_read(c, at, READ_OCTETS);
    if (n > 0)
        buf_added(&c->in, (size_t)n);
    return n;
}

void conn_talk(struct conn *c)
{
    c->again = false;
    c->pre->busy = c->gate->store_busy;
    for (int round = 0; round < GATE_ROUNDS_MAX; round++) {
        enum prelogin_action action = prelogin_step(c->pre, &c->in, &c->out);
        if (action != PRELOGIN_MORE) {
            act(c, action);
            return;
        }
        bool said = c->out.n > 0;
        if (!conn_flush(c))
            return;
        if (c->out.n > 0) {
            conn_rearm(c);
            return;
        }
        if (said && c->in.n > 0)
            continue; /* it may have stopped because it had said enough */
        long n = read_more(c);
        if (n == CONN_IO_AGAIN) {
            if (c->in.n == 0)
                buf_release(&c->in);
            conn_rearm(c);
            return;
        }
        if (n <= 0) {
            conn_destroy(c);
            return;
        }
    }
    c->again = true; /* TLS may hold octets that epoll does not see */
    conn_rearm(c);
}

void conn_failed(struct conn *c, enum err why)
{
    enum prelogin_action action = prelogin_fail(c->pre, why, &c->out);
    if (action == PRELOGIN_CLOSE) {
        conn_closing(c);
        return;
    }
    c->state = CONN_TALK;
    deadline_set(&c->gate->deadlines, &c->deadline, c->login_until_ms);
    conn_talk(c);
}
