/* server/store_process.c -- the store process: its links to the others, and what comes over them.
 *
 *     supervisor   STOP, and new ends of the links below when a peer was restarted
 *     auth         tickets: this nonce may open that account
 *     gate         handoffs: a logged-in connection and its nonce; and back (gate_link.h)
 *     store.sock   local administration, one line a connection:
 *                      ROOST1 imap ACCOUNT     from here on an IMAP session (PREAUTH)
 *                      ROOST1 create ACCOUNT   make the account's database
 *                      ROOST1 remove ACCOUNT   end its sessions, move its mail aside
 *                  answered "OK" or "NO reason" (imap: the greeting instead of OK)
 *
 * Sessions run on the runtime's workers, and the worker that takes a handoff runs its session at
 * once. The rest is for this process's own thread. It leaves tickets in their socket while handoffs
 * come, each of which takes those it needs: so a login wakes one thread, once.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/handoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/charset.h"
#include "server/links.h"
#include "server/listen.h"
#include "server/roles.h"
#include "server/runtime.h"
#include "server/sandbox.h"
#include "server/tickets.h"

enum {
    CONTROL_CLIENTS_MAX = 64,
    CONTROL_LINE_OCTETS_MAX = 512,
    CONTROL_LINE_MS = 5000, /* to send the first line */
    TICKETS_MS = 1000,      /* without a handoff: then tickets are taken out of their socket */
};

/* A connection to store.sock whose first line is not complete. */
struct control_client {
    int fd;
    uint64_t deadline_ms;
    size_t n;
    char line[CONTROL_LINE_OCTETS_MAX];
};

struct store_process {
    struct role_config config;
    struct runtime *runtime;
    int control_fd, listen_fd; /* -1: none */
    bool stop;                 /* changed under the lock */
    pthread_mutex_t lock;      /* of what handoffs need: */
    struct tickets tickets;
    int auth_fd; /* -1: none; only this process's own thread changes it */
    struct gate_link gate;
    bool gate_known, gate_armed; /* to the runtime: has been watched, is watched */
    uint64_t handoff_ms;         /* when the last one came */
    struct control_client client[CONTROL_CLIENTS_MAX];
    size_t n_clients;
    char scratch[IPC_MESSAGE_OCTETS_MAX];
    char gate_scratch[IPC_MESSAGE_OCTETS_MAX], auth_scratch[IPC_MESSAGE_OCTETS_MAX]; /* lock */
};

static void replace_fd(int *fd, int with)
{
    if (*fd >= 0)
        close(*fd);
    *fd = with;
}

/* ---- the supervisor ------------------------------------------------------------------------- */

static bool takes_handoffs(const struct store_process *p)
{
    return !p->stop && p->gate.fd >= 0 && p->auth_fd >= 0;
}

/* Have a worker called for the next handoff, unless one is: without the link to auth nobody could
 * say whose session it is, and it waits in its socket. The lock is held. */
static void arm_gate(struct store_process *p)
{
    if (!takes_handoffs(p) || p->gate_armed)
        return;
    runtime_watch(p->runtime, p->gate.fd, p->gate_known);
    p->gate_known = p->gate_armed = true;
}

static void take_fds(struct store_process *p, struct link_message *m)
{
    for (size_t i = 0; i < m->n_fds; i++) {
        if (m->type == LINK_LISTEN && m->kind[i] == LISTEN_CONTROL) {
            replace_fd(&p->listen_fd, m->fd[i]);
        } else if (m->type == LINK_PEER && m->peer == ROLE_AUTH) {
            replace_fd(&p->auth_fd, m->fd[i]);
        } else if (m->type == LINK_PEER && m->peer == ROLE_GATE) {
            gate_link_replace(&p->gate, m->fd[i]);
            p->gate_known = p->gate_armed = false;
        } else {
            close(m->fd[i]);
        }
    }
    arm_gate(p);
}

static void on_control(struct store_process *p)
{
    struct link_message m = {0};
    enum err e = link_receive(p->control_fd, p->scratch, &m);

    if (e == ERR_MORE || e == ERR_SYNTAX)
        return;
    pthread_mutex_lock(&p->lock);
    if (e != ERR_OK || m.type == LINK_STOP)
        p->stop = true;
    else
        take_fds(p, &m);
    pthread_mutex_unlock(&p->lock);
}

/* ---- logins --------------------------------------------------------------------------------- */

/* The next ticket in the socket; it borrows from auth_scratch. ERR_MORE: there is none;
 * ERR_UNAVAILABLE: and there will be none. The lock is held, here and below. */
static enum err next_ticket(struct store_process *p, struct handoff_ticket *out)
{
    for (;;) {
        struct ipc_message m;
        enum err e =
            p->auth_fd >= 0 ? ipc_receive(p->auth_fd, p->auth_scratch, &m) : ERR_UNAVAILABLE;

        if (e == ERR_SYNTAX)
            continue;
        if (e != ERR_OK)
            return e == ERR_MORE ? e : ERR_UNAVAILABLE;
        ipc_message_close_fds(&m);
        if (m.type == HANDOFF_TICKET && handoff_ticket_decode(m.payload, out) == ERR_OK)
            return ERR_OK;
    }
}

