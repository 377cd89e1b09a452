/* bench/report.c -- what `drive` and `limit` both say: latencies, a line of JSON, why they end. */
#include <inttypes.h>
#include <stdarg.h>

#include "base/clock.h"
#include "drive.h"

enum { LATENCY_STEP_BITS = 6 };

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

/* ---- a line of JSON -------------------------------------------------------------------------- */

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

void report_memory(const struct workload *workload, unsigned operations, uint64_t octets_each,
                   uint64_t pss)
{
    printf("{\"workload\": \"%s\", \"operations\": %u, \"kib_each\": %.2f, \"pss_kib\": %" PRIu64
           "}\n",
           workload->name, operations, (double)octets_each / 1024, pss / 1024);
    fflush(stdout);
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
