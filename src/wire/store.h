/* wire/store.h -- the arguments of STORE and UID STORE.
 *
 * Source: RFC 9051 sections 6.4.6 and 9 (store, store-att-flags), RFC 4466 section 2.5 (store
 * modifiers), RFC 7162 section 3.1.3 (UNCHANGEDSINCE), Google's description of X-GM-EXT-1 (labels).
 */
#ifndef ROOST_WIRE_STORE_H
#define ROOST_WIRE_STORE_H

#include "wire/flag.h"
#include "wire/mailbox.h"
#include "wire/seq_set.h"

enum store_action { STORE_REPLACE, STORE_ADD, STORE_REMOVE };

enum { STORE_LABELS_MAX = 100 };

struct store_args {
    struct seq_set set;
    enum store_action action;
    bool silent;
    struct flag_list flags;
    bool is_labels;      /* X-GM-LABELS: `label` instead of `flags` */
    struct slice *label; /* "\Inbox", or a mailbox name in UTF-8 */
    size_t labels;       /* 0..STORE_LABELS_MAX */
    bool conditional;    /* UNCHANGEDSINCE was given */
    uint64_t unchangedsince;
};

/* set SP [modifiers SP] [+|-]FLAGS[.SILENT] SP flags; each modifier at most once, an unknown one
 * is ERR_SYNTAX. ERR_LIMIT: more than STORE_LABELS_MAX labels. Errors of mailbox_parse for these.
 */
must_use enum err store_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                              struct store_args *out);

#endif