/* Put all tickets that wait into the table. */
static void on_auth(struct store_process *p)
{
    struct handoff_ticket ticket;
    enum err e;

    pthread_mutex_lock(&p->lock);
    while ((e = next_ticket(p, &ticket)) == ERR_OK)
        tickets_add(&p->tickets, &ticket);
    if (e != ERR_MORE)
        replace_fd(&p->auth_fd, -1);
    pthread_mutex_unlock(&p->lock);
}

/* The account for which auth has made this nonce; false: none. Its ticket was sent before the gate
 * could know the nonce, so it is here, and most often still in the socket. */
static bool find_account(struct store_process *p, const uint8_t nonce[HANDOFF_NONCE_OCTETS],
                         char account[HANDOFF_NAME_OCTETS_MAX + 1])
{
    struct handoff_ticket ticket;

    while (next_ticket(p, &ticket) == ERR_OK) {
        if (tickets_match(&ticket, nonce)) {
            memcpy(account, ticket.account.p, ticket.account.n);
            account[ticket.account.n] = '\0';
            return true;
        }
        tickets_add(&p->tickets, &ticket);
    }
    return tickets_take(&p->tickets, nonce, account);
}

/* The ticket went to a store that has died since, or is too old: the client shall not wait. */
static void refuse_session(struct store_process *p, int fd, const struct handoff_session *h,
                           const struct gate_origin *from)
{
    struct buf out;
    buf_init(&out, HANDOFF_TAG_OCTETS_MAX + 200);
    buf_add_slice(&out, h->tag);
    buf_addf(&out, " %s\r\n* BYE Try again\r\n", err_wire(ERR_UNAVAILABLE));
    log_warn("handoff without a ticket peer=%s", LOG_S(h->peer));
    (void)!send(fd, buf_slice(&out).p, out.n, MSG_DONTWAIT | MSG_NOSIGNAL);
    buf_release(&out);
    close(fd);
    gate_link_gone(&p->gate, from);
}

static void begin_session(struct store_process *p, int fd, const struct handoff_session *h)
{
    char account[HANDOFF_NAME_OCTETS_MAX + 1];
    struct gate_origin from = {.generation = p->gate.generation,
                               .place = h->place,
                               .plain = (h->flags & HANDOFF_TLS) == 0};

    if (!find_account(p, h->nonce, account)) {
        refuse_session(p, fd, h, &from);
        return;
    }
    log_info("login account=%s peer=%s tls=%d client=\"%s\"", account, LOG_S(h->peer),
             (h->flags & HANDOFF_TLS) != 0, LOG_S(h->client_id));
    runtime_attach(p->runtime, &(struct runtime_session){.fd = fd,
                                                         .account = slice_of_str(account),
                                                         .tag = h->tag,
                                                         .input = h->input,
                                                         .from = from,
                                                         .by_worker = true});
}

/* One message of the gate. */
static void take_handoff(struct store_process *p)
{
    struct ipc_message m;
    struct handoff_session h;
    enum err e = ipc_receive(p->gate.fd, p->gate_scratch, &m);

    if (e == ERR_MORE || e == ERR_SYNTAX)
        return;
    if (e != ERR_OK) {
        gate_link_replace(&p->gate, -1);
        return;
    }
    if (m.type == HANDOFF_SESSION && m.n_fds == 1 &&
        handoff_session_decode(m.payload, &h) == ERR_OK && h.tag.n > 0) {
        int fd = m.fd[0];

        m.fd[0] = -1;
        begin_session(p, fd, &h);
    }
    ipc_message_close_fds(&m);
}

/* By a worker. */
static void on_gate(void *process)
{
    struct store_process *p = process;

    pthread_mutex_lock(&p->lock);
    p->gate_armed = false;
    if (takes_handoffs(p)) {
        p->handoff_ms = clock_mono_ms();
        take_handoff(p);
    }
    arm_gate(p);
    pthread_mutex_unlock(&p->lock);
}

/* ---- local administration ------------------------------------------------------------------- */

static void answer(int fd, enum err e)
{
    char line[200];
    int n = e == ERR_OK ? snprintf(line, sizeof(line), "OK\n")
                        : snprintf(line, sizeof(line), "NO %s %s\n", err_name(e), err_text(e));

    (void)!send(fd, line, (size_t)n, MSG_NOSIGNAL);
}

