/* auth/throttle.c -- a fixed table under a keyed hash, so that nobody can aim at a set. */
#include "auth/throttle.h"

#include <arpa/inet.h>
#include <sys/random.h>

#include "base/mem.h"
#include "base/openssl.h"

struct entry {
    uint64_t key; /* 0: empty */
    uint64_t last_ms;
    uint32_t failures;
};

struct throttle {
    unsigned char secret[32];
    struct entry entry[THROTTLE_SETS][THROTTLE_WAYS];
};

struct throttle *throttle_new(void)
{
    struct throttle *t = mem_new(struct throttle);
    /* Without randomness the table still counts; it can only be aimed at. */
    ssize_t n = getrandom(t->secret, sizeof(t->secret), 0);
    (void)n;
    return t;
}

void throttle_free(struct throttle **t)
{
    free(*t);
    *t = NULL;
}

struct slice throttle_network(struct slice peer, unsigned char space[16])
{
    char text[INET6_ADDRSTRLEN];
    if (peer.n >= sizeof(text))
        return peer;
    memcpy(text, peer.p, peer.n);
    text[peer.n] = '\0';
    return inet_pton(AF_INET6, text, space) == 1 ? slice_of(space, 8) : peer;
}

static uint64_t key_of(struct throttle *t, struct slice account, struct slice peer)
{
    unsigned char text[512], space[16], mac[EVP_MAX_MD_SIZE];
    struct slice net = throttle_network(peer, space);
    account = slice_sub(account, 0, 255);
    net = slice_sub(net, 0, 64);
    size_t n = 0;
    text[n++] = (unsigned char)account.n;
    memcpy(text + n, account.p, account.n);
    n += account.n;
    memcpy(text + n, net.p, net.n);
    n += net.n;
    uint64_t key = 0;
    if (HMAC(EVP_sha256(), t->secret, sizeof(t->secret), text, n, mac, NULL) != NULL)
        memcpy(&key, mac, sizeof(key));
    return key != 0 ? key : 1;
}

static struct entry *find(struct throttle *t, uint64_t key)
{
    struct entry *set = t->entry[key % THROTTLE_SETS];
    for (int i = 0; i < THROTTLE_WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

/* The entry to write: an empty or the oldest one of the set. */
static struct entry *make_room(struct throttle *t, uint64_t key)
{
    struct entry *set = t->entry[key % THROTTLE_SETS], *oldest = &set[0];
    for (int i = 1; i < THROTTLE_WAYS; i++)
        if (set[i].last_ms < oldest->last_ms)
            oldest = &set[i];
    *oldest = (struct entry){.key = key};
    return oldest;
}

uint32_t throttle_delay_ms(struct throttle *t, struct slice account, struct slice peer,
                           uint64_t now_ms)
{
    struct entry *e = find(t, key_of(t, account, peer));
    if (e == NULL || e->failures < THROTTLE_FREE || now_ms - e->last_ms > THROTTLE_FORGET_MS)
        return 0;
    uint32_t doublings = e->failures - THROTTLE_FREE;
    uint32_t delay = doublings >= 5 ? THROTTLE_DELAY_MS_MAX : 1000U << doublings;
    return delay < THROTTLE_DELAY_MS_MAX ? delay : THROTTLE_DELAY_MS_MAX;
}

void throttle_failed(struct throttle *t, struct slice account, struct slice peer, uint64_t now_ms)
{
    uint64_t key = key_of(t, account, peer);
    struct entry *e = find(t, key);
    if (e == NULL)
        e = make_room(t, key);
    if (now_ms - e->last_ms > THROTTLE_FORGET_MS)
        e->failures = 0;
    if (e->failures < 1000)
        e->failures++;
    e->last_ms = now_ms;
}

void throttle_succeeded(struct throttle *t, struct slice account, struct slice peer)
{
    struct entry *e = find(t, key_of(t, account, peer));
    if (e != NULL)
        *e = (struct entry){0};
}
