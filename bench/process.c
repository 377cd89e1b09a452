/* bench/process.c -- what a tree of processes has used, from /proc.
 *
 * A peer may start and end a process for each session: the time of those that have ended stands in
 * their parent's stat as cutime and cstime, in ticks of 10 ms; that of the living is read from
 * schedstat in nanoseconds.
 */
#include <dirent.h>
#include <unistd.h>

#include "drive.h"

enum { PROCESSES_MAX = 65536, PATH_OCTETS = 600 };

/* Parent and the ticks of children that have ended; false: the process is gone. */
static bool read_stat(int pid, int *parent, uint64_t *ended_ticks)
{
    char path[PATH_OCTETS], text[1000];
    unsigned long long utime, stime;
    long long cutime, cstime;
    const char *behind;
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    f = fopen(path, "re");
    if (f == NULL)
        return false;
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = '\0';
    fclose(f);
    behind = strrchr(text, ')'); /* the name may hold anything */
    if (behind == NULL ||
        sscanf(behind, ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld", parent,
               &utime, &stime, &cutime, &cstime) != 5)
        return false;
    *ended_ticks = (uint64_t)(cutime + cstime);
    return true;
}

struct process {
    int pid, parent;
    uint64_t ended_ticks;
};

static size_t read_all(struct process *all)
{
    DIR *d = opendir("/proc");
    struct dirent *entry;
    size_t n = 0;

    while (d != NULL && n < PROCESSES_MAX && (entry = readdir(d)) != NULL) {
        uint64_t pid;

        if (!slice_to_u64(slice_of_str(entry->d_name), INT32_MAX, &pid))
            continue;
        all[n].pid = (int)pid;
        n += read_stat(all[n].pid, &all[n].parent, &all[n].ended_ticks);
    }
    if (d != NULL)
        closedir(d);
    return n;
}

/* The process and all below it go to the front; returns how many. */
static size_t keep_tree(struct process *all, size_t n, int pid)
{
    size_t kept = 0;
    bool grew = true;

    for (size_t i = 0; i < n && kept == 0; i++) {
        struct process x = all[i];

        if (x.pid != pid)
            continue;
        all[i] = all[0];
        all[kept++] = x;
    }
    while (grew && kept > 0) {
        grew = false;
        for (size_t i = kept; i < n; i++) {
            for (size_t k = 0; k < kept; k++) {
                struct process x = all[i];

                if (x.parent != all[k].pid)
                    continue;
                all[i] = all[kept];
                all[kept++] = x;
                grew = true;
                break;
            }
        }
    }
    return kept;
}

/* ---- of one process -------------------------------------------------------------------------- */

static uint64_t task_ns(int pid, const char *task)
{
    char path[PATH_OCTETS];
    unsigned long long ns = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, task);
    f = fopen(path, "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%llu", &ns) != 1)
        ns = 0;
    fclose(f);
    return ns;
}

static uint64_t living_ns(int pid)
{
    char path[PATH_OCTETS];
    struct dirent *entry;
    uint64_t sum = 0;
    DIR *d;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    d = opendir(path);
    while (d != NULL && (entry = readdir(d)) != NULL)
        sum += entry->d_name[0] != '.' ? task_ns(pid, entry->d_name) : 0;
    if (d != NULL)
        closedir(d);
    return sum;
}

static uint64_t pss_of(int pid)
{
    char path[PATH_OCTETS], line[200];
    unsigned long long kib = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
    f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        if (sscanf(line, "Pss: %llu kB", &kib) == 1)
            break;
    }
    if (f != NULL)
        fclose(f);
    return kib * 1024;
}

/* ---- of all ---------------------------------------------------------------------------------- */

static struct process *read_tree(int pid, size_t *n)
{
    struct process *all = calloc(PROCESSES_MAX, sizeof(*all));

    if (all == NULL)
        drive_die("no memory");
    *n = keep_tree(all, read_all(all), pid);
    if (*n == 0)
        drive_die("no server runs as process %d", pid);
    return all;
}

uint64_t process_cpu_ns(int pid)
{
    size_t n;
    struct process *p = read_tree(pid, &n);
    uint64_t sum = 0, tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);

    for (size_t i = 0; i < n; i++)
        sum += living_ns(p[i].pid) + p[i].ended_ticks * tick_ns;
    free(p);
    return sum;
}

uint64_t process_pss(int pid)
{
    size_t n;
    struct process *p = read_tree(pid, &n);
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += pss_of(p[i].pid);
    free(p);
    return sum;
}