static void on_listen(struct store_process *p)
{
    int fd = accept4(p->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    if (!listen_peer_allowed(fd, p->config.owner_uid) || p->n_clients == CONTROL_CLIENTS_MAX) {
        answer(fd, p->n_clients == CONTROL_CLIENTS_MAX ? ERR_LIMIT : ERR_NOPERM);
        close(fd);
        return;
    }
    p->client[p->n_clients++] =
        (struct control_client){.fd = fd, .deadline_ms = clock_mono_ms() + CONTROL_LINE_MS};
}

static enum err remove_account(struct store_process *p, struct slice name)
{
    if (!runtime_evict(p->runtime, name))
        return ERR_INUSE;
    return account_remove(p->config.data, name);
}

/* One whole line; takes the descriptor. */
static void run_control_line(struct store_process *p, int fd, struct slice line, struct slice rest)
{
    struct slice name;

    if (slice_starts(line, SLICE("ROOST1 imap "))) {
        name = slice_sub(line, 12, line.n);
        if (account_name_valid(name) && account_exists(p->config.data, name)) {
            runtime_attach(p->runtime,
                           &(struct runtime_session){.fd = fd, .account = name, .input = rest});
            return;
        }
        answer(fd, account_name_valid(name) ? ERR_NOTFOUND : ERR_SYNTAX);
    } else if (slice_starts(line, SLICE("ROOST1 create "))) {
        answer(fd, account_create(p->config.data, slice_sub(line, 14, line.n)));
    } else if (slice_starts(line, SLICE("ROOST1 remove "))) {
        answer(fd, remove_account(p, slice_sub(line, 14, line.n)));
    } else {
        answer(fd, ERR_SYNTAX);
    }
    close(fd);
}

/* Returns whether this client is done with (its slot is free). */
static bool on_client(struct store_process *p, struct control_client *c)
{
    ssize_t n = recv(c->fd, c->line + c->n, sizeof(c->line) - c->n, MSG_DONTWAIT);
    struct slice have;
    size_t end;

    if (n <= 0) {
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return false;
        close(c->fd);
        return true;
    }
    c->n += (size_t)n;
    have = slice_of(c->line, c->n);
    end = slice_find(have, '\n');
    if (end == have.n && c->n < sizeof(c->line))
        return false;
    if (end == have.n) {
        answer(c->fd, ERR_SYNTAX);
        close(c->fd);
    } else {
        run_control_line(p, c->fd, slice_sub(have, 0, end), slice_sub(have, end + 1, have.n));
    }
    return true;
}

static void drop_client(struct store_process *p, size_t i)
{
    p->client[i] = p->client[--p->n_clients];
}

static void expire_clients(struct store_process *p)
{
    uint64_t now_ms = clock_mono_ms();

    for (size_t i = p->n_clients; i > 0; i--) {
        if (now_ms > p->client[i - 1].deadline_ms) {
            close(p->client[i - 1].fd);
            drop_client(p, i - 1);
        }
    }
}

/* ---- the loop ------------------------------------------------------------------------------- */

/* Whether tickets may lie where they are: handoffs come, and take them. */
static bool tickets_rest(struct store_process *p)
{
    bool rest;

    pthread_mutex_lock(&p->lock);
    rest = p->handoff_ms > 0 && clock_mono_ms() - p->handoff_ms < TICKETS_MS;
    pthread_mutex_unlock(&p->lock);
    return rest;
}

static void loop_once(struct store_process *p)
{
    bool rest = tickets_rest(p);
    struct pollfd fds[3 + CONTROL_CLIENTS_MAX] = {
        {.fd = p->control_fd, .events = POLLIN},
        {.fd = p->auth_fd, .events = rest ? 0 : POLLIN},
        {.fd = p->listen_fd, .events = POLLIN},
    };
    size_t n_clients = p->n_clients;

    for (size_t i = 0; i < n_clients; i++)
        fds[3 + i] = (struct pollfd){.fd = p->client[i].fd, .events = POLLIN};
    if (poll(fds, 3 + n_clients, n_clients > 0 || rest ? 1000 : -1) < 0)
        return;
    for (size_t i = n_clients; i > 0; i--) {
        if (fds[3 + i - 1].revents != 0 && on_client(p, &p->client[i - 1]))
            drop_client(p, i - 1);
    }
    expire_clients(p);
    if (fds[2].revents != 0)
        on_listen(p);
    if (fds[1].revents != 0)
        on_auth(p);
    if (fds[0].revents != 0)
        on_control(p);
}

int store_process_main(int control_fd)
{
    struct store_process *p = mem_new(struct store_process);
    struct runtime_config config = {0};

    p->control_fd = control_fd;
    p->auth_fd = p->listen_fd = -1;
    gate_link_init(&p->gate);
    pthread_mutex_init(&p->lock, NULL);
    if (link_wait_config(control_fd, &p->config) != ERR_OK)
        return 1;
    charset_preload();
    if (sandbox_enter(ROLE_STORE, &p->config) != ERR_OK)
        return 1;
    config.root = p->config.data;
    config.gate = &p->gate;
    config.watched = on_gate;
    config.watched_context = p;
    config.imap = p->config.imap;
    config.workers = p->config.workers;
    config.memory_octets = p->config.memory_octets;
    config.session_timeout_s = p->config.idle_seconds;
    if (runtime_start(&config, &p->runtime) != ERR_OK)
        return 1;
    link_ready(control_fd);
    while (!p->stop)
        loop_once(p);
    runtime_stop(&p->runtime);
    tickets_release(&p->tickets);
    free(p);
    return 0;
}
