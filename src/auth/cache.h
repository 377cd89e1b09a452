/* auth/cache.h -- recent successes, so that a phone that reconnects every minute costs nothing.
 *
 * An entry is HMAC-SHA256, under a key made at start and never stored, of the name, the password
 * and the row it was verified against. So the cache holds no password, and a changed row
 * (another password, disabled) simply never matches an old entry. Failures are never cached.
 */
#ifndef ROOST_AUTH_CACHE_H
#define ROOST_AUTH_CACHE_H

#include "auth/user_db.h"

enum { AUTH_CACHE_SECONDS = 300, AUTH_CACHE_SETS = 1024, AUTH_CACHE_WAYS = 4 };

struct auth_cache;

/* ERR_UNAVAILABLE: no randomness. */
must_use enum err auth_cache_new(struct auth_cache **out);
void auth_cache_free(struct auth_cache **c);

/* Whether this password was verified against this row, and was last used less than
 * AUTH_CACHE_SECONDS ago: who goes on coming back is not hashed again. */
bool auth_cache_has(struct auth_cache *c, const struct user *u, struct slice password,
                    uint64_t now_ms);
void auth_cache_add(struct auth_cache *c, const struct user *u, struct slice password,
                    uint64_t now_ms);

#endif
