/* server/auth_process.c -- auth as a process: requests from the gate, tickets to the store,
 * accounts through DATA/control/auth.sock. Hashing is on the verifier's threads; this loop never
 * waits for one.
 */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/control.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/openssl.h"
#include "server/listen.h"
#include "server/roles.h"
#include "server/sandbox.h"

enum {
    CLIENTS_MAX = 16,
    CLIENT_MS = 5000,
    HASH_THREADS = 2,
    REQUESTS_A_TURN = 64,
};

/* A connection to auth.sock whose line is not complete. */
struct client {
    int fd;
    uint64_t until_ms;
    size_t n;
    char line[AUTH_CONTROL_LINE_OCTETS_MAX];
};

struct auth_process {
    struct role_config config;
    struct user_db *db;
    struct verifier *verifier;
    int control_fd, gate_fd, store_fd, listen_fd; /* -1: none */
    bool stop;
    struct client client[CLIENTS_MAX];
    size_t n_clients;
    char scratch[IPC_MESSAGE_OCTETS_MAX];
};

static void replace_fd(int *slot, int fd)
{
    fd_close_at(slot);
    *slot = fd;
}

/* ---- supervisor -------------------------------------------------------------------------- */

static void take_fds(struct auth_process *p, const struct link_message *m)
{
    for (size_t i = 0; i < m->n_fds; i++) {
        if (m->type == LINK_LISTEN)
            replace_fd(&p->listen_fd, m->fd[i]);
        else
            replace_fd(m->peer == ROLE_GATE ? &p->gate_fd : &p->store_fd, m->fd[i]);
    }
    if (m->type == LINK_PEER && m->peer == ROLE_GATE)
        verifier_forget(p->verifier); /* verdicts are for the gate that asked */
}

static void on_control(struct auth_process *p)
{
    struct link_message m;
    enum err e = link_receive(p->control_fd, p->scratch, &m);
    if (e == ERR_MORE || e == ERR_SYNTAX)
        return;
    if (e != ERR_OK || m.type == LINK_STOP)
        p->stop = true;
    else if (m.type == LINK_LISTEN || m.type == LINK_PEER)
        take_fds(p, &m);
}

/* ---- logins ------------------------------------------------------------------------------ */

static void take_requests(struct auth_process *p)
{
    for (int i = 0; i < REQUESTS_A_TURN; i++) {
        struct ipc_message m;
        struct handoff_request r;
        enum err e = ipc_receive(p->gate_fd, p->scratch, &m);
        if (e == ERR_MORE)
            return;
        if (e == ERR_UNAVAILABLE || e == ERR_IO) {
            replace_fd(&p->gate_fd, -1);
            return;
        }
        if (e != ERR_OK)
            continue;
        ipc_message_close_fds(&m);
        if (m.type == HANDOFF_REQUEST && handoff_request_decode(m.payload, &r) == ERR_OK)
            verifier_submit(p->verifier, &r, clock_mono_ms());
        mem_wipe((char *)m.payload.p, m.payload.n);
    }
}

/* Name the account to the store, before the gate can know the nonce. */
static enum err send_ticket(struct auth_process *p, const struct verify_result *r,
                            struct handoff_verdict *v)
{
    struct handoff_ticket ticket = {.seconds = HANDOFF_TICKET_SECONDS,
                                    .account = auth_name_slice(&r->account)};
    struct buf b;
    if (p->store_fd < 0 ||
        getrandom(ticket.nonce, sizeof(ticket.nonce), 0) != (ssize_t)sizeof(ticket.nonce))
        return ERR_UNAVAILABLE;
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    handoff_ticket_encode(&b, &ticket);
    enum err e = ipc_send(p->store_fd, HANDOFF_TICKET, buf_slice(&b), NULL, 0);
    buf_release(&b);
    if (e != ERR_OK)
        return ERR_UNAVAILABLE;
    memcpy(v->nonce, ticket.nonce, sizeof(v->nonce));
    return ERR_OK;
}

static void log_verdict(const struct verify_result *r, enum err result)
{
    if (result == ERR_AUTHFAILED)
        log_warn("login failed account=%s peer=%s", LOG_S(auth_name_slice(&r->account)),
                 LOG_S(slice_of_str(r->peer)));
    else if (result != ERR_OK)
        log_warn("login not possible account=%s peer=%s: %s", LOG_S(auth_name_slice(&r->account)),
                 LOG_S(slice_of_str(r->peer)), err_text(result));
}

/* The gate reads quickly; wait a moment for it rather than lose a verdict. */
static void send_verdict(struct auth_process *p, const struct handoff_verdict *v)
{
    struct buf b;
    enum err e = ERR_MORE;
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    handoff_verdict_encode(&b, v);
    for (int i = 0; i < 10 && e == ERR_MORE && p->gate_fd >= 0; i++) {
        e = ipc_send(p->gate_fd, HANDOFF_VERDICT, buf_slice(&b), NULL, 0);
        struct pollfd writable = {.fd = p->gate_fd, .events = POLLOUT};
        if (e == ERR_MORE)
            poll(&writable, 1, 100);
    }
    buf_release(&b);
}

