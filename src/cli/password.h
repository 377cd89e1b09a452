/* cli/password.h -- a password from a person or a pipe. */
#ifndef ROOST_CLI_PASSWORD_H
#define ROOST_CLI_PASSWORD_H

#include "base/buf.h"
#include "base/err.h"

/* Asked for twice, without echo, when standard input is a terminal; else (or with from_stdin)
 * the first line of standard input. ERR_SYNTAX: empty, the two differ, or not UTF-8 text; said on
 * standard error. The caller wipes `out`. */
must_use enum err password_read(bool from_stdin, struct buf *out);

enum { PASSWORD_MADE_OCTETS_MAX = 64 };

/* Make one of `octets` letters and digits that nobody mistakes for one another, NUL-terminated:
 * `out` has room for octets + 1. ERR_UNAVAILABLE: the system has no random numbers. */
must_use enum err password_make(char *out, size_t octets);

#endif
