/* bench/drive.h -- putting load on any IMAP server, and saying what it did with it.
 *
 * A workload is a row of workloads.c: connections, each a thread of its own that sends the next
 * operation when the last one has been answered. What the server used is read from /proc of all
 * its processes; what this program uses is never in a figure, though both share the cores.
 *
 *     main (drive.c) -> workload_run (measure.c) -+-> worker threads: prepare, operate, operate ...
 *                                                 +-> process.c before and after
 *                                                 +-> one line of JSON
 */
#ifndef ROOST_BENCH_DRIVE_H
#define ROOST_BENCH_DRIVE_H

#include "client/client.h"

/* Where the server is and how much is asked of it; from the command line. */
struct drive {
    const char *port_imap; /* on 127.0.0.1 */
    const char *port_imaps;
    const char *user;     /* accounts are called USER0, USER1, ..., USERreal, USERsmall */
    const char *account;  /* instead of the workload's own: what follows USER; NULL: its own */
    const char *mailbox;  /* of `load` */
    const char *corpus;   /* of `load`: "real" or "small" */
    unsigned count;       /* of `load`: how many messages */
    int process;          /* the server's first process, whose children are its others */
    double seconds;       /* how long operations are begun */
    unsigned connections; /* 0: the workload's own number */
};

/* ---- the command line (options.c) ------------------------------------------------------------ */

/* "--name VALUE" writes one member of a struct. */
struct option_row {
    const char *name; /* with its dashes */
    enum { OPTION_TEXT, OPTION_NUMBER, OPTION_SECONDS } kind;
    size_t at; /* of a const char *, an unsigned or int, a double */
};

/* Takes the options out of a program's words; what is left stands in argv from 0 on. Returns how
 * many that are. Ends the program on what is no option of `n` rows. */
int options_take(char **argv, const struct option_row *rows, size_t n, void *into);

/* ---- numbers of random order (no two runs of one workload differ) ---------------------------- */

struct random {
    uint64_t state;
};

/* 0 <= result < n; n > 0. */
uint32_t random_below(struct random *r, uint32_t n);

/* ---- how long each took ---------------------------------------------------------------------- */

enum { LATENCY_BUCKETS = 64 * 64 };

/* Counts by logarithm: 64 steps for each doubling of nanoseconds, so a figure is right to 1.1%. */
struct latency {
    uint64_t count[LATENCY_BUCKETS];
    uint64_t n;
};

void latency_add(struct latency *l, double seconds);
void latency_merge(struct latency *l, const struct latency *other);
/* The microseconds that a `part` (0.5, 0.99) of them took at most; 0: there are none. */
double latency_us(const struct latency *l, double part);

/* ---- a worker ------------------------------------------------------------------------------- */

struct workload;

struct worker {
    const struct drive *drive;
    const struct workload *workload;
    unsigned number;
    struct random random;
    struct client *client; /* logged in, unless the workload logs in itself */
    uint32_t exists;       /* of the selected mailbox, kept by what the server says */
    uint32_t uidnext;      /* of it, when it was selected */
    uint64_t modseq;       /* HIGHESTMODSEQ, when it was selected */
    uint64_t uidvalidity;
    uint64_t operations, octets; /* done; told by operations that know them */
    double began, ended;
    struct latency latency;
    void *own; /* the workload's */
};

/* A row of the table. `command` and its second half are templates: @one is a message number of the
 * mailbox, @last the last one, @range 100 of them in a row, @page 20, @sign + or -. */
struct workload {
    const char *name;
    const char *account; /* a name, or "" for one of each worker's own */
    unsigned connections;
    const char *needs; /* a capability; NULL: none */
    const char *command, *then;
    void (*prepare)(struct worker *w); /* instead of SELECT INBOX */
    void (*operate)(struct worker *w); /* instead of the command */
    /* Instead of all of it: measures and reports by itself. */
    void (*run)(const struct drive *d, const struct workload *workload);
    enum client_security security;
    bool logs_in;         /* each operation does */
    bool once;            /* one operation, the first the server sees: nothing is warmed */
    unsigned per_account; /* workers on each account; 0: 1 */
};

extern const struct workload workloads[];
extern const size_t n_workloads;

/* Run it and print its line. */
void workload_run(const struct drive *d, const struct workload *workload);

/* The line of a workload that the server cannot do. */
void report_unsupported(const struct workload *workload);

/* What a run came to. */
struct report {
    const struct workload *workload;
    uint64_t operations, octets, cpu_ns, pss;
    double rate; /* operations a second */
    const struct latency *latency;
};
void report_print(const struct report *r);
/* That each of `operations` takes so much memory; `pss` is that of the whole server. */
void report_memory(const struct workload *workload, unsigned operations, uint64_t octets_each,
                   uint64_t pss);

/* ---- what operations are made of ------------------------------------------------------------- */

/* A session of the worker's account. */
struct client *worker_login(const struct worker *w);
/* A session of any account and kind. */
struct client *drive_login(const struct drive *d, const char *account,
                           enum client_security security);
/* SELECT or another command whose news keep w->exists and the like right. Dies unless OK. */
void worker_command(struct worker *w, const char *command);
/* The same of a template. */
void worker_command_of(struct worker *w, const char *template);
/* The same, for commands that may be refused: errors of client_command; ERR_NOTFOUND: there is no
 * message for the template. */
must_use enum err worker_try(struct worker *w, const char *command);
must_use enum err worker_try_of(struct worker *w, const char *template);
/* CREATE, unless it is there. */
void worker_create(struct worker *w, struct slice mailbox);
/* True when CAPABILITY of this session names it. */
bool client_has(struct client *c, const char *capability);

/* SELECT a mailbox with one message of DRIVE_LARGE_OCTETS. */
enum { DRIVE_LARGE_OCTETS = 25 << 20 };
void drive_prepare_body_large(struct worker *w);
void drive_login_logout(struct worker *w);
void drive_append(struct worker *w);
/* SELECT INBOX, then IDLE (RFC 2177) until the session is closed. */
void drive_begin_idle(struct client *c);
void drive_resync_prepare(struct worker *w);
void drive_resync(struct worker *w);
void drive_mixed_prepare(struct worker *w);
void drive_mixed(struct worker *w);
void drive_load(const struct drive *d, const struct workload *workload);
void drive_push(const struct drive *d, const struct workload *workload);
void drive_idle(const struct drive *d, const struct workload *workload);
/* Sessions that only sit there, while another process measures, until standard input ends. */
void drive_sit(const struct drive *d, const struct workload *workload);
void drive_slow(const struct drive *d, const struct workload *workload);

/* ---- the server's processes (process.c) ------------------------------------------------------ */

/* CPU that the process, all below it and all that have ended below it have used, in ns. */
uint64_t process_cpu_ns(int pid);
/* Proportional set size of all of them, in octets. */
uint64_t process_pss(int pid);

/* ---- endings --------------------------------------------------------------------------------- */

double drive_now(void); /* monotonic seconds */
void drive_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void drive_must(enum err e, const char *what);

#endif
