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
    EVP_MAC_CTX *hmac; /* made once: to find the algorithm costs more than to run it */
    struct entry entry[AUTH_CACHE_SETS][AUTH_CACHE_WAYS];
};

static EVP_MAC_CTX *hmac_new(void)
{
    unsigned char key[MAC_OCTETS];
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return NULL;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    if (ctx != NULL && EVP_MAC_init(ctx, key, sizeof(key), params) != 1) {
        EVP_MAC_CTX_free(ctx);
        ctx = NULL;
    }
    mem_wipe(key, sizeof(key));
    return ctx;
}

enum err auth_cache_new(struct auth_cache **out)
{
    struct auth_cache *c = mem_new(struct auth_cache);
    c->hmac = hmac_new();
    if (c->hmac == NULL) {
        free(c);
        return ERR_UNAVAILABLE;
    }
    *out = c;
    return ERR_OK;
}

void auth_cache_free(struct auth_cache **c)
{
    if (*c != NULL)
        EVP_MAC_CTX_free((*c)->hmac);
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
    size_t n = 0;
    bool ok = !text.overflowed && EVP_MAC_init(c->hmac, NULL, 0, NULL) == 1 &&
              EVP_MAC_update(c->hmac, (const unsigned char *)s.p, s.n) == 1 &&
              EVP_MAC_final(c->hmac, mac, &n, MAC_OCTETS) == 1;
    if (text.p != NULL)
        mem_wipe(text.p, text.cap);
    buf_release(&text);
    return ok && n == MAC_OCTETS;
}

static uint64_t until(uint64_t now_ms)
{
    return now_ms + AUTH_CACHE_SECONDS * 1000ULL;
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
    for (int i = 0; i < AUTH_CACHE_WAYS; i++) {
        if (set[i].until_ms <= now_ms || CRYPTO_memcmp(set[i].mac, mac, sizeof(mac)) != 0)
            continue;
        set[i].until_ms = until(now_ms);
        found = true;
    }
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
    oldest->until_ms = until(now_ms);
}
