/* server/supervisor.c -- one loop over signals, the three control channels and a clock.
 *
 *                     fork, exec             READY
 *     DOWN  ------------------> STARTING -----------> UP
 *       ^                          |                   |
 *       |   restart_at_ms          | died              | died
 *       +--------------------------+-------------------+
 *
 * A process that lived for a second is started again at once, one that did not after 0.1, 0.2 ...
 * 1 s. Whoever starts gets new links to the two others, and they to it.
 *
 * Nothing here reads a stranger's octet.
 */
#include "server/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/certificate.h"
#include "server/data_dir.h"
#include "server/links.h"
#include "server/listen.h"
#include "server/process.h"
#include "server/roles.h"

enum {
    LISTENERS_MAX = 2 * SETTINGS_LISTEN_MAX,
    STOP_MS = 10000,
    KEYS_POLL_MS = 2000,
    BIND_PATIENCE_MS = 2000, /* the processes of a killed server die a moment after it */
    QUICK_DEATH_MS = 1000,
    BACKOFF_MS = 100,
    BACKOFF_MS_MAX = 1000,
};

struct child {
    pid_t pid;      /* 0: not running */
    int control_fd; /* -1 */
    bool up;
    uint64_t started_ms, restart_at_ms;
    unsigned quick_deaths;
};

struct supervisor {
    struct settings settings;
    const struct supervisor_hooks *hooks;
    struct role_users users;
    struct child child[ROLE_COUNT];
    int lock_fd, signal_fd;
    int listener[LISTENERS_MAX];
    enum listen_kind listener_kind[LISTENERS_MAX];
    size_t n_listeners;
    int control_socket[ROLE_COUNT]; /* -1: none */
    struct buf chain, key;
    uint64_t keys_stamp, keys_due_ms;
    bool served; /* all were up once */
    bool stopping;
    int status;
    uint64_t kill_at_ms;
    char scratch[IPC_MESSAGE_OCTETS_MAX];
};

/* ---- telling a process ------------------------------------------------------------------- */

static void tell(struct supervisor *s, enum role r, enum link_type type, struct slice payload,
                 const int *fds, size_t n_fds)
{
    struct child *c = &s->child[r];
    if (c->control_fd < 0)
        return;
    enum err e = ipc_send(c->control_fd, (uint16_t)type, payload, fds, n_fds);
    if (e == ERR_MORE) /* it has stopped reading: it is of no use to anybody */
        kill(c->pid, SIGKILL);
}

static void tell_config(struct supervisor *s, enum role r)
{
    const struct settings *from = &s->settings;
    struct role_config c = {
        .uid = s->users.uid[r],
        .gid = s->users.gid[r],
        .owner_uid = geteuid(),
        .imap = from->imap,
        .memory_octets = from->memory_octets,
        .max_connections = from->max_connections,
        .max_connections_per_ip = from->max_connections_per_ip,
        .login_seconds = from->login_seconds,
        .idle_seconds = from->idle_seconds,
        .workers = from->workers,
        .demo = from->demo,
    };
    struct buf b;
    snprintf(c.data, sizeof(c.data), "%s", from->data);
    snprintf(c.hostname, sizeof(c.hostname), "%s", from->hostname);
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    link_config_encode(&b, &c);
    tell(s, r, LINK_CONFIG, buf_slice(&b), NULL, 0);
    buf_release(&b);
}

static void tell_keys(struct supervisor *s)
{
    struct buf b;
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    link_keys_encode(&b, buf_slice(&s->chain), buf_slice(&s->key));
    tell(s, ROLE_GATE, LINK_KEYS, buf_slice(&b), NULL, 0);
    mem_wipe(b.p, b.cap);
    buf_release(&b);
}

static void tell_listeners(struct supervisor *s, enum role r)
{
    struct buf b;
    enum listen_kind control = LISTEN_CONTROL;
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    if (r == ROLE_GATE) {
        link_listen_encode(&b, s->listener_kind, s->n_listeners);
        tell(s, r, LINK_LISTEN, buf_slice(&b), s->listener, s->n_listeners);
    } else {
        link_listen_encode(&b, &control, 1);
        tell(s, r, LINK_LISTEN, buf_slice(&b), &s->control_socket[r], 1);
    }
    buf_release(&b);
}

static void tell_peer(struct supervisor *s, enum role r, enum role peer, int fd)
{
    struct buf b;
    buf_init(&b, IPC_PAYLOAD_OCTETS_MAX);
    link_peer_encode(&b, peer);
    tell(s, r, LINK_PEER, buf_slice(&b), &fd, 1);
    buf_release(&b);
}

