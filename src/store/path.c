/* store/path.c -- the account tree: ROOT/accounts/<hash>/<account>/mail.db, who holds the lock,
 * and how a directory comes to be or goes away without a crash leaving half of one.
 *
 * A new account is made in a directory whose name begins with a dot (which no account's does)
 * and renamed when it is whole. <hash> is two hexadecimal digits of the name's FNV-1a, so that no
 * directory grows beyond reason.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "store/internal.h"

/* Where SQLite of other programs locks (PENDING, RESERVED and SHARED octets). */
enum { LOCK_AT = 0x40000000, LOCK_OCTETS = 512 };

static enum err err_of_errno(int e)
{
    switch (e) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOTFOUND;
    case EEXIST:
    case ENOTEMPTY:
        return ERR_EXISTS;
    case ENOSPC:
    case EDQUOT:
        return ERR_NOSPACE;
    default:
        return ERR_IO;
    }
}

static enum err failed(const char *what, const char *path)
{
    int e = errno;

    log_error("store: cannot %s %s: %s", what, path, strerrordesc_np(e));
    return err_of_errno(e);
}

bool account_name_valid(struct slice name)
{
    if (name.n == 0 || name.n > STORE_ACCOUNT_NAME_OCTETS_MAX || name.p[0] == '.' ||
        !utf8_valid(name))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];

        if (c < 0x20 || c == 0x7f || c == '/' || c == '\\')
            return false;
        /* U+0080..U+009F are control characters too. */
        if (c == 0xc2 && i + 1 < name.n && (unsigned char)name.p[i + 1] < 0xa0)
            return false;
    }
    return true;
}

static char *join(const char *a, const char *b)
{
    char *p = NULL;

    if (asprintf(&p, "%s/%s", a, b) < 0)
        abort(); /* as base/mem does */
    return p;
}

static char *hash_dir(const char *root, struct slice name)
{
    uint32_t h = 0x811c9dc5;
    char *p = NULL;

    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (uint8_t)name.p[i]) * 0x01000193;
    if (asprintf(&p, "%s/accounts/%02x", root, (h ^ (h >> 8) ^ (h >> 16) ^ (h >> 24)) & 0xff) < 0)
        abort();
    return p;
}

enum err path_account(const char *root, struct slice name, char **dir)
{
    scoped_free char *hash = NULL;
    scoped_free char *text = NULL;

    if (!account_name_valid(name))
        return ERR_SYNTAX;
    hash = hash_dir(root, name);
    text = mem_dup_slice(name);
    *dir = join(hash, text);
    return ERR_OK;
}

enum err path_sync_dir(const char *dir)
{
    scoped_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return failed("sync", dir);
    return ERR_OK;
}

/* Make `dir` and make its name durable in `parent`. An existing one is fine. */
static enum err make_dir(const char *parent, const char *dir)
{
    if (mkdir(dir, 0700) == 0)
        return path_sync_dir(parent);
    return errno == EEXIST ? ERR_OK : failed("create", dir);
}

static bool lock_is_of_path(int fd, const char *path)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino &&
           a.st_dev == b.st_dev;
}

enum err path_lock(const char *dir, int *out)
{
    scoped_free char *path = join(dir, "mail.db");
    struct flock lock = {.l_type = F_WRLCK, .l_start = LOCK_AT, .l_len = LOCK_OCTETS};
    scoped_fd int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : failed("open", path);
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
        return errno == EAGAIN || errno == EACCES ? ERR_INUSE : failed("lock", path);
    if (!lock_is_of_path(fd, path)) /* removed between open and lock */
        return ERR_NOTFOUND;
    *out = fd;
    fd = -1;
    return ERR_OK;
}

/* ROOT, ROOT/accounts, ROOT/accounts/<hash>. */
static enum err make_parents(const char *root, const char *hash)
{
    scoped_free char *accounts = join(root, "accounts");

    if (mkdir(root, 0700) < 0 && errno != EEXIST)
        return failed("create", root);
    TRY(make_dir(root, accounts));
    return make_dir(accounts, hash);
}

static enum err first_rows(sqlite3 *db)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "INSERT INTO account (id, created, uidvalidity_last, "
                                "modseq_reserved, body_last, swept) VALUES (1, ?, ?, 0, 0, ?)",
                                -1, &q, NULL);

    if (rc == SQLITE_OK) {
        /* Seconds, so that an account made anew under an old name gives no old UIDVALIDITY. */
        sqlite3_bind_int64(q, 1, clock_wall_s());
        sqlite3_bind_int64(q, 2, clock_wall_s() & 0x7fffffff);
        sqlite3_bind_int64(q, 3, clock_wall_s());
        rc = sqlite3_step(q);
    }
    sqlite3_finalize(q);
    return sql_err(rc, sqlite3_system_errno(db));
}

/* Closing moves all out of the WAL, so that one file is the whole database. */
static enum err make_database(const char *dir)
{
    scoped_free char *path = join(dir, "mail.db");
    /* Mail is the owner's alone; SQLite gives the WAL the mode of the database. */
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    sqlite3 *db = NULL;
    enum err err;

    if (fd < 0)
        return failed("make", path);
    close(fd);
    TRY(db_open(path, true, &db));
    err = schema_write(db);
    if (err == ERR_OK)
        err = first_rows(db);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    if (err == ERR_OK)
        err = sql_err(sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
                      sqlite3_system_errno(db));
    db_close(&db);
    return err == ERR_OK ? path_sync_dir(dir) : err;
}

