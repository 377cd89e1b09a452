/* store/wal_vfs.c -- an SQLite VFS that writes a commit to the WAL in one piece, into a file that
 * is long enough already.
 *
 * SQLite writes each page of a transaction to the WAL with two calls: 24 octets of frame header,
 * then the page. A delivery is seven pages, so fourteen calls, which cost more CPU than the disk.
 * Here adjoining writes to a WAL are gathered, at most GATHER_OCTETS, and handed down as one when
 * SQLite syncs, reads, asks for the size, truncates or closes. Everything else goes straight to the
 * VFS below (db_vfs); the database's own file has ahead_vfs.c before it.
 *
 * Why this is safe: nothing of a commit counts before its sync returned (synchronous=FULL), and
 * the sync hands down first. A write that fails therefore fails the sync or the read, and SQLite
 * takes the transaction back. Order is kept: what does not adjoin hands down what was gathered. The
 * commit's last frame is last in the piece, so a piece cut short holds no commit.
 *
 * A sync that makes a file longer also writes what the file system knows of the file: it takes more
 * than twice as long as one of octets that are there already. So a WAL that holds more than one
 * commit, and has no room for another like the last, is doubled, with zeros, at most
 * AHEAD_OCTETS_MAX at a time. That takes as long as a commit, so it is done when the answers have
 * been sent (account_work_off). Zeros are no frame (there is no page 0); a WAL mostly ends in what
 * is none, since it is begun anew without being cut. When the disk has no room for them, nobody is
 * told.
 */
#include <assert.h>

#include "base/mem.h"
#include "store/internal.h"

enum {
    GATHER_OCTETS = 64 * 1024,
    AHEAD_OCTETS_MAX = 512 * 1024,
    AHEAD_END_OCTETS = STORE_WAL_PAGES_MAX * 4096, /* none beyond: it is about to be begun anew */
};

struct wal_file {
    sqlite3_file base;
    sqlite3_file *below;
    char *gathered; /* NULL while empty */
    int n;
    sqlite3_int64 at;
    sqlite3_int64 end;    /* of what was written since it was opened or cut */
    sqlite3_int64 size;   /* of the file; 0 also when not known yet */
    sqlite3_int64 commit; /* octets written since the last sync, */
    sqlite3_int64 last;   /* and before it */
};

static struct wal_file *wal_of(sqlite3_file *f)
{
    return (struct wal_file *)(void *)f;
}

static int write_below(struct wal_file *w, const void *p, int n, sqlite3_int64 at)
{
    w->end = at + n > w->end ? at + n : w->end;
    w->commit += n;
    return w->below->pMethods->xWrite(w->below, p, n, at);
}

static int hand_down(struct wal_file *w)
{
    int n = w->n, rc;

    if (n == 0)
        return SQLITE_OK;
    w->n = 0;
    rc = write_below(w, w->gathered, n, w->at);
    free(w->gathered);
    w->gathered = NULL;
    return rc;
}

static int wal_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    struct wal_file *w = wal_of(f);

    if (w->n > 0 && (at != w->at + w->n || n > GATHER_OCTETS - w->n)) {
        int rc = hand_down(w);

        if (rc != SQLITE_OK)
            return rc;
    }
    if (n > GATHER_OCTETS)
        return write_below(w, p, n, at);
    if (w->gathered == NULL) {
        w->gathered = mem_resize(NULL, GATHER_OCTETS, 1);
        w->at = at;
    }
    memcpy(w->gathered + w->n, p, (size_t)n);
    w->n += n;
    return SQLITE_OK;
}

static int wal_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    struct wal_file *w = wal_of(f);
    int rc = hand_down(w);

    return rc != SQLITE_OK ? rc : w->below->pMethods->xRead(w->below, p, n, at);
}

static int wal_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct wal_file *w = wal_of(f);
    int rc = hand_down(w);

    w->end = w->size = 0;
    return rc != SQLITE_OK ? rc : w->below->pMethods->xTruncate(w->below, size);
}

static int wal_sync(sqlite3_file *f, int flags)
{
    struct wal_file *w = wal_of(f);
    int rc = hand_down(w);

    if (rc != SQLITE_OK)
        return rc;
    w->last = w->commit;
    w->commit = 0;
    return w->below->pMethods->xSync(w->below, flags);
}

static int wal_size(sqlite3_file *f, sqlite3_int64 *out)
{
    struct wal_file *w = wal_of(f);
    int rc = hand_down(w);

    return rc != SQLITE_OK ? rc : w->below->pMethods->xFileSize(w->below, out);
}

static int wal_close(sqlite3_file *f)
{
    struct wal_file *w = wal_of(f);

    (void)hand_down(w); /* what was not synced was promised to nobody */
    return w->below->pMethods->xClose(w->below);
}

static int wal_lock(sqlite3_file *f, int level)
{
    return wal_of(f)->below->pMethods->xLock(wal_of(f)->below, level);
}

