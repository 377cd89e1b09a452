/* server/listen.c -- socket, bind, listen; and unix(7) SO_PEERCRED. See listen.h. */
#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

enum { BACKLOG = 1024, DEFER_SECONDS = 1 };

static socklen_t address_of(const char *text, uint32_t port, struct sockaddr_storage *out)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    *out = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
        memcpy(out, &four, sizeof(four));
        return sizeof(four);
    }
    if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
        memcpy(out, &six, sizeof(six));
        return sizeof(six);
    }
    return 0;
}

static enum err refused(const char *what, uint32_t port, struct buf *why)
{
    int error = errno;
    const char *hint = "";
    if (error == EADDRINUSE)
        hint = "; another server has it: stop that one, or choose other ports";
    if (error == EACCES)
        hint = "; ports below 1024 need root: choose others with --port-imap and --port-imaps";
    if (port > 0)
        buf_addf(why, "cannot listen on %s port %u: %s%s", what, port, strerror(error), hint);
    else
        buf_addf(why, "cannot listen on %s: %s", what, strerror(error));
    switch (error) {
    case EADDRINUSE:
        return ERR_INUSE;
    case EACCES:
    case EPERM:
        return ERR_NOPERM;
    case EAFNOSUPPORT:
    case EADDRNOTAVAIL:
        return ERR_UNAVAILABLE;
    default:
        return ERR_IO;
    }
}

enum err listen_tcp(const char *address, uint32_t port, int *fd_out, struct buf *why)
{
    struct sockaddr_storage at;
    socklen_t n = address_of(address, port, &at);
    int on = 1;
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return refused(address, port, why);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    /* Connections inherit these. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    if (at.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&at, n) != 0 || listen(fd, BACKLOG) != 0) {
        enum err e = refused(address, port, why);
        close(fd);
        return e;
    }
    *fd_out = fd;
    return ERR_OK;
}

void listen_defer(int fd)
{
    int seconds = DEFER_SECONDS;
    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
}

enum err listen_unix_address(const char *path, struct sockaddr_un *out, int *dir_fd)
{
    const char *slash = strrchr(path, '/');
    char dir[4096];
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    *dir_fd = -1;
    if (strlen(path) < sizeof(out->sun_path)) {
        memcpy(out->sun_path, path, strlen(path));
        return ERR_OK;
    }
    if (slash == NULL || (size_t)(slash - path) >= sizeof(dir) || strlen(slash) > 64)
        return ERR_LIMIT;
    memcpy(dir, path, (size_t)(slash - path));
    dir[slash - path] = '\0';
    int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ERR_NOTFOUND;
    snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d%.64s", fd, slash);
    *dir_fd = fd;
    return ERR_OK;
}

enum err listen_unix(const char *path, int *fd_out, struct buf *why)
{
    struct sockaddr_un at;
    scoped_fd int dir_fd = -1;
    if (listen_unix_address(path, &at, &dir_fd) != ERR_OK) {
        buf_addf(why, "%s cannot be a socket: choose a shorter --data directory", path);
        return ERR_CONFIG;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return refused(path, 0, why);
    unlink(path);
    mode_t old = umask(0177);
    int rc = bind(fd, (struct sockaddr *)&at, sizeof(at));
    umask(old);
    if (rc != 0 || listen(fd, BACKLOG) != 0) {
        enum err e = refused(path, 0, why);
        close(fd);
        return e;
    }
    *fd_out = fd;
    return ERR_OK;
}

bool listen_peer_allowed(int fd, uint32_t owner_uid)
{
    struct ucred peer;
    socklen_t n = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) != 0)
        return false;
    return peer.uid == 0 || peer.uid == owner_uid;
}
