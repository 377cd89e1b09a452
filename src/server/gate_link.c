/* server/gate_link.c -- see gate_link.h; the messages are auth/handoff.h's. */
#include "server/gate_link.h"

#include <poll.h>
#include <unistd.h>

#include "auth/handoff.h"
#include "base/ipc.h"
#include "base/log.h"

enum { PATIENCE_TRIES = 20, PATIENCE_MS = 50 };

void gate_link_init(struct gate_link *l)
{
    *l = (struct gate_link){.fd = -1};
    pthread_mutex_init(&l->lock, NULL);
}

void gate_link_replace(struct gate_link *l, int fd)
{
    pthread_mutex_lock(&l->lock);
    if (l->fd >= 0)
        close(l->fd);
    l->fd = fd;
    l->generation += fd >= 0;
    l->told_busy = false;
    pthread_mutex_unlock(&l->lock);
}

/* Send, waiting a little when the gate is busy. */
static enum err send_patiently(int link, uint16_t type, struct slice payload, const int *fds,
                               size_t n_fds)
{
    enum err e = ipc_send(link, type, payload, fds, n_fds);

    for (int i = 0; e == ERR_MORE && i < PATIENCE_TRIES; i++) {
        struct pollfd p = {.fd = link, .events = POLLOUT};

        (void)!poll(&p, 1, PATIENCE_MS);
        e = ipc_send(link, type, payload, fds, n_fds);
    }
    return e;
}

static enum err tell(struct gate_link *l, enum handoff_type type, const struct gate_origin *from,
                     const int *fd, struct slice input)
{
    struct handoff_return m = {.place = from->place, .input = input};
    enum err e = ERR_UNAVAILABLE;
    struct buf b;

    if (input.n > HANDOFF_INPUT_OCTETS_MAX)
        return ERR_LIMIT;
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    handoff_return_encode(&b, &m);
    pthread_mutex_lock(&l->lock);
    if (l->fd >= 0 && l->generation == from->generation)
        e = send_patiently(l->fd, (uint16_t)type, buf_slice(&b), fd, fd != NULL);
    pthread_mutex_unlock(&l->lock);
    buf_release(&b);
    return e;
}

enum err gate_link_return(struct gate_link *l, const struct gate_origin *from, int fd,
                          struct slice input)
{
    return tell(l, HANDOFF_RETURN, from, &fd, input);
}

void gate_link_gone(struct gate_link *l, const struct gate_origin *from)
{
    enum err e;

    if (from->generation == 0 || !from->plain)
        return;
    e = tell(l, HANDOFF_GONE, from, NULL, SLICE(""));
    if (e != ERR_OK && e != ERR_UNAVAILABLE)
        log_warn("the gate was not told of the end of a session: %s", err_text(e));
}

void gate_link_load(struct gate_link *l, bool busy)
{
    pthread_mutex_lock(&l->lock);
    if (l->fd >= 0 && l->told_busy != busy &&
        ipc_send(l->fd, HANDOFF_LOAD, busy ? SLICE("1") : SLICE("0"), NULL, 0) == ERR_OK)
        l->told_busy = busy;
    pthread_mutex_unlock(&l->lock);
}
