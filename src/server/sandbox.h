/* server/sandbox.h -- what each process may still do, given up before the first outside octet.
 *
 * As root: become the role's user (gate: in an empty root; auth: in DATA/auth). Always: no new
 * privileges, no core files, descriptors up to the hard limit, Landlock (gate: nothing; auth:
 * DATA/auth; store: DATA/accounts and DATA/removed, and the system's libraries to read), and a
 * seccomp list of system calls: no exec, no new sockets, no tracing; the gate opens no file.
 */
#ifndef ROOST_SERVER_SANDBOX_H
#define ROOST_SERVER_SANDBOX_H

#include "server/links.h"

/* Called once, before any thread is started. May rewrite config->data: where DATA is seen from
 * inside. ERR_NOPERM when the user cannot be changed or DATA cannot be reached by it: the
 * process must not serve (the reason is in the log). What the kernel does not offer (no
 * Landlock) is one log line, not an error. */
must_use enum err sandbox_enter(enum role role, struct role_config *config);

#endif
