/* wire/store.h -- the arguments of STORE and UID STORE.
 *
 * Source: RFC 9051 sections 6.4.6 and 9 (store, store-att-flags), RFC 4466 section 2.5 (store
 * modifiers), RFC 7162 section 3.1.3 (UNCHANGEDSINCE).
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
    struct slice *label; /* "\\Inbox", or a mailbox name in UTF-8 */
    size_t labels;
    bool conditional; /* UNCHANGEDSINCE was given */
    uint64_t unchangedsince;
};

/* set SP [modifiers SP] [+|-]FLAGS[.SILENT] SP flags; each modifier at most once, an unknown one
 * is ERR_SYNTAX. */
must_use enum err store_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                              struct store_args *out);

/* A label of X-GM-LABELS: a name with a backslash, or a mailbox name. */
must_use enum err label_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                              struct slice *out);

#endif
