/* server/gate_process.c -- the gate as a process: the control channel feeds gate/gate.h. */
#include "base/log.h"
#include "base/mem.h"
#include "base/openssl.h"
#include "gate/gate.h"
#include "server/roles.h"
#include "server/sandbox.h"

struct gate_process {
    struct gate *gate;
    int control_fd;
    char *scratch;
};

static struct gate_config gate_config_of(const struct role_config *c)
{
    return (struct gate_config){
        .max_connections = c->max_connections,
        .max_connections_per_ip = c->max_connections_per_ip,
        .login_seconds = c->login_seconds,
    };
}

static void take_listeners(struct gate_process *p, const struct link_message *m)
{
    for (size_t i = 0; i < m->n_fds; i++) {
        int fd = m->fd[i];
        if (gate_add_listener(p->gate, fd, m->kind[i] == LISTEN_IMAPS) != ERR_OK) {
            log_error("a listening socket cannot be served");
            fd_close_at(&fd);
        }
    }
}

static void take_peer(struct gate_process *p, const struct link_message *m)
{
    int fd = m->fd[0];
    enum err e = ERR_SYNTAX;
    if (m->peer == ROLE_AUTH)
        e = gate_set_auth(p->gate, fd);
    else if (m->peer == ROLE_STORE)
        e = gate_set_store(p->gate, fd);
    if (e != ERR_OK)
        log_error("link to %s cannot be used: %s", role_name(m->peer), err_text(e));
}

static void obey(struct gate_process *p, const struct link_message *m)
{
    struct gate_config config;
    switch (m->type) {
    case LINK_CONFIG:
        config = gate_config_of(&m->config);
        gate_configure(p->gate, &config);
        return;
    case LINK_KEYS:
        if (gate_set_keys(p->gate, m->chain, m->key) == ERR_OK)
            log_info("keys loaded");
        return;
    case LINK_LISTEN:
        take_listeners(p, m);
        return;
    case LINK_PEER:
        take_peer(p, m);
        return;
    case LINK_STOP:
    case LINK_READY:
        gate_stop(p->gate);
        return;
    }
}

static void on_control(void *ctx)
{
    struct gate_process *p = ctx;
    struct link_message m;
    enum err e = link_receive(p->control_fd, p->scratch, &m);
    if (e == ERR_OK)
        obey(p, &m);
    else if (e != ERR_MORE && e != ERR_SYNTAX)
        gate_stop(p->gate);                       /* the supervisor is gone */
    mem_wipe(p->scratch, IPC_MESSAGE_OCTETS_MAX); /* it may have held the key */
}

int gate_process_main(int control_fd)
{
    struct gate_process p = {.control_fd = control_fd};
    struct role_config config;

    OPENSSL_init_ssl(0, NULL); /* reads its files now: there are none later */
    if (link_wait_config(control_fd, &config) != ERR_OK)
        return 1;
    if (sandbox_enter(ROLE_GATE, &config) != ERR_OK)
        return 1;
    struct gate_config gate_config = gate_config_of(&config);
    if (gate_new(&gate_config, &p.gate) != ERR_OK)
        return 1;
    p.scratch = mem_calloc(1, IPC_MESSAGE_OCTETS_MAX);
    if (gate_watch(p.gate, control_fd, on_control, &p) != ERR_OK)
        return 1;
    link_ready(control_fd);
    gate_run(p.gate);
    gate_free(&p.gate);
    free(p.scratch);
    return 0;
}
