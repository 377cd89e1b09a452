/* gate/login.c -- the way from credentials to a session: ask auth, then hand over to the store.
 * The messages are auth/handoff.h's.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/conn.h"

enum {
    PUNISH_MS = 1000, /* doubled for every failure: 2 s, 4 s, ... */
    PUNISH_MS_MAX = 16000,
    ASK_MS = 40000, /* auth has at least this long for a verdict */
    UNAVAILABLE_MS = 100,
    HAND_RETRY_MS = 20,
    HAND_MS = 5000,
};

static uint64_t login_id(uint32_t place, uint32_t serial)
{
    return (uint64_t)serial << 32 | place;
}

/* A free place among the requests; false when there is none. */
static bool login_place(struct gate *g, struct conn *c, uint64_t *id)
{
    for (uint32_t i = 0; i < GATE_LOGINS_MAX; i++) {
        uint32_t place = (g->login_cursor + i) % GATE_LOGINS_MAX;
        struct login *l = &g->login[place];
        if (l->conn != NULL)
            continue;
        l->conn = c;
        l->serial++;
        g->login_cursor = place + 1;
        c->login_id = place;
        *id = login_id(place, l->serial);
        return true;
    }
    return false;
}

void login_forget(struct conn *c)
{
    if (c->state == CONN_ASKED && c->gate->login[c->login_id].conn == c)
        c->gate->login[c->login_id].conn = NULL;
}

static enum err send_request(struct conn *c)
{
    struct gate *g = c->gate;
    uint64_t id;
    if (g->auth.fd < 0 || !login_place(g, c, &id))
        return ERR_UNAVAILABLE;
    struct handoff_request request = prelogin_request(c->pre, id, slice_of_str(c->peer.text));
    struct buf b;
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    handoff_request_encode(&b, &request);
    enum err e =
        b.overflowed ? ERR_LIMIT : ipc_send(g->auth.fd, HANDOFF_REQUEST, buf_slice(&b), NULL, 0);
    if (b.p != NULL)
        mem_wipe(b.p, b.cap);
    buf_release(&b);
    if (e != ERR_OK)
        g->login[c->login_id].conn = NULL;
    return e == ERR_MORE ? ERR_UNAVAILABLE : e;
}

/* Answer the pending login with `why`, but not yet. */
static void answer_later(struct conn *c, enum err why, uint64_t ms)
{
    c->state = CONN_PUNISHED;
    c->verdict = why;
    deadline_set(&c->gate->deadlines, &c->deadline, clock_mono_ms() + ms);
    if (conn_flush(c))
        conn_rearm(c);
}

void conn_ask(struct conn *c)
{
    enum err e = send_request(c);
    if (e != ERR_OK) {
        /* Later, so that a stream of logins can neither spin nor recurse while auth is away. */
        answer_later(c, ERR_UNAVAILABLE, UNAVAILABLE_MS);
        return;
    }
    c->state = CONN_ASKED;
    uint64_t until = clock_mono_ms() + ASK_MS;
    deadline_set(&c->gate->deadlines, &c->deadline,
                 until > c->login_until_ms ? until : c->login_until_ms);
    /* Hardly anybody sends more before the verdict: only when one does, epoll is asked not to
     * tell of it. */
    if (conn_flush(c) && c->out.n > 0)
        conn_rearm(c);
}

/* A wrong password is answered late, and later each time. */
static void punish(struct conn *c)
{
    uint64_t ms = (uint64_t)PUNISH_MS << (c->pre->failures + 1);
    answer_later(c, ERR_AUTHFAILED, ms < PUNISH_MS_MAX ? ms : PUNISH_MS_MAX);
}

static void on_verdict(struct gate *g, const struct handoff_verdict *v)
{
    uint32_t place = (uint32_t)v->id;
    if (place >= GATE_LOGINS_MAX || g->login[place].conn == NULL ||
        login_id(place, g->login[place].serial) != v->id)
        return; /* the client has left */
    struct conn *c = g->login[place].conn;
    login_forget(c);
    if (v->result == ERR_AUTHFAILED) {
        punish(c);
    } else if (v->result != ERR_OK) {
        conn_failed(c, v->result);
    } else {
        memcpy(c->nonce, v->nonce, sizeof(c->nonce));
        c->state = CONN_HANDING;
        c->hand_until_ms = clock_mono_ms() + HAND_MS;
        conn_hand_over(c);
    }
}

void gate_auth_lost(struct gate *g)
{
    source_drop(g, &g->auth, true);
    for (uint32_t i = 0; i < GATE_LOGINS_MAX; i++) {
        struct conn *c = g->login[i].conn;
        g->login[i].conn = NULL;
        if (c != NULL)
            conn_failed(c, ERR_UNAVAILABLE);
    }
}

