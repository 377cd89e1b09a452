/* wire/list.h -- the arguments of LIST, extended LIST and LSUB.
 *
 * Source: RFC 9051 sections 6.3.9 and 9 (list), RFC 5258 (extended LIST), RFC 5819 (STATUS),
 * RFC 6154 (SPECIAL-USE), RFC 9590 (METADATA), RFC 3501 section 6.3.9 (LSUB).
 */
#ifndef ROOST_WIRE_LIST_H
#define ROOST_WIRE_LIST_H

#include "wire/mailbox.h"
#include "wire/metadata.h"
#include "wire/status.h"

enum { LIST_PATTERNS_MAX = 100 };

enum list_select {
    LIST_SELECT_SUBSCRIBED = 1,
    LIST_SELECT_REMOTE = 2,
    LIST_SELECT_RECURSIVEMATCH = 4,
    LIST_SELECT_SPECIAL_USE = 8,
};

enum list_return {
    LIST_RETURN_SUBSCRIBED = 1,
    LIST_RETURN_CHILDREN = 2,
    LIST_RETURN_SPECIAL_USE = 4,
    LIST_RETURN_STATUS = 8,
    LIST_RETURN_METADATA = 16,
};

struct list_args {
    uint32_t select;                 /* LIST_SELECT_ bits */
    uint32_t returns;                /* LIST_RETURN_ bits */
    uint32_t status_items;           /* STATUS_ bits, with LIST_RETURN_STATUS */
    struct metadata_list metadata;   /* with LIST_RETURN_METADATA */
    bool extended;                   /* any syntax of RFC 5258 was used */
    bool hierarchy_only;             /* one empty pattern: tell the separator and nothing else */
    struct mailbox_pattern *pattern; /* reference joined in; n may be 0: nothing can match */
    size_t n;
};

/* RECURSIVEMATCH alone or only with REMOTE is ERR_SYNTAX (RFC 5258 section 3.1), an unknown
 * option as well. A pattern that cannot be decoded is left out. */
must_use enum err list_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                             struct list_args *out);

/* LSUB: reference and one pattern. */
must_use enum err list_parse_lsub(struct lex *in, struct arena *a, enum mailbox_form form,
                                  struct list_args *out);

#endif