static void join(struct supervisor *s, enum role a, enum role b)
{
    int pair[2];
    if (s->child[a].pid == 0 || s->child[b].pid == 0)
        return;
    if (ipc_pair(pair, true) != ERR_OK) {
        log_error("no socket pair between %s and %s", role_name(a), role_name(b));
        return;
    }
    tell_peer(s, a, b, pair[0]);
    tell_peer(s, b, a, pair[1]);
    close(pair[0]);
    close(pair[1]);
}

/* ---- starting and ending a process ------------------------------------------------------- */

/* Nothing of whoever started us reaches a process that strangers talk to: neither a terminal to
 * read from nor descriptors that a shell forgot. */
static enum err leave_behind(void)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0)
        return ERR_IO;
    (void)close_range(LINK_CONTROL_FD + 1, UINT_MAX, 0); /* Linux 5.9; ours are close-on-exec */
    return ERR_OK;
}

static _Noreturn void child_exec(enum role r, int control_fd)
{
    char title[32];
    sigset_t none;
    char *argv[] = {title, (char *)"--role", (char *)role_name(r), NULL};

    snprintf(title, sizeof(title), "roost: %s", role_name(r));
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* dup2 gives up close-on-exec, also when source and target are one */
    if (control_fd == LINK_CONTROL_FD) {
        control_fd = dup(control_fd);
        close(LINK_CONTROL_FD);
    }
    if (dup2(control_fd, LINK_CONTROL_FD) == LINK_CONTROL_FD && leave_behind() == ERR_OK)
        execv("/proc/self/exe", argv);
    log_error("cannot start %s: %s", title, strerror(errno));
    _exit(1);
}

static void child_start(struct supervisor *s, enum role r)
{
    struct child *c = &s->child[r];
    int pair[2];
    c->started_ms = clock_mono_ms();
    c->restart_at_ms = c->started_ms + BACKOFF_MS_MAX; /* should starting fail */
    if (ipc_pair(pair, true) != ERR_OK)
        return;
    pid_t pid = fork();
    if (pid == 0)
        child_exec(r, pair[1]);
    close(pair[1]);
    if (pid < 0) {
        log_error("cannot fork: %s", strerror(errno));
        close(pair[0]);
        return;
    }
    c->pid = pid;
    c->control_fd = pair[0];
    c->up = false;
    tell_config(s, r);
    if (r == ROLE_GATE)
        tell_keys(s);
    for (int other = ROLE_COUNT - 1; other >= 0; other--)
        if (other != (int)r)
            join(s, r, (enum role)other);
    tell_listeners(s, r);
}

static void schedule_restart(struct child *c, uint64_t now)
{
    if (now - c->started_ms >= QUICK_DEATH_MS)
        c->quick_deaths = 0;
    uint64_t wait = c->quick_deaths > 0 ? (uint64_t)BACKOFF_MS << (c->quick_deaths - 1) : 0;
    if (now - c->started_ms < QUICK_DEATH_MS && c->quick_deaths < 5)
        c->quick_deaths++;
    c->restart_at_ms = now + (wait < BACKOFF_MS_MAX ? wait : BACKOFF_MS_MAX);
}

static void begin_stop(struct supervisor *s, int status);

static void child_died(struct supervisor *s, enum role r, int how)
{
    struct child *c = &s->child[r];
    bool was_up = c->up;
    fd_close_at(&c->control_fd);
    c->control_fd = -1;
    c->pid = 0;
    c->up = false;
    if (s->stopping) {
        if (!WIFEXITED(how) || WEXITSTATUS(how) != 0) {
            log_error("%s did not end well (wait status %#x)", role_name(r), (unsigned)how);
            s->status = 1;
        }
        return;
    }
    if (WIFSIGNALED(how))
        log_error("%s was killed by signal %d, starting it again", role_name(r), WTERMSIG(how));
    else
        log_error("%s ended with status %d, starting it again", role_name(r), WEXITSTATUS(how));
    if (!s->served && !was_up && WIFEXITED(how)) {
        log_error("%s cannot start, so there is no server", role_name(r));
        begin_stop(s, 1);
        return;
    }
    schedule_restart(c, clock_mono_ms());
}

static void reap(struct supervisor *s)
{
    int how;
    pid_t pid;
    while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
        for (enum role r = 0; r < ROLE_COUNT; r++)
            if (s->child[r].pid == pid)
                child_died(s, r, how);
}

