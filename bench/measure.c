/* bench/measure.c -- running a workload: its threads and its clock. */
#include <pthread.h>

#include "base/mem.h"
#include "drive.h"

static const double WARM_SECONDS = 0.3;

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

static void measure(const struct drive *d, const struct workload *workload)
{
    struct run run = {.drive = d, .workload = workload};
    struct start *start;
    uint64_t cpu;

    run.n = d->connections > 0 ? d->connections : workload->connections;
    run.worker = mem_calloc(run.n, sizeof(*run.worker));
    run.thread = mem_calloc(run.n, sizeof(*run.thread));
    start = mem_calloc(run.n, sizeof(*start));
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
