/* gate/gate.c -- the loop, the listening sockets, and what the process around it sets. */
#include "gate/gate.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/conn.h"

enum {
    EVENTS_MAX = 256,
    STOP_MS = 5000,
    FULL_LOG_MS = 10000,
    GATE_TRIM_MS = 1000,
    RESERVED_FDS = 64, /* listeners, links, what the libraries hold */
};

static const struct source no_source = {.fd = -1};

/* As many connections as descriptors allow: a relayed session takes two. */
static uint32_t connections_possible(void)
{
    struct rlimit r = {0};
    getrlimit(RLIMIT_NOFILE, &r);
    rlim_t room = r.rlim_cur > RESERVED_FDS + 2 ? (r.rlim_cur - RESERVED_FDS) / 2 : 1;
    return room > UINT32_MAX ? UINT32_MAX : (uint32_t)room;
}

void gate_configure(struct gate *g, const struct gate_config *config)
{
    g->config = *config;
    g->connections_possible = connections_possible();
}

enum err gate_new(const struct gate_config *config, struct gate **out)
{
    struct gate *g = mem_new(struct gate);
    g->auth = g->store = g->watched = no_source;
    g->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    g->spare_fd = g->epoll_fd >= 0 ? dup(g->epoll_fd) : -1;
    g->peers = peer_table_new();
    g->login = mem_calloc(GATE_LOGINS_MAX, sizeof(struct login));
    g->scratch = mem_calloc(1, GATE_SCRATCH_OCTETS);
    g->tls_in.p = mem_calloc(1, TLS_SHARED_OCTETS);
    g->tls_out.p = mem_calloc(1, TLS_SHARED_OCTETS);
    g->ipc_scratch = mem_calloc(1, IPC_MESSAGE_OCTETS_MAX);
    gate_configure(g, config);
    if (g->spare_fd < 0) {
        gate_free(&g);
        return ERR_IO;
    }
    *out = g;
    return ERR_OK;
}

static void free_gone(struct gate *g)
{
    while (g->gone != NULL) {
        struct conn *c = g->gone;
        g->gone = c->next;
        free(c);
    }
}

void gate_free(struct gate **gp)
{
    struct gate *g = *gp;
    if (g == NULL)
        return;
    while (g->conns != NULL)
        conn_destroy(g->conns);
    free_gone(g);
    for (size_t i = 0; i < g->n_listeners; i++)
        source_drop(g, &g->listener[i].source, true);
    source_drop(g, &g->auth, true);
    source_drop(g, &g->store, true);
    SSL_CTX_free(g->tls);
    deadlines_release(&g->deadlines);
    given_release(&g->givens);
    peer_table_free(&g->peers);
    fd_close_at(&g->spare_fd);
    fd_close_at(&g->epoll_fd);
    free(g->login);
    free(g->tls_in.p);
    free(g->tls_out.p);
    free(g->scratch);
    free(g->ipc_scratch);
    free(g);
    *gp = NULL;
}

enum err gate_set_keys(struct gate *g, struct slice chain, struct slice key)
{
    SSL_CTX *made;
    TRY(tls_context_new(chain, key, &made));
    SSL_CTX_free(g->tls);
    g->tls = made;
    return ERR_OK;
}

/* Whether one more may come from there; says so in the log, but not for every one. */
static bool admit(struct gate *g, const struct peer *peer)
{
    /* A plaintext session counts as well, though it costs us no descriptor. */
    if (g->n_conns >= g->connections_possible ||
        (g->config.max_connections > 0 &&
         g->n_conns + g->givens.n_plain >= g->config.max_connections)) {
        uint64_t now = clock_mono_ms();
        if (now - g->full_logged_ms > FULL_LOG_MS) {
            log_warn("connection refused: all %u are in use peer=%s",
                     g->n_conns + g->givens.n_plain, peer->text);
            g->full_logged_ms = now;
        }
        return false;
    }
    if (peer->loopback || g->config.max_connections_per_ip == 0)
        return true;
    uint32_t n = peer_table_add(g->peers, peer->network);
    peer_table_remove(g->peers, peer->network);
    return n <= g->config.max_connections_per_ip;
}

static void welcome(struct gate *g, int fd, const struct sockaddr_storage *from, bool tls)
{
    static const char full[] = "* BYE Too many connections\r\n";
    struct peer peer;
    peer_of(from, &peer);
    if (admit(g, &peer)) {
        conn_new(g, fd, tls, &peer);
        return;
    }
    if (!tls) {
        ssize_t n = send(fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)n;
    }
    close(fd);
}

/* No descriptor is left: give up the spare one to take a connection and close it, or epoll would
 * announce it for ever. */
static void turn_away(struct gate *g, int listener)
{
    fd_close_at(&g->spare_fd);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    fd_close_at(&fd);
    g->spare_fd = dup(g->epoll_fd);
}

/* One at a time: epoll tells again when more wait, and tells of everybody else meanwhile. To look
 * whether there is another costs the kernel most of what a connection costs. */
