/* cli/local_session.h -- an IMAP session on an account, for whoever administers the server.
 *
 * When a server runs on the data directory this is a connection to the store process (its
 * control socket store.sock). When none runs, a child process with the store's user and sandbox
 * runs the engine for this one session, under the server's lock. Either way the verb speaks IMAP
 * to the same code, and an OK means the same: the change is durable.
 */
#ifndef ROOST_CLI_LOCAL_SESSION_H
#define ROOST_CLI_LOCAL_SESSION_H

#include "client/client.h"
#include "server/settings.h"

enum { LOCAL_SESSION_PATIENCE_MS = 15 * 1000 }; /* for a server that is just starting */

struct local_session;

/* `account` is a folded name (auth/name.h). Waits while the account or the data directory is in
 * use, at most patience_ms.
 * ERR_NOTFOUND     there is no such account
 * ERR_INUSE        somebody else had it all the time
 * ERR_NOPERM       the data directory is not for this user
 * ERR_UNAVAILABLE, ERR_IO, ... One sentence in `why`, always. */
must_use enum err local_session_open(const struct settings *s, struct slice account,
                                     unsigned patience_ms, struct local_session **out,
                                     struct buf *why);

/* The session: authenticated, nothing selected, trusted (XIMPORT). Owned by the local session. */
struct client *local_session_client(struct local_session *ls);

/* Ends the session; waits for the engine's end if there is one. Nulls *ls. */
void local_session_close(struct local_session **ls);

#endif
