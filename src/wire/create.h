/* wire/create.h -- the arguments of CREATE, and the special-use attributes.
 *
 * Source: RFC 9051 section 6.3.4, RFC 4466 section 2.2 (create parameters), RFC 6154 (USE),
 * RFC 8457 (\Important), RFC 9979 (\Memos, \Scheduled, \Snoozed). What XLIST called them is
 * older than all of these and was never written down but by those who served it.
 */
#ifndef ROOST_WIRE_CREATE_H
#define ROOST_WIRE_CREATE_H

#include "base/buf.h"
#include "wire/mailbox.h"

/*    bit name       wire       XLIST */
#define SPECIAL_USE_TABLE(X)                                                                       \
    X(0, ALL, "\\All", "\\AllMail")                                                                \
    X(1, ARCHIVE, "\\Archive", "\\Archive")                                                        \
    X(2, DRAFTS, "\\Drafts", "\\Drafts")                                                           \
    X(3, FLAGGED, "\\Flagged", "\\Starred")                                                        \
    X(4, JUNK, "\\Junk", "\\Spam")                                                                 \
    X(5, SENT, "\\Sent", "\\Sent")                                                                 \
    X(6, TRASH, "\\Trash", "\\Trash")                                                              \
    X(7, IMPORTANT, "\\Important", "\\Important") /* RFC 8457 */                                   \
    X(8, MEMOS, "\\Memos", "\\Memos")             /* RFC 9979, like the two below */               \
    X(9, SCHEDULED, "\\Scheduled", "\\Scheduled")                                                  \
    X(10, SNOOZED, "\\Snoozed", "\\Snoozed")

enum special_use {
#define X(bit, name, wire, xlist) SPECIAL_USE_##name = 1 << (bit),
    SPECIAL_USE_TABLE(X)
#undef X
};

struct create_args {
    struct slice mailbox;
    uint32_t special_use; /* SPECIAL_USE_ bits; 0: none asked for */
};

/* mailbox [SP "(" USE SP "(" attributes ")" ")"]. An unknown parameter is ERR_SYNTAX, an unknown
 * attribute ERR_USEATTR (RFC 6154 section 3). Errors of mailbox_parse_create too. */
must_use enum err create_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                               struct create_args *out);

/* The other way: "\Drafts \Sent", a space between. ERR_USEATTR for anything else. */
must_use enum err special_use_read(struct slice text, uint32_t *bits);

/* The attributes of `bits`, each with one space before it if `space` or if another one is
 * before it; returns whether any was written. The second writes XLIST's words. */
bool special_use_write(struct buf *out, uint32_t bits, bool space);
bool special_use_write_xlist(struct buf *out, uint32_t bits, bool space);

#endif
