/* bench/measure.c -- running a workload: its threads, its clock, its line of JSON. */
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>

#include "base/clock.h"
#include "base/mem.h"
#include "drive.h"

enum { LATENCY_STEP_BITS = 6 };

static const double WARM_SECONDS = 0.3;

uint32_t random_below(struct random *r, uint32_t n)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15); /* splitmix64 */

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (uint32_t)(((z ^ (z >> 31)) >> 32) * n >> 32);
}

/* ---- how long each took ---------------------------------------------------------------------- */

static size_t bucket_of(uint64_t ns)
{
    unsigned top = ns > 0 ? 63 - (unsigned)__builtin_clzll(ns) : 0;
    unsigned shift = top > LATENCY_STEP_BITS ? top - LATENCY_STEP_BITS : 0;

    return ((size_t)top << LATENCY_STEP_BITS) + ((ns >> shift) & ((1 << LATENCY_STEP_BITS) - 1));
}

void latency_add(struct latency *l, double seconds)
{
    l->count[bucket_of(seconds > 0 ? (uint64_t)(seconds * 1e9) : 0)]++;
    l->n++;
}

void latency_merge(struct latency *l, const struct latency *other)
{
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        l->count[i] += other->count[i];
    l->n += other->n;
}

double latency_us(const struct latency *l, double part)
{
    uint64_t left = (uint64_t)((double)l->n * part);

    for (size_t i = 0; i < LATENCY_BUCKETS && l->n > 0; i++) {
        unsigned top = (unsigned)(i >> LATENCY_STEP_BITS);
        uint64_t step = i & ((1 << LATENCY_STEP_BITS) - 1);

        if (l->count[i] > left)
            return (double)((1ULL << top) +
                            (top > LATENCY_STEP_BITS ? step << (top - LATENCY_STEP_BITS) : 0)) /
                   1e3;
        left -= l->count[i];
    }
    return 0;
}

/* ---- one worker ------------------------------------------------------------------------------ */

struct run {
    const struct drive *drive;
    const struct workload *workload;
    unsigned n;
    struct worker *worker;
    pthread_t *thread;
    pthread_barrier_t ready, go, done;
};

struct start {
    struct run *run;
    struct worker *worker;
};

static void operate(struct worker *w)
{
    const struct workload *x = w->workload;

    if (x->operate != NULL) {
        x->operate(w);
        return;
    }
    worker_command_of(w, x->command);
    if (x->then != NULL)
        worker_command_of(w, x->then);
}

static void prepare(struct worker *w)
{
    const struct workload *x = w->workload;
    double until;

    if (!x->logs_in)
        w->client = worker_login(w);
    if (x->prepare != NULL)
        x->prepare(w);
    else if (!x->logs_in && !x->once)
        worker_command(w, "SELECT INBOX");
    if (x->once)
        return;
    until = drive_now() + WARM_SECONDS;
    do
        operate(w);
    while (drive_now() < until);
}

static void *worker_main(void *arg)
{
    struct start *s = arg;
    struct worker *w = s->worker;
    double until, now;

    prepare(w);
    w->octets = 0;
    pthread_barrier_wait(&s->run->ready);
    pthread_barrier_wait(&s->run->go);
    w->began = now = drive_now();
    until = now + w->drive->seconds;
    do {
        double from = now;

        operate(w);
        now = drive_now();
        latency_add(&w->latency, now - from);
        w->operations++;
    } while (!w->workload->once && now < until);
    w->ended = now;
    pthread_barrier_wait(&s->run->done);
    return NULL;
}

/* ---- all of them ----------------------------------------------------------------------------- */

void report_unsupported(const struct workload *workload)
{
    printf("{\"workload\": \"%s\", \"unsupported\": true}\n", workload->name);
}