void gate_on_auth(void *ctx, uint32_t events)
{
    struct gate *g = ctx;
    struct ipc_message m;
    struct handoff_verdict v;
    (void)events;
    for (int i = 0; i < GATE_ROUNDS_MAX; i++) {
        enum err e = ipc_receive(g->auth.fd, g->ipc_scratch, &m);
        if (e == ERR_MORE)
            return;
        if (e == ERR_UNAVAILABLE || e == ERR_IO) {
            gate_auth_lost(g);
            return;
        }
        if (e != ERR_OK)
            continue;
        ipc_message_close_fds(&m);
        if (m.type == HANDOFF_VERDICT && handoff_verdict_decode(m.payload, &v) == ERR_OK)
            on_verdict(g, &v);
        if (g->auth.fd < 0)
            return;
    }
}

static enum err send_session(struct conn *c, int fd)
{
    uint32_t place = given_add(&c->gate->givens, fd, c);
    struct handoff_session session = {
        .place = place,
        .flags = (c->ssl != NULL ? HANDOFF_TLS : 0U) | (c->peer.loopback ? HANDOFF_LOOPBACK : 0U),
        .tag = buf_slice(&c->pre->tag),
        .peer = slice_of_str(c->peer.text),
        .client_id = buf_slice(&c->pre->client_id),
        .input = buf_slice(&c->in),
    };
    struct buf b;
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    memcpy(session.nonce, c->nonce, sizeof(session.nonce));
    handoff_session_encode(&b, &session);
    enum err e = b.overflowed ? ERR_LIMIT
                              : ipc_send(c->gate->store.fd, HANDOFF_SESSION, buf_slice(&b), &fd, 1);
    buf_release(&b);
    if (e == ERR_OK)
        c->place = place;
    else
        given_remove(&c->gate->givens, place, c->gate->peers);
    return e;
}

static void become_relay(struct conn *c, int our_end)
{
    struct gate *g = c->gate;
    prelogin_release(c->pre);
    free(c->pre);
    c->pre = NULL;
    buf_release(&c->in);
    buf_release(&c->out);
    buf_init(&c->in, GATE_SCRATCH_OCTETS);
    buf_init(&c->out, GATE_SCRATCH_OCTETS);
    deadline_clear(&g->deadlines, &c->deadline);
    c->state = CONN_RELAY;
    c->store.fd = our_end;
    if (source_add(g, &c->store, EPOLLIN) != ERR_OK) {
        conn_destroy(c);
        return;
    }
    conn_relay(c, RELAY_UP); /* TLS may hold octets that came with the login */
}

static void handed(struct conn *c, int our_end)
{
    if (c->ssl != NULL) {
        become_relay(c, our_end);
        return;
    }
    if (c->place != GIVEN_NONE)
        given_left(&c->gate->givens, c->place, c->gate->peers, &c->peer);
    c->place = GIVEN_NONE;   /* it stays without us */
    c->client.shared = true; /* the store has its own descriptor */
    source_drop(c->gate, &c->client, true);
    conn_destroy(c);
}

static void not_handed(struct conn *c, enum err e)
{
    uint64_t now = clock_mono_ms();
    if (e == ERR_MORE && now < c->hand_until_ms)
        deadline_set(&c->gate->deadlines, &c->deadline, now + HAND_RETRY_MS);
    else
        conn_failed(c, ERR_UNAVAILABLE);
    if (c->state == CONN_HANDING)
        conn_rearm(c);
}

void conn_hand_over(struct conn *c)
{
    int pair[2] = {-1, -1};
    if (!conn_flush(c))
        return;
    if (c->out.n > 0) { /* answers to earlier commands go first */
        conn_rearm(c);
        if (clock_mono_ms() >= c->hand_until_ms)
            conn_destroy(c);
        else
            deadline_set(&c->gate->deadlines, &c->deadline, c->hand_until_ms);
        return;
    }
    if (c->gate->store.fd < 0) {
        conn_failed(c, ERR_UNAVAILABLE);
        return;
    }
    if (c->ssl != NULL &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
        log_warn("no socket pair for a session: errno %d", errno);
        conn_failed(c, ERR_UNAVAILABLE);
        return;
    }
    enum err e = send_session(c, c->ssl != NULL ? pair[1] : c->client.fd);
    fd_close_at(&pair[1]);
    if (e == ERR_OK) {
        handed(c, pair[0]);
        return;
    }
    fd_close_at(&pair[0]);
    not_handed(c, e);
}
