/* wire/append.h -- the arguments of APPEND up to the literal, which goes past the grammar.
 *
 * Source: RFC 9051 sections 6.3.12 and 9 (append), RFC 4466 section 2.5, RFC 3516 (literal8).
 * The framer stops at the literal header; these read the prefix it cut off:
 *
 *     APPEND mailbox [flags] [date-time] {n}CRLF     append_parse
 *            <n octets, taken off the stream>
 *     CRLF                                           lex_end
 */
#ifndef ROOST_WIRE_APPEND_H
#define ROOST_WIRE_APPEND_H

#include "wire/date.h"
#include "wire/flag.h"
#include "wire/mailbox.h"

struct append_message {
    struct flag_list flags;
    bool has_date;
    struct date_time date;
    struct literal literal; /* size, sync and binary of what follows */
};

struct append_args {
    struct slice mailbox;
    struct append_message message;
};

/* `in` ends with the literal header and its line end. On ERR_CANNOT (no valid mailbox name)
 * the literal is still to be dropped. */
must_use enum err append_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                               struct append_args *out);

/* One message without the mailbox: what a further message of one APPEND looks like, the space
 * before it already taken (RFC 3502). */
must_use enum err append_message_parse(struct lex *in, struct arena *a, struct append_message *out);

#endif
