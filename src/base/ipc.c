/* base/ipc.c -- sendmsg and recvmsg with SCM_RIGHTS, see ipc.h.
 *
 * Follows unix(7) and cmsg(3). MSG_TRUNC and MSG_CTRUNC are looked at on every receipt: a
 * truncated message is a malformed one, and what descriptors did arrive are closed.
 */
#include "base/ipc.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Room for a few of the largest messages; the kernel doubles it and caps it at wmem_max. */
enum { IPC_SOCKET_BUFFER_OCTETS = 512 * 1024 };

union control {
    struct cmsghdr align;
    char space[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
};

enum err ipc_pair(int out[2], bool nonblocking)
{
    int pair[2];
    int type = SOCK_SEQPACKET | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0);
    if (socketpair(AF_UNIX, type, 0, pair) != 0)
        return ERR_IO;
    for (int i = 0; i < 2; i++) {
        int size = IPC_SOCKET_BUFFER_OCTETS;
        /* Larger is only better; the default works too. */
        (void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        out[i] = pair[i];
    }
    return ERR_OK;
}

static enum err error_of_errno(void)
{
    switch (errno) {
    case EAGAIN:
    case ENOBUFS:
    case ETOOMANYREFS: /* too many descriptors in flight: they will be received */
        return ERR_MORE;
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
    case ECONNREFUSED:
        return ERR_UNAVAILABLE;
    default:
        return ERR_IO;
    }
}

static void attach_fds(struct msghdr *msg, union control *control, const int *fds, size_t n_fds)
{
    if (n_fds == 0)
        return;
    memset(control, 0, sizeof(*control));
    msg->msg_control = control->space;
    msg->msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
    struct cmsghdr *c = CMSG_FIRSTHDR(msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
}

enum err ipc_send(int fd, uint16_t type, struct slice payload, const int *fds, size_t n_fds)
{
    if (payload.n > IPC_PAYLOAD_OCTETS_MAX || n_fds > IPC_FDS_MAX)
        return ERR_LIMIT;
    unsigned char header[IPC_HEADER_OCTETS] = {
        (unsigned char)type,
        (unsigned char)(type >> 8),
        (unsigned char)payload.n,
        (unsigned char)(payload.n >> 8),
        (unsigned char)(payload.n >> 16),
        (unsigned char)(payload.n >> 24),
    };
    struct iovec iov[2] = {{header, sizeof(header)}, {(void *)payload.p, payload.n}};
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = payload.n > 0 ? 2 : 1};
    union control control;
    attach_fds(&msg, &control, fds, n_fds);

    ssize_t sent;
    do
        sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? error_of_errno() : ERR_OK;
}

/* Takes the descriptors out of the control data; what does not fit is closed. */
static void take_fds(struct msghdr *msg, struct ipc_message *out)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            if (out->n_fds < IPC_FDS_MAX)
                out->fd[out->n_fds++] = fd;
            else
                close(fd);
        }
    }
}

static bool parse_header(const char *p, size_t n, struct ipc_message *m)
{
    const unsigned char *h = (const unsigned char *)p;
    if (n < IPC_HEADER_OCTETS)
        return false;
    uint32_t length =
        (uint32_t)h[2] | (uint32_t)h[3] << 8 | (uint32_t)h[4] << 16 | (uint32_t)h[5] << 24;
    if (length != n - IPC_HEADER_OCTETS)
        return false;
    m->type = (uint16_t)(h[0] | h[1] << 8);
    m->payload = slice_of(p + IPC_HEADER_OCTETS, length);
    return true;
}

enum err ipc_receive(int fd, char *scratch, struct ipc_message *out)
{
    struct iovec iov = {scratch, IPC_MESSAGE_OCTETS_MAX};
    union control control;
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.space,
                         .msg_controllen = sizeof(control.space)};
    ssize_t n;
    do
        n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return error_of_errno();

    struct ipc_message got = {0};
    take_fds(&msg, &got);
    if (n == 0 && got.n_fds == 0)
        return ERR_UNAVAILABLE; /* we never send empty messages, so this is the end */
    if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
        !parse_header(scratch, (size_t)n, &got)) {
        ipc_message_close_fds(&got);
        return ERR_SYNTAX;
    }
    *out = got;
    return ERR_OK;
}

void ipc_message_close_fds(struct ipc_message *m)
{
    for (size_t i = 0; i < m->n_fds; i++) {
        if (m->fd[i] >= 0)
            close(m->fd[i]);
        m->fd[i] = -1;
    }
    m->n_fds = 0;
}
