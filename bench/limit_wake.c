/* bench/limit_wake.c -- one thread commits a delivery and tells ten sockets of it: push. */
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "limit.h"

enum { LISTENERS = 10, PAUSE_US = 5000 }; /* the pause of `drive push` */

#define NEWS "* 1234 EXISTS\r\n"

struct wake {
    int server[LISTENERS], client[LISTENERS];
};

/* The listeners of each side, by its number. */
void limit_wake_prepare(struct limit_shared *s)
{
    struct wake *w = mem_calloc(s->options.connections, sizeof(*w));

    for (size_t i = 0; i < s->options.connections * LISTENERS; i++) {
        w[i / LISTENERS].client[i % LISTENERS] = stream_connect(s);
        w[i / LISTENERS].server[i % LISTENERS] = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    }
    s->own = w;
}

static const struct wake *wake_of(const struct limit_side *s)
{
    return (const struct wake *)s->shared->own + s->number;
}

bool limit_wake(struct limit_side *s)
{
    const struct wake *w = wake_of(s);

    if (!stream_read_line(s))
        return false;
    (void)limit_commit(s);
    for (size_t i = 0; i < LISTENERS; i++) {
        if (send(w->server[i], NEWS, sizeof(NEWS) - 1, MSG_NOSIGNAL) < 0)
            drive_die("a listener has gone");
    }
    return true;
}

void limit_wake_ask(struct limit_side *s)
{
    const struct wake *w = wake_of(s);
    double from;

    usleep(PAUSE_US);
    from = drive_now();
    stream_write_str(s, "a APPEND\r\n");
    for (size_t i = 0; i < LISTENERS; i++) {
        if (read(w->client[i], s->room, LIMIT_LINE_OCTETS) <= 0)
            drive_die("read: the server has gone");
        latency_add(&s->latency, drive_now() - from);
    }
}

void limit_wake_close(struct limit_side *s)
{
    const struct wake *w = wake_of(s);

    for (size_t i = 0; i < LISTENERS; i++) {
        close(w->server[i]);
        close(w->client[i]);
    }
    limit_commit_close(s);
}
