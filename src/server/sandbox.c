/* server/sandbox.c -- user, root, Landlock, seccomp: in this order. See sandbox.h.
 *
 * Landlock is landlock(7); its system calls have no wrappers in glibc 2.36. The lists of system
 * calls are per role; what is not listed fails with EPERM, so that a library which tries
 * something new gets an error and not a death. Builds with a sanitizer change the user only: when
 * they look for leaks they open /proc and trace themselves.
 */
#include "server/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "server/sandbox_calls.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* ---- users and roots --------------------------------------------------------------------- */

static enum err refused(const char *what, const char *path)
{
    log_error("sandbox: %s %s failed: %s", what, path, strerror(errno));
    return ERR_NOPERM;
}

static bool may_enter(const struct stat *st, uint32_t uid, uint32_t gid)
{
    if (st->st_uid == uid)
        return (st->st_mode & S_IXUSR) != 0;
    if (st->st_gid == gid)
        return (st->st_mode & S_IXGRP) != 0;
    return (st->st_mode & S_IXOTH) != 0;
}

/* Whether the user can enter every directory above and including `path`; if not, the one it
 * cannot is left in `at`. */
static bool reachable(const char *path, uint32_t uid, uint32_t gid, char at[], size_t n_at)
{
    size_t n = strlen(path);
    for (size_t i = 1; i <= n; i++) {
        struct stat st;
        if (path[i] != '/' && path[i] != '\0')
            continue;
        snprintf(at, n_at, "%.*s", (int)i, path);
        if (stat(at, &st) != 0 || !may_enter(&st, uid, gid))
            return false;
    }
    return true;
}

/* The data directory lies where only root may go (a home directory, say): show it to this
 * process, and to no other, at a place that its user can reach. */
static enum err show_elsewhere(struct role_config *config, const char *obstacle)
{
    static const char place[] = "/mnt";
    if (unshare(CLONE_NEWNS) != 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(config->data, place, NULL, MS_BIND, NULL) != 0) {
        log_error("user %u may not enter %s: choose another data directory, or chmod o+x %s",
                  config->uid, obstacle, obstacle);
        return ERR_NOPERM;
    }
    log_debug("data directory %s is seen as %s", config->data, place);
    snprintf(config->data, sizeof(config->data), "%s", place);
    return ERR_OK;
}

static enum err new_root(struct role_config *config, const char *below)
{
    char path[LINK_PATH_OCTETS_MAX + 16];
    snprintf(path, sizeof(path), "%s/%s", config->data, below);
    if (chroot(path) != 0 || chdir("/") != 0)
        return refused("chroot to", path);
    snprintf(config->data, sizeof(config->data), "/");
    return ERR_OK;
}

static enum err change_root(enum role role, struct role_config *config)
{
    char obstacle[LINK_PATH_OCTETS_MAX + 1];
    if (role == ROLE_GATE && !SANITIZED)
        return new_root(config, "empty");
    if (role == ROLE_AUTH && !SANITIZED)
        return new_root(config, "auth");
    if (config->uid != 0 &&
        !reachable(config->data, config->uid, config->gid, obstacle, sizeof(obstacle)))
        return show_elsewhere(config, obstacle);
    return ERR_OK;
}

static enum err change_user(const struct role_config *config)
{
    if (setgroups(0, NULL) != 0 || setresgid(config->gid, config->gid, config->gid) != 0 ||
        setresuid(config->uid, config->uid, config->uid) != 0)
        return refused("changing the", "user");
    return ERR_OK;
}

/* ---- Landlock ---------------------------------------------------------------------------- */

enum {
    FS_ALL_ABI1 = (1 << 13) - 1,
    FS_REFER = 1 << 13,    /* ABI 2: rename between directories */
    FS_TRUNCATE = 1 << 14, /* ABI 3 */
    FS_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    FS_FILES = FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
               LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
               LANDLOCK_ACCESS_FS_MAKE_REG | FS_REFER | FS_TRUNCATE,
};

static uint64_t handled_access(long abi)
{
    return (uint64_t)FS_ALL_ABI1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0);
}

/* Paths that do not exist need no rule. */
static void allow(int ruleset, uint64_t handled, const char *path, uint64_t access)
{
    struct stat st;
    scoped_fd int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        return;
    if (!S_ISDIR(st.st_mode))
        access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
    struct landlock_path_beneath_attr rule = {.allowed_access = access & handled, .parent_fd = fd};
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        log_warn("sandbox: no Landlock rule for %s: %s", path, strerror(errno));
}

