/* server/supervisor.h -- the parent: binds sockets, reads keys and settings, starts gate, auth and
 * store, restarts what dies, and does nothing else.
 */
#ifndef ROOST_SERVER_SUPERVISOR_H
#define ROOST_SERVER_SUPERVISOR_H

#include "server/settings.h"

struct supervisor_hooks {
    void *ctx;
    /* SIGHUP: the settings anew. ERR_CONFIG and a sentence: the old ones stay. */
    enum err (*reload)(void *ctx, struct settings *out, struct buf *why);
    /* Once, when all processes serve. Must return at once. */
    void (*serving)(void *ctx);
};

/* Runs until SIGTERM or SIGINT; returns the exit status. What cannot be started is told in one
 * sentence on standard error. */
int supervisor_run(const struct settings *settings, const struct supervisor_hooks *hooks);

/* The hidden role argument: become that process. Returns its exit status. */
int supervisor_role_main(const char *role);

#endif
