/* bench/server.c -- the server's processes and accounts, from outside; see bench.h. */
#include <argon2.h>
#include <dirent.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench.h"

enum { PATH_OCTETS = 600, SETTLE_S = 100 };

/* ---- /proc ----------------------------------------------------------------------------------- */

size_t bench_pids(const struct bench *b, int pid[BENCH_PIDS_MAX])
{
    char path[PATH_OCTETS];
    size_t n = 1;
    FILE *f;

    pid[0] = b->supervisor;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", b->supervisor, b->supervisor);
    f = fopen(path, "re");
    if (f == NULL)
        bench_die("no server runs as process %d", b->supervisor);
    while (n < BENCH_PIDS_MAX && fscanf(f, "%d", &pid[n]) == 1)
        n++;
    fclose(f);
    return n;
}

int bench_pid_of(const struct bench *b, const char *role)
{
    int pid[BENCH_PIDS_MAX], found = 0;
    size_t n = bench_pids(b, pid);

    for (size_t i = 1; i < n && found == 0; i++) {
        char path[PATH_OCTETS], text[200] = "";
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/comm", pid[i]);
        f = fopen(path, "re");
        if (f == NULL)
            continue;
        if (fgets(text, sizeof(text), f) != NULL && strstr(text, role) != NULL)
            found = pid[i];
        fclose(f);
    }
    return found;
}

/* The first number of a task's schedstat: nanoseconds on a processor. */
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

static uint64_t process_ns(int pid)
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

uint64_t bench_cpu_ns(const struct bench *b)
{
    int pid[BENCH_PIDS_MAX];
    size_t n = bench_pids(b, pid);
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += process_ns(pid[i]);
    return sum;
}

static uint64_t process_pss(int pid)
{
    char path[PATH_OCTETS], line[200];
    unsigned long long kib = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
    f = fopen(path, "re");
    if (f == NULL)
        bench_die("%s cannot be read", path);
    while (fgets(line, sizeof(line), f) != NULL) {
        if (sscanf(line, "Pss: %llu kB", &kib) == 1)
            break;
    }
    fclose(f);
    return kib * 1024;
}

uint64_t bench_pss(const struct bench *b)
{
    int pid[BENCH_PIDS_MAX];
    size_t n = bench_pids(b, pid);
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += process_pss(pid[i]);
    return sum;
}

/* How many account databases the process has open. */
static unsigned open_databases(int pid)
{
    char path[PATH_OCTETS], to[PATH_OCTETS];
    struct dirent *entry;
    unsigned n = 0;
    DIR *d;

    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    d = opendir(path);
    while (d != NULL && (entry = readdir(d)) != NULL) {
        ssize_t k = readlinkat(dirfd(d), entry->d_name, to, sizeof(to) - 1);

        to[k > 0 ? k : 0] = '\0';
        n += strstr(to, "/mail.db") != NULL;
    }
    if (d != NULL)
        closedir(d);
    return n;
}

uint64_t bench_pss_settled(const struct bench *b)
{
    double until = bench_now() + SETTLE_S;
    uint64_t last = bench_pss(b);

    while (open_databases(bench_pid_of(b, "store")) > 0 && bench_now() < until)
        usleep(200000);
    for (int calm = 0; calm < 2 && bench_now() < until;) {
        uint64_t now;

        sleep(1);
        now = bench_pss(b);
        calm = now + 65536 > last && last + 65536 > now ? calm + 1 : 0;
        last = now;
    }
    return last;
}

/* ---- control sockets ------------------------------------------------------------------------- */

static int connect_control(const struct bench *b, const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(at.sun_path, sizeof(at.sun_path), "%s/control/%s", b->data, name);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void ask(const struct bench *b, const char *socket_name, const char *line)
{
    char answer[300];
    int fd = connect_control(b, socket_name);
    ssize_t n;

    if (fd < 0 || send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        bench_die("%s/control/%s does not answer", b->data, socket_name);
    n = recv(fd, answer, sizeof(answer) - 1, MSG_WAITALL);
    answer[n > 0 ? n : 0] = '\0';
    if (strcmp(answer, "OK\n") != 0 && strstr(answer, "exist") == NULL &&
        strstr(answer, "EXIST") == NULL)
        bench_die("%s: %s", socket_name, answer);
    close(fd);
}

void bench_make_accounts(const struct bench *b, const char *prefix, unsigned n)
{
    char line[600], hash[200];

    /* A hash that costs nothing: what passwords cost is not measured here. */
    if (argon2id_hash_encoded(1, 8, 1, "secret", 6, "saltsalt", 8, 16, hash, sizeof(hash)) != 0)
        bench_die("cannot make a password hash");
    for (unsigned i = 0; i < n; i++) {
        snprintf(line, sizeof(line), "ROOST1 create %s%u\n", prefix, i);
        ask(b, "store.sock", line);
        snprintf(line, sizeof(line), "ROOST1 add %s%u\t%s\n", prefix, i, hash);
        ask(b, "auth.sock", line);
    }
}

struct client *bench_try_local(const struct bench *b, const char *account)
{
    int fd = connect_control(b, "store.sock");
    char line[300];
    struct client *c;

    snprintf(line, sizeof(line), "ROOST1 imap %s\n", account);
    if (fd < 0)
        return NULL;
    if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0) {
        close(fd);
        return NULL;
    }
    c = client_open(fd);
    if (client_greeting(c, NULL) != ERR_OK)
        client_close(&c);
    return c;
}

struct client *bench_local(const struct bench *b, const char *account)
{
    struct client *c = bench_try_local(b, account);

    if (c == NULL)
        bench_die("no session for %s", account);
    return c;
}

struct client *bench_login(const struct bench *b, enum client_security security,
                           const char *account)
{
    struct client *c;

    bench_must(client_connect("127.0.0.1", security == CLIENT_TLS ? b->port_imaps : b->port_imap,
                              security, &c),
               "connect");
    bench_must(client_login(c, slice_of_str(account), SLICE("secret")), account);
    return c;
}
