/* auth/scheme.c -- argon2 by libargon2, everything older by crypt(3) of libxcrypt. */
#include "auth/scheme.h"

#include <argon2.h>
#include <crypt.h>
#include <sys/random.h>

#include "base/mem.h"
#include "base/openssl.h"

enum { SALT_OCTETS = 16, TAG_OCTETS = 32 };

enum err scheme_make(struct slice password, struct scheme_hash *out)
{
    struct scheme_hash made;
    unsigned char salt[SALT_OCTETS];

    if (password.n == 0 || slice_find(password, '\0') != password.n)
        return ERR_SYNTAX;
    if (password.n > SCHEME_PASSWORD_OCTETS_MAX)
        return ERR_LIMIT;
    if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
        return ERR_UNAVAILABLE;
    if (argon2id_hash_encoded(SCHEME_ARGON2_PASSES, SCHEME_ARGON2_MEMORY_KIB, SCHEME_ARGON2_LANES,
                              password.p, password.n, salt, sizeof(salt), TAG_OCTETS, made.text,
                              sizeof(made.text)) != ARGON2_OK)
        return ERR_UNAVAILABLE;
    *out = made;
    return ERR_OK;
}

/* The hash behind a {PREFIX}, if it has one. */
static struct slice without_prefix(struct slice hash)
{
    size_t end = slice_find(hash, '}');
    if (hash.n > 0 && hash.p[0] == '{' && end < hash.n)
        return slice_sub(hash, end + 1, SIZE_MAX);
    return hash;
}

static bool is_argon2(struct slice hash, argon2_type *type)
{
    *type = Argon2_id;
    if (slice_starts(hash, SLICE("$argon2id$")))
        return true;
    *type = slice_starts(hash, SLICE("$argon2i$")) ? Argon2_i : Argon2_d;
    return *type == Argon2_i || slice_starts(hash, SLICE("$argon2d$"));
}

bool scheme_known(struct slice hash)
{
    static const char *const crypt_ids[] = {"$1$",  "$5$",  "$6$",  "$y$", "$gy$",
                                            "$2a$", "$2b$", "$2y$", "$7$", "$2x$"};
    struct slice bare = without_prefix(hash);
    argon2_type type;

    if (hash.n > SCHEME_HASH_OCTETS_MAX || slice_find(hash, '\0') != hash.n)
        return false;
    if (is_argon2(bare, &type))
        return true;
    for (size_t i = 0; i < sizeof(crypt_ids) / sizeof(crypt_ids[0]); i++)
        if (slice_starts(bare, slice_of_str(crypt_ids[i])))
            return true;
    return false;
}

/* `password` NUL-terminated and free of NUL. */
static bool crypt_matches(const char *hash, const char *password)
{
    struct crypt_data *data = mem_new(struct crypt_data);
    /* crypt_rn: NULL on failure and, unlike crypt_r, not replaced by the sanitizers */
    const char *made = crypt_rn(password, hash, data, (int)sizeof(*data));
    size_t n = strlen(hash);
    bool same = made != NULL && strlen(made) == n && CRYPTO_memcmp(made, hash, n) == 0;
    mem_wipe(data, sizeof(*data));
    free(data);
    return same;
}

bool scheme_verify(const char *hash, struct slice password)
{
    struct slice bare = without_prefix(slice_of_str(hash));
    argon2_type type;

    if (!scheme_known(bare) || password.n == 0 || password.n > SCHEME_PASSWORD_OCTETS_MAX ||
        slice_find(password, '\0') != password.n) {
        scheme_verify_nobody(password); /* a quick "wrong" would tell that the account exists */
        return false;
    }
    if (is_argon2(bare, &type))
        return argon2_verify(bare.p, password.p, password.n, type) == ARGON2_OK;
    char *text = mem_dup_slice(password);
    bool same = crypt_matches(bare.p, text);
    mem_wipe(text, password.n);
    free(text);
    return same;
}

void scheme_verify_nobody(struct slice password)
{
    static const unsigned char salt[SALT_OCTETS] = "nobody's  salt.";
    unsigned char tag[TAG_OCTETS];

    if (password.n > SCHEME_PASSWORD_OCTETS_MAX)
        password.n = SCHEME_PASSWORD_OCTETS_MAX;
    (void)argon2id_hash_raw(SCHEME_ARGON2_PASSES, SCHEME_ARGON2_MEMORY_KIB, SCHEME_ARGON2_LANES,
                            password.p, password.n, salt, sizeof(salt), tag, sizeof(tag));
}
