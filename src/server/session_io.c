/* server/session_io.c -- the socket of a session: read, flush, ask epoll for the next event. Where
 * COMPRESS is active, server/compression.h stands in between.
 *
 * Buffers are given back as soon as they are empty, so an idle session holds none.
 */
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/handoff.h"
#include "base/log.h"
#include "base/slab.h"
#include "server/actor.h"

enum { SPARE_OCTETS_MAX = 512 * 1024 };

/* The memory of an output that was sent, for the next one this worker makes: a buffer grows by
 * doubling, and pages new to the process cost more than what is written to them. A worker that
 * falls asleep has none, so there are about as many as processors. */
static _Thread_local struct buf spare;

static void take_spare(struct buf *out)
{
    if (out->p != NULL)
        return;
    out->p = spare.p;
    out->cap = spare.cap;
    spare = (struct buf){0};
}

static void keep_spare(struct buf *out)
{
    if (out->cap > spare.cap && out->cap <= SPARE_OCTETS_MAX) {
        buf_release(&spare);
        spare = (struct buf){.p = out->p, .cap = out->cap};
        buf_init(out, out->max_octets);
    } else {
        buf_release(out);
    }
}

/* What could not be sent waits in memory of its own size. */
static void shrink(struct buf *out)
{
    struct buf left;

    if (out->n > out->cap / 4)
        return;
    buf_init(&left, out->max_octets);
    buf_add_slice(&left, buf_slice(out));
    keep_spare(out);
    *out = left;
}

void session_spare_release(void)
{
    buf_release(&spare);
}

/* ---- how much the kernel takes --------------------------------------------------------------- */

/* Octets of a socket's send buffer that are free; of what fills it TCP counts what is queued, a
 * Unix socket what is allocated. */
static size_t kernel_room(int fd)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t n = sizeof(info);
    uint32_t held;

    (void)getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &n); /* fails: none that we know of */
    held = info[SK_MEMINFO_WMEM_QUEUED];
    held = held > info[SK_MEMINFO_WMEM_ALLOC] ? held : info[SK_MEMINFO_WMEM_ALLOC];
    return info[SK_MEMINFO_SNDBUF] > held ? info[SK_MEMINFO_SNDBUF] - held : 0;
}

/* Make the next piece fit, so that what a slow reader has not taken is not made yet. Where that
 * would be a small piece, epoll tells when a good part of the buffer is free. */
static void find_room(struct session *s)
{
    size_t room = kernel_room(s->fd);

    imap_session_room(s->imap, room);
    s->crowded = room < IMAP_PIECE_OCTETS_MOST;
}

/* ---- octets ---------------------------------------------------------------------------------- */

/* Read what is there behind what `in` holds, up to octets_max. A read that came short has emptied
 * the socket, but for the end of the stream. */
static void receive(struct session *s, struct buf *in, size_t octets_max)
{
    char octets[ACTOR_READ_OCTETS];

    s->drained = false;
    while (!s->hungup && in->n < octets_max) {
        size_t want = octets_max - in->n;
        ssize_t n;

        want = want < sizeof(octets) ? want : sizeof(octets);
        n = recv(s->fd, octets, want, MSG_DONTWAIT);
        if (n > 0) {
            buf_add(in, octets, (size_t)n);
            atomic_store_explicit(&s->active_s, runtime_now_s(), memory_order_relaxed);
            s->drained = (size_t)n < want;
            if (s->drained && !atomic_load(&s->ends))
                break;
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0) /* it may still read */
            s->hungup = true;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            s->drained = true;
        else
            s->hungup = s->broken = true;
        break;
    }
}

bool session_read(struct session *s)
{
    struct buf *in = imap_session_in(s->imap);

    take_spare(imap_session_out(s->imap)); /* what is read will be answered */
    if (s->crowded)
        find_room(s);
    if (s->z == NULL) {
        receive(s, in, IMAP_INPUT_OCTETS_MAX);
        return true;
    }
    receive(s, &s->z->raw, COMPRESSION_RAW_OCTETS_MAX);
    if (compression_read(s->z, in, IMAP_INPUT_OCTETS_MAX) != ERR_OK)
        return false;
    s->hungup |= s->z->ended;
    return true;
}

bool session_has_input(const struct session *s)
{
    return s->z != NULL && compression_has_input(s->z) &&
           imap_session_in(s->imap)->n < IMAP_INPUT_OCTETS_MAX;
}

/* A client that was told "+" often sends its literal and the end of the line in two writes, the
 * second when the first has been acknowledged (RFC 896): not 40 ms later, for want of an answer
 * that could carry it. Fails where the descriptor is not TCP, and nothing is lost.
 */