static void allow_store(int ruleset, uint64_t handled, const char *data)
{
    /* Character set converters are libraries that are loaded when first needed. */
    static const char *const readable[] = {"/usr/lib", "/usr/lib64",       "/lib",
                                           "/lib64",   "/etc/ld.so.cache", "/dev/urandom"};
    char path[LINK_PATH_OCTETS_MAX + 16];
    for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
        allow(ruleset, handled, readable[i], FS_READ);
    allow(ruleset, handled, data, LANDLOCK_ACCESS_FS_READ_DIR); /* to fsync the directory */
    snprintf(path, sizeof(path), "%s/accounts", data);
    allow(ruleset, handled, path, FS_FILES);
    snprintf(path, sizeof(path), "%s/removed", data);
    allow(ruleset, handled, path, FS_FILES);
}

static void enter_landlock(enum role role, const char *data)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        log_info("this kernel has no Landlock: file access is limited by user only");
        return;
    }
    uint64_t handled = handled_access(abi);
    struct landlock_ruleset_attr attr = {.handled_access_fs = handled};
    scoped_fd int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
    if (ruleset < 0) {
        log_warn("sandbox: Landlock refused: %s", strerror(errno));
        return;
    }
    if (role == ROLE_AUTH) {
        allow(ruleset, handled, data, FS_FILES);
        allow(ruleset, handled, "/dev/urandom", FS_READ);
    } else if (role == ROLE_STORE) {
        allow_store(ruleset, handled, data);
    }
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        log_warn("sandbox: Landlock refused: %s", strerror(errno));
}

/* ---- seccomp ----------------------------------------------------------------------------- */

static void allow_calls(scmp_filter_ctx filter, const char *const *name)
{
    for (; *name != NULL; name++) {
        int nr = seccomp_syscall_resolve_name(*name);
        if (nr != __NR_SCMP_ERROR)
            (void)seccomp_rule_add(filter, SCMP_ACT_ALLOW, nr, 0);
    }
}

/* fcntl(2) can make the kernel send any signal to any process of the same user (F_SETOWN). */
static int allow_fcntl(scmp_filter_ctx filter)
{
    static const unsigned harmless[] = {F_DUPFD,  F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,
                                        F_GETFL,  F_SETFL,         F_GETLK,     F_SETLK,
                                        F_SETLKW, F_OFD_GETLK,     F_OFD_SETLK, F_OFD_SETLKW};
    static const char *const name[] = {"fcntl", "fcntl64"};
    int rc = 0;
    for (size_t n = 0; n < sizeof(name) / sizeof(name[0]); n++) {
        int nr = seccomp_syscall_resolve_name(name[n]);
        for (size_t i = 0; nr >= 0 && i < sizeof(harmless) / sizeof(harmless[0]); i++)
            rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, nr, 1,
                                   SCMP_A1(SCMP_CMP_EQ, harmless[i], 0));
    }
    return rc;
}

/* Calls that are harmless only with certain arguments. */
static int allow_partly(scmp_filter_ctx filter, enum role role)
{
    /* abort(3); without the condition it would be kill(2) */
    int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    rc |= allow_fcntl(filter);
    if (role == ROLE_GATE) /* a datagram socket could be sent from to any address */
        rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 2,
                               SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0),
                               SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_STREAM));
    /* threads, but no processes; glibc falls back from clone3, whose flags cannot be seen */
    rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                           SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                           SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
    /* getrlimit(3), of ourselves only */
    rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                           SCMP_A0(SCMP_CMP_EQ, 0, 0));
    if (role == ROLE_STORE) { /* loads converters */
        rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 0);
        rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 0);
    } else {
        rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
        rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }
    return rc;
}

static enum err enter_seccomp(enum role role)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return refused("seccomp", "setup");
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    allow_calls(filter, sandbox_calls_common);
    if (role != ROLE_GATE)
        allow_calls(filter, sandbox_calls_files);
    int rc = allow_partly(filter, role);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    if (rc != 0) {
        errno = -rc;
        return refused("seccomp", "filter");
    }
    return ERR_OK;
}

/* ---- all of it --------------------------------------------------------------------------- */

static void set_limits(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

static bool in_own_root(const struct role_config *config)
{
    return strcmp(config->data, "/") == 0;
}

static void narrow_data(enum role role, struct role_config *config)
{
    char path[LINK_PATH_OCTETS_MAX + 16];
    if (role != ROLE_AUTH)
        return;
    snprintf(path, sizeof(path), "%s/auth", config->data);
    snprintf(config->data, sizeof(config->data), "%.*s", LINK_PATH_OCTETS_MAX, path);
}

enum err sandbox_enter(enum role role, struct role_config *config)
{
    umask(077);
    set_limits();
    if (geteuid() == 0 && config->uid != 0) {
        TRY(change_root(role, config));
        TRY(change_user(config));
    }
    if (!in_own_root(config))
        narrow_data(role, config);
    /* Again: a change of user forgets it. When the supervisor dies we die. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return refused("prctl", "");
    if (SANITIZED) {
        (void)prctl(PR_SET_DUMPABLE, 1); /* lost with the user */
        return ERR_OK;
    }
    enter_landlock(role, config->data);
    return enter_seccomp(role);
}
