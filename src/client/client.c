/* client/client.c -- see client.h: opening a connection, writing commands. */
#include "client/client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "client/internal.h"
#include "wire/reply.h"

enum {
    SEND_ABOVE_OCTETS = 64 * 1024, /* commands gather up to here */
    IN_OCTETS_MAX = CLIENT_RESPONSE_OCTETS_MAX + CLIENT_READ_OCTETS,
};

/* ---- connection ------------------------------------------------------------------------------ */

struct client *client_open(int fd)
{
    struct client *c = mem_new(struct client);

    client_stream_init(&c->stream, fd, IN_OCTETS_MAX);
    buf_init(&c->out, CLIENT_COMMAND_OCTETS_MAX);
    frame_init(&c->frame, CLIENT_RESPONSE_OCTETS_MAX, CLIENT_RESPONSE_OCTETS_MAX);
    c->timeout_ms = CLIENT_TIMEOUT_MS;
    c->form = MAILBOX_MUTF7;
    return c;
}

static int connect_first(const struct addrinfo *list)
{
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol), on = 1;

        if (fd < 0)
            continue;
        if (connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
            (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            return fd;
        }
        close(fd);
    }
    return -1;
}

enum err client_start_tls(struct client *c)
{
    return client_stream_start_tls(&c->stream, c->timeout_ms);
}

enum err client_compress(struct client *c)
{
    client_drop_taken(c);
    return client_stream_compress(&c->stream);
}

enum err client_connect(const char *host, const char *port, enum client_security security,
                        struct client **out)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    struct client *c;
    enum err e = ERR_OK;
    int fd;

    if (getaddrinfo(host, port, &hints, &list) != 0)
        return ERR_UNAVAILABLE;
    fd = connect_first(list);
    freeaddrinfo(list);
    if (fd < 0)
        return ERR_UNAVAILABLE;
    c = client_open(fd);
    if (security == CLIENT_TLS)
        e = client_start_tls(c);
    if (e != ERR_OK)
        client_close(&c);
    else
        *out = c;
    return e;
}

void client_close(struct client **cp)
{
    struct client *c = *cp;

    if (c == NULL)
        return;
    client_stream_release(&c->stream);
    buf_release(&c->out);
    free(c);
    *cp = NULL;
}

int client_fd(const struct client *c)
{
    return c->stream.fd;
}

void client_set_timeout(struct client *c, int timeout_ms)
{
    c->timeout_ms = timeout_ms;
}

void client_set_utf8(struct client *c, bool utf8)
{
    c->form = utf8 ? MAILBOX_UTF8 : MAILBOX_MUTF7;
}

/* ---- writing --------------------------------------------------------------------------------- */

uint32_t client_begin(struct client *c, const char *name)
{
    c->tag++;
    buf_add_char(&c->out, 'r');
    buf_add_u64(&c->out, c->tag);
    if (name != NULL)
        client_add(c, slice_of_str(name));
    return c->tag;
}

void client_add_raw(struct client *c, struct slice raw)
{
    buf_add_slice(&c->out, raw);
}

void client_add(struct client *c, struct slice raw)
{
    buf_add_char(&c->out, ' ');
    buf_add_slice(&c->out, raw);
}

/* Whether the octets can stand in quotes (RFC 9051 section 9, quoted). */
static bool is_quotable(struct slice s)
{
    if (s.n > REPLY_QUOTED_OCTETS_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x80 || s.p[i] == '\r' || s.p[i] == '\n')
            return false;
    }
    return true;
}

void client_add_astring(struct client *c, struct slice s)
{
    if (slice_find(s, '\0') < s.n || s.n > LITERAL_MINUS_OCTETS_MAX) {
        c->too_long = true;
        return;
    }
    if (is_quotable(s)) {
        buf_add_char(&c->out, ' ');
        reply_astring(&c->out, s);
        return;
    }
    client_add_literal(c, s.n, false);
    buf_add_slice(&c->out, s);
}

void client_add_mailbox(struct client *c, struct slice name)
{
    buf_add_char(&c->out, ' ');
    mailbox_write(&c->out, c->form, name);
}

static void add_literal(struct client *c, uint64_t octets, bool binary, const char *end)
{
    buf_add_str(&c->out, binary ? " ~{" : " {");
    buf_add_u64(&c->out, octets);
    buf_add_str(&c->out, end);
}

void client_add_literal(struct client *c, uint64_t octets, bool binary)
{
    add_literal(c, octets, binary, "+}\r\n");
}

void client_add_literal_sync(struct client *c, uint64_t octets, bool binary)
{
    add_literal(c, octets, binary, "}\r\n");
}

enum err client_flush(struct client *c)
{
    enum err e;

    if (c->out.overflowed)
        return ERR_LIMIT;
    e = client_stream_write(&c->stream, buf_slice(&c->out), c->timeout_ms);
    buf_clear(&c->out);
    return e;
}

enum err client_write(struct client *c, struct slice octets)
{
    if (c->out.n + octets.n > SEND_ABOVE_OCTETS)
        TRY(client_flush(c));
    if (octets.n > SEND_ABOVE_OCTETS)
        return client_stream_write(&c->stream, octets, c->timeout_ms);
    buf_add_slice(&c->out, octets);
    return ERR_OK;
}

enum err client_end(struct client *c)
{
    if (c->too_long)
        return ERR_LIMIT;
    return client_write(c, SLICE("\r\n"));
}
