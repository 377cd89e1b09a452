/* server/session_io.c -- the socket of a session: read, flush, ask epoll for the next event.
 *
 * Buffers are given back as soon as they are empty, so an idle session holds none.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/slab.h"
#include "server/actor.h"

void session_read(struct session *s)
{
    struct buf *in = imap_session_in(s->imap);
    char octets[ACTOR_READ_OCTETS];

    while (!s->hungup && in->n < IMAP_INPUT_OCTETS_MAX) {
        size_t want = IMAP_INPUT_OCTETS_MAX - in->n;
        ssize_t n;

        want = want < sizeof(octets) ? want : sizeof(octets);
        n = recv(s->fd, octets, want, MSG_DONTWAIT);
        if (n > 0) {
            buf_add(in, octets, (size_t)n);
            atomic_store_explicit(&s->active_s, runtime_now_s(), memory_order_relaxed);
            if ((size_t)n < want)
                break;
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0) /* it may still read */
            s->hungup = true;
        else if (errno != EAGAIN && errno != EWOULDBLOCK)
            s->hungup = s->broken = true;
        break;
    }
}

bool session_flush(struct session *s)
{
    struct buf *out = imap_session_out(s->imap);

    while (out->n > 0) {
        struct slice left = buf_slice(out);
        ssize_t n = send(s->fd, left.p, left.n, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n > 0) {
            buf_consume(out, (size_t)n);
            atomic_store_explicit(&s->active_s, runtime_now_s(), memory_order_relaxed);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
    buf_release(out);
    return true;
}

void session_arm(struct session *s)
{
    struct epoll_event event = {.events = EPOLLONESHOT,
                                .data.u64 = (uint64_t)s->generation << 32 | s->slot};

    if (imap_session_out(s->imap)->n > 0)
        event.events |= EPOLLOUT;
    if (s->wants_input && !s->closing) /* nobody would take it: the event would come for ever */
        event.events |= EPOLLIN | EPOLLRDHUP;
    epoll_ctl(s->actor->runtime->epoll_fd, s->polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, s->fd,
              &event);
    s->polled = true;
}

bool session_end(struct session **sp)
{
    struct session *s = *sp;

    if (!runtime_session_remove(s->actor->runtime, s)) {
        s->closing = s->broken = true;
        return false;
    }
    *s->link = s->next;
    if (s->next != NULL)
        s->next->link = s->link;
    imap_session_free(&s->imap);
    close(s->fd);
    slab_free(s, sizeof(*s));
    *sp = NULL;
    return true;
}
