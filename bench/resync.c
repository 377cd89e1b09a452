/* bench/resync.c -- a client that remembers the mailbox of 100,000 messages comes back after 100
 * changes: 50 flags, 25 expunges, 25 new messages (RFC 7162 section 3.2.5).
 */
#include <stdarg.h>
#include <inttypes.h>

#include "bench.h"

enum { ROUNDS = 200, COLD_ROUNDS = 7, FLAGS = 50, MOVED = 25 };

struct remembered {
    char command[100];
    uint64_t uidvalidity, modseq, uidnext;
    unsigned vanished, fetched;
    uint64_t octets;
};

static uint64_t number_behind(struct slice text, struct slice name)
{
    uint64_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        struct slice rest = slice_sub(text, i, text.n);

        if (!slice_starts(rest, name))
            continue;
        for (i += name.n; i < text.n && ascii_is_digit(text.p[i]); i++)
            n = n * 10 + (uint64_t)(text.p[i] - '0');
        return n;
    }
    return 0;
}

static enum err take_status(void *ctx, const struct client_response *r)
{
    struct remembered *x = ctx;

    if (!slice_starts(r->text, SLICE("STATUS ")))
        return ERR_OK;
    x->uidvalidity = number_behind(r->text, SLICE("UIDVALIDITY "));
    x->modseq = number_behind(r->text, SLICE("HIGHESTMODSEQ "));
    x->uidnext = number_behind(r->text, SLICE("UIDNEXT "));
    return ERR_OK;
}

static enum err take_answer(void *ctx, const struct client_response *r)
{
    struct remembered *x = ctx;

    x->vanished += slice_starts(r->text, SLICE("VANISHED (EARLIER) "));
    x->fetched +=
        number_behind(r->text, SLICE("UID ")) > 0 && number_behind(r->text, SLICE("MODSEQ (")) > 0;
    x->octets += r->text.n + 4; /* "* " and CRLF */
    return ERR_OK;
}

static void command_on(struct client *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void command_on(struct client *c, const char *format, ...)
{
    char command[100];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    bench_must(client_command(c, slice_of_str(command), NULL, NULL), command);
}

/* Every 1,000th message that is there is changed: a flag, or it goes and a copy comes. */
static void change(struct client *c)
{
    bench_must(client_select(c, SLICE("INBOX"), NULL), "SELECT");
    for (unsigned i = 0; i < FLAGS; i++) {
        command_on(c, "STORE %u -FLAGS.SILENT (\\Draft)", 500 + i * 1000);
        command_on(c, "STORE %u +FLAGS.SILENT (\\Draft)", 500 + i * 1000);
    }
    for (unsigned i = 0; i < MOVED; i++) {
        command_on(c, "COPY %u INBOX", 60000 + i * 1000);
        command_on(c, "STORE %u +FLAGS.SILENT (\\Deleted)", 60000 + i * 1000);
        bench_must(client_command(c, SLICE("EXPUNGE"), NULL, NULL), "EXPUNGE");
    }
    bench_must(client_command(c, SLICE("UNSELECT"), NULL, NULL), "UNSELECT");
}

static void resync(struct client *c, struct remembered *x)
{
    x->vanished = x->fetched = 0;
    x->octets = 0;
    bench_must(client_command(c, slice_of_str(x->command), take_answer, x), "SELECT (QRESYNC)");
    if (x->vanished != 1 || x->fetched != FLAGS + MOVED)
        bench_die("QRESYNC told %u VANISHED and %u messages", x->vanished, x->fetched);
}

static void measure(const struct bench *b, struct client *c, struct remembered *x)
{
    uint64_t cpu = bench_cpu_ns(b);

    for (size_t i = 0; i < ROUNDS; i++)
        resync(c, x);
    bench_print("SELECT (QRESYNC) of 100,000 after 100 changes, warm: server CPU",
                (double)(bench_cpu_ns(b) - cpu) / 1e6 / ROUNDS, "ms", "2 ms");
    bench_print("    the answer", (double)x->octets, "octets", "");
}

static double once_cold(const struct bench *b, struct remembered *x)
{
    struct client *c;
    uint64_t cpu;
    double ms;

    bench_restart_store(b);
    cpu = bench_cpu_ns(b);
    c = bench_local(b, "large0");
    bench_must(client_command(c, SLICE("ENABLE QRESYNC"), NULL, NULL), "ENABLE");
    resync(c, x);
    ms = (double)(bench_cpu_ns(b) - cpu) / 1e6;
    client_close(&c);
    return ms;
}

void bench_resync(const struct bench *b)
{
    struct client *c = bench_local(b, "large0");
    struct remembered x = {0};
    double cpu[COLD_ROUNDS];

    bench_must(client_command(c, SLICE("STATUS INBOX (UIDVALIDITY HIGHESTMODSEQ UIDNEXT)"),
                              take_status, &x),
               "STATUS");
    change(c);
    snprintf(x.command, sizeof(x.command),
             "SELECT INBOX (QRESYNC (%" PRIu64 " %" PRIu64 " 1:%" PRIu64 "))", x.uidvalidity,
             x.modseq, x.uidnext + MOVED - 1);
    bench_must(client_command(c, SLICE("ENABLE QRESYNC"), NULL, NULL), "ENABLE");
    measure(b, c, &x);
    client_close(&c);
    bench_make_accounts(b, "small", 1);
    for (size_t i = 0; i < COLD_ROUNDS; i++)
        cpu[i] = once_cold(b, &x);
    bench_print("    the same in a new process, account opened: server CPU",
                bench_median(cpu, COLD_ROUNDS), "ms", "");
}
