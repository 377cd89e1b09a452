/* store/cold_read.c -- a read that has to wait for the disk says so.
 *
 * Who runs accounts on as many threads as there are processors wants to know when one of them only
 * waits. Commits do always; reads hardly ever, since pages are in the kernel's memory, and asking
 * for each would cost more than it helps. So a page is first read without waiting (RWF_NOWAIT), and
 * only if it is not there between the two calls of store_waits. SQLite's own file system layer lets
 * its system calls be replaced, so all of its reads come by.
 */
#include <errno.h>
#include <stdatomic.h>
#include <sys/uio.h>
#include <unistd.h>

#include "store/internal.h"

static void nothing(void)
{
}

struct store_waits store_waits = {nothing, nothing};

static ssize_t read_waiting(int fd, void *p, size_t n, off_t at)
{
    ssize_t got;
    int why;

    store_waits.begin();
    got = pread(fd, p, n, at);
    why = errno;
    store_waits.end();
    errno = why;
    return got;
}

static ssize_t cold_read(int fd, void *p, size_t n, off_t at)
{
    static atomic_bool unknown; /* to this kernel or file system */
    struct iovec v = {p, n};
    ssize_t got;

    if (atomic_load_explicit(&unknown, memory_order_relaxed))
        return pread(fd, p, n, at);
    got = preadv2(fd, &v, 1, at, RWF_NOWAIT);
    if (got == (ssize_t)n || got == 0)
        return got;
    if (got < 0 && errno != EAGAIN && errno != EINTR)
        atomic_store_explicit(&unknown, true, memory_order_relaxed);
    return read_waiting(fd, p, n, at); /* all of it again: at the end it is short once more */
}

void cold_read_install(void)
{
    static const char *const names[] = {"pread", "pread64"};
    sqlite3_vfs *vfs = sqlite3_vfs_find("unix-none");

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (vfs->xGetSystemCall(vfs, names[i]) != NULL)
            (void)vfs->xSetSystemCall(vfs, names[i], (sqlite3_syscall_ptr)cold_read);
}
