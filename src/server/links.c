/* server/links.c -- the messages of the control channel, both directions; see links.h. */
#include "server/links.h"

#include <errno.h>
#include <poll.h>

#include "base/mem.h"
#include "base/pack.h"

const char *role_name(enum role r)
{
    static const char *const name[ROLE_COUNT] = {"gate", "auth", "store"};
    return name[r];
}

static void pack_imap(struct buf *out, const struct imap_settings *s)
{
    pack_u64(out, s->append_octets_max);
    pack_u32(out, s->message_limit);
    pack_u32(out, s->save_limit);
    pack_u8(out, s->unauthenticate);
    pack_u8(out, s->gmail);
}

static void unpack_imap(struct unpack *u, struct imap_settings *s)
{
    s->server_version = ROOST_VERSION;
    s->append_octets_max = unpack_u64(u);
    s->message_limit = unpack_u32(u);
    s->save_limit = unpack_u32(u);
    s->unauthenticate = unpack_u8(u) != 0;
    s->gmail = unpack_u8(u) != 0;
}

void link_config_encode(struct buf *out, const struct role_config *c)
{
    pack_octets(out, slice_of_str(c->data));
    pack_octets(out, slice_of_str(c->hostname));
    pack_u32(out, c->uid);
    pack_u32(out, c->gid);
    pack_u32(out, c->owner_uid);
    pack_imap(out, &c->imap);
    pack_u64(out, c->memory_octets);
    pack_u32(out, c->max_connections);
    pack_u32(out, c->max_connections_per_ip);
    pack_u32(out, c->login_seconds);
    pack_u32(out, c->idle_seconds);
    pack_u32(out, c->workers);
    pack_u8(out, c->demo);
}

/* A text field with no NUL inside, copied to `to` (max + 1 octets, NUL-terminated). */
static void unpack_text(struct unpack *u, char *to, size_t max)
{
    struct slice s = unpack_octets(u, max);
    if (slice_find(s, '\0') != s.n)
        u->bad = true;
    memcpy(to, s.p, s.n);
    to[s.n] = '\0';
}

static enum err decode_config(struct slice in, struct role_config *c)
{
    struct unpack u = unpack_of(in);
    unpack_text(&u, c->data, LINK_PATH_OCTETS_MAX);
    unpack_text(&u, c->hostname, LINK_HOST_OCTETS_MAX);
    c->uid = unpack_u32(&u);
    c->gid = unpack_u32(&u);
    c->owner_uid = unpack_u32(&u);
    unpack_imap(&u, &c->imap);
    c->memory_octets = unpack_u64(&u);
    c->max_connections = unpack_u32(&u);
    c->max_connections_per_ip = unpack_u32(&u);
    c->login_seconds = unpack_u32(&u);
    c->idle_seconds = unpack_u32(&u);
    c->workers = unpack_u32(&u);
    c->demo = unpack_u8(&u) != 0;
    return unpack_end(&u);
}

void link_keys_encode(struct buf *out, struct slice chain, struct slice key)
{
    pack_octets(out, chain);
    pack_octets(out, key);
}

static enum err decode_keys(struct slice in, struct link_message *m)
{
    struct unpack u = unpack_of(in);
    m->chain = unpack_octets(&u, IPC_PAYLOAD_OCTETS_MAX);
    m->key = unpack_octets(&u, IPC_PAYLOAD_OCTETS_MAX);
    return unpack_end(&u);
}

void link_peer_encode(struct buf *out, enum role peer)
{
    pack_u8(out, (uint8_t)peer);
}

static enum err decode_peer(struct slice in, struct link_message *m)
{
    struct unpack u = unpack_of(in);
    uint8_t peer = unpack_u8(&u);
    TRY(unpack_end(&u));
    if (peer >= ROLE_COUNT || m->n_fds != 1)
        return ERR_SYNTAX;
    m->peer = (enum role)peer;
    return ERR_OK;
}

void link_listen_encode(struct buf *out, const enum listen_kind *kind, size_t n)
{
    for (size_t i = 0; i < n; i++)
        pack_u8(out, (uint8_t)kind[i]);
}

static enum err decode_listen(struct slice in, struct link_message *m)
{
    if (in.n != m->n_fds)
        return ERR_SYNTAX;
    for (size_t i = 0; i < in.n; i++) {
        unsigned char kind = (unsigned char)in.p[i];
        if (kind < LISTEN_IMAP || kind > LISTEN_CONTROL)
            return ERR_SYNTAX;
        m->kind[i] = (enum listen_kind)kind;
    }
    return ERR_OK;
}

static enum err decode(struct slice in, struct link_message *m)
{
    switch (m->type) {
    case LINK_CONFIG:
        return decode_config(in, &m->config);
    case LINK_KEYS:
        return decode_keys(in, m);
    case LINK_LISTEN:
        return decode_listen(in, m);
    case LINK_PEER:
        return decode_peer(in, m);
    case LINK_STOP:
    case LINK_READY:
        return in.n == 0 ? ERR_OK : ERR_SYNTAX;
    }
    return ERR_SYNTAX;
}

enum err link_receive(int control_fd, char *scratch, struct link_message *out)
{
    struct ipc_message raw;
    TRY(ipc_receive(control_fd, scratch, &raw));

    struct link_message got = {.type = (enum link_type)raw.type, .n_fds = raw.n_fds};
    memcpy(got.fd, raw.fd, sizeof(got.fd));
    enum err e = decode(raw.payload, &got);
    bool carries = got.type == LINK_LISTEN || got.type == LINK_PEER;
    if (e == ERR_OK && raw.n_fds > 0 && !carries)
        e = ERR_SYNTAX;
    if (e != ERR_OK)
        ipc_message_close_fds(&raw);
    else
        *out = got;
    return e;
}

static void wait_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, -1) < 0 && errno == EINTR)
        ;
}

enum err link_wait_config(int control_fd, struct role_config *out)
{
    scoped_free char *scratch = mem_calloc(1, IPC_MESSAGE_OCTETS_MAX);
    struct link_message m;
    enum err e;
    while ((e = link_receive(control_fd, scratch, &m)) == ERR_MORE)
        wait_readable(control_fd);
    if (e != ERR_OK)
        return e;
    if (m.type != LINK_CONFIG) {
        for (size_t i = 0; i < m.n_fds; i++)
            fd_close_at(&m.fd[i]);
        return ERR_SYNTAX;
    }
    *out = m.config;
    return ERR_OK;
}

void link_ready(int control_fd)
{
    enum err e = ipc_send(control_fd, LINK_READY, SLICE(""), NULL, 0);
    (void)e; /* when the supervisor is gone the channel ends, and its reader sees that */
}
