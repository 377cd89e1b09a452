/* wire/select.h -- the arguments of SELECT and EXAMINE.
 *
 * Source: RFC 9051 sections 6.3.2 and 9, RFC 4466 section 2.1 (select parameters), RFC 7162
 * sections 3.1.8 (CONDSTORE) and 3.2.5 (QRESYNC), draft-ietf-mailmaint-imap-objectid-bis section
 * 7.1 (OBJECTID).
 */
#ifndef ROOST_WIRE_SELECT_H
#define ROOST_WIRE_SELECT_H

#include "wire/mailbox.h"
#include "wire/seq_set.h"

/* What a client remembers of a mailbox (RFC 7162 section 7, select-param). */
struct qresync_args {
    uint32_t uidvalidity;
    uint64_t modseq;
    bool has_uids; /* `uids` was given: nothing is wanted of others */
    struct seq_set uids;
    bool has_match;               /* the two below: the n-th number is that of the n-th UID */
    struct seq_set match_numbers; /* as many members as match_uids */
    struct seq_set match_uids;
};

struct select_args {
    struct slice mailbox;
    bool condstore;
    bool has_qresync;
    struct qresync_args qresync;
    bool has_objectid;
    struct slice mailbox_id, account_id; /* .p == NULL: not given */
};

/* mailbox [SP "(" parameters ")"]; each parameter at most once, an unknown one is ERR_SYNTAX.
 * Sets hold no "*". */
must_use enum err select_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                               struct select_args *out);

#endif
