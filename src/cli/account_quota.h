/* cli/account_quota.h -- `roost account quota`: what an account may hold, and what it holds. */
#ifndef ROOST_CLI_ACCOUNT_QUOTA_H
#define ROOST_CLI_ACCOUNT_QUOTA_H

#include "server/settings.h"
#include "wire/quota.h"

/* What was asked: NULL leaves a limit as it is, "none" takes it away. */
struct account_quota {
    const char *most[QUOTA_RESOURCES]; /* STORAGE: "500M", "2G"; the others: numbers */
};

/* Set what is given, then print all on standard output. `account` is a folded name. Errors of
 * local_session_open; ERR_SYNTAX. One sentence in `why`. */
must_use enum err account_quota_run(const struct settings *s, struct slice account,
                                    const struct account_quota *q, struct buf *why);

#endif
