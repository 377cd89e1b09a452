/* bench/memory.c -- what a session that does nothing costs, and a client that reads slowly. */
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench.h"

enum {
    WARM_SESSIONS = 16,
    SLOW_MESSAGE_OCTETS = 25 << 20,
    SLOW_PIECE_OCTETS = 16 * 1024,
    SLOW_PAUSE_US = 2000
};

/* ---- idle sessions --------------------------------------------------------------------------- */

static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What a session of `idle` has done before it waits. */
enum way { WAY_PLAIN, WAY_TLS, WAY_TLS_COMPRESS_NOTIFY };

/* COMPRESS, and NOTIFY (RFC 5465) for all mailboxes. */
static void compress_and_watch(struct client *c)
{
    bench_must(client_command(c, SLICE("COMPRESS DEFLATE"), NULL, NULL), "COMPRESS");
    bench_must(client_compress(c), "COMPRESS");
    bench_must(client_command(c,
                              SLICE("NOTIFY SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge "
                                    "FlagChange)) (PERSONAL (MessageNew MessageExpunge FlagChange "
                                    "MailboxName SubscriptionChange))"),
                              NULL, NULL),
               "NOTIFY");
    bench_must(client_command(c, SLICE("UID FETCH 1:* (UID FLAGS)"), NULL, NULL), "UID FETCH");
    bench_must(client_command(c, SLICE("NOOP"), NULL, NULL), "NOOP");
}

static void open_sessions(const struct bench *b, enum way way, struct client **c, unsigned n)
{
    enum client_security security = way == WAY_PLAIN ? CLIENT_PLAIN : CLIENT_TLS;
    char name[32];

    for (unsigned i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "idle%u", i);
        c[i] = bench_login(b, security, name);
        bench_must(client_select(c[i], SLICE("INBOX"), NULL), "SELECT");
        if (way == WAY_TLS_COMPRESS_NOTIFY)
            compress_and_watch(c[i]);
    }
}

static void close_sessions(struct client **c, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        client_close(&c[i]);
}

static void measure_idle(const struct bench *b, enum way way, const char *what, const char *goal)
{
    struct client **c = mem_calloc(b->sessions, sizeof(struct client *));
    uint64_t before, after;

    raise_descriptors();
    bench_make_accounts(b, "idle", b->sessions);
    /* A few for nothing: code and tables that the server loads once are not a session's. More
     * would leave it memory to use again, which would then not be counted. */
    open_sessions(b, way, c, WARM_SESSIONS);
    close_sessions(c, WARM_SESSIONS);
    before = bench_pss_settled(b);
    open_sessions(b, way, c, b->sessions);
    after = bench_pss_settled(b);
    close_sessions(c, b->sessions);
    free(c);
    bench_print(what, ((double)after - (double)before) / b->sessions / 1024, "KiB", goal);
}

void bench_idle(const struct bench *b)
{
    measure_idle(b, WAY_PLAIN, "memory of an idle session, account closed, plaintext", "5 KiB");
}

void bench_idle_tls(const struct bench *b)
{
    measure_idle(b, WAY_TLS, "memory of an idle session, account closed, TLS", "25 KiB");
}

void bench_idle_tls_compress(const struct bench *b)
{
    measure_idle(b, WAY_TLS_COMPRESS_NOTIFY,
                 "the same with TLS, COMPRESS and NOTIFY on all mailboxes", "35 KiB");
}

/* ---- a slow reader --------------------------------------------------------------------------- */

static void append_large(const struct bench *b)
{
    static const char header[] = "From: a@example.org\r\nSubject: large\r\n\r\n";
    const struct client_append a = {.mailbox = SLICE("INBOX")};
    struct client *c = bench_local(b, "slow0");
    char *octets = mem_calloc(1, SLOW_MESSAGE_OCTETS);
    uint32_t exists;

    memset(octets, 'x', SLOW_MESSAGE_OCTETS);
    for (size_t i = 78; i < SLOW_MESSAGE_OCTETS; i += 78)
        memcpy(octets + i - 2, "\r\n", 2);
    memcpy(octets, header, sizeof(header) - 1);
    bench_must(client_select(c, SLICE("INBOX"), &exists), "SELECT");
    if (exists == 0)
        bench_must(client_append(c, &a, slice_of(octets, SLOW_MESSAGE_OCTETS)), "APPEND");
    free(octets);
    client_close(&c);
}

/* Read the answer in small pieces with pauses; the largest PSS seen on the way. */
static uint64_t read_slowly(const struct bench *b, int fd)
{
    char *piece = mem_calloc(1, SLOW_PIECE_OCTETS);
    uint64_t got = 0, most = 0;

    for (unsigned i = 0; got < SLOW_MESSAGE_OCTETS; i++) {
        ssize_t n = recv(fd, piece, SLOW_PIECE_OCTETS, MSG_DONTWAIT);

        got += n > 0 ? (uint64_t)n : 0;
        if (n == 0)
            bench_die("the server has closed the connection");
        if (i % 16 == 0) {
            uint64_t now = bench_pss(b);

            most = now > most ? now : most;
        }
        usleep(SLOW_PAUSE_US);
    }
    free(piece);
    return most;
}

void bench_slow(const struct bench *b)
{
    struct client *c;
    uint64_t before, most;
    double began;

    bench_make_accounts(b, "slow", 1);
    append_large(b);
    c = bench_login(b, CLIENT_PLAIN, "slow0");
    bench_must(client_select(c, SLICE("INBOX"), NULL), "SELECT");
    before = bench_pss(b);
    client_begin(c, "FETCH 1 BODY.PEEK[]");
    bench_must(client_end(c), "FETCH");
    bench_must(client_flush(c), "FETCH");
    began = bench_now();
    most = read_slowly(b, client_fd(c));
    client_close(&c);
    bench_print("FETCH of one 25 MB message by a slow reader: server memory grows",
                most > before ? (double)(most - before) / 1e6 : 0, "MB", "1 MB");
    bench_print("    that took", bench_now() - began, "s", "");
}
