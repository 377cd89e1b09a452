/* wire/notify.h -- the arguments of NOTIFY: which mailboxes to watch, and for what.
 *
 * Source: RFC 5465 sections 3.1, 5, 6 and 8. Errata 1694 and others: several events stand in
 * parentheses, and so does one.
 */
#ifndef ROOST_WIRE_NOTIFY_H
#define ROOST_WIRE_NOTIFY_H

#include "wire/mailbox_filter.h"

enum { NOTIFY_GROUPS_MAX = 64 };

/*    bit name                  told, source */
#define NOTIFY_TABLE(X)                                                                            \
    X(0, MessageNew, true)            /* RFC 5465 section 5.2 */                                   \
    X(1, MessageExpunge, true)        /* section 5.3 */                                            \
    X(2, FlagChange, true)            /* section 5.1 */                                            \
    X(3, AnnotationChange, false)     /* section 5.1; only with RFC 5257 */                        \
    X(4, MailboxName, true)           /* section 5.4 */                                            \
    X(5, SubscriptionChange, true)    /* section 5.5 */                                            \
    X(6, MailboxMetadataChange, true) /* section 5.6 */                                            \
    X(7, ServerMetadataChange, true)  /* section 5.7 */

enum notify_event {
#define X(bit, name, told) NOTIFY_##name = 1 << (bit),
    NOTIFY_TABLE(X)
#undef X
        NOTIFY_MESSAGE_EVENTS = NOTIFY_MessageNew | NOTIFY_MessageExpunge | NOTIFY_FlagChange,
    NOTIFY_NAME_EVENTS = NOTIFY_MailboxName | NOTIFY_SubscriptionChange |
                         NOTIFY_MailboxMetadataChange | NOTIFY_ServerMetadataChange,
};

struct notify_group {
    struct mailbox_filter filter; /* never SUBTREE_ONE */
    uint32_t events;              /* NOTIFY_ bits; 0: NONE */
};

struct notify_args {
    bool set;                   /* false: NONE, and nothing below */
    bool status;                /* tell the STATUS of what is watched first */
    bool unsupported;           /* an event was asked for that is never told: BADEVENT */
    struct notify_group *group; /* n of them; at most one of SELECTED and SELECTED_DELAYED */
    size_t n;
    struct slice fetch; /* "(UID FLAGS)", what MessageNew asks of new messages; p NULL: nothing */
};

/* Parse what stands behind "NOTIFY ". ERR_SYNTAX also for events that need others (section 5), or
 * do not go with the selected mailbox (section 6.1). ERR_LIMIT: too many groups or names.
 * ERR_NOMEM. */
must_use enum err notify_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                               struct notify_args *out);

#endif
