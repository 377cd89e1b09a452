/* bench/mailbox.c -- a mailbox of 100,000 messages: building it, opening it, listing its flags. */
#include <signal.h>
#include <unistd.h>

#include "bench.h"

enum {
    MESSAGES = 100000,
    IN_FLIGHT = 64,
    IDLE_WORK_S = 4,
    COLD_ROUNDS = 7,
    WARM_ROUNDS = 400,
    FETCH_ROUNDS = 9,
};

/* ---- building -------------------------------------------------------------------------------- */

static size_t write_message(char *out, size_t max, unsigned i)
{
    int n = snprintf(out, max,
                     "Received: from mx%u.example (mx%u.example [192.0.2.%u]) by mail.example;\r\n"
                     "\tMon, 5 Jan 2026 10:%02u:%02u +0000\r\n"
                     "From: Sender %u <sender%u@example.org>\r\n"
                     "To: Bench <bench@example.net>\r\n"
                     "Subject: Message number %u of a large mailbox\r\n"
                     "Date: Mon, 5 Jan 2026 10:%02u:%02u +0000\r\n"
                     "Message-ID: <%u.bench@example.org>\r\n"
                     "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                     "This is the text of message %u.\r\n",
                     i % 7, i % 7, i % 250, i / 60 % 60, i % 60, i % 500, i % 500, i, i / 60 % 60,
                     i % 60, i, i);

    return (size_t)n;
}

static void append_one(struct client *c, unsigned i)
{
    static const char *const flags[] = {"\\Seen", "\\Seen \\Answered", "", "\\Seen \\Flagged"};
    char message[1500], key[32];
    struct client_append a = {.mailbox = SLICE("INBOX"),
                              .flags = slice_of_str(flags[i % 4]),
                              .has_date = true,
                              .date_s = 1767600000 + i};

    snprintf(key, sizeof(key), "bench%u", i);
    a.key = slice_of_str(key);
    a.octets = write_message(message, sizeof(message), i);
    client_append_begin(c, &a);
    bench_must(client_write(c, slice_of(message, a.octets)), "APPEND");
    bench_must(client_end(c), "APPEND");
}

/* Read answers until fewer than `most` are due. */
static void settle(struct client *c, unsigned *due, unsigned most)
{
    while (*due > most) {
        struct client_response r;

        bench_must(client_read(c, &r), "APPEND");
        if (r.kind != CLIENT_TAGGED)
            continue;
        bench_must(client_result(&r), "APPEND");
        (*due)--;
    }
}

void bench_build(const struct bench *b)
{
    struct client *c;
    unsigned due = 0;
    double began, took;

    bench_make_accounts(b, "large", 1);
    c = bench_local(b, "large0");
    began = bench_now();
    for (unsigned i = 0; i < MESSAGES; i++) {
        append_one(c, i);
        due++;
        settle(c, &due, IN_FLIGHT);
    }
    settle(c, &due, 0);
    took = bench_now() - began;
    client_close(&c);
    sleep(IDLE_WORK_S); /* the packed snapshot is written when nobody waits for the account */
    bench_print("building: small messages by XIMPORT, 64 under way", MESSAGES / took, "/s", "");
}

/* ---- opening --------------------------------------------------------------------------------- */

static void check_exists(uint32_t exists)
{
    if (exists != MESSAGES)
        bench_die("the mailbox has %u messages; was `build` run?", exists);
}

/* The next session is the first of its successor. */
void bench_restart_store(const struct bench *b)
{
    int old = bench_pid_of(b, "store");
    struct client *c = NULL;

    if (old == 0 || kill(old, SIGKILL) != 0)
        bench_die("the store process cannot be ended");
    while (bench_pid_of(b, "store") == old || bench_pid_of(b, "store") == 0 ||
           (c = bench_try_local(b, "small0")) == NULL)
        usleep(20000);
    client_close(&c);
}

/* From the connection to the answer of SELECT: opening the account is part of it. */
static double open_once(const struct bench *b, double *cpu_ms)
{
    uint64_t cpu = bench_cpu_ns(b);
    double began = bench_now(), ms;
    struct client *c = bench_local(b, "large0");
    uint32_t exists;

    bench_must(client_select(c, SLICE("INBOX"), &exists), "SELECT");
    ms = (bench_now() - began) * 1e3;
    *cpu_ms = (double)(bench_cpu_ns(b) - cpu) / 1e6;
    check_exists(exists);
    client_close(&c);
    return ms;
}

static void select_cold(const struct bench *b)
{
    double wall[COLD_ROUNDS], cpu[COLD_ROUNDS];

    bench_make_accounts(b, "small", 1);
    for (size_t i = 0; i < COLD_ROUNDS; i++) {
        bench_restart_store(b);
        wall[i] = open_once(b, &cpu[i]);
    }
    bench_print("open 100,000 messages, new process: until SELECT is answered",
                bench_median(wall, COLD_ROUNDS), "ms", "15 ms");
    bench_print("    the same, server CPU", bench_median(cpu, COLD_ROUNDS), "ms", "");
}

static void select_warm(const struct bench *b)
{
    struct client *c = bench_local(b, "large0");
    double wall[WARM_ROUNDS], began;
    uint64_t cpu;
    uint32_t exists;

    bench_must(client_select(c, SLICE("INBOX"), &exists), "SELECT");
    check_exists(exists);
    cpu = bench_cpu_ns(b);
    for (size_t i = 0; i < WARM_ROUNDS; i++) {
        began = bench_now();
        bench_must(client_select(c, SLICE("INBOX"), &exists), "SELECT");
        wall[i] = (bench_now() - began) * 1e3;
    }
    bench_print("SELECT it again, warm: until answered", bench_median(wall, WARM_ROUNDS), "ms", "");
    bench_print("    the same, server CPU", (double)(bench_cpu_ns(b) - cpu) / 1e6 / WARM_ROUNDS,
                "ms", "0.2 ms");
    client_close(&c);
}

void bench_select(const struct bench *b)
{
    select_cold(b);
    select_warm(b);
}

/* ---- flags of all ---------------------------------------------------------------------------- */

static enum err count(void *ctx, const struct client_response *r)
{
    *(unsigned *)ctx += r->condition == CLIENT_DATA;
    return ERR_OK;
}

void bench_fetch(const struct bench *b)
{
    struct client *c = bench_local(b, "large0");
    double cpu[FETCH_ROUNDS], wall[FETCH_ROUNDS];

    bench_must(client_select(c, SLICE("INBOX"), NULL), "SELECT");
    for (size_t i = 0; i < FETCH_ROUNDS; i++) {
        uint64_t before = bench_cpu_ns(b);
        double began = bench_now();
        unsigned got = 0;

        bench_must(client_command(c, SLICE("FETCH 1:* (UID FLAGS)"), count, &got), "FETCH");
        wall[i] = (bench_now() - began) * 1e3;
        cpu[i] = (double)(bench_cpu_ns(b) - before) / 1e6;
        if (got < MESSAGES)
            bench_die("FETCH gave %u lines", got);
    }
    client_close(&c);
    bench_print("FETCH 1:* (UID FLAGS) of 100,000: server CPU", bench_median(cpu, FETCH_ROUNDS),
                "ms", "30 ms");
    bench_print("    the same, until answered", bench_median(wall, FETCH_ROUNDS), "ms", "");
}