static void on_verified(struct auth_process *p)
{
    struct verify_result r;
    while (verifier_next(p->verifier, clock_mono_ms(), &r)) {
        struct handoff_verdict v = {.id = r.id, .result = r.result};
        if (v.result == ERR_OK)
            v.result = send_ticket(p, &r, &v);
        log_verdict(&r, v.result);
        send_verdict(p, &v);
    }
}

static void on_gate(struct auth_process *p)
{
    take_requests(p);
    on_verified(p);
}

/* ---- administration ---------------------------------------------------------------------- */

static void on_listen(struct auth_process *p)
{
    static const char *const no[] = {"NO permission denied\n",
                                     "NO too many ask at once, try again\n"};
    struct timeval patience = {.tv_sec = 5};
    int fd = accept4(p->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    bool allowed = listen_peer_allowed(fd, p->config.owner_uid);
    if (!allowed || p->n_clients == CLIENTS_MAX) {
        (void)!send(fd, no[allowed], strlen(no[allowed]), MSG_DONTWAIT | MSG_NOSIGNAL);
        close(fd);
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    p->client[p->n_clients++] = (struct client){.fd = fd, .until_ms = clock_mono_ms() + CLIENT_MS};
}

static void answer(struct auth_process *p, struct client *c, size_t n_line)
{
    struct buf out;
    buf_init(&out, AUTH_CONTROL_ANSWER_OCTETS_MAX);
    auth_control_run(p->db, slice_of(c->line, n_line), &out);
    while (out.n > 0) {
        struct slice s = buf_slice(&out);
        ssize_t n = send(c->fd, s.p, s.n, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        buf_consume(&out, (size_t)n);
    }
    buf_release(&out);
}

/* True when this client is done with. */
static bool on_client(struct auth_process *p, struct client *c)
{
    ssize_t n = recv(c->fd, c->line + c->n, sizeof(c->line) - c->n, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0)
        return true;
    c->n += (size_t)n;
    size_t end = slice_find(slice_of(c->line, c->n), '\n');
    if (end == c->n)
        return c->n == sizeof(c->line);
    answer(p, c, end);
    return true;
}

static void drop_client(struct auth_process *p, size_t i)
{
    mem_wipe(p->client[i].line, sizeof(p->client[i].line));
    close(p->client[i].fd);
    p->client[i] = p->client[--p->n_clients];
}

/* ---- the loop ---------------------------------------------------------------------------- */

static int wait_ms(struct auth_process *p)
{
    int ms = verifier_turn(p->verifier, clock_mono_ms());
    return p->n_clients > 0 && (ms < 0 || ms > 1000) ? 1000 : ms;
}

static void loop_once(struct auth_process *p)
{
    struct pollfd fds[5 + CLIENTS_MAX] = {
        {.fd = p->control_fd, .events = POLLIN}, {.fd = p->gate_fd, .events = POLLIN},
        {.fd = p->store_fd, .events = POLLIN},   {.fd = verifier_fd(p->verifier), .events = POLLIN},
        {.fd = p->listen_fd, .events = POLLIN},
    };
    size_t n_clients = p->n_clients;
    for (size_t i = 0; i < n_clients; i++)
        fds[5 + i] = (struct pollfd){.fd = p->client[i].fd, .events = POLLIN};
    if (poll(fds, 5 + n_clients, wait_ms(p)) < 0)
        return;
    for (size_t i = n_clients; i > 0; i--) {
        bool done = fds[5 + i - 1].revents != 0 && on_client(p, &p->client[i - 1]);
        if (done || clock_mono_ms() > p->client[i - 1].until_ms)
            drop_client(p, i - 1);
    }
    if (fds[4].revents != 0)
        on_listen(p);
    if (fds[3].revents != 0)
        on_verified(p);
    if (fds[2].revents != 0)
        replace_fd(&p->store_fd, -1); /* the store says nothing: this is its end */
    if (fds[1].revents != 0)
        on_gate(p);
    if (fds[0].revents != 0)
        on_control(p);
}

static enum err start(struct auth_process *p)
{
    char path[LINK_PATH_OCTETS_MAX + 16];
    unsigned char octet;
    TRY(link_wait_config(p->control_fd, &p->config));
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* the 19 MiB of a hash go back when it is done */
    OPENSSL_init_crypto(0, NULL);       /* reads its files now: there are none later */
    HMAC(EVP_sha256(), "", 0, (const unsigned char *)"", 0, NULL, NULL);
    if (RAND_bytes(&octet, 1) != 1)
        return ERR_UNAVAILABLE;
    TRY(sandbox_enter(ROLE_AUTH, &p->config));
    snprintf(path, sizeof(path), "%s/auth.db", p->config.data);
    TRY(user_db_open(path, &p->db));
    return verifier_new(p->db, HASH_THREADS, &p->verifier);
}

int auth_process_main(int control_fd)
{
    struct auth_process *p = mem_new(struct auth_process);
    p->control_fd = control_fd;
    p->gate_fd = p->store_fd = p->listen_fd = -1;
    enum err e = start(p);
    if (e != ERR_OK) {
        log_error("cannot start: %s", err_text(e));
        return 1;
    }
    link_ready(control_fd);
    while (!p->stop)
        loop_once(p);
    while (p->n_clients > 0)
        drop_client(p, p->n_clients - 1);
    verifier_free(&p->verifier);
    user_db_close(&p->db);
    free(p);
    return 0;
}