static void acknowledge_at_once(int fd)
{
    const int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/* Send what stands in `out`. Returns false when the connection is broken. */
static bool transmit(struct session *s, struct buf *out)
{
    bool invites = out->n > 0 && buf_slice(out).p[0] == '+';

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
        shrink(out);
        return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
    if (invites)
        acknowledge_at_once(s->fd);
    keep_spare(out);
    return true;
}

static bool flush_compressed(struct session *s)
{
    struct buf *out = imap_session_out(s->imap);

    do {
        compression_write(s->z, out);
        if (!transmit(s, &s->z->wire))
            return false;
    } while (s->z->wire.n == 0 && out->n > 0);
    if (out->n == 0)
        keep_spare(out);
    return true;
}

bool session_flush(struct session *s)
{
    bool full = session_unsent(s) > imap_session_high(s->imap), sent;

    sent = s->z != NULL ? flush_compressed(s) : transmit(s, imap_session_out(s->imap));
    if (full || session_unsent(s) > 0)
        find_room(s);
    return sent;
}

size_t session_unsent(const struct session *s)
{
    return imap_session_out(s->imap)->n + (s->z != NULL ? s->z->wire.n : 0);
}

void session_compress(struct session *s)
{
    s->z = compression_new(imap_session_in(s->imap), imap_session_out(s->imap));
    s->z->more = s->z->raw.n > 0;
    s->again |= s->z->more;
}

void session_leave(struct session *s)
{
    struct buf *in = imap_session_in(s->imap), *out = imap_session_out(s->imap);

    s->closing = true;
    if (s->z != NULL)
        compression_end(s->z, in, out);
    s->leaves = in->n <= HANDOFF_INPUT_OCTETS_MAX;
    if (!s->leaves) {
        buf_add_str(s->z != NULL ? &s->z->wire : out, "* BYE [LIMIT] Too much at once\r\n");
        log_warn("a client sent too much behind UNAUTHENTICATE");
    }
}

/* What becomes of its connection. */
static void hand_back(struct session *s)
{
    struct runtime *r = s->actor->runtime;
    enum err e = ERR_UNAVAILABLE;

    if (s->leaves && !s->broken && session_unsent(s) == 0) {
        if (s->polled != 0) /* the gate will hold the same open file: epoll would go on watching */
            epoll_ctl(r->crew.epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
        e = gate_link_return(r->config.gate, &s->from, s->fd, buf_slice(imap_session_in(s->imap)));
        if (e != ERR_OK)
            log_warn("a connection could not be given back to the gate: %s", err_text(e));
    }
    if (e != ERR_OK && s->from.generation != 0)
        gate_link_gone(r->config.gate, &s->from);
}

void session_rest(struct session *s)
{
    if (s->z != NULL && session_unsent(s) == 0 && imap_session_at_rest(s->imap))
        compression_rest(s->z);
}

/* Whose socket was read empty is told when more comes, as often as more comes (EPOLLET): between
 * one short command and the next epoll need not be asked again. Who sends more than is read at once
 * would wake somebody for each packet while the last ones are at work, and who waits for room may
 * have got it meanwhile: those are told once, and ask again.
 */
void session_arm(struct session *s)
{
    bool waits = session_unsent(s) > 0 || (s->crowded && (s->again || !s->wants_input));
    bool stands = s->drained && !waits;
    struct epoll_event event = {.events = stands ? EPOLLET : EPOLLONESHOT,
                                .data.u64 = (uint64_t)s->generation << 32 | s->slot};

    session_rest(s);
    if (waits)
        event.events |= EPOLLOUT;
    if (s->wants_input && !s->closing) /* nobody would take it: the event would come for ever */
        event.events |= EPOLLIN | EPOLLRDHUP;
    if (stands && s->polled == event.events)
        return;
    epoll_ctl(s->actor->runtime->crew.epoll_fd, s->polled != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
              s->fd, &event);
    s->polled = event.events;
}

bool session_end(struct session **sp)
{
    struct session *s = *sp;

    if (!runtime_session_remove(s->actor->runtime, s)) {
        s->closing = true;
        s->broken = !s->leaves;
        return false;
    }
    hand_back(s);
    *s->link = s->next;
    if (s->next != NULL)
        s->next->link = s->link;
    compression_free(&s->z);
    imap_session_free(&s->imap);
    close(s->fd);
    slab_free(s, sizeof(*s));
    *sp = NULL;
    return true;
}
