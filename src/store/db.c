/* store/db.c -- opening SQLite the way DESIGN asks for; each line was learned by measuring.
 *
 * The VFS takes no locks ("unix-none"): POSIX locks vanish when anything in the process closes
 * the same file, so path_lock holds an F_OFD_SETLK lock instead, on the octets where other
 * programs' SQLite looks for one. Over it lies our own, which writes a commit in one piece
 * (wal_vfs.c). locking_mode=EXCLUSIVE keeps the WAL's index on the heap, so
 * there is no shared memory file.
 */
#include <pthread.h>

#include "base/log.h"
#include "store/internal.h"

const char *db_vfs = "unix-none";

/* ---- memory: a pool for each database ------------------------------------------------------- */

static _Thread_local struct pool *pool; /* of the database at work; NULL: none */

struct pool *db_enter(struct pool *p)
{
    struct pool *before = pool;

    pool = p;
    return before;
}

static void *memory_alloc(int n)
{
    return pool_alloc(pool, (size_t)n);
}

static void *memory_resize(void *p, int n)
{
    return pool_resize(pool, p, (size_t)n);
}

static int memory_size(void *p)
{
    return p != NULL ? (int)pool_size(p) : 0;
}

static int memory_round(int n)
{
    return (int)pool_round((size_t)n);
}

static int memory_init(void *ctx)
{
    (void)ctx;
    return SQLITE_OK;
}

static void memory_shutdown(void *ctx)
{
    (void)ctx;
}

static const sqlite3_mem_methods memory_methods = {.xMalloc = memory_alloc,
                                                   .xFree = pool_release,
                                                   .xRealloc = memory_resize,
                                                   .xSize = memory_size,
                                                   .xRoundup = memory_round,
                                                   .xInit = memory_init,
                                                   .xShutdown = memory_shutdown};

/* MEMSTATUS takes a global lock at each allocation. A PAGECACHE of none: each page is a piece of
 * its database's pool, and no more are taken than it uses. */
static void configure_once(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &memory_methods);
    (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_initialize();
    cold_read_install();
    wal_vfs_register();
}

/* Before the first table: page_size and auto_vacuum shape the file. */
static const char create_pragmas[] = "PRAGMA page_size = 4096;"
                                     "PRAGMA auto_vacuum = INCREMENTAL;";

static const char pragmas[] =
    "PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA mmap_size = 65536;"            /* nothing is mapped, see ahead_vfs.c: an I/O error
                                            * would be a SIGBUS for every account */
    "PRAGMA secure_delete = OFF;"          /* Debian's default rewrites what it deletes */
    "PRAGMA journal_size_limit = 5242880;" /* a quarter above where a checkpoint comes */
    "PRAGMA wal_autocheckpoint = 0;"       /* idle steps and account_commit do it */
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA cache_size = -256;";

static int configure(sqlite3 *db, bool create)
{
    int rc = SQLITE_OK;

    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (create)
        rc = sqlite3_exec(db, create_pragmas, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, pragmas, NULL, NULL, NULL);
    return rc;
}

enum err db_open(const char *path, bool create, sqlite3 **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
    sqlite3 *db = NULL;
    int rc;

    pthread_once(&once, configure_once);
    rc = sqlite3_open_v2(path, &db, flags, WAL_VFS_NAME);
    if (rc == SQLITE_OK)
        rc = configure(db, create);
    if (rc != SQLITE_OK) {
        int errno_ = sqlite3_system_errno(db);

        log_error("store: cannot open %s: %s (errno %d)", path, sqlite3_errmsg(db), errno_);
        sqlite3_close(db);
        return sql_err(rc, errno_);
    }
    *out = db;
    return ERR_OK;
}

void db_close(sqlite3 **db)
{
    sqlite3_close(*db);
    *db = NULL;
}
