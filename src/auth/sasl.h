/* auth/sasl.h -- what SASL mechanisms send, taken apart. Source: RFC 4616 (PLAIN), RFC 4422. */
#ifndef ROOST_AUTH_SASL_H
#define ROOST_AUTH_SASL_H

#include "base/err.h"

struct sasl_plain {
    struct slice authzid; /* empty: act as authcid */
    struct slice authcid;
    struct slice password;
};

/* `message = [authzid] NUL authcid NUL passwd`, decoded from base64 already. Borrows.
 * ERR_SYNTAX: not that, not UTF-8, or an empty name or password. */
must_use enum err sasl_plain_parse(struct slice in, struct sasl_plain *out);

#endif
