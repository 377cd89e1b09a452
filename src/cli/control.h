/* cli/control.h -- talking to a running server through the sockets in DATA/control. */
#ifndef ROOST_CLI_CONTROL_H
#define ROOST_CLI_CONTROL_H

#include "base/buf.h"
#include "base/err.h"

/* Connect to DATA/control/SOCKET ("auth.sock", "store.sock"). ERR_NOTFOUND: no server runs there.
 * ERR_NOPERM: we may not. ERR_IO. */
must_use enum err control_connect(const char *data, const char *socket, int *fd_out);

/* Send one line (without its line end) and read the answer up to its last line, "OK" or
 * "NO reason", which goes to `last` (what came before it is in `answer`). Waits at most 30 s.
 * Errors of control_connect; ERR_UNAVAILABLE: the server did not answer. */
must_use enum err control_ask(const char *data, const char *socket, struct slice line,
                              struct buf *answer, struct buf *last);

#endif
