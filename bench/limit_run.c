/* bench/limit_run.c -- the threads of a limit, their clocks and connections; see limit.h. */
#include <dirent.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "limit.h"

enum { PROCESSORS = 2 };

struct pair {
    struct limit_side server, client;
    pthread_t server_thread, client_thread;
};

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static void count(struct limit_side *s, double from)
{
    s->operations++;
    if (!s->shared->limit->counts_itself)
        latency_add(&s->latency, drive_now() - from);
}

/* ---- the server's side ----------------------------------------------------------------------- */

static void operate_alone(struct limit_side *s)
{
    double from = drive_now();

    s->began = from;
    do {
        (void)s->shared->limit->serve(s);
        count(s, from);
        from = drive_now();
    } while (from < s->shared->until);
    s->ended = from;
}

static void accept_each(struct limit_side *s)
{
    int fd;

    while ((fd = accept4(s->shared->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        stream_begin(s, fd, true);
        (void)s->shared->limit->serve(s);
        stream_end(s);
    }
}

static void *server_main(void *arg)
{
    struct limit_side *s = arg;
    const struct limit *limit = s->shared->limit;
    uint64_t cpu;

    if (limit->form == LIMIT_CONNECTED)
        stream_begin(s, s->fd, true);
    if (limit->open != NULL)
        limit->open(s);
    pthread_barrier_wait(&s->shared->ready);
    pthread_barrier_wait(&s->shared->go);
    cpu = thread_cpu_ns();
    if (limit->form == LIMIT_ALONE)
        operate_alone(s);
    else if (limit->form == LIMIT_ACCEPTS)
        accept_each(s);
    else
        while (limit->serve(s))
            ;
    s->cpu_ns = thread_cpu_ns() - cpu;
    if (limit->close != NULL)
        limit->close(s);
    stream_end(s);
    return NULL;
}

/* ---- the client's side ----------------------------------------------------------------------- */

static void *client_main(void *arg)
{
    struct limit_side *s = arg;
    const struct limit *limit = s->shared->limit;
    double from;

    if (limit->form == LIMIT_CONNECTED)
        stream_begin(s, s->fd, false);
    pthread_barrier_wait(&s->shared->ready);
    pthread_barrier_wait(&s->shared->go);
    s->began = from = drive_now();
    do {
        limit->ask(s);
        count(s, from);
        from = drive_now();
    } while (from < s->shared->until);
    s->ended = from;
    stream_end(s);
    return NULL;
}

/* ---- a limit --------------------------------------------------------------------------------- */

/* Memory that a fork does not part; zeroed. */
static void *share(size_t octets)
{
    void *p = mmap(NULL, octets, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        drive_die("no memory");
    return p;
}

static void start(pthread_t *thread, void *(*work)(void *), struct limit_side *s)
{
    s->random.state = 1000 + s->number;
    s->room = mem_calloc(1, LIMIT_ROOM_OCTETS);
    if (pthread_create(thread, NULL, work, s) != 0)
        drive_die("no thread");
}

static void join(pthread_t thread, struct limit_side *s)
{
    pthread_join(thread, NULL);
    free(s->room);
}

static void start_clients(struct pair *pair, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        start(&pair[i].client_thread, client_main, &pair[i].client);
}

static void join_clients(struct pair *pair, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        join(pair[i].client_thread, &pair[i].client);
}

static pid_t fork_clients(struct pair *pair, unsigned n)
{
    pid_t child = fork();

    if (child < 0)
        drive_die("no process");
    if (child == 0) {
        start_clients(pair, n);
        join_clients(pair, n);
        _exit(0);
    }
    return child;
}

static void connect_all(struct pair *pair, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct limit_shared *s = pair[i].server.shared;

        pair[i].client.fd = stream_connect(s);
        pair[i].server.fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    }
}

static struct pair *make_pairs(struct limit_shared *s, unsigned n)
{
    struct pair *pair = share(n * sizeof(*pair));

    for (unsigned i = 0; i < n; i++) {
        pair[i].server = (struct limit_side){.shared = s, .number = i, .fd = -1};
        pair[i].client = pair[i].server;
    }
    return pair;
}

static void report(const struct limit *limit, const struct pair *pair, unsigned n)
{
    const struct workload named = {.name = limit->name};
    scoped_free struct latency *all = mem_calloc(1, sizeof(*all));
    struct report r = {.workload = &named, .latency = all};

    for (unsigned i = 0; i < n; i++) {
        const struct limit_side *s = limit->form == LIMIT_ALONE ? &pair[i].server : &pair[i].client;

        latency_merge(all, &s->latency);
        r.operations += s->operations;
        r.octets += s->octets;
        r.rate += (double)s->operations / (s->ended - s->began);
        r.cpu_ns += pair[i].server.cpu_ns;
    }
    report_print(&r);
}

static void init_barriers(struct limit_shared *s, unsigned parties)
{
    pthread_barrierattr_t attr;

    pthread_barrierattr_init(&attr);
    pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&s->ready, &attr, parties);
    pthread_barrier_init(&s->go, &attr, parties);
    pthread_barrierattr_destroy(&attr);
}

static void run_pairs(struct limit_shared *s)
{
    enum limit_form form = s->limit->form;
    unsigned clients = form == LIMIT_ALONE ? 0 : s->options.connections;
    /* who accepts serves one after the other, so there are not more than can run */
    unsigned servers = form == LIMIT_ACCEPTS ? PROCESSORS : s->options.connections;
    unsigned n = clients > servers ? clients : servers;
    struct pair *pair = make_pairs(s, n);
    pid_t child = 0;

    init_barriers(s, clients + servers + 1);
    if (form == LIMIT_CONNECTED)
        connect_all(pair, n);
    if (form == LIMIT_ACCEPTS)
        child = fork_clients(pair, clients);
    else
        start_clients(pair, clients);
    for (unsigned i = 0; i < servers; i++)
        start(&pair[i].server_thread, server_main, &pair[i].server);
    pthread_barrier_wait(&s->ready);
    s->until = drive_now() + s->options.seconds;
    pthread_barrier_wait(&s->go);
    if (child > 0)
        waitpid(child, NULL, 0);
    else
        join_clients(pair, clients);
    shutdown(s->listener, SHUT_RDWR); /* ends those who accept */
    for (unsigned i = 0; i < servers; i++)
        join(pair[i].server_thread, &pair[i].server);
    report(s->limit, pair, n);
    munmap(pair, n * sizeof(*pair));
}

static void remove_directory(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;

    while (d != NULL && (e = readdir(d)) != NULL)
        (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d != NULL)
        closedir(d);
    (void)rmdir(path);
}

static struct limit_options with_own(const struct limit *limit, const struct limit_options *o)
{
    return (struct limit_options){
        .seconds = o->seconds,
        .connections = o->connections > 0 ? o->connections : limit->connections,
        .octets = o->octets > 0 ? o->octets : limit->octets,
        .pages = o->pages > 0 ? o->pages : limit->pages,
    };
}

void limit_run(const struct limit *limit, const struct limit_options *options)
{
    struct limit_shared *s = share(sizeof(*s));

    *s = (struct limit_shared){.limit = limit,
                               .options = with_own(limit, options),
                               .directory = "limit-XXXXXX",
                               .listener = -1,
                               .file = -1};
    if (mkdtemp(s->directory) == NULL)
        drive_die("no directory can be made here");
    if (limit->form != LIMIT_ALONE)
        stream_listen(s);
    if (limit->tls)
        stream_tls_prepare(s);
    if (limit->prepare != NULL)
        limit->prepare(s);
    run_pairs(s);
    stream_tls_release(s);
    if (s->listener >= 0)
        close(s->listener);
    if (s->file >= 0)
        close(s->file);
    free(s->own);
    remove_directory(s->directory);
    munmap(s, sizeof(*s));
}
