/* auth/control.h -- the commands of DATA/control/auth.sock, as a function over the database.
 *
 *     ROOST1 add NAME TAB HASH       ROOST1 remove NAME       ROOST1 list
 *     ROOST1 passwd NAME TAB HASH    ROOST1 enable NAME       ROOST1 show NAME
 *                                    ROOST1 disable NAME
 *
 * One line a connection; the answer is data lines (list: name TAB state TAB last login; show:
 * key TAB value), then "OK" or "NO reason". Passwords never travel: the command line hashes.
 * `roost account` runs the same function on the file itself when no server runs.
 */
#ifndef ROOST_AUTH_CONTROL_H
#define ROOST_AUTH_CONTROL_H

#include "auth/user_db.h"

enum { AUTH_CONTROL_LINE_OCTETS_MAX = 1024, AUTH_CONTROL_ANSWER_OCTETS_MAX = 64 << 20 };

/* Run one line (without its line end) and append the whole answer. */
void auth_control_run(struct user_db *db, struct slice line, struct buf *out);

#endif
