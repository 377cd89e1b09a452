/* bench/push.c -- one delivery, and many sessions of the account that are to hear of it at once.
 *
 * The measuring program reads all of them on the same cores, so the figure is the time until the
 * last has the octets in its hands, from the moment the APPEND was sent: commit included.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench.h"

enum { PUSH_ROUNDS = 31, PUSH_EVENTS = 256 };

struct push {
    struct client **c;
    bool *told;
    unsigned n;
    int epoll_fd;
    struct client *actor;
};

static double append_one(struct push *p)
{
    static const char text[] = "From: a@example.org\r\nSubject: push\r\n\r\nA few words.\r\n";
    const struct client_append a = {.mailbox = SLICE("INBOX"), .octets = sizeof(text) - 1};

    client_append_begin(p->actor, &a);
    bench_must(client_write(p->actor, slice_of(text, sizeof(text) - 1)), "APPEND");
    bench_must(client_end(p->actor), "APPEND");
    bench_must(client_flush(p->actor), "APPEND");
    return bench_now();
}

/* Until the APPEND is answered; nobody counts the answer. */
static void take_answer(struct push *p)
{
    struct client_response r;

    do
        bench_must(client_read(p->actor, &r), "APPEND");
    while (r.kind != CLIENT_TAGGED);
    bench_must(client_result(&r), "APPEND");
}

static bool holds(struct slice text, struct slice word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        if (slice_eq(slice_sub(text, i, word.n), word))
            return true;
    }
    return false;
}

/* Read what has come to one; true when it is the news. */
static bool hears(struct client *c, const char *word)
{
    struct client_response r;
    bool heard = false;
    enum err e;

    while ((e = client_read_now(c, &r)) == ERR_OK)
        heard |= holds(r.text, slice_of_str(word));
    if (e != ERR_MORE)
        bench_die("a session has ended: %s", err_text(e));
    return heard;
}

/* Seconds from the sending to the last of them. */
static double round_of(struct push *p, const char *word)
{
    struct epoll_event event[PUSH_EVENTS];
    unsigned left = p->n;
    double began, last;

    memset(p->told, 0, p->n);
    began = append_one(p);
    while (left > 0) {
        int n = epoll_wait(p->epoll_fd, event, PUSH_EVENTS, 10000);

        if (n <= 0)
            bench_die("%u of %u sessions were not told", left, p->n);
        for (int i = 0; i < n; i++) {
            unsigned which = event[i].data.u32;

            if (hears(p->c[which], word) && !p->told[which]) {
                p->told[which] = true;
                left--;
            }
        }
    }
    last = bench_now();
    take_answer(p);
    return last - began;
}

static void measure(struct push *p, const char *what, const char *word, const char *goal)
{
    double seconds[PUSH_ROUNDS], worst = 0;

    (void)round_of(p, word); /* for nothing: the account is opened */
    for (unsigned i = 0; i < PUSH_ROUNDS; i++) {
        seconds[i] = round_of(p, word);
        worst = seconds[i] > worst ? seconds[i] : worst;
        usleep(20000);
    }
    bench_print(what, bench_median(seconds, PUSH_ROUNDS) * 1000, "ms", goal);
    bench_print("    the slowest of 31", worst * 1000, "ms", "");
}

static void measure_alone(struct push *p)
{
    double seconds[PUSH_ROUNDS];

    for (unsigned i = 0; i < PUSH_ROUNDS; i++) {
        double began = append_one(p);

        take_answer(p);
        seconds[i] = bench_now() - began;
    }
    bench_print("APPEND with nobody listening", bench_median(seconds, PUSH_ROUNDS) * 1000, "ms",
                "");
}

/* ---- the sessions --------------------------------------------------------------------------- */

static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void open_all(const struct bench *b, struct push *p, enum client_security security)
{
    for (unsigned i = 0; i < p->n; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};

        p->c[i] = bench_login(b, security, "push0");
        bench_must(client_select(p->c[i], SLICE("INBOX"), NULL), "SELECT");
        if (epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, client_fd(p->c[i]), &event) != 0)
            bench_die("epoll_ctl failed");
    }
}

static void close_all(struct push *p)
{
    for (unsigned i = 0; i < p->n; i++)
        client_close(&p->c[i]);
}

static void command_all(struct push *p, const char *command)
{
    for (unsigned i = 0; i < p->n; i++)
        bench_must(client_command(p->c[i], slice_of_str(command), NULL, NULL), command);
}

static void idle_all(struct push *p)
{
    struct client_response r;

    for (unsigned i = 0; i < p->n; i++) {
        client_begin(p->c[i], "IDLE");
        bench_must(client_end(p->c[i]), "IDLE");
        bench_must(client_flush(p->c[i]), "IDLE");
        do
            bench_must(client_read(p->c[i], &r), "IDLE");
        while (r.kind != CLIENT_CONTINUE);
    }
}

void bench_push(const struct bench *b)
{
    struct push p = {.n = b->sessions};

    raise_descriptors();
    p.c = mem_calloc(p.n, sizeof(struct client *));
    p.told = mem_calloc(p.n, sizeof(bool));
    p.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    bench_make_accounts(b, "push", 1);
    p.actor = bench_login(b, CLIENT_PLAIN, "push0");
    measure_alone(&p);
    open_all(b, &p, CLIENT_PLAIN);
    command_all(&p, "NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL (MailboxName))");
    measure(&p, "one delivery told to 1,000 sessions, NOTIFY, selected", " EXISTS", "20 ms");
    command_all(&p, "NOTIFY SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge))");
    measure(&p, "the same with FETCH (UID FLAGS) of it", " FETCH", "");
    command_all(&p, "UNSELECT");
    command_all(&p, "NOTIFY SET (PERSONAL (MessageNew MessageExpunge FlagChange))");
    measure(&p, "the same, NOTIFY, another mailbox (STATUS)", "STATUS INBOX", "20 ms");
    close_all(&p);
    open_all(b, &p, CLIENT_PLAIN);
    idle_all(&p);
    measure(&p, "the same, IDLE", " EXISTS", "20 ms");
    close_all(&p);
    open_all(b, &p, CLIENT_TLS);
    idle_all(&p);
    measure(&p, "the same, IDLE, TLS", " EXISTS", "");
    close_all(&p);
    client_close(&p.actor);
    close(p.epoll_fd);
    free(p.told);
    free(p.c);
}
