/* wire/multisearch.h -- the arguments of ESEARCH: which mailboxes, and a SEARCH program.
 *
 * Source: RFC 7377 sections 2.2 and 4 (esearch-source-opts). No scope option is defined yet.
 */
#ifndef ROOST_WIRE_MULTISEARCH_H
#define ROOST_WIRE_MULTISEARCH_H

#include "wire/mailbox_filter.h"
#include "wire/search.h"

enum { MULTISEARCH_FILTERS_MAX = 100 };

struct multisearch_args {
    struct mailbox_filter *filter; /* n of them, in the arena; without IN one, SELECTED */
    size_t n;
    bool selected;      /* SELECTED is among them */
    bool selected_only; /* and nothing else is */
    struct search_program program;
};

/* Parse everything behind "ESEARCH ". ERR_SYNTAX also for SELECTED-DELAYED, and for SAVE unless
 * only the selected mailbox is searched (RFC 7377 section 2.2). ERR_LIMIT, ERR_NOMEM. */
must_use enum err multisearch_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                                    struct multisearch_args *out);

#endif