static void on_listener(void *ctx, uint32_t events)
{
    struct listener *l = ctx;
    struct sockaddr_storage from = {0};
    socklen_t n = sizeof(from);
    int fd = accept4(l->source.fd, (struct sockaddr *)&from, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
    (void)events;
    if (fd >= 0)
        welcome(l->gate, fd, &from, l->tls);
    else if (errno == EMFILE || errno == ENFILE)
        turn_away(l->gate, l->source.fd);
}

enum err gate_add_listener(struct gate *g, int fd, bool tls)
{
    if (g->n_listeners == sizeof(g->listener) / sizeof(g->listener[0]))
        return ERR_LIMIT;
    struct listener *l = &g->listener[g->n_listeners];
    *l = (struct listener){
        .gate = g,
        .source = {.ready = on_listener, .ctx = l, .fd = fd, .shared = true},
        .tls = tls,
    };
    TRY(source_add(g, &l->source, EPOLLIN));
    g->n_listeners++;
    return ERR_OK;
}

enum err gate_set_auth(struct gate *g, int fd)
{
    if (g->auth.fd >= 0)
        gate_on_auth(g, 0); /* verdicts that are there already count */
    gate_auth_lost(g);
    g->auth = (struct source){.ready = gate_on_auth, .ctx = g, .fd = fd, .shared = true};
    return source_add(g, &g->auth, EPOLLIN);
}

enum err gate_set_store(struct gate *g, int fd)
{
    gate_store_lost(g);
    g->store = (struct source){.ready = gate_on_store, .ctx = g, .fd = fd, .shared = true};
    return source_add(g, &g->store, EPOLLIN);
}

static void on_watched(void *ctx, uint32_t events)
{
    struct gate *g = ctx;
    (void)events;
    g->watched_ready(g->watched_ctx);
}

enum err gate_watch(struct gate *g, int fd, void (*ready)(void *ctx), void *ctx)
{
    g->watched_ready = ready;
    g->watched_ctx = ctx;
    g->watched = (struct source){.ready = on_watched, .ctx = g, .fd = fd, .shared = true};
    return source_add(g, &g->watched, EPOLLIN);
}

void gate_stop(struct gate *g)
{
    if (g->stopping)
        return;
    g->stopping = true;
    g->stop_until_ms = clock_mono_ms() + STOP_MS;
    for (size_t i = 0; i < g->n_listeners; i++)
        source_drop(g, &g->listener[i].source, true);
    for (struct conn *c = g->conns, *next; c != NULL; c = next) {
        next = c->next;
        if (c->pre == NULL)
            continue; /* the store says good-bye to its sessions */
        if (c->state == CONN_HANDSHAKE) {
            conn_destroy(c);
        } else if (c->state != CONN_CLOSING && c->state != CONN_LINGER) {
            prelogin_bye(c->pre, "Server is shutting down", &c->out);
            conn_closing(c);
        }
    }
}

static struct conn *conn_of_deadline(struct deadline *d)
{
    return (struct conn *)((char *)d - offsetof(struct conn, deadline));
}

static bool finished(const struct gate *g)
{
    return g->stopping && (g->conns == NULL || clock_mono_ms() >= g->stop_until_ms);
}

/* Logins and handshakes leave holes in the heap: give the pages back some time after connections
 * came or went, so that what stays costs no more than it holds. */
static void trim_heap(struct gate *g)
{
    uint64_t now_ms = clock_mono_ms();

    if (g->trim_ms == 0 && g->n_conns != g->trimmed_conns)
        g->trim_ms = now_ms + GATE_TRIM_MS;
    if (g->trim_ms == 0 || now_ms < g->trim_ms)
        return;
    malloc_trim(0);
    g->trimmed_conns = g->n_conns;
    g->trim_ms = 0;
}

/* While stopping, look up often enough to notice the end of the patience. */
static int wait_ms(const struct gate *g)
{
    int ms = deadline_wait_ms(&g->deadlines, clock_mono_ms());

    if (g->trim_ms != 0 && (ms < 0 || ms > GATE_TRIM_MS))
        ms = GATE_TRIM_MS;
    return g->stopping && (ms < 0 || ms > 100) ? 100 : ms;
}

void gate_run(struct gate *g)
{
    struct epoll_event event[EVENTS_MAX];
    while (!finished(g)) {
        int n = epoll_wait(g->epoll_fd, event, EVENTS_MAX, wait_ms(g));
        for (int i = 0; i < n; i++) {
            struct source *s = event[i].data.ptr;
            if (s->fd >= 0)
                s->ready(s->ctx, event[i].events);
            conn_tls_settle(g);
        }
        struct deadline *due;
        while ((due = deadline_take_due(&g->deadlines, clock_mono_ms())) != NULL) {
            conn_due(conn_of_deadline(due));
            conn_tls_settle(g);
        }
        free_gone(g);
        trim_heap(g);
    }
}
