/* wire/quota.h -- the resources of QUOTA, and the arguments of SETQUOTA.
 *
 * Source: RFC 9208 sections 5 (resources) and 7 (syntax).
 */
#ifndef ROOST_WIRE_QUOTA_H
#define ROOST_WIRE_QUOTA_H

#include "wire/lex.h"

#define QUOTA_TABLE(X)                                                                             \
    X(STORAGE) /* octets of messages, in units of 1024 octets, rounded up */                       \
    X(MESSAGE) /* messages */                                                                      \
    X(MAILBOX) /* mailboxes that can be selected */

enum quota_resource {
#define X(name) QUOTA_##name,
    QUOTA_TABLE(X)
#undef X
        QUOTA_RESOURCES
};

enum { QUOTA_ROOT_OCTETS_MAX = 1000 };

#define QUOTA_NO_LIMIT UINT64_MAX

/* The wire name. */
struct slice quota_resource_name(enum quota_resource resource);

struct quota_args {
    struct slice root;
    uint64_t most[QUOTA_RESOURCES]; /* QUOTA_NO_LIMIT: not named */
    bool unknown;                   /* a resource that is not in the table was named */
};

/* quota-root-name. */
must_use enum err quota_root_parse(struct lex *in, struct arena *a, struct slice *out);

/* quota-root-name SP "(" [resource SP number64 *(SP resource SP number64)] ")". */
must_use enum err setquota_parse(struct lex *in, struct arena *a, struct quota_args *out);

#endif
