/* wire/mailbox_filter.h -- which mailboxes NOTIFY watches and ESEARCH searches.
 *
 * Source: RFC 5465 sections 6 and 8 (filter-mailboxes), RFC 7377 sections 2.2 and 4 (subtree-one;
 * no selected-delayed). What a filter means for a folder (selectable, subscribed, selected) is
 * decided above (imap/mailbox_filter.c); names are compared here.
 */
#ifndef ROOST_WIRE_MAILBOX_FILTER_H
#define ROOST_WIRE_MAILBOX_FILTER_H

#include "wire/mailbox.h"

enum { MAILBOX_FILTER_NAMES_MAX = 1000 }; /* of one filter */

enum mailbox_filter_kind {
    MAILBOX_FILTER_SELECTED,
    MAILBOX_FILTER_SELECTED_DELAYED,
    MAILBOX_FILTER_INBOXES,
    MAILBOX_FILTER_PERSONAL,
    MAILBOX_FILTER_SUBSCRIBED,
    MAILBOX_FILTER_SUBTREE,     /* names, and all below them */
    MAILBOX_FILTER_SUBTREE_ONE, /* names, and the level below them (RFC 7377) */
    MAILBOX_FILTER_MAILBOXES,   /* names; no wildcards */
};

struct mailbox_filter {
    enum mailbox_filter_kind kind;
    /* Keys (mailbox_key) in octet order, each once; in the arena. Names that cannot be a mailbox
     * are left out, so n may be 0. "" (only below SUBTREE and SUBTREE_ONE) is what is above all
     * top levels. */
    struct slice *key;
    size_t n;
};

/* Parse one filter; the caller decides which kinds it allows. Names borrow from `a` or the frame.
 * ERR_SYNTAX, ERR_LIMIT (number of names), ERR_NOMEM. */
must_use enum err filter_mailboxes_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                                         struct mailbox_filter *out);

/* Whether a filter with names covers the mailbox with this key (of mailbox_key). False for the
 * kinds without names. Time: levels of the name times log n. */
bool mailbox_filter_covers(const struct mailbox_filter *f, struct slice key);

#endif
