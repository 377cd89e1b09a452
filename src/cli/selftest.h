/* cli/selftest.h -- trying one capability against a running server, as selftest.txt says. */
#ifndef ROOST_CLI_SELFTEST_H
#define ROOST_CLI_SELFTEST_H

#include "client/client.h"

enum {
    SELFTEST_PASSWORD_OCTETS = 24,
    SELFTEST_VALUE_OCTETS_MAX = 200,
    SELFTEST_HEARD_OCTETS_MAX = 4 << 20, /* what one command may bring */
};

struct selftest {
    const char *host;
    char port[12], tls_port[12]; /* empty: not served */
    /* The scratch account, and its name and password as SASL has them, in base64. */
    char user[64];
    char password[SELFTEST_PASSWORD_OCTETS + 1]; /* letters and digits */
    char user64[SELFTEST_VALUE_OCTETS_MAX], password64[SELFTEST_VALUE_OCTETS_MAX];
    char plain[SELFTEST_VALUE_OCTETS_MAX];
};

/* Make up the account's name and password. ERR_UNAVAILABLE: no random numbers. */
must_use enum err selftest_init(struct selftest *t);

/* Connect to the port that speaks TLS from the first octet or to the other one, whichever of them
 * is served if not both are; take the greeting. Errors of client_connect. */
must_use enum err selftest_connect(const struct selftest *t, bool tls, struct client **out);

/* Try what the block of `name` says. ERR_NOTFOUND: there is none. ERR_CANNOT: one sentence in `why`
 * tells what was sent and what was missing. */
must_use enum err selftest_try(const struct selftest *t, struct slice name, struct buf *why);

#endif