void report_print(const struct report *r)
{
    double n = r->operations > 0 ? (double)r->operations : 1;

    printf("{\"workload\": \"%s\", \"operations\": %" PRIu64 ", \"rate\": %.2f, "
           "\"p50_us\": %.1f, \"p99_us\": %.1f, \"cpu_us\": %.2f, \"octets\": %.0f, "
           "\"pss_kib\": %" PRIu64 "}\n",
           r->workload->name, r->operations, r->rate, latency_us(r->latency, 0.5),
           latency_us(r->latency, 0.99), (double)r->cpu_ns / 1e3 / n, (double)r->octets / n,
           r->pss / 1024);
    fflush(stdout);
}

static void report(struct run *run, uint64_t cpu_ns)
{
    scoped_free struct latency *all = mem_calloc(1, sizeof(*all));
    struct report r = {.workload = run->workload, .cpu_ns = cpu_ns, .latency = all};

    for (unsigned i = 0; i < run->n; i++) {
        const struct worker *w = &run->worker[i];

        latency_merge(all, &w->latency);
        r.operations += w->operations;
        r.octets += w->octets;
        r.rate += (double)w->operations / (w->ended - w->began);
    }
    r.pss = process_pss(run->drive->process);
    report_print(&r);
}

static bool supports(const struct drive *d, const struct workload *workload)
{
    struct worker w = {.drive = d, .workload = workload};
    bool has;

    if (workload->needs == NULL)
        return true;
    w.client = worker_login(&w);
    has = client_has(w.client, workload->needs);
    client_close(&w.client);
    return has;
}

static void start_all(struct run *run, struct start *start)
{
    pthread_barrier_init(&run->ready, NULL, run->n + 1);
    pthread_barrier_init(&run->go, NULL, run->n + 1);
    pthread_barrier_init(&run->done, NULL, run->n + 1);
    for (unsigned i = 0; i < run->n; i++) {
        struct worker *w = &run->worker[i];

        *w = (struct worker){.drive = run->drive,
                             .workload = run->workload,
                             .number = i,
                             .random = {.state = 1000 + i}};
        start[i] = (struct start){run, w};
        if (pthread_create(&run->thread[i], NULL, worker_main, &start[i]) != 0)
            drive_die("no thread");
    }
}

static void sit_beside(const struct drive *d, struct client **idle)
{
    for (unsigned i = 0; i < d->idle; i++) {
        char account[16];

        snprintf(account, sizeof(account), "%u", i % 50);
        idle[i] = drive_login(d, account, CLIENT_PLAIN);
        drive_must(client_select(idle[i], SLICE("INBOX"), NULL), "SELECT");
    }
}

static void measure(const struct drive *d, const struct workload *workload)
{
    struct run run = {.drive = d, .workload = workload};
    struct start *start;
    struct client **idle = mem_calloc(d->idle + 1, sizeof(struct client *));
    uint64_t cpu;

    run.n = d->connections > 0 ? d->connections : workload->connections;
    run.worker = mem_calloc(run.n, sizeof(*run.worker));
    run.thread = mem_calloc(run.n, sizeof(*run.thread));
    start = mem_calloc(run.n, sizeof(*start));
    sit_beside(d, idle);
    start_all(&run, start);
    pthread_barrier_wait(&run.ready);
    cpu = process_cpu_ns(d->process);
    pthread_barrier_wait(&run.go);
    pthread_barrier_wait(&run.done);
    report(&run, process_cpu_ns(d->process) - cpu);
    for (unsigned i = 0; i < run.n; i++) {
        pthread_join(run.thread[i], NULL);
        client_close(&run.worker[i].client);
        free(run.worker[i].own);
    }
    for (unsigned i = 0; i < d->idle; i++)
        client_close(&idle[i]);
    free(idle);
    free(start);
    free(run.thread);
    free(run.worker);
}

void workload_run(const struct drive *d, const struct workload *workload)
{
    if (!supports(d, workload))
        report_unsupported(workload);
    else if (workload->run != NULL)
        workload->run(d, workload);
    else
        measure(d, workload);
}

/* ---- endings --------------------------------------------------------------------------------- */

double drive_now(void)
{
    return (double)clock_mono_us() / 1e6;
}

void drive_die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("drive: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void drive_must(enum err e, const char *what)
{
    if (e != ERR_OK)
        drive_die("%s: %s", what, err_text(e));
}
