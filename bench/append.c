/* bench/append.c -- durable APPENDs of 4 KB by 16 connections to 16 accounts, beside what SQLite
 * alone can commit.
 *
 * The bare loop has 16 threads with a database each, opened as the store opens its own (WAL,
 * synchronous=FULL, EXCLUSIVE, pages of 4,096 octets), and puts one row of 4,096 octets into one
 * table for each commit. The same loop on one thread and one database is what one caller can
 * reach without waiting commits beside it. All take turns, because the speed of a disk drifts.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench.h"

enum { CONNECTIONS = 16, MESSAGE_OCTETS = 4096, TURNS = 4 };

struct worker {
    const struct bench *bench;
    pthread_t thread;
    struct client *client;
    sqlite3 *db;
    sqlite3_stmt *insert;
    double until;
    uint64_t done;
    char message[MESSAGE_OCTETS];
};

/* ---- APPEND ---------------------------------------------------------------------------------- */

/* The same octets for both sides; made once, only the subject's number changes. */
static void make_message(char out[MESSAGE_OCTETS])
{
    int n = snprintf(out, MESSAGE_OCTETS,
                     "Subject: 0000000000\r\nFrom: Sender <sender@example.org>\r\n"
                     "To: Bench <bench@example.net>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
                     "Message-ID: <append@example.org>\r\n\r\n");

    for (int i = n; i < MESSAGE_OCTETS; i++)
        out[i] = (i - n) % 72 == 70 ? '\r' : (i - n) % 72 == 71 ? '\n' : (char)('a' + i % 26);
}

static void number_message(char message[MESSAGE_OCTETS], uint64_t number)
{
    for (char *digit = message + 18; number > 0 && digit > message + 8; number /= 10)
        *digit-- = (char)('0' + number % 10);
}

static void append_one(struct worker *w)
{
    const struct client_append a = {.mailbox = SLICE("INBOX")};

    number_message(w->message, w->done);
    bench_must(client_append(w->client, &a, slice_of(w->message, MESSAGE_OCTETS)), "APPEND");
}

static void *append_main(void *arg)
{
    struct worker *w = arg;

    for (w->done = 0; bench_now() < w->until; w->done++)
        append_one(w);
    return NULL;
}

/* ---- bare commits ---------------------------------------------------------------------------- */

static void sql(sqlite3 *db, const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        bench_die("%s: %s", text, sqlite3_errmsg(db));
}

static void open_bare(struct worker *w, unsigned number)
{
    char path[600];

    snprintf(path, sizeof(path), "%s/bench-bare", w->bench->data);
    (void)mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/bench-bare/%u.db", w->bench->data, number);
    (void)unlink(path);
    if (sqlite3_open(path, &w->db) != SQLITE_OK)
        bench_die("%s: %s", path, sqlite3_errmsg(w->db));
    sql(w->db, "PRAGMA page_size=4096; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
               "PRAGMA synchronous=FULL; PRAGMA mmap_size=0;"
               "CREATE TABLE body (id INTEGER PRIMARY KEY, octets BLOB)");
    if (sqlite3_prepare_v2(w->db, "INSERT INTO body (octets) VALUES (?)", -1, &w->insert, NULL) !=
        SQLITE_OK)
        bench_die("%s", sqlite3_errmsg(w->db));
}

static void close_bare(struct worker *w, unsigned number)
{
    char path[600];

    sqlite3_finalize(w->insert);
    sqlite3_close(w->db);
    snprintf(path, sizeof(path), "%s/bench-bare/%u.db", w->bench->data, number);
    (void)unlink(path);
}

static void *bare_main(void *arg)
{
    struct worker *w = arg;

    for (w->done = 0; bench_now() < w->until; w->done++) {
        number_message(w->message, w->done);
        sqlite3_bind_blob(w->insert, 1, w->message, MESSAGE_OCTETS, SQLITE_STATIC);
        if (sqlite3_step(w->insert) != SQLITE_DONE)
            bench_die("%s", sqlite3_errmsg(w->db));
        sqlite3_reset(w->insert);
    }
    return NULL;
}

/* ---- turns ----------------------------------------------------------------------------------- */

/* The first `n` workers for so many seconds; commits a second. */
static double run(struct worker *w, unsigned n, void *(*work)(void *), double seconds)
{
    double began = bench_now();
    uint64_t sum = 0;

    for (unsigned i = 0; i < n; i++) {
        w[i].until = began + seconds;
        if (pthread_create(&w[i].thread, NULL, work, &w[i]) != 0)
            bench_die("no thread");
    }
    for (unsigned i = 0; i < n; i++) {
        pthread_join(w[i].thread, NULL);
        sum += w[i].done;
    }
    return (double)sum / (bench_now() - began);
}

void bench_append(const struct bench *b)
{
    struct worker *w = mem_calloc(CONNECTIONS, sizeof(*w));
    double ours[TURNS], bare[TURNS], loop[TURNS], ratio[TURNS], loop_ratio[TURNS], cpu_us[TURNS];
    char name[32];

    bench_make_accounts(b, "append", CONNECTIONS);
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        w[i].bench = b;
        make_message(w[i].message);
        snprintf(name, sizeof(name), "append%u", i);
        w[i].client = bench_login(b, CLIENT_PLAIN, name);
        open_bare(&w[i], i);
    }
    (void)run(w, CONNECTIONS, append_main, 0.3);
    for (size_t i = 0; i < TURNS; i++) {
        uint64_t cpu = bench_cpu_ns(b);

        ours[i] = run(w, CONNECTIONS, append_main, b->seconds);
        cpu_us[i] = (double)(bench_cpu_ns(b) - cpu) / 1e3 / (ours[i] * b->seconds);
        loop[i] = run(w, 1, bare_main, b->seconds);
        loop_ratio[i] = ours[i] / loop[i];
        bare[i] = run(w, CONNECTIONS, bare_main, b->seconds);
        ratio[i] = ours[i] / bare[i];
    }
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        client_close(&w[i].client);
        close_bare(&w[i], i);
    }
    free(w);
    bench_print("durable APPENDs of 4 KB, 16 connections, 16 accounts", bench_median(ours, TURNS),
                "/s", "");
    bench_print("    server CPU for each", bench_median(cpu_us, TURNS), "us", "");
    bench_print("    bare loop of SQLite commits", bench_median(loop, TURNS), "/s", "");
    bench_print("    ratio, median of the turns", bench_median(loop_ratio, TURNS), "", "0.5");
    bench_print("    bare SQLite commits, 16 threads, 16 databases", bench_median(bare, TURNS),
                "/s", "");
    bench_print("    ratio, median of the turns", bench_median(ratio, TURNS), "", "0.5");
}
