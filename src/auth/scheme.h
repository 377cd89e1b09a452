/* auth/scheme.h -- how a password is kept, and whether one is right.
 *
 * New hashes are argon2id in its standard text form, "$argon2id$v=19$m=...,t=...,p=...$salt$tag"
 * (RFC 9106; parameters of the OWASP cheat sheet: 19 MiB, 2 passes, 1 lane). Read as well: every
 * argon2 text, and whatever crypt(3) knows ("$6$", "$5$", "$y$", "$2y$", ...), each also behind a
 * prefix in braces that other servers write, such as {CRYPT}, {ARGON2ID} or {SHA512-CRYPT}.
 *
 * These calls take 20 to 100 ms of CPU and 19 MiB: never on a thread that others wait for.
 */
#ifndef ROOST_AUTH_SCHEME_H
#define ROOST_AUTH_SCHEME_H

#include "base/err.h"

enum {
    SCHEME_ARGON2_MEMORY_KIB = 19456,
    SCHEME_ARGON2_PASSES = 2,
    SCHEME_ARGON2_LANES = 1,
    SCHEME_HASH_OCTETS_MAX = 511,
    SCHEME_PASSWORD_OCTETS_MAX = 1024, /* what we hash; longer is ERR_LIMIT or "wrong" */
};

struct scheme_hash {
    char text[SCHEME_HASH_OCTETS_MAX + 1]; /* NUL-terminated */
};

/* Hash a password with the default scheme and a random salt. ERR_SYNTAX: empty, or holds NUL.
 * ERR_LIMIT: too long. ERR_UNAVAILABLE: no memory or no randomness. */
must_use enum err scheme_make(struct slice password, struct scheme_hash *out);

/* Whether `password` matches. An unknown or broken hash matches nothing. */
bool scheme_verify(const char *hash, struct slice password);

/* Takes as long as scheme_verify of a default hash, so that an unknown name answers no faster
 * than a known one. */
void scheme_verify_nobody(struct slice password);

/* Whether scheme_verify could ever say yes: a form we can read. */
bool scheme_known(struct slice hash);

#endif
