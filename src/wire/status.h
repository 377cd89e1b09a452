/* wire/status.h -- the items of STATUS, also used by LIST ... RETURN (STATUS (...)).
 *
 * Source: RFC 9051 sections 6.3.11 and 9 (status-att), RFC 3501 (RECENT), RFC 5819;
 * each item cites its own.
 */
#ifndef ROOST_WIRE_STATUS_H
#define ROOST_WIRE_STATUS_H

#include "base/buf.h"
#include "wire/mailbox.h"

/*    bit name         wire          source */
#define STATUS_TABLE(X)                                                                            \
    X(0, MESSAGES, "MESSAGES") /* RFC 3501 section 6.3.10, like the four below */                  \
    X(1, RECENT, "RECENT")     /* not in rev2 */                                                   \
    X(2, UIDNEXT, "UIDNEXT")                                                                       \
    X(3, UIDVALIDITY, "UIDVALIDITY")                                                               \
    X(4, UNSEEN, "UNSEEN")                                                                         \
    X(5, DELETED, "DELETED")                 /* RFC 9051 section 6.3.11, RFC 9208 section 4.1.4 */ \
    X(6, SIZE, "SIZE")                       /* RFC 8438 */                                        \
    X(7, HIGHESTMODSEQ, "HIGHESTMODSEQ")     /* RFC 7162 section 3.1.7 */                          \
    X(8, DELETED_STORAGE, "DELETED-STORAGE") /* RFC 9208 section 4.1.4 */                          \
    X(9, APPENDLIMIT, "APPENDLIMIT")         /* RFC 7889 section 3.1 */                            \
    X(10, MAILBOXID, "MAILBOXID")            /* RFC 8474 section 4.3 */                            \
    X(11, OBJECTID, "OBJECTID")              /* draft-ietf-mailmaint-imap-objectid-bis */

enum status_item {
#define X(bit, name, wire) STATUS_##name = 1 << (bit),
    STATUS_TABLE(X)
#undef X
};

/* "(" 1*item ")": *items = STATUS_ bits. */
must_use enum err status_items_parse(struct lex *in, uint32_t *items);

/* The wire name of one bit. */
struct slice status_item_name(enum status_item item);

struct status_args {
    struct slice mailbox;
    uint32_t items;
};

/* mailbox SP items. Errors of mailbox_parse too. */
must_use enum err status_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                               struct status_args *out);

#endif
