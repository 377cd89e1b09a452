/* bench/bench.h -- measuring a running server from outside: its processes, its accounts, a table.
 *
 * Time and memory of the server are read from /proc of all its processes together; what the
 * measuring program itself uses is never in a figure, though both share the machine's cores.
 */
#ifndef ROOST_BENCH_BENCH_H
#define ROOST_BENCH_BENCH_H

#include "client/client.h"

enum { BENCH_PIDS_MAX = 16 };

/* Where the server is; from the command line. */
struct bench {
    const char *data;      /* its data directory */
    const char *port_imap; /* on 127.0.0.1 */
    const char *port_imaps;
    int supervisor;    /* process id */
    double seconds;    /* how long each throughput run lasts */
    unsigned sessions; /* of `idle` */
};

/* ---- server.c -------------------------------------------------------------------------------- */

/* The supervisor and its children; returns how many. */
size_t bench_pids(const struct bench *b, int pid[BENCH_PIDS_MAX]);
/* The child with this name ("store"); 0: none now. */
int bench_pid_of(const struct bench *b, const char *role);
/* CPU used by all processes, user and system, in nanoseconds. */
uint64_t bench_cpu_ns(const struct bench *b);
/* Proportional set size of all processes in octets (/proc/PID/smaps_rollup). */
uint64_t bench_pss(const struct bench *b);
/* PSS once every account is closed and it has stood still for two seconds; after 100 s anyway. */
uint64_t bench_pss_settled(const struct bench *b);

/* Accounts PREFIX0 ... PREFIX(n-1) with password "secret", made through the control sockets;
 * those that exist are fine. Dies on failure. */
void bench_make_accounts(const struct bench *b, const char *prefix, unsigned n);

/* Log in over TCP, or take a trusted session from store.sock. Die on failure. */
struct client *bench_login(const struct bench *b, enum client_security security,
                           const char *account);
struct client *bench_local(const struct bench *b, const char *account);
/* As bench_local, but NULL when the store process cannot be reached now. */
struct client *bench_try_local(const struct bench *b, const char *account);

/* ---- table.c --------------------------------------------------------------------------------- */

/* One line of the table. `goal` is what the issue asks for, as text. */
void bench_print(const char *what, double value, const char *unit, const char *goal);
/* The middle one of n values, which it sorts. */
double bench_median(double *value, size_t n);
double bench_now(void); /* monotonic seconds */
/* A sentence on standard error, and the end. */
void bench_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* Dies unless e is ERR_OK. */
void bench_must(enum err e, const char *what);

/* ---- one file a measurement ------------------------------------------------------------------ */

void bench_build(const struct bench *b); /* the mailbox of 100,000 messages; others need it */
void bench_select(const struct bench *b);
void bench_fetch(const struct bench *b);
void bench_resync(const struct bench *b);
/* The store process is killed; returns when its successor serves. */
void bench_restart_store(const struct bench *b);
void bench_sort(const struct bench *b);
void bench_append(const struct bench *b);
void bench_idle(const struct bench *b); /* these three want a fresh server each */
void bench_idle_tls(const struct bench *b);
void bench_idle_tls_compress(const struct bench *b);
void bench_slow(const struct bench *b);
void bench_push(const struct bench *b);

#endif
