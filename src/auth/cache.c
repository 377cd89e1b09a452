/* auth/cache.c -- a fixed table of keyed hashes: sets of four, the oldest gives way. */
#include "auth/cache.h"

#include <sys/random.h>

#include "base/mem.h"
#include "base/openssl.h"
#include "base/pack.h"

enum { MAC_OCTETS = 32 };

struct entry {
    unsigned char mac[MAC_OCTETS];
    uint64_t until_ms; /* 0: empty */
};

struct auth_cache {
    unsigned char key[MAC_OCTETS];
    struct entry entry[AUTH_CACHE_SETS][AUTH_CACHE_WAYS];
};

enum err auth_cache_new(struct auth_cache **out)
{
    struct auth_cache *c = mem_new(struct auth_cache);
    if (getrandom(c->key, sizeof(c->key), 0) != (ssize_t)sizeof(c->key)) {
        free(c);
        return ERR_UNAVAILABLE;
    }
    *out = c;
    return ERR_OK;
}

void auth_cache_free(struct auth_cache **c)
{
    if (*c != NULL)
        mem_wipe(*c, sizeof(**c));
    free(*c);
    *c = NULL;
}

/* False, and no entry is found or made, if it cannot be computed. */
static bool compute(struct auth_cache *c, const struct user *u, struct slice password,
                    unsigned char mac[MAC_OCTETS])
{
    struct buf text;
    buf_init(&text, 8192);
    pack_octets(&text, auth_name_slice(&u->name));
    pack_octets(&text, slice_of_str(u->password.text));
    pack_u64(&text, (uint64_t)u->password_changed);
    pack_u8(&text, u->disabled);
    pack_octets(&text, password);
    struct slice s = buf_slice(&text);
    unsigned n = 0;
    bool ok = !text.overflowed && HMAC(EVP_sha256(), c->key, sizeof(c->key),
                                       (const unsigned char *)s.p, s.n, mac, &n) != NULL;
    if (text.p != NULL)
        mem_wipe(text.p, text.cap);
    buf_release(&text);
    return ok && n == MAC_OCTETS;
}

static struct entry *set_of(struct auth_cache *c, const unsigned char *mac)
{
    return c->entry[(mac[0] | (unsigned)mac[1] << 8) % AUTH_CACHE_SETS];
}

bool auth_cache_has(struct auth_cache *c, const struct user *u, struct slice password,
                    uint64_t now_ms)
{
    unsigned char mac[MAC_OCTETS];
    if (u->disabled || !compute(c, u, password, mac))
        return false;
    struct entry *set = set_of(c, mac);
    bool found = false;
    for (int i = 0; i < AUTH_CACHE_WAYS; i++)
        found |= set[i].until_ms > now_ms && CRYPTO_memcmp(set[i].mac, mac, sizeof(mac)) == 0;
    return found;
}

void auth_cache_add(struct auth_cache *c, const struct user *u, struct slice password,
                    uint64_t now_ms)
{
    unsigned char mac[MAC_OCTETS];
    if (u->disabled || !compute(c, u, password, mac))
        return;
    struct entry *set = set_of(c, mac), *oldest = &set[0];
    for (int i = 0; i < AUTH_CACHE_WAYS; i++) {
        if (memcmp(set[i].mac, mac, sizeof(mac)) == 0) {
            oldest = &set[i];
            break;
        }
        if (set[i].until_ms < oldest->until_ms)
            oldest = &set[i];
    }
    memcpy(oldest->mac, mac, sizeof(mac));
    oldest->until_ms = now_ms + AUTH_CACHE_SECONDS * 1000ULL;
}
