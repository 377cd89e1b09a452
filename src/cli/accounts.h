/* cli/accounts.h -- accounts from outside: through the running server, or on the files.
 *
 * When a server runs on the data directory its auth and store processes do the work; else this
 * takes the server's lock for the moment, works on the files, and gives them to their owners.
 */
#ifndef ROOST_CLI_ACCOUNTS_H
#define ROOST_CLI_ACCOUNTS_H

#include "auth/name.h"
#include "server/settings.h"

struct accounts;

/* ERR_INUSE, ERR_NOPERM, ...: one sentence in `why`. */
must_use enum err accounts_open(const struct settings *s, struct accounts **out, struct buf *why);
void accounts_close(struct accounts **a);

/* A command of auth/control.h without "ROOST1 "; what it prints goes to `answer`, which needs room
 * for 4,096 octets more. ERR_CANNOT: it was refused; why is in `why`. */
must_use enum err accounts_auth(struct accounts *a, struct slice command, struct buf *answer,
                                struct buf *why);

/* Make the account's login with this password. Errors of accounts_auth and scheme_make. */
must_use enum err accounts_add_login(struct accounts *a, const struct auth_name *name,
                                     struct slice password, struct buf *why);

/* Make the account's mail database; ERR_OK also when it is there. */
must_use enum err accounts_create_mail(struct accounts *a, const struct auth_name *name,
                                       struct buf *why);
/* Move its mail aside; ERR_OK also when there is none. */
must_use enum err accounts_remove_mail(struct accounts *a, const struct auth_name *name,
                                       struct buf *why);

#endif
