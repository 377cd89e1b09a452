/* store/ahead_vfs.c -- the database's file as SQLite sees it: what is read of a long blob is read
 * ahead.
 *
 * SQLite reads a blob page by page, 4 KiB a call, and most of such a call is not the copying. The
 * pages of a chunk were taken one after the other, so most lie side by side. Whoever is about to
 * read many (reading.c) lends a window: from the second page on that follows upon the one before,
 * more is read than was asked for, twice as much each time. Where pages lie scattered the window is
 * not used, or little of it is read in vain.
 *
 * SQLite takes the pages that follow from the window itself: for that it believes the file to be
 * mapped into memory (PRAGMA mmap_size) and asks xFetch for each page before it looks for it in its
 * cache. So a long body passes the cache by, and pushes nothing out of it. A page is let go of
 * before the next one is asked for, and all before the window is taken back.
 *
 * The window is lent for one call, within which nothing is written; it is dropped at a write all
 * the same. Everything else goes to the VFS below. Pages that are in the WAL are read from there:
 * SQLite looks for them there first.
 *
 * SQLite asks how large the file is whenever it begins to read and the WAL is empty, which opening
 * an account does some thirty times. Nobody else writes the file (path_lock), so it is known.
 */
#include "store/internal.h"

enum { FIRST_OCTETS = 32 * 1024 };

struct ahead_file {
    sqlite3_file base;
    sqlite3_file *below;
    struct ahead *ahead; /* NULL: nothing is lent */
    sqlite3_int64 next;  /* where the last read ended */
    sqlite3_int64 size;  /* of the file; -1: not known */
};

static struct ahead_file *file_of(sqlite3_file *f)
{
    return (struct ahead_file *)(void *)f;
}

static int read_below(struct ahead_file *x, void *p, int n, sqlite3_int64 at)
{
    return x->below->pMethods->xRead(x->below, p, n, at);
}

static bool in_window(const struct ahead *w, int n, sqlite3_int64 at)
{
    return at >= w->at && at + n <= w->at + w->n;
}

/* Read on from `at`, where at least n octets are wanted. At the end of the file there may be less:
 * then nothing is in the window, and SQLite asks below. */
static bool fill_window(struct ahead_file *x, int n, sqlite3_int64 at)
{
    struct ahead *w = x->ahead;
    int take = w->span > 0 ? 2 * w->span : FIRST_OCTETS;

    take = take < AHEAD_OCTETS ? take : AHEAD_OCTETS;
    take = take < w->wanted ? take : w->wanted;
    if (w->lent > 0)
        return false;
    w->n = 0;
    if (take <= n || read_below(x, w->octets, take, at) != SQLITE_OK)
        return false;
    w->at = at;
    w->n = w->span = take;
    return true;
}

static int ahead_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    struct ahead_file *x = file_of(f);

    if (x->ahead != NULL) {
        x->ahead->wanted -= n;
        x->ahead->span = 0;
    }
    x->next = at + n;
    return read_below(x, p, n, at);
}

/* SQLite asks here first. What is not in the window, and cannot be, it reads. */
static int ahead_fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **p)
{
    struct ahead_file *x = file_of(f);
    struct ahead *w = x->ahead;

    *p = NULL;
    if (w == NULL || (!in_window(w, n, at) && (at != x->next || !fill_window(x, n, at))))
        return SQLITE_OK;
    w->wanted -= n;
    w->lent++;
    x->next = at + n;
    *p = w->octets + (at - w->at);
    return SQLITE_OK;
}

static int ahead_unfetch(sqlite3_file *f, sqlite3_int64 at, void *p)
{
    struct ahead *w = file_of(f)->ahead;

    (void)at;
    if (p != NULL && w != NULL)
        w->lent--;
    return SQLITE_OK;
}

static int ahead_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    struct ahead_file *x = file_of(f);

    if (x->ahead != NULL)
        x->ahead->n = 0;
    if (x->size < at + n)
        x->size = -1;
    return x->below->pMethods->xWrite(x->below, p, n, at);
}

static int ahead_control(sqlite3_file *f, int op, void *arg)
{
    struct ahead_file *x = file_of(f);

    if (op == AHEAD_CONTROL) {
        x->ahead = arg;
        return SQLITE_OK;
    }
    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE)
        x->size = -1;
    if (op == SQLITE_FCNTL_MMAP_SIZE) /* there is no map below */
        return SQLITE_OK;
    return x->below->pMethods->xFileControl(x->below, op, arg);
}

static int ahead_close(sqlite3_file *f)
{
    return file_of(f)->below->pMethods->xClose(file_of(f)->below);
}

static int ahead_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    file_of(f)->size = -1;
    return file_of(f)->below->pMethods->xTruncate(file_of(f)->below, size);
}

static int ahead_sync(sqlite3_file *f, int flags)
{
    return file_of(f)->below->pMethods->xSync(file_of(f)->below, flags);
}

static int ahead_size(sqlite3_file *f, sqlite3_int64 *out)
{
    struct ahead_file *x = file_of(f);

    if (x->size < 0) {
        int rc = x->below->pMethods->xFileSize(x->below, &x->size);

        if (rc != SQLITE_OK) {
            x->size = -1;
            return rc;
        }
    }
    *out = x->size;
    return SQLITE_OK;
}

static int ahead_lock(sqlite3_file *f, int level)
{
    return file_of(f)->below->pMethods->xLock(file_of(f)->below, level);
}

static int ahead_unlock(sqlite3_file *f, int level)
{
    return file_of(f)->below->pMethods->xUnlock(file_of(f)->below, level);
}

static int ahead_reserved(sqlite3_file *f, int *out)
{
    return file_of(f)->below->pMethods->xCheckReservedLock(file_of(f)->below, out);
}

static int ahead_sector(sqlite3_file *f)
{
    return file_of(f)->below->pMethods->xSectorSize(file_of(f)->below);
}

static int ahead_device(sqlite3_file *f)
{
    return file_of(f)->below->pMethods->xDeviceCharacteristics(file_of(f)->below);
}

static const sqlite3_io_methods ahead_methods = {
    .iVersion = 3, /* without shared memory: the WAL's index is on the heap */
    .xClose = ahead_close,
    .xRead = ahead_read,
    .xWrite = ahead_write,
    .xTruncate = ahead_truncate,
    .xSync = ahead_sync,
    .xFileSize = ahead_size,
    .xLock = ahead_lock,
    .xUnlock = ahead_unlock,
    .xCheckReservedLock = ahead_reserved,
    .xFileControl = ahead_control,
    .xSectorSize = ahead_sector,
    .xDeviceCharacteristics = ahead_device,
    .xFetch = ahead_fetch,
    .xUnfetch = ahead_unfetch,
};

int ahead_open(sqlite3_vfs *below, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct ahead_file *x = file_of(f);
    int rc;

    *x = (struct ahead_file){.below = (sqlite3_file *)(void *)(x + 1), .size = -1};
    rc = below->xOpen(below, name, x->below, flags, out);
    x->base.pMethods = x->below->pMethods != NULL ? &ahead_methods : NULL;
    return rc;
}

size_t ahead_file_octets(void)
{
    return sizeof(struct ahead_file);
}
