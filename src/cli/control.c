/* cli/control.c -- a line there, an answer back; see control.h. */
#include "cli/control.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "server/listen.h"
#include "server/settings.h"

enum { PATIENCE_S = 30 };

static enum err connect_error(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
        return ERR_NOTFOUND;
    case EACCES:
    case EPERM:
        return ERR_NOPERM;
    default:
        return ERR_IO;
    }
}

enum err control_connect(const char *data, const char *socket_name, int *fd_out)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    char path[SETTINGS_PATH_OCTETS_MAX + 64];
    struct sockaddr_un at;
    scoped_fd int dir_fd = -1;
    snprintf(path, sizeof(path), "%s/control/%s", data, socket_name);
    if (listen_unix_address(path, &at, &dir_fd) != ERR_OK)
        return ERR_NOTFOUND;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return ERR_IO;
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
        enum err e = connect_error();
        close(fd);
        return e;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    *fd_out = fd;
    return ERR_OK;
}

static bool send_line(int fd, struct slice line)
{
    return send(fd, line.p, line.n, MSG_NOSIGNAL | MSG_MORE) == (ssize_t)line.n &&
           send(fd, "\n", 1, MSG_NOSIGNAL) == 1;
}

/* Cut the last line off `answer` into `last`; false if it does not end in a line. */
static bool split_last(struct buf *answer, struct buf *last)
{
    struct slice all = buf_slice(answer);
    if (all.n == 0 || all.p[all.n - 1] != '\n')
        return false;
    size_t from = all.n - 1;
    while (from > 0 && all.p[from - 1] != '\n')
        from--;
    buf_add_slice(last, slice_sub(all, from, all.n - 1 - from));
    buf_truncate(answer, from);
    return true;
}

enum err control_ask(const char *data, const char *socket_name, struct slice line,
                     struct buf *answer, struct buf *last)
{
    scoped_fd int fd = -1;
    TRY(control_connect(data, socket_name, &fd));
    if (!send_line(fd, line))
        return ERR_UNAVAILABLE;
    for (;;) {
        char *at = buf_reserve(answer, 4096);
        ssize_t n = at != NULL ? recv(fd, at, 4096, 0) : -1;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        buf_added(answer, (size_t)n);
    }
    return split_last(answer, last) ? ERR_OK : ERR_UNAVAILABLE;
}