static int wal_unlock(sqlite3_file *f, int level)
{
    return wal_of(f)->below->pMethods->xUnlock(wal_of(f)->below, level);
}

static int wal_reserved(sqlite3_file *f, int *out)
{
    return wal_of(f)->below->pMethods->xCheckReservedLock(wal_of(f)->below, out);
}

static int wal_control(sqlite3_file *f, int op, void *arg)
{
    return wal_of(f)->below->pMethods->xFileControl(wal_of(f)->below, op, arg);
}

static int wal_sector(sqlite3_file *f)
{
    return wal_of(f)->below->pMethods->xSectorSize(wal_of(f)->below);
}

static int wal_device(sqlite3_file *f)
{
    return wal_of(f)->below->pMethods->xDeviceCharacteristics(wal_of(f)->below);
}

static const sqlite3_io_methods wal_methods = {
    .iVersion = 1, /* no memory map, no shared memory: those are of the database's own file */
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
    .xLock = wal_lock,
    .xUnlock = wal_unlock,
    .xCheckReservedLock = wal_reserved,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector,
    .xDeviceCharacteristics = wal_device,
};

/* ---- room for the next commits ----------------------------------------------------------------
 */

/* The WAL of an open database; NULL: it has none open. */
static struct wal_file *wal_of_database(sqlite3 *db)
{
    sqlite3_file *f = NULL;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&f) != SQLITE_OK ||
        f == NULL || f->pMethods != &wal_methods)
        return NULL;
    return wal_of(f);
}

static bool is_short(const struct wal_file *w)
{
    return w->end + w->last > w->size && w->end >= 2 * w->last && w->end < AHEAD_END_OCTETS;
}

bool wal_is_short(sqlite3 *db)
{
    const struct wal_file *w = wal_of_database(db);

    return w != NULL && is_short(w);
}

void wal_make_room(sqlite3 *db)
{
    static const char zeros[64 * 1024];
    struct wal_file *w = wal_of_database(db);
    sqlite3_int64 target, at;
    int rc = SQLITE_OK;

    if (w == NULL || hand_down(w) != SQLITE_OK ||
        w->below->pMethods->xFileSize(w->below, &w->size) != SQLITE_OK || !is_short(w))
        return;
    target = w->end + (w->end < AHEAD_OCTETS_MAX ? w->end : AHEAD_OCTETS_MAX);
    at = w->size > w->end ? w->size : w->end;
    for (; at < target && rc == SQLITE_OK; at += sizeof(zeros))
        rc = w->below->pMethods->xWrite(w->below, zeros, sizeof(zeros), at);
    w->size = at;        /* without the room it was to be: it is not tried again at each commit */
    if (rc == SQLITE_OK) /* all that was promised was synced before, so a failure loses nothing */
        (void)w->below->pMethods->xSync(w->below, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

/* ---- the VFS ----------------------------------------------------------------------------------
 */

/* The VFS below; its file lies behind a struct wal_file. Looked up each time, since tests change
 * what is below. */
static sqlite3_vfs *below_of(const sqlite3_vfs *vfs)
{
    sqlite3_vfs *below = sqlite3_vfs_find(db_vfs);

    assert(below != NULL && sizeof(struct wal_file) >= ahead_file_octets() &&
           sizeof(struct wal_file) + (size_t)below->szOsFile <= (size_t)vfs->szOsFile);
    return below;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct wal_file *w = wal_of(f);
    int rc;

    if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
        return ahead_open(below_of(vfs), name, f, flags, out);
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return below_of(vfs)->xOpen(below_of(vfs), name, f, flags, out);
    *w = (struct wal_file){.below = (sqlite3_file *)(void *)(w + 1)};
    rc = below_of(vfs)->xOpen(below_of(vfs), name, w->below, flags, out);
    w->base.pMethods = rc == SQLITE_OK ? &wal_methods : NULL;
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    return below_of(vfs)->xDelete(below_of(vfs), name, sync);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    return below_of(vfs)->xAccess(below_of(vfs), name, flags, out);
}

/* SQLite would look at each directory on the way for a symbolic link. Where those lead does not
 * matter, since all files of a database lie in one directory; and the last is none: see path_lock.
 */
static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
    size_t octets = strlen(name) + 1;

    if (name[0] == '/' && octets <= (size_t)n) {
        memcpy(out, name, octets);
        return SQLITE_OK;
    }
    return below_of(vfs)->xFullPathname(below_of(vfs), name, n, out);
}

void wal_vfs_register(void)
{
    static sqlite3_vfs vfs;
    const sqlite3_vfs *unix_none = sqlite3_vfs_find("unix-none");

    assert(unix_none != NULL);
    vfs = *unix_none; /* what has no file in it (random octets, time, errors) is called as it is */
    vfs.pNext = NULL;
    vfs.pAppData = NULL;
    vfs.zName = WAL_VFS_NAME;
    vfs.szOsFile = (int)sizeof(struct wal_file) + unix_none->szOsFile;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xFullPathname = vfs_full_name;
    if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
        abort(); /* out of memory at the start */
}
