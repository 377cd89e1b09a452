/* What each process can no longer do, tried from inside: a child enters the sandbox of a role,
 * makes the attempts of the table, and ends with the number of the first surprise.
 */
#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "server/sandbox.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { SANITIZED = 1 }; /* the sandbox is not there then, see sandbox.c */
#else
enum { SANITIZED = 0 };
#endif

static char root[] = "/tmp/roost-sandbox-XXXXXX";
static char data[LINK_PATH_OCTETS_MAX + 1]; /* as the child sees it */

static bool can_open(const char *base, const char *rest, int flags)
{
    char path[LINK_PATH_OCTETS_MAX + 64];
    snprintf(path, sizeof(path), "%s%s", base, rest);
    int fd = open(path, flags, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool opens_passwd(void)
{
    return can_open("", "/etc/passwd", O_RDONLY);
}
static bool opens_key(void)
{
    return can_open(data, "/tls/key.pem", O_RDONLY) || can_open(data, "/../tls/key.pem", O_RDONLY);
}
static bool makes_mail(void)
{
    return can_open(data, "/accounts/x", O_RDWR | O_CREAT);
}
static bool makes_credentials(void)
{
    return can_open(data, "/auth.db", O_RDWR | O_CREAT);
}
static bool reads_credentials(void)
{
    return can_open(data, "/auth/auth.db", O_RDONLY);
}
static bool connects(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}
static bool forks(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0;
}
static bool executes(void)
{
    char *argv[] = {(char *)"/bin/true", NULL};
    execv(argv[0], argv); /* a success ends this child with 0 */
    return false;
}
static bool signals(void)
{
    return kill(getppid(), 0) == 0;
}
/* The other door to kill(2). */
static bool signals_threads(void)
{
    return syscall(SYS_tgkill, getppid(), getppid(), 0) == 0;
}
/* And the third: let the kernel do it when something arrives. */
static bool owns_signals(void)
{
    return fcntl(STDERR_FILENO, F_SETOWN, getppid()) == 0;
}
static bool changes_modes(void)
{
    char path[LINK_PATH_OCTETS_MAX + 64];
    snprintf(path, sizeof(path), "%s/accounts", data); /* the store's own */
    return chmod(path, 0700) == 0 || chmod(data, 0755) == 0;
}
static bool locks(void)
{
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    return fcntl(STDERR_FILENO, F_OFD_SETLK, &lock) == 0 && fcntl(STDERR_FILENO, F_GETFL) >= 0;
}
static bool traces(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}
static bool maps_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
}
static bool becomes_root(void)
{
    return setuid(0) == 0 && geteuid() == 0;
}
static bool pairs(void)
{
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}
/* Its sendto(2) reaches every datagram socket of the machine. */
static bool makes_datagrams(void)
{
    int pair[2];
    return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0;
}
static bool allocates(void)
{
    void *volatile p = malloc(4 << 20);
    bool ok = p != NULL;
    free(p);
    return ok;
}

enum { G = 1, A = 2, S = 4 };
static const struct {
    bool (*can)(void);
    unsigned allowed; /* which roles may */
} attempts[] = {
    {opens_passwd, 0},
    {opens_key, 0},
    {makes_mail, S},
    {makes_credentials, A},
    {reads_credentials, 0},
    {connects, 0},
    {forks, 0},
    {signals, 0},
    {signals_threads, 0},
    {owns_signals, 0},
    {changes_modes, 0},
    {locks, G | A | S},
    {traces, 0},
    {maps_code, S},
    {becomes_root, 0},
    {pairs, G},
    {makes_datagrams, 0},
    {allocates, G | A | S},
    {executes, 0},
};

static void child(enum role role)
{
    struct role_config c = {.uid = geteuid(), .gid = getegid()};
    if (geteuid() == 0) {
        c.uid = 61301 + role;
        c.gid = 61301 + role;
    }
    snprintf(c.data, sizeof(c.data), "%s", root);
    if (sandbox_enter(role, &c) != ERR_OK)
        _exit(99);
    snprintf(data, sizeof(data), "%s", strcmp(c.data, "/") == 0 ? "" : c.data);
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
        if (attempts[i].can() != ((attempts[i].allowed & (1U << role)) != 0))
            _exit((int)i + 1);
    _exit(77); /* not 0: that is what a successful exec gives */
}

static void make(const char *name, uint32_t uid, bool file)
{
    char path[LINK_PATH_OCTETS_MAX + 64];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    if (file) {
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0);
        close(fd);
    } else {
        assert_int_equal(mkdir(path, 0700), 0);
    }
    if (geteuid() == 0)
        assert_int_equal(chown(path, uid, uid), 0);
}

static void test_attempts(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    log_init("test", LOG_LEVEL_ERROR);
    assert_non_null(mkdtemp(root));
    assert_int_equal(chmod(root, 0755), 0);
    make("empty", 0, false);
    make("auth", 61302, false);
    make("accounts", 61303, false);
    make("removed", 61303, false);
    make("tls", 0, false);
    make("tls/key.pem", 0, true);
    for (enum role r = 0; r < ROLE_COUNT; r++) {
        int how;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
            child(r);
        assert_int_equal(waitpid(pid, &how, 0), pid);
        assert_true(WIFEXITED(how));
        if (WEXITSTATUS(how) != 77)
            fail_msg("%s: attempt %d surprises", role_name(r), WEXITSTATUS(how));
    }
}

static int remove_all(void **state)
{
    static const char *const names[] = {"auth/auth.db", "accounts/x", "tls/key.pem",
                                        "tls",          "removed",    "accounts",
                                        "auth",         "empty",      ""};
    char path[LINK_PATH_OCTETS_MAX + 64];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", root, names[i]);
        (void)remove(path);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_attempts)};

    return cmocka_run_group_tests(tests, NULL, remove_all);
}
