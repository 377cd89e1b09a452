/* tests/unit/migrate/peer.c -- see peer.h. */
#include "peer.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "wire/frame.h"
#include "wire/lex.h"

static bool contains(struct slice s, struct slice what)
{
    for (size_t i = 0; i + what.n <= s.n; i++) {
        if (memcmp(s.p + i, what.p, what.n) == 0)
            return true;
    }
    return false;
}

/* Which key this is; *known says whether it came before. */
static size_t key_number(struct peer *p, struct slice key, bool *known)
{
    size_t i;

    for (i = 0; i < p->n_keys && !slice_eq(key, slice_of_str(p->key[i])); i++)
        ;
    *known = i < p->n_keys;
    if (!*known) {
        memcpy(p->key[i], key.p, key.n);
        p->n_keys++;
    }
    return i;
}

static void write_log(struct peer *p, struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n') {
            buf_add_char(&p->log, '|');
            i++;
        } else {
            buf_add_char(&p->log, s.p[i] == '\n' ? '$' : s.p[i]);
        }
    }
    buf_add_char(&p->log, '\n');
}

static const char *answer(struct peer *p, struct slice rest, bool known)
{
    if (known)
        return "OK [ALREADYIMPORTED] Known";
    if (contains(rest, SLICE("REFUSE")))
        return "NO [TOOBIG] Too large";
    if (slice_starts(rest, SLICE("CREATE Shared")))
        return "NO [CANNOT] Reserved";
    if (slice_starts(rest, SLICE("XIMPORT")))
        return "OK [APPENDUID 1 1] done";
    (void)p;
    return "OK done";
}

static void run(struct peer *p, struct slice command)
{
    size_t space = slice_find(command, ' ');
    struct slice tag = slice_sub(command, 0, space);
    struct slice rest = slice_sub(command, space + 1, command.n - 2 - space - 1);
    bool known = false;
    char line[200];
    int n;

    if (slice_starts(rest, SLICE("XIMPORT "))) {
        struct slice tail = slice_sub(rest, 8, rest.n);
        size_t end = slice_find(tail, ' ');

        buf_addf(&p->log, "K%zu", key_number(p, slice_sub(tail, 0, end), &known));
        write_log(p, slice_sub(tail, end, tail.n));
    } else {
        write_log(p, rest);
    }
    n = snprintf(line, sizeof(line), "%.*s %s\r\n", SLICE_ARG(tag), answer(p, rest, known));
    (void)!send(p->fd, line, (size_t)n, MSG_NOSIGNAL);
}

static void *peer_main(void *arg)
{
    struct peer *p = arg;
    struct frame frame;
    struct buf in;
    ssize_t n;

    buf_init(&in, 64 << 20);
    frame_init(&frame, 1 << 20, 64 << 20);
    for (;;) {
        enum frame_status status = frame_scan(&frame, buf_slice(&in));

        if (status == FRAME_COMPLETE) {
            run(p, slice_sub(buf_slice(&in), 0, frame.command_octets));
            buf_consume(&in, frame.command_octets);
            frame_reset(&frame);
        } else if (status == FRAME_LITERAL && frame_literal_inline(&frame)) {
            continue;
        } else if (status == FRAME_MORE &&
                   (n = recv(p->fd, buf_reserve(&in, 65536), 65536, 0)) > 0) {
            buf_added(&in, (size_t)n);
        } else {
            break;
        }
    }
    if (in.n > 0)
        buf_add_str(&p->log, "CUT\n");
    buf_release(&in);
    return NULL;
}

void peer_again(struct peer *p)
{
    int fd[2];

    buf_clear(&p->log);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
        abort();
    p->client = client_open(fd[0]);
    client_set_timeout(p->client, 10000);
    p->fd = fd[1];
    if (pthread_create(&p->thread, NULL, peer_main, p) != 0)
        abort();
}

struct peer *peer_start(void)
{
    struct peer *p = mem_new(struct peer);

    buf_init(&p->log, 64 << 20);
    peer_again(p);
    return p;
}

struct slice peer_finish(struct peer *p)
{
    client_close(&p->client);
    pthread_join(p->thread, NULL);
    close(p->fd);
    return buf_slice(&p->log);
}

void peer_free(struct peer **pp)
{
    buf_release(&(*pp)->log);
    free(*pp);
    *pp = NULL;
}
