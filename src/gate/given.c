/* gate/given.c -- see given.h. */
#include "gate/given.h"

#include <sys/socket.h>

#include "base/mem.h"

enum { FIRST_PLACES = 64 };

uint64_t given_cookie(int fd)
{
    uint64_t cookie = 0;
    socklen_t n = sizeof(cookie);

    return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &n) == 0 ? cookie : 0;
}

static void grow(struct givens *g)
{
    uint32_t n = g->n_places > 0 ? 2 * g->n_places : FIRST_PLACES;

    g->place = mem_resize(g->place, (size_t)n + 1, sizeof(*g->place));
    for (uint32_t i = n; i > g->n_places; i--) {
        g->place[i] = (struct given){.next_free = g->free};
        g->free = i;
    }
    g->n_places = n;
}

uint32_t given_add(struct givens *g, int fd, struct conn *c)
{
    uint64_t cookie = given_cookie(fd);
    uint32_t place;

    if (cookie == 0)
        return GIVEN_NONE;
    if (g->free == GIVEN_NONE)
        grow(g);
    place = g->free;
    g->free = g->place[place].next_free;
    g->place[place] = (struct given){.cookie = cookie, .conn = c};
    return place;
}

void given_left(struct givens *g, uint32_t place, struct peer_table *peers, const struct peer *peer)
{
    struct given *it = &g->place[place];

    it->conn = NULL;
    memcpy(it->network, peer->network, sizeof(it->network));
    peer_table_add(peers, it->network);
    g->n_plain++;
}

void given_remove(struct givens *g, uint32_t place, struct peer_table *peers)
{
    struct given *it;

    if (place == GIVEN_NONE)
        return;
    it = &g->place[place];
    if (it->conn == NULL) {
        peer_table_remove(peers, it->network);
        g->n_plain--;
    }
    *it = (struct given){.next_free = g->free};
    g->free = place;
}

const struct given *given_find(const struct givens *g, uint32_t place, int fd)
{
    if (place == GIVEN_NONE || place > g->n_places || g->place[place].cookie == 0)
        return NULL;
    if (fd >= 0 && g->place[place].cookie != given_cookie(fd))
        return NULL;
    return &g->place[place];
}

void given_remove_plain(struct givens *g, struct peer_table *peers)
{
    for (uint32_t i = 1; i <= g->n_places; i++) {
        if (g->place[i].cookie != 0 && g->place[i].conn == NULL)
            given_remove(g, i, peers);
    }
}

void given_release(struct givens *g)
{
    free(g->place);
    *g = (struct givens){0};
}
