/* bench/work_push.c -- one session appends, others of the account wait in IDLE: from the moment the
 * APPEND is sent until each of them has the EXISTS in its hands, commit included.
 */
#include <poll.h>
#include <unistd.h>

#include "base/mem.h"
#include "drive.h"

enum {
    PATIENCE_MS = 40000, /* a peer may look every 30 s */
    PAUSE_US = 5000,
    ROUNDS_MAX = 400,
};

struct listener {
    struct client *client;
    bool told;
};

struct push {
    struct client *actor;
    struct listener *listener;
    struct pollfd *fd; /* of each listener */
    unsigned n, left;
    struct latency latency;
    double sent;
};

void drive_begin_idle(struct client *c)
{
    struct client_response r;

    drive_must(client_select(c, SLICE("INBOX"), NULL), "SELECT");
    client_begin(c, "IDLE");
    drive_must(client_end(c), "IDLE");
    do
        drive_must(client_read(c, &r), "IDLE");
    while (r.kind != CLIENT_CONTINUE);
}

static struct push *open_all(const struct drive *d, unsigned n)
{
    struct push *p = mem_calloc(1, sizeof(*p));

    p->n = n;
    p->listener = mem_calloc(n, sizeof(*p->listener));
    p->fd = mem_calloc(n, sizeof(*p->fd));
    p->actor = drive_login(d, "0", CLIENT_PLAIN);
    for (unsigned i = 0; i < n; i++) {
        struct client *c = drive_login(d, "0", CLIENT_PLAIN);

        drive_begin_idle(c);
        p->listener[i].client = c;
        p->fd[i] = (struct pollfd){.fd = client_fd(c), .events = POLLIN};
    }
    return p;
}

static void close_all(struct push **p)
{
    client_close(&(*p)->actor);
    for (unsigned i = 0; i < (*p)->n; i++)
        client_close(&(*p)->listener[i].client);
    free((*p)->fd);
    free((*p)->listener);
    free(*p);
    *p = NULL;
}

static void send_one(struct push *p)
{
    static const char text[] = "From: a@example.org\r\nSubject: push\r\n\r\nA few words.\r\n";
    const struct client_append a = {.mailbox = SLICE("INBOX"), .octets = sizeof(text) - 1};

    client_append_begin(p->actor, &a);
    drive_must(client_write(p->actor, slice_of(text, sizeof(text) - 1)), "APPEND");
    drive_must(client_end(p->actor), "APPEND");
    p->sent = drive_now();
    drive_must(client_flush(p->actor), "APPEND");
}

static bool is_exists(struct slice text)
{
    return slice_eq(slice_sub(text, slice_find(text, ' ') + 1, text.n), SLICE("EXISTS"));
}

static void hear(struct push *p, struct listener *l)
{
    struct client_response r;
    enum err e;

    while ((e = client_read_now(l->client, &r)) == ERR_OK) {
        if (l->told || !is_exists(r.text))
            continue;
        l->told = true;
        p->left--;
        latency_add(&p->latency, drive_now() - p->sent);
    }
    if (e != ERR_MORE)
        drive_die("a session has ended: %s", err_text(e));
}

static void take_answer(struct push *p)
{
    struct client_response r;

    do
        drive_must(client_read(p->actor, &r), "APPEND");
    while (r.kind != CLIENT_TAGGED);
    drive_must(client_result(&r), "APPEND");
}

static void one_round(struct push *p)
{
    for (unsigned i = 0; i < p->n; i++)
        p->listener[i].told = false;
    p->left = p->n;
    send_one(p);
    while (p->left > 0) {
        if (poll(p->fd, p->n, PATIENCE_MS) <= 0)
            drive_die("%u of %u sessions were not told", p->left, p->n);
        for (unsigned i = 0; i < p->n; i++) {
            if (p->fd[i].revents != 0)
                hear(p, &p->listener[i]);
        }
    }
    take_answer(p);
    usleep(PAUSE_US);
}

void drive_push(const struct drive *d, const struct workload *workload)
{
    struct push *p = open_all(d, d->connections > 0 ? d->connections : workload->connections);
    struct report r = {.workload = workload, .latency = &p->latency};
    double until, began;

    one_round(p);
    memset(&p->latency, 0, sizeof(p->latency));
    r.cpu_ns = process_cpu_ns(d->process);
    began = drive_now();
    until = began + d->seconds;
    do {
        one_round(p);
        r.operations++;
    } while (drive_now() < until && r.operations < ROUNDS_MAX);
    r.rate = (double)r.operations / (drive_now() - began);
    r.cpu_ns = process_cpu_ns(d->process) - r.cpu_ns;
    r.pss = process_pss(d->process);
    report_print(&r);
    close_all(&p);
}
