/* bench/limit.h -- bare limits: what a row of the comparison cannot be done without, and nothing
 * else. A server stands beside them as it stands beside its peers.
 *
 * Both sides of a limit are in this program. Only the server's side is in cpu_us, by the clocks of
 * its threads; latencies are the client's.
 */
#ifndef ROOST_BENCH_LIMIT_H
#define ROOST_BENCH_LIMIT_H

#include <pthread.h>

#include "drive.h"

struct limit;

/* What is asked for on the command line, else the limit's own. */
struct limit_options {
    double seconds;
    unsigned connections;
    unsigned octets; /* of a reply */
    unsigned pages;  /* that a commit writes at least */
};

/* What all threads of a limit share; in memory that processes share. */
struct limit_shared {
    const struct limit *limit;
    struct limit_options options;
    char directory[64]; /* an empty one, below the working directory */
    int listener;       /* on 127.0.0.1, `port` */
    uint16_t port;
    void *tls_server, *tls_client; /* SSL_CTX; NULL: no TLS */
    int file;                      /* what body and scan read; -1: none */
    uint64_t file_octets;
    pthread_barrier_t ready, go;
    double until; /* operations are begun until then */
    void *own;    /* the limit's */
};

/* One thread of either side. */
struct limit_side {
    struct limit_shared *shared;
    unsigned number;
    struct random random;
    int fd;     /* its end of a connection; -1: none now */
    void *tls;  /* SSL on it; NULL: plain */
    char *room; /* LIMIT_ROOM_OCTETS, to read into and to write from */
    void *own;  /* the limit's */
    uint64_t operations, octets, cpu_ns;
    double began, ended;
    struct latency latency;
};

enum { LIMIT_ROOM_OCTETS = 256 * 1024, LIMIT_LINE_OCTETS = 512 };

/* How the two sides meet. */
enum limit_form {
    LIMIT_ALONE,     /* there is no client: the server's side operates by itself */
    LIMIT_CONNECTED, /* each pair has a connection for the whole run */
    LIMIT_ACCEPTS,   /* the client connects for each operation; it is a process of its own, since
                        both sides of a handshake would wait for the same locks of OpenSSL */
};

struct limit {
    const char *name;
    enum limit_form form;
    unsigned connections, octets, pages;
    bool tls;
    bool counts_itself; /* ask calls latency_add */
    void (*prepare)(struct limit_shared *s);
    void (*open)(struct limit_side *s);  /* of the server's side, before the clock runs */
    bool (*serve)(struct limit_side *s); /* one operation; false: the client has gone */
    void (*ask)(struct limit_side *s);   /* one operation of the client's; not of ALONE */
    void (*close)(struct limit_side *s);
};

extern const struct limit limits[];
extern const size_t n_limits;

/* Run it and print its line. */
void limit_run(const struct limit *limit, const struct limit_options *options);

/* ---- limit_stream.c: octets, plain or through TLS. They end the program on failure ----------- */

/* Keys of the kind the server makes, and its policy. */
void stream_tls_prepare(struct limit_shared *s);
void stream_tls_release(struct limit_shared *s);
void stream_listen(struct limit_shared *s);
int stream_connect(const struct limit_shared *s);
/* A descriptor becomes the side's; the handshake where there is TLS. */
void stream_begin(struct limit_side *s, int fd, bool server);
void stream_end(struct limit_side *s);
void stream_write(struct limit_side *s, const void *p, size_t n);
void stream_write_str(struct limit_side *s, const char *text);
/* One line into s->room; false: the peer has gone. The peer sends nothing behind it meanwhile. */
must_use bool stream_read_line(struct limit_side *s);
/* Reads and forgets so many octets. */
void stream_skip(struct limit_side *s, uint64_t octets);

/* ---- one group of functions a row ------------------------------------------------------------ */

void limit_append_open(struct limit_side *s);
void limit_one_open(struct limit_side *s);
bool limit_one(struct limit_side *s);
void limit_store_open(struct limit_side *s);
bool limit_commit(struct limit_side *s); /* one, of append or store */
void limit_commit_close(struct limit_side *s);

bool limit_login(struct limit_side *s);
void limit_login_ask(struct limit_side *s);

bool limit_reply(struct limit_side *s);
void limit_reply_ask(struct limit_side *s);
void limit_body_prepare(struct limit_shared *s);
bool limit_body(struct limit_side *s);

void limit_scan_prepare(struct limit_shared *s);
bool limit_scan(struct limit_side *s);

void limit_wake_prepare(struct limit_shared *s);
bool limit_wake(struct limit_side *s);
void limit_wake_ask(struct limit_side *s);
void limit_wake_close(struct limit_side *s);

#endif
