/* server/data_dir.c -- see data_dir.h. */
#include "server/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { FIXED_UID = 61301 /* 61301..61303: above what Debian and systemd give out */ };

void role_users_find(struct role_users *out)
{
    *out = (struct role_users){0};
    for (enum role r = 0; r < ROLE_COUNT; r++) {
        char name[32];
        out->uid[r] = geteuid();
        out->gid[r] = getegid();
        if (geteuid() != 0)
            continue;
        snprintf(name, sizeof(name), "roost-%s", role_name(r));
        struct passwd *pw = getpwnam(name);
        out->uid[r] = pw != NULL ? pw->pw_uid : (uint32_t)FIXED_UID + r;
        out->gid[r] = pw != NULL ? pw->pw_gid : (uint32_t)FIXED_UID + r;
        out->numeric |= pw == NULL;
    }
}

bool data_dir_owner(const char *data, uint32_t *uid, uint32_t *gid)
{
    char path[LINK_PATH_OCTETS_MAX + 16];
    struct stat st;
    snprintf(path, sizeof(path), "%s/control", data); /* of the supervisor, whoever that was */
    if (stat(path, &st) != 0 && stat(data, &st) != 0)
        return false;
    *uid = st.st_uid;
    *gid = st.st_gid;
    return st.st_uid != 0;
}

static enum err failed(const char *doing, const char *path, struct buf *why)
{
    int error = errno;
    buf_addf(why, "cannot %s %s: %s", doing, path, strerror(error));
    return error == ENOSPC                                       ? ERR_NOSPACE
           : error == EACCES || error == EPERM || error == EROFS ? ERR_NOPERM
                                                                 : ERR_IO;
}

/* mkdir -p, of directories that others may pass through. */
static enum err make_path(const char *path, struct buf *why)
{
    char part[LINK_PATH_OCTETS_MAX + 16];
    size_t n = strlen(path);
    for (size_t i = 1; i <= n && n < sizeof(part); i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST && access(part, F_OK) != 0)
            return failed("make the directory", part, why);
    }
    return ERR_OK;
}

/* nftw has no context argument; single-threaded use only. */
static uint32_t give_uid, give_gid;

static int give_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)type;
    (void)ftw;
    if (st->st_uid != give_uid || st->st_gid != give_gid)
        (void)!lchown(path, give_uid, give_gid);
    return 0;
}

static void give_tree(const char *path, uint32_t uid, uint32_t gid)
{
    give_uid = uid;
    give_gid = gid;
    nftw(path, give_one, 32, FTW_PHYS);
}

static enum err make_dir(const char *data, const char *name, mode_t mode, uint32_t uid,
                         uint32_t gid, struct buf *why)
{
    char path[LINK_PATH_OCTETS_MAX + 16];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", data, name);
    if ((mkdir(path, mode) != 0 && errno != EEXIST) || stat(path, &st) != 0)
        return failed("make the directory", path, why);
    if (geteuid() == 0 && (st.st_uid != uid || st.st_gid != gid))
        give_tree(path, uid, gid); /* new, or the server ran as somebody else before */
    if ((st.st_mode & 07777) != mode && chmod(path, mode) != 0)
        return failed("set the mode of", path, why);
    return ERR_OK;
}

enum err data_dir_prepare(const char *data, const struct role_users *users, struct buf *why)
{
    uint32_t store = users->uid[ROLE_STORE], store_gid = users->gid[ROLE_STORE];
    struct stat st;

    TRY(make_path(data, why));
    if (stat(data, &st) != 0)
        return failed("use", data, why);
    /* The processes' users pass through, and see nothing. */
    if (geteuid() == 0 && (st.st_mode & 0111) != 0111 && chmod(data, st.st_mode | 0111) != 0)
        return failed("set the mode of", data, why);
    TRY(make_dir(data, "accounts", 0700, store, store_gid, why));
    TRY(make_dir(data, "removed", 0700, store, store_gid, why));
    TRY(make_dir(data, "auth", 0700, users->uid[ROLE_AUTH], users->gid[ROLE_AUTH], why));
    TRY(make_dir(data, "tls", 0700, geteuid(), getegid(), why));
    TRY(make_dir(data, "control", 0700, geteuid(), getegid(), why));
    return make_dir(data, "empty", 0555, geteuid(), getegid(), why);
}

void data_dir_give(const char *data, const struct role_users *users)
{
    static const struct {
        const char *name;
        enum role role;
    } part[] = {{"accounts", ROLE_STORE}, {"removed", ROLE_STORE}, {"auth", ROLE_AUTH}};
    char path[LINK_PATH_OCTETS_MAX + 16];
    for (size_t i = 0; geteuid() == 0 && i < sizeof(part) / sizeof(part[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", data, part[i].name);
        give_tree(path, users->uid[part[i].role], users->gid[part[i].role]);
    }
}

static long read_holder(int fd)
{
    char text[32];
    uint64_t pid = 0;
    ssize_t n = pread(fd, text, sizeof(text), 0);
    struct slice s = slice_of(text, n > 0 ? (size_t)n : 0);
    return slice_to_u64(slice_sub(s, 0, slice_find(s, '\n')), INT32_MAX, &pid) ? (long)pid : 0;
}

enum err data_dir_lock(const char *data, int *fd_out, long *holder)
{
    char path[LINK_PATH_OCTETS_MAX + 16], text[32];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    snprintf(path, sizeof(path), "%s/lock", data);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    *holder = 0;
    if (fd < 0)
        return errno == ENOSPC ? ERR_NOSPACE : ERR_NOPERM;
    if (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
        *holder = read_holder(fd);
        close(fd);
        return ERR_INUSE;
    }
    int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        close(fd);
        return ERR_IO;
    }
    *fd_out = fd;
    return ERR_OK;
}