static void remove_temporary(const char *dir)
{
    static const char *const names[] = {"mail.db", "mail.db-wal", "mail.db-journal"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        scoped_free char *path = join(dir, names[i]);

        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static const struct {
    struct slice name;
    uint32_t use;
} first_folders[] = {
    {{"Drafts", 6}, SPECIAL_USE_DRAFTS},   {{"Sent", 4}, SPECIAL_USE_SENT},
    {{"Junk", 4}, SPECIAL_USE_JUNK},       {{"Trash", 5}, SPECIAL_USE_TRASH},
    {{"Archive", 7}, SPECIAL_USE_ARCHIVE},
};

static enum err fill(struct account *a)
{
    TRY(folder_create_inbox(a));
    TRY(subscription_set(a, SLICE("INBOX"), true));
    for (size_t i = 0; i < sizeof(first_folders) / sizeof(first_folders[0]); i++) {
        TRY(folder_create(a, first_folders[i].name, first_folders[i].use, NULL));
        TRY(subscription_set(a, first_folders[i].name, true));
    }
    return account_commit(a);
}

static enum err make_account(const char *dir)
{
    struct account *a = NULL;
    enum err err;

    TRY(make_database(dir));
    TRY(account_open_dir(dir, &a));
    err = fill(a);
    if (err == ERR_OK)
        err = account_checkpoint(a, true);
    account_close(&a);
    return err;
}

/* 128 random bits: nobody else makes a directory of this name. */
static enum err temporary_name(const char *hash, char **out)
{
    uint64_t r[2];

    if (getrandom(r, sizeof(r), 0) != sizeof(r))
        return failed("name a directory in", hash);
    if (asprintf(out, "%s/.new-%016llx%016llx", hash, (unsigned long long)r[0],
                 (unsigned long long)r[1]) < 0)
        abort();
    return ERR_OK;
}

enum err account_create(const char *root, struct slice name)
{
    scoped_free char *dir = NULL;
    scoped_free char *hash = NULL;
    scoped_free char *temporary = NULL;
    enum err err;

    TRY(path_account(root, name, &dir));
    hash = hash_dir(root, name);
    if (access(dir, F_OK) == 0)
        return ERR_EXISTS;
    TRY(make_parents(root, hash));
    TRY(temporary_name(hash, &temporary));
    TRY(make_dir(hash, temporary));
    err = make_account(temporary);
    if (err == ERR_OK && renameat2(AT_FDCWD, temporary, AT_FDCWD, dir, RENAME_NOREPLACE) < 0)
        err = errno == EEXIST ? ERR_EXISTS : failed("rename", temporary);
    if (err != ERR_OK) {
        remove_temporary(temporary);
        return err;
    }
    return path_sync_dir(hash);
}

bool account_exists(const char *root, struct slice name)
{
    char *dir;
    bool there;

    if (path_account(root, name, &dir) != ERR_OK)
        return false;
    there = access(dir, F_OK) == 0;
    free(dir);
    return there;
}

enum err account_remove(const char *root, struct slice name)
{
    scoped_free char *dir = NULL;
    scoped_free char *hash = NULL;
    scoped_free char *removed = join(root, "removed");
    scoped_free char *text = NULL;
    scoped_free char *to = NULL;
    scoped_fd int lock = -1;

    TRY(path_account(root, name, &dir));
    TRY(path_lock(dir, &lock));
    hash = hash_dir(root, name);
    text = mem_dup_slice(name);
    TRY(make_dir(root, removed));
    /* A long name is cut, since the time and a counter come behind it. */
    for (int i = 0; i < 1000; i++) {
        free(to);
        to = NULL;
        if (asprintf(&to, "%s/%.200s.%lld%s%.0d", removed, text, (long long)clock_wall_s(),
                     i > 0 ? "." : "", i) < 0)
            abort();
        if (renameat2(AT_FDCWD, dir, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
            TRY(path_sync_dir(hash));
            return path_sync_dir(removed);
        }
        if (errno != EEXIST)
            break;
    }
    return failed("move aside", dir);
}

static enum err each_in(const char *dir, enum err (*each)(void *ctx, struct slice name), void *ctx)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    enum err err = ERR_OK;

    if (d == NULL)
        return errno == ENOENT || errno == ENOTDIR ? ERR_OK : failed("read", dir);
    while (err == ERR_OK && (e = readdir(d)) != NULL) {
        struct slice name = slice_of_str(e->d_name);

        if (account_name_valid(name))
            err = each(ctx, name);
    }
    closedir(d);
    return err;
}

struct each_account {
    const char *accounts;
    enum err (*each)(void *ctx, struct slice name);
    void *ctx;
};

static enum err each_hash(void *ctx, struct slice name)
{
    struct each_account *e = ctx;
    scoped_free char *text = mem_dup_slice(name);
    scoped_free char *dir = join(e->accounts, text);

    return each_in(dir, e->each, e->ctx);
}

enum err account_each(const char *root, enum err (*each)(void *ctx, struct slice name), void *ctx)
{
    scoped_free char *accounts = join(root, "accounts");
    struct each_account e = {.accounts = accounts, .each = each, .ctx = ctx};

    return each_in(accounts, each_hash, &e);
}
