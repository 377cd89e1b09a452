/* auth/user_db.h -- who may log in: DATA/auth/auth.db, one SQLite file with one table.
 *
 * Held open by the auth process while the server runs, by `roost account` otherwise. Writes are
 * rare and durable when they return. Not for several threads at once.
 */
#ifndef ROOST_AUTH_USER_DB_H
#define ROOST_AUTH_USER_DB_H

#include "auth/name.h"
#include "auth/scheme.h"

struct user_db;

struct user {
    struct auth_name name;
    struct scheme_hash password;
    int64_t created;          /* seconds since 1970 */
    int64_t password_changed; /* the same */
    int64_t last_login;       /* to the hour; 0: never */
    bool disabled;
};

/* Open or create. ERR_NEWER: written by a newer Roost. ERR_CORRUPT, ERR_NOSPACE, ERR_NOPERM,
 * ERR_IO. *out is the caller's: user_db_close. */
must_use enum err user_db_open(const char *path, struct user_db **out);
void user_db_close(struct user_db **db);

/* ERR_EXISTS. Disk errors as user_db_open, here and below. */
must_use enum err user_db_add(struct user_db *db, const struct auth_name *name, const char *hash);
/* ERR_NOTFOUND, here and below. */
must_use enum err user_db_set_password(struct user_db *db, const struct auth_name *name,
                                       const char *hash);
must_use enum err user_db_set_disabled(struct user_db *db, const struct auth_name *name,
                                       bool disabled);
must_use enum err user_db_remove(struct user_db *db, const struct auth_name *name);
must_use enum err user_db_find(struct user_db *db, const struct auth_name *name, struct user *out);

/* In order of names; stops at the first error of `each`. */
must_use enum err user_db_each(struct user_db *db,
                               enum err (*each)(void *ctx, const struct user *u), void *ctx);

/* Remember a login, at most once an hour an account. Failure is of no consequence. */
void user_db_note_login(struct user_db *db, const struct user *u, int64_t now);

#endif
