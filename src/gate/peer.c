/* gate/peer.c -- an open-addressing table of 8-octet networks; see peer.h. */
#include "gate/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/random.h>

#include "base/mem.h"

static void of_ipv4(const uint8_t address[4], struct peer *out)
{
    memcpy(out->network, "\0\0\0\1", 4); /* no IPv6 network in use begins so */
    memcpy(out->network + 4, address, 4);
    out->loopback = address[0] == 127;
    inet_ntop(AF_INET, address, out->text, sizeof(out->text));
}

void peer_of(const struct sockaddr_storage *from, struct peer *out)
{
    *out = (struct peer){.text = "unknown"};
    if (from->ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof(in));
        of_ipv4((const uint8_t *)&in.sin_addr, out);
    } else if (from->ss_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, from, sizeof(in6));
        if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
            of_ipv4(in6.sin6_addr.s6_addr + 12, out);
            return;
        }
        memcpy(out->network, in6.sin6_addr.s6_addr, 8);
        out->loopback = IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
        inet_ntop(AF_INET6, &in6.sin6_addr, out->text, sizeof(out->text));
    }
}

struct cell {
    uint8_t network[8];
    uint32_t count; /* 0: free */
};

struct peer_table {
    uint64_t secret[2];
    struct cell *cell;
    size_t n, cap; /* cap is a power of two */
};

struct peer_table *peer_table_new(void)
{
    struct peer_table *t = mem_new(struct peer_table);
    ssize_t n = getrandom(t->secret, sizeof(t->secret), 0);
    (void)n; /* without it the table still counts */
    t->cap = 64;
    t->cell = mem_calloc(t->cap, sizeof(struct cell));
    return t;
}

void peer_table_free(struct peer_table **t)
{
    if (*t != NULL)
        free((*t)->cell);
    free(*t);
    *t = NULL;
}

static size_t home_of(const struct peer_table *t, const uint8_t network[8])
{
    uint64_t x;
    memcpy(&x, network, sizeof(x));
    x = (x ^ t->secret[0]) * 0x9e3779b97f4a7c15U;
    x ^= x >> 32;
    x = (x ^ t->secret[1]) * 0xd6e8feb86659fd93U;
    return (size_t)(x >> 20) & (t->cap - 1);
}

/* The cell of the network, or the free one where it would go. */
static struct cell *find(const struct peer_table *t, const uint8_t network[8])
{
    size_t i = home_of(t, network);
    while (t->cell[i].count > 0 && memcmp(t->cell[i].network, network, 8) != 0)
        i = (i + 1) & (t->cap - 1);
    return &t->cell[i];
}

static void grow(struct peer_table *t)
{
    struct cell *old = t->cell;
    size_t n = t->cap;
    t->cap *= 2;
    t->cell = mem_calloc(t->cap, sizeof(struct cell));
    for (size_t i = 0; i < n; i++)
        if (old[i].count > 0)
            *find(t, old[i].network) = old[i];
    free(old);
}

uint32_t peer_table_add(struct peer_table *t, const uint8_t network[8])
{
    if (2 * (t->n + 1) > t->cap)
        grow(t);
    struct cell *c = find(t, network);
    if (c->count == 0) {
        memcpy(c->network, network, 8);
        t->n++;
    }
    return ++c->count;
}

/* Close the gap at `c`: cells behind it that would no longer be found move up. */
static void close_gap(struct peer_table *t, struct cell *c)
{
    size_t gap = (size_t)(c - t->cell), mask = t->cap - 1;
    for (size_t i = (gap + 1) & mask; t->cell[i].count > 0; i = (i + 1) & mask) {
        size_t home = home_of(t, t->cell[i].network);
        if (((i - home) & mask) < ((i - gap) & mask))
            continue;
        t->cell[gap] = t->cell[i];
        gap = i;
    }
    t->cell[gap] = (struct cell){0};
}

uint32_t peer_table_remove(struct peer_table *t, const uint8_t network[8])
{
    struct cell *c = find(t, network);
    if (c->count == 0)
        return 0;
    if (--c->count > 0)
        return c->count;
    t->n--;
    close_gap(t, c);
    return 0;
}
