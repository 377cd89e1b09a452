/* wire/capability.h -- every capability Roost announces, in one table, and the writer that reads
 * it.
 *
 * Source: RFC 9051 section 6.1.1; each row cites its own. A row without a condition is always
 * announced in its phases; with conditions, when all of them hold.
 */
#ifndef ROOST_WIRE_CAPABILITY_H
#define ROOST_WIRE_CAPABILITY_H

#include "base/buf.h"

enum capability_phase { CAPABILITY_PRELOGIN = 1, CAPABILITY_POSTLOGIN = 2, CAPABILITY_BOTH = 3 };

enum capability_condition {
    CAPABILITY_STARTTLS_POSSIBLE = 1, /* TLS is configured and this connection has none yet */
    CAPABILITY_LOGIN_ALLOWED = 2,     /* passwords may travel here: TLS, or loopback */
    CAPABILITY_LOGIN_REFUSED = 4,     /* they may not */
};

/*    name                   phase      conditions            source */
#define CAPABILITY_TABLE(X)                                                                        \
    X("IMAP4rev1", BOTH, 0)                                /* RFC 3501 */                          \
    X("IMAP4rev2", BOTH, 0)                                /* RFC 9051 */                          \
    X("STARTTLS", PRELOGIN, CAPABILITY_STARTTLS_POSSIBLE)  /* RFC 9051 section 6.2.1 */            \
    X("LOGINDISABLED", PRELOGIN, CAPABILITY_LOGIN_REFUSED) /* RFC 9051 section 6.2.3 */            \
    X("AUTH=PLAIN", PRELOGIN, CAPABILITY_LOGIN_ALLOWED)    /* RFC 4616 */                          \
    X("AUTH=LOGIN", PRELOGIN, CAPABILITY_LOGIN_ALLOWED)    /* draft-murchison-sasl-login */        \
    X("SASL-IR", BOTH, 0)                                  /* RFC 4959 */                          \
    X("LITERAL-", BOTH, 0)                                 /* RFC 7888 */                          \
    X("ID", BOTH, 0)                                       /* RFC 2971 */                          \
    X("ENABLE", BOTH, 0)                                   /* RFC 5161 */                          \
    X("IDLE", BOTH, 0)                                     /* RFC 2177 */                          \
    X("NAMESPACE", POSTLOGIN, 0)                           /* RFC 2342 */                          \
    X("UNSELECT", POSTLOGIN, 0)                            /* RFC 3691 */                          \
    X("UIDPLUS", POSTLOGIN, 0)                             /* RFC 4315 */                          \
    X("MOVE", POSTLOGIN, 0)                                /* RFC 6851 */                          \
    X("ESEARCH", POSTLOGIN, 0)                             /* RFC 4731 */                          \
    X("SEARCHRES", POSTLOGIN, 0)                           /* RFC 5182 */                          \
    X("LIST-EXTENDED", POSTLOGIN, 0)                       /* RFC 5258 */                          \
    X("LIST-STATUS", POSTLOGIN, 0)                         /* RFC 5819 */                          \
    X("CHILDREN", POSTLOGIN, 0)                            /* RFC 3348 */                          \
    X("SPECIAL-USE", POSTLOGIN, 0)                         /* RFC 6154 */                          \
    X("CREATE-SPECIAL-USE", POSTLOGIN, 0)                  /* RFC 6154 */                          \
    X("STATUS=SIZE", POSTLOGIN, 0)                         /* RFC 8438 */                          \
    X("BINARY", POSTLOGIN, 0)                              /* RFC 3516 */

/* The names with a space between, nothing before or after: the caller writes "* CAPABILITY " or
 * "[CAPABILITY ". `conditions` is the sum of those that hold. */
void capability_write(struct buf *out, enum capability_phase phase, unsigned conditions);

#endif
