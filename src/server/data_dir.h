/* server/data_dir.h -- the data directory: what is in it, whose it is, and who runs on it.
 *
 *     DATA/lock        held by the running server; its process id is inside
 *     DATA/accounts/   mail, the store's       DATA/removed/   accounts moved aside, the store's
 *     DATA/auth/       auth.db, auth's         DATA/tls/       certificate and key, ours
 *     DATA/control/    store.sock, auth.sock   DATA/empty/     the root of the gate
 */
#ifndef ROOST_SERVER_DATA_DIR_H
#define ROOST_SERVER_DATA_DIR_H

#include "server/links.h"

/* Who the processes are. As root: the users roost-gate, roost-auth, roost-store where they
 * exist, else fixed numbers; otherwise ourselves. */
struct role_users {
    uint32_t uid[ROLE_COUNT], gid[ROLE_COUNT];
    bool numeric; /* as root, and at least one user does not exist */
};
void role_users_find(struct role_users *out);

/* Who ran the server on `data` last, if that was an ordinary user. Root that works on the files of
 * such a directory must leave them his. */
bool data_dir_owner(const char *data, uint32_t *uid, uint32_t *gid);

/* Make the directory and everything in it that is missing, and give each part to its owner.
 * ERR_NOPERM, ERR_NOSPACE, ERR_IO; one sentence in `why`. */
must_use enum err data_dir_prepare(const char *data, const struct role_users *users,
                                   struct buf *why);

/* Give everything below DATA/accounts and DATA/auth that is still ours (root's) to its owner:
 * after `roost account` has worked on the files itself. */
void data_dir_give(const char *data, const struct role_users *users);

/* Take the lock. ERR_INUSE: a server, whose process id is in *holder (0: unknown), has it.
 * *fd_out holds the lock until closed. */
must_use enum err data_dir_lock(const char *data, int *fd_out, long *holder);

#endif
