/* bench/sort.c -- SORT and THREAD over a mailbox of 100,000 messages in conversations.
 *
 * Every third message or so begins a conversation with a subject of its own; the others answer one
 * of the last few hundred, with "Re:" and up to twenty References, as mailing lists look. Dates run
 * with the mailbox, some hours off.
 */
#include "bench.h"

enum {
    MESSAGES = 100000,
    IN_FLIGHT = 64,
    ROUNDS = 9,
    REFS_MAX = 20,
    RECENT = 400,
};

/* A message, as far as later ones refer to it. */
struct mail {
    unsigned parent; /* 0: begins a conversation; numbers begin at 1 */
    unsigned topic;
};

static uint32_t any(uint32_t below)
{
    static uint64_t seed = 42;

    seed = seed * 6364136223846793005 + 1442695040888963407;
    return (uint32_t)(seed >> 33) % below;
}

static size_t write_references(char *out, size_t max, const struct mail *mail, unsigned i)
{
    unsigned chain[REFS_MAX];
    size_t n = 0, at = 0;

    for (unsigned p = mail[i].parent; p != 0 && n < REFS_MAX; p = mail[p].parent)
        chain[n++] = p;
    if (n == 0)
        return 0;
    at += (size_t)snprintf(out, max, "References:");
    while (n-- > 0)
        at += (size_t)snprintf(out + at, max - at, " <%u.%08x.sort@lists.example.org>\r\n",
                               chain[n], chain[n] * 2654435761U);
    return at;
}

static size_t write_message(char *out, size_t max, const struct mail *mail, unsigned i)
{
    static const char *const words[] = {"release", "build",  "meeting", "invoice", "question",
                                        "patch",   "Budget", "holiday", "weekly",  "update"};
    unsigned topic = mail[i].topic, day = i / 400, second = (i * 7919U) % 86400;
    size_t n = (size_t)snprintf(
        out, max,
        "From: Sender %u <s%u@example.org>\r\nTo: list%u@example.org\r\n"
        "Subject: %s%s about the %s of %u\r\n"
        "Date: %u Jan %u %02u:%02u:%02u +0100\r\nMessage-ID: <%u.%08x.sort@lists.example.org>\r\n",
        i % 900, i % 900, i % 5, mail[i].parent != 0 ? "Re: " : "", words[topic % 10],
        words[topic / 10 % 10], topic, day % 28 + 1, 1990 + day / 28, second / 3600,
        second / 60 % 60, second % 60, i, i * 2654435761U);

    n += write_references(out + n, max - n, mail, i);
    return n + (size_t)snprintf(out + n, max - n, "\r\nText of message %u.\r\n", i);
}

static void think_up(struct mail *mail, unsigned i)
{
    unsigned back = any(i < RECENT ? i : RECENT);

    mail[i] = (struct mail){.topic = i};
    if (back > 0 && any(3) > 0)
        mail[i] = (struct mail){.parent = i - back, .topic = mail[i - back].topic};
}

static void append_one(struct client *c, const struct mail *mail, unsigned i)
{
    char message[4000];
    struct client_append a = {
        .mailbox = SLICE("INBOX"), .has_date = true, .date_s = 1767600000 + i};

    a.octets = write_message(message, sizeof(message), mail, i);
    client_append_begin(c, &a);
    bench_must(client_write(c, slice_of(message, a.octets)), "APPEND");
    bench_must(client_end(c), "APPEND");
}

static void fill(const struct bench *b)
{
    struct mail *mail = calloc(MESSAGES + 1, sizeof(*mail));
    struct client *c = bench_local(b, "sort0");

    for (unsigned i = 1, due = 0; i <= MESSAGES; i++) {
        think_up(mail, i);
        append_one(c, mail, i);
        for (due++; due > (i < MESSAGES ? IN_FLIGHT : 0);) {
            struct client_response r;

            bench_must(client_read(c, &r), "APPEND");
            if (r.kind != CLIENT_TAGGED)
                continue;
            bench_must(client_result(&r), "APPEND");
            due--;
        }
    }
    client_close(&c);
    free(mail);
}

static enum err count(void *ctx, const struct client_response *r)
{
    *(unsigned *)ctx += r->condition == CLIENT_DATA;
    return ERR_OK;
}

/* CPU of one command, in ms. */
static double run(const struct bench *b, struct client *c, const char *command)
{
    uint64_t before = bench_cpu_ns(b);
    unsigned got = 0;

    bench_must(client_command(c, slice_of_str(command), count, &got), command);
    if (got == 0)
        bench_die("%s has no answer", command);
    return (double)(bench_cpu_ns(b) - before) / 1e6;
}

static void measure(const struct bench *b, struct client *c, const char *command, const char *goal)
{
    double cpu[ROUNDS], first = run(b, c, command);
    char what[100];

    for (size_t i = 0; i < ROUNDS; i++)
        cpu[i] = run(b, c, command);
    snprintf(what, sizeof(what), "%s of 100,000, warm: server CPU", command);
    bench_print(what, bench_median(cpu, ROUNDS), "ms", goal);
    bench_print("    the first time, keys being read", first, "ms", "");
}

void bench_sort(const struct bench *b)
{
    struct client *c;

    bench_make_accounts(b, "sort", 1);
    bench_make_accounts(b, "small", 1);
    fill(b);
    bench_restart_store(b);
    c = bench_local(b, "sort0");
    bench_must(client_select(c, SLICE("INBOX"), NULL), "SELECT");
    measure(b, c, "SORT (DATE) UTF-8 ALL", "10 ms");
    measure(b, c, "SORT (SUBJECT) UTF-8 ALL", "40 ms");
    measure(b, c, "THREAD REFERENCES UTF-8 ALL", "60 ms");
    measure(b, c, "THREAD REFS UTF-8 ALL", "");
    measure(b, c, "THREAD ORDEREDSUBJECT UTF-8 ALL", "");
    measure(b, c, "SORT (FROM REVERSE DATE) UTF-8 ALL", "");
    client_close(&c);
}