static void begin_stop(struct supervisor *s, int status)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->status = status;
    s->kill_at_ms = clock_mono_ms() + STOP_MS;
    for (enum role r = 0; r < ROLE_COUNT; r++)
        tell(s, r, LINK_STOP, SLICE(""), NULL, 0);
}

static bool all_gone(const struct supervisor *s)
{
    for (enum role r = 0; r < ROLE_COUNT; r++)
        if (s->child[r].pid != 0)
            return false;
    return true;
}

static void kill_the_rest(struct supervisor *s)
{
    for (enum role r = 0; r < ROLE_COUNT; r++) {
        if (s->child[r].pid == 0)
            continue;
        log_error("%s does not stop, killing it", role_name(r));
        kill(s->child[r].pid, SIGKILL);
    }
    s->kill_at_ms += STOP_MS;
}

/* ---- setting up -------------------------------------------------------------------------- */

static enum err bind_patiently(const char *address, uint32_t port, int *fd, struct buf *why)
{
    uint64_t until = clock_mono_ms() + BIND_PATIENCE_MS;
    enum err e;
    while ((e = listen_tcp(address, port, fd, why)) == ERR_INUSE && clock_mono_ms() < until) {
        usleep(100000);
        buf_clear(why);
    }
    return e;
}

static enum err bind_one(struct supervisor *s, const char *address, uint32_t port,
                         enum listen_kind kind, struct buf *why)
{
    int fd;
    if (port == 0)
        return ERR_OK;
    enum err e = bind_patiently(address, port, &fd, why);
    if (e == ERR_UNAVAILABLE) { /* no IPv6 here, say */
        log_warn("not listening: %.*s", SLICE_ARG(buf_slice(why)));
        buf_clear(why);
        return ERR_OK;
    }
    if (e != ERR_OK)
        return e;
    if (kind == LISTEN_IMAPS)
        listen_defer(fd);
    log_info("listening on %s port %u for %s", address, port,
             kind == LISTEN_IMAPS ? "imaps (TLS)" : "imap (STARTTLS)");
    s->listener[s->n_listeners] = fd;
    s->listener_kind[s->n_listeners++] = kind;
    return ERR_OK;
}

static enum err bind_all(struct supervisor *s, struct buf *why)
{
    const struct settings *set = &s->settings;
    char path[SETTINGS_PATH_OCTETS_MAX + 32];
    for (size_t i = 0; i < set->n_listen; i++) {
        TRY(bind_one(s, set->listen[i], set->port_imap, LISTEN_IMAP, why));
        TRY(bind_one(s, set->listen[i], set->port_imaps, LISTEN_IMAPS, why));
    }
    if (s->n_listeners == 0) {
        buf_add_str(why, "none of the listen addresses can be used on this machine");
        return ERR_UNAVAILABLE;
    }
    snprintf(path, sizeof(path), "%s/control/auth.sock", set->data);
    TRY(listen_unix(path, &s->control_socket[ROLE_AUTH], why));
    snprintf(path, sizeof(path), "%s/control/store.sock", set->data);
    return listen_unix(path, &s->control_socket[ROLE_STORE], why);
}

static enum err take_lock(struct supervisor *s, struct buf *why)
{
    long holder;
    enum err e = data_dir_lock(s->settings.data, &s->lock_fd, &holder);
    if (e == ERR_INUSE)
        buf_addf(why, "a server is already running on %s (process %ld)", s->settings.data, holder);
    else if (e != ERR_OK)
        buf_addf(why, "%s cannot be locked: %s", s->settings.data, err_text(e));
    return e;
}

static enum err set_up(struct supervisor *s, struct buf *why)
{
    bool made;
    role_users_find(&s->users);
    TRY(data_dir_prepare(s->settings.data, &s->users, why));
    TRY(take_lock(s, why));
    if (s->users.numeric)
        log_info("no users roost-gate, roost-auth, roost-store: using the numbers %u, %u, %u",
                 s->users.uid[ROLE_GATE], s->users.uid[ROLE_AUTH], s->users.uid[ROLE_STORE]);
    if (certificate_ensure(&s->settings, &made) != ERR_OK) {
        buf_addf(why, "no certificate could be made in %s/tls", s->settings.data);
        return ERR_IO;
    }
    if (made)
        log_warn("made a self-signed certificate in %s/tls: clients will ask whether to trust it",
                 s->settings.data);
    TRY(certificate_load(&s->settings, &s->chain, &s->key, why));
    s->keys_stamp = certificate_stamp(&s->settings);
    return bind_all(s, why);
}

