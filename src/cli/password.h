/* cli/password.h -- a password from a person or a pipe. */
#ifndef ROOST_CLI_PASSWORD_H
#define ROOST_CLI_PASSWORD_H

#include "base/buf.h"
#include "base/err.h"

/* Asked for twice, without echo, when standard input is a terminal; else (or with from_stdin)
 * the first line of standard input. ERR_SYNTAX: empty, the two differ, or not UTF-8 text; said on
 * standard error. The caller wipes `out`. */
must_use enum err password_read(bool from_stdin, struct buf *out);

#endif
