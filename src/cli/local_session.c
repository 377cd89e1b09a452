/* cli/local_session.c -- see local_session.h.
 *
 * The child lives exactly as long as the pipe `lifeline` has a writer: when this process closes it
 * or dies, the child stops its engine, which commits and closes the account.
 */
#include "cli/local_session.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/control.h"
#include "mime/charset.h"
#include "server/data_dir.h"
#include "server/runtime.h"
#include "server/sandbox.h"
#include "store/store.h"

enum { RETRY_MS = 50, ENGINE_WORKERS = 2, LINE_OCTETS_MAX = 500 };

struct local_session {
    struct client *client;
    int lock_fd;  /* -1: a server does the work */
    int lifeline; /* -1 likewise */
    pid_t child;  /* 0 likewise */
};

/* ---- through the server ---------------------------------------------------------------------- */

/* "NO NAME text": the error of that name. */
static enum err refusal(struct slice line)
{
    struct slice name = slice_sub(line, 3, line.n);

    name = slice_sub(name, 0, slice_find(name, ' '));
    for (enum err e = ERR_MORE; e < ERR_COUNT; e++) {
        if (slice_eq(name, slice_of_str(err_name(e))))
            return e;
    }
    return ERR_UNAVAILABLE;
}

/* What the server answers when it gives no session is a line that begins with "NO". */
static enum err check_refused(int fd)
{
    char line[LINE_OCTETS_MAX];
    ssize_t n = recv(fd, line, 1, MSG_PEEK);

    if (n <= 0)
        return ERR_UNAVAILABLE;
    if (line[0] == '*')
        return ERR_OK;
    n = recv(fd, line, sizeof(line), MSG_WAITALL); /* it closes behind the line */
    return n > 0 ? refusal(slice_of(line, slice_find(slice_of(line, (size_t)n), '\n')))
                 : ERR_UNAVAILABLE;
}

/* ERR_NOTFOUND of control_connect means that no server runs: *running tells that apart. */
static enum err open_socket(const struct settings *s, struct slice account, int *fd_out,
                            bool *running)
{
    char line[LINE_OCTETS_MAX];
    int n = snprintf(line, sizeof(line), "ROOST1 imap %.*s\n", SLICE_ARG(account)), fd;
    enum err e = control_connect(s->data, "store.sock", &fd);

    *running = e != ERR_NOTFOUND;
    TRY(e);
    e = send(fd, line, (size_t)n, MSG_NOSIGNAL) == n ? check_refused(fd) : ERR_UNAVAILABLE;
    if (e == ERR_OK)
        *fd_out = fd;
    else
        close(fd);
    return e;
}

/* ---- without a server ------------------------------------------------------------------------ */

static void engine_main(const struct settings *s, const struct role_users *users,
                        struct slice account, int fd, int lifeline)
{
    struct role_config config = {.uid = users->uid[ROLE_STORE], .gid = users->gid[ROLE_STORE]};
    struct runtime_config rc = {.workers = ENGINE_WORKERS, .imap = s->imap};
    struct runtime *r;
    char octet;

    snprintf(config.data, sizeof(config.data), "%s", s->data);
    signal(SIGINT, SIG_IGN); /* meant for the verb; its end is ours */
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    log_init("store", LOG_LEVEL_WARN);
    charset_preload();
    if (sandbox_enter(ROLE_STORE, &config) != ERR_OK)
        _exit(1);
    rc.root = config.data;
    if (runtime_start(&rc, &r) != ERR_OK)
        _exit(1);
    runtime_attach(r, &(struct runtime_session){.fd = fd, .account = account});
    while (read(lifeline, &octet, 1) < 0 && errno == EINTR)
        ;
    runtime_stop(&r);
    _exit(0);
}

static enum err start_engine(const struct settings *s, struct slice account,
                             struct local_session *ls, int *fd_out)
{
    struct role_users users;
    uint32_t uid, gid;
    int pair[2], pipes[2];

    role_users_find(&users);
    if (geteuid() == 0 && data_dir_owner(s->data, &uid, &gid)) {
        users.uid[ROLE_STORE] = uid;
        users.gid[ROLE_STORE] = gid;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return ERR_IO;
    if (pipe(pipes) != 0) {
        close(pair[0]);
        close(pair[1]);
        return ERR_IO;
    }
    ls->child = fork();
    if (ls->child == 0) {
        close(pair[0]);
        close(pipes[1]);
        engine_main(s, &users, account, pair[1], pipes[0]);
    }
    close(pair[1]);
    close(pipes[0]);
    ls->lifeline = pipes[1];
    *fd_out = pair[0];
    return ls->child > 0 ? ERR_OK : ERR_IO;
}

static enum err open_engine(const struct settings *s, struct slice account,
                            struct local_session *ls, int *fd_out)
{
    long holder;

    if (access(s->data, X_OK) != 0 && errno == EACCES)
        return ERR_NOPERM;
    if (!account_exists(s->data, account))
        return ERR_NOTFOUND;
    TRY(data_dir_lock(s->data, &ls->lock_fd, &holder));
    return start_engine(s, account, ls, fd_out);
}

/* ---- either way ------------------------------------------------------------------------------ */

static enum err try_open(const struct settings *s, struct slice account, struct local_session *ls)
{
    bool running;
    int fd = -1;
    enum err e = open_socket(s, account, &fd, &running);

    if (e == ERR_NOTFOUND && !running)
        e = open_engine(s, account, ls, &fd);
    if (fd >= 0)
        ls->client = client_open(fd);
    TRY(e);
    client_set_timeout(ls->client, -1); /* a commit takes as long as it takes */
    TRY(client_greeting(ls->client, NULL));
    return client_command(ls->client, SLICE("NOOP"), NULL, NULL); /* the account is open now */
}

static void explain(enum err e, const struct settings *s, struct slice account, struct buf *why)
{
    if (e == ERR_NOTFOUND)
        buf_addf(why, "there is no account %.*s in %s", SLICE_ARG(account), s->data);
    else if (e == ERR_NOPERM)
        buf_addf(why, "%s is not for you: become its user or root", s->data);
    else if (e == ERR_INUSE)
        buf_addf(why, "the account or %s is in use by another process", s->data);
    else
        buf_addf(why, "account %.*s cannot be opened: %s", SLICE_ARG(account), err_text(e));
}

enum err local_session_open(const struct settings *s, struct slice account, unsigned patience_ms,
                            struct local_session **out, struct buf *why)
{
    uint64_t give_up_ms = clock_mono_ms() + patience_ms;

    for (;;) {
        struct local_session *ls = mem_new(struct local_session);
        enum err e;

        ls->lock_fd = ls->lifeline = -1;
        e = try_open(s, account, ls);
        if (e == ERR_OK) {
            *out = ls;
            return ERR_OK;
        }
        local_session_close(&ls);
        if ((e != ERR_INUSE && e != ERR_UNAVAILABLE) || clock_mono_ms() >= give_up_ms) {
            explain(e, s, account, why);
            return e;
        }
        usleep(RETRY_MS * 1000);
    }
}

struct client *local_session_client(struct local_session *ls)
{
    return ls->client;
}

void local_session_close(struct local_session **lsp)
{
    struct local_session *ls = *lsp;

    if (ls == NULL)
        return;
    client_close(&ls->client);
    fd_close_at(&ls->lifeline);
    if (ls->child > 0) {
        while (waitpid(ls->child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    fd_close_at(&ls->lock_fd);
    free(ls);
    *lsp = NULL;
}