static enum err watch_signals(struct supervisor *s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return ERR_IO;
    s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signal_fd >= 0 ? ERR_OK : ERR_IO;
}

/* ---- while serving ----------------------------------------------------------------------- */

/* sd_notify(3), of which this is all we need. */
static void notify_manager(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = path != NULL ? strlen(path) : 0;
    if (n == 0 || n >= sizeof(at.sun_path))
        return;
    memcpy(at.sun_path, path, n);
    if (at.sun_path[0] == '@')
        at.sun_path[0] = '\0';
    scoped_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&at,
                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
}

static void child_ready(struct supervisor *s, enum role r)
{
    s->child[r].up = true;
    for (enum role other = 0; other < ROLE_COUNT; other++)
        if (!s->child[other].up)
            return;
    if (s->served)
        return;
    s->served = true;
    log_info("serving, data in %s", s->settings.data);
    notify_manager("READY=1");
    if (s->hooks->serving != NULL)
        s->hooks->serving(s->hooks->ctx);
}

static void on_child(struct supervisor *s, enum role r)
{
    struct link_message m;
    enum err e = link_receive(s->child[r].control_fd, s->scratch, &m);
    if (e == ERR_OK && m.type == LINK_READY)
        child_ready(s, r);
    else if (e == ERR_OK) /* nothing else is said in this direction */
        for (size_t i = 0; i < m.n_fds; i++)
            close(m.fd[i]);
    else if (e != ERR_MORE && e != ERR_SYNTAX)
        fd_close_at(&s->child[r].control_fd), s->child[r].control_fd = -1; /* SIGCHLD follows */
}

static void reload_keys(struct supervisor *s)
{
    struct buf chain, key, why;
    buf_init(&chain, CERTIFICATE_OCTETS_MAX);
    buf_init(&key, CERTIFICATE_OCTETS_MAX);
    buf_init(&why, 1000);
    s->keys_stamp = certificate_stamp(&s->settings);
    if (certificate_load(&s->settings, &chain, &key, &why) == ERR_OK) {
        buf_release(&s->chain);
        buf_release(&s->key);
        s->chain = chain;
        s->key = key;
        tell_keys(s);
    } else {
        log_error("keys not reloaded, the old ones stay: %.*s", SLICE_ARG(buf_slice(&why)));
        buf_release(&chain);
        buf_release(&key);
    }
    buf_release(&why);
}

/* The sessions of the store hold on to these. */
static void keep_store(const struct settings *old, struct settings *now)
{
    if (!imap_settings_equal(&old->imap, &now->imap) || old->memory_octets != now->memory_octets ||
        old->idle_seconds != now->idle_seconds || old->workers != now->workers)
        log_warn(
            "append_limit, message_limit, save_limit, gmail_extensions, unauthenticate, memory, "
            "idle_timeout and workers change only with a restart");
    now->imap = old->imap;
    now->memory_octets = old->memory_octets;
    now->idle_seconds = old->idle_seconds;
    now->workers = old->workers;
}

/* What is bound or locked at the start stays as it was. */
static void keep_fixed(const struct settings *old, struct settings *now)
{
    bool same = strcmp(old->data, now->data) == 0 && old->port_imap == now->port_imap &&
                old->port_imaps == now->port_imaps && old->n_listen == now->n_listen &&
                memcmp(old->listen, now->listen, sizeof(old->listen)) == 0;
    if (!same)
        log_warn("data, listen and the ports change only with a restart");
    memcpy(now->data, old->data, sizeof(now->data));
    memcpy(now->listen, old->listen, sizeof(now->listen));
    now->n_listen = old->n_listen;
    now->port_imap = old->port_imap;
    now->port_imaps = old->port_imaps;
}

static void reload(struct supervisor *s)
{
    struct settings fresh;
    struct buf why;
    buf_init(&why, 1000);
    if (s->hooks->reload != NULL && s->hooks->reload(s->hooks->ctx, &fresh, &why) == ERR_OK) {
        keep_fixed(&s->settings, &fresh);
        keep_store(&s->settings, &fresh);
        s->settings = fresh;
        for (enum role r = 0; r < ROLE_COUNT; r++)
            tell_config(s, r);
        log_info("settings reloaded");
    } else if (why.n > 0) {
        log_error("settings not reloaded, the old ones stay: %.*s", SLICE_ARG(buf_slice(&why)));
    }
    buf_release(&why);
    reload_keys(s);
}

