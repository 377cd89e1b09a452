/* wire/select.h -- the arguments of SELECT and EXAMINE.
 *
 * Source: RFC 9051 sections 6.3.2 and 9, RFC 4466 section 2.1 (select parameters).
 */
#ifndef ROOST_WIRE_SELECT_H
#define ROOST_WIRE_SELECT_H

#include "wire/mailbox.h"

struct select_args {
    struct slice mailbox;
};

/* mailbox [SP "(" parameters ")"]. No parameter is known yet: any is ERR_SYNTAX. */
must_use enum err select_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                               struct select_args *out);

#endif