static void on_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD) {
            reap(s);
        } else if (info.ssi_signo == SIGHUP) {
            reload(s);
        } else {
            log_info("stopping");
            notify_manager("STOPPING=1");
            begin_stop(s, 0);
        }
    }
}

static void on_clock(struct supervisor *s)
{
    uint64_t now = clock_mono_ms();
    if (s->stopping) {
        if (now >= s->kill_at_ms)
            kill_the_rest(s);
        return;
    }
    /* the gate last: when it takes a stranger in, the others are there */
    for (int r = ROLE_COUNT - 1; r >= 0; r--)
        if (s->child[r].pid == 0 && now >= s->child[r].restart_at_ms)
            child_start(s, (enum role)r);
    if (now < s->keys_due_ms)
        return;
    s->keys_due_ms = now + KEYS_POLL_MS;
    uint64_t stamp = certificate_stamp(&s->settings);
    if (stamp != 0 && stamp != s->keys_stamp)
        reload_keys(s);
}

static int wait_ms(const struct supervisor *s)
{
    uint64_t now = clock_mono_ms();
    uint64_t due = s->stopping ? s->kill_at_ms : s->keys_due_ms;
    for (enum role r = 0; !s->stopping && r < ROLE_COUNT; r++)
        if (s->child[r].pid == 0 && s->child[r].restart_at_ms < due)
            due = s->child[r].restart_at_ms;
    return due <= now ? 0 : (int)(due - now) + 1;
}

static void loop(struct supervisor *s)
{
    while (!s->stopping || !all_gone(s)) {
        struct pollfd fds[1 + ROLE_COUNT] = {{.fd = s->signal_fd, .events = POLLIN}};
        on_clock(s);
        for (enum role r = 0; r < ROLE_COUNT; r++)
            fds[1 + r] = (struct pollfd){.fd = s->child[r].control_fd, .events = POLLIN};
        if (poll(fds, 1 + ROLE_COUNT, wait_ms(s)) <= 0)
            continue;
        for (enum role r = 0; r < ROLE_COUNT; r++)
            if (fds[1 + r].revents != 0 && s->child[r].control_fd >= 0)
                on_child(s, r);
        if (fds[0].revents != 0)
            on_signals(s);
    }
}

static void release(struct supervisor *s)
{
    for (size_t i = 0; i < s->n_listeners; i++)
        close(s->listener[i]);
    for (enum role r = 0; r < ROLE_COUNT; r++) {
        if (s->control_socket[r] >= 0)
            close(s->control_socket[r]);
        if (s->child[r].control_fd >= 0)
            close(s->child[r].control_fd);
    }
    if (s->key.p != NULL)
        mem_wipe(s->key.p, s->key.cap);
    buf_release(&s->key);
    buf_release(&s->chain);
    fd_close_at(&s->signal_fd);
    fd_close_at(&s->lock_fd);
    free(s);
}

int supervisor_run(const struct settings *settings, const struct supervisor_hooks *hooks)
{
    struct supervisor *s = mem_new(struct supervisor);
    struct buf why;
    s->settings = *settings;
    s->hooks = hooks;
    s->lock_fd = s->signal_fd = -1;
    for (enum role r = 0; r < ROLE_COUNT; r++)
        s->child[r].control_fd = s->control_socket[r] = -1;
    buf_init(&s->chain, CERTIFICATE_OCTETS_MAX);
    buf_init(&s->key, CERTIFICATE_OCTETS_MAX);
    buf_init(&why, 1000);
    enum err e = set_up(s, &why);
    if (e == ERR_OK && (e = watch_signals(s)) != ERR_OK)
        buf_add_str(&why, "signals cannot be watched");
    if (e == ERR_OK) {
        loop(s);
        log_info("stopped");
    } else {
        fprintf(stderr, "roost: %.*s\n", SLICE_ARG(buf_slice(&why)));
        s->status = 1;
    }
    int status = s->status;
    buf_release(&why);
    release(s);
    return status;
}

int supervisor_role_main(const char *role)
{
    static int (*const main_of[ROLE_COUNT])(int) = {gate_process_main, auth_process_main,
                                                    store_process_main};
    for (enum role r = 0; r < ROLE_COUNT; r++) {
        if (strcmp(role, role_name(r)) != 0)
            continue;
        process_begin(r);
        return main_of[r](LINK_CONTROL_FD);
    }
    fprintf(stderr, "roost: there is no role \"%s\"\n", role);
    return 2;
}
