/* wire/authenticate.h -- the arguments of LOGIN and AUTHENTICATE, and the lines that answer a
 * SASL challenge. Legal before login, so every bound is a bound on what a stranger can send.
 *
 * Source: RFC 9051 sections 6.2.2, 6.2.3 and 9, RFC 4959 (SASL-IR), RFC 4422 section 3.1 (names
 * of mechanisms are 1 to 20 octets).
 */
#ifndef ROOST_WIRE_AUTHENTICATE_H
#define ROOST_WIRE_AUTHENTICATE_H

#include "wire/lex.h"

enum {
    LOGIN_OCTETS_MAX = 1024, /* of the user name and of the password */
    AUTH_MECHANISM_OCTETS_MAX = 20,
    AUTH_RESPONSE_OCTETS_MAX = 6144, /* decoded */
};

struct login_args {
    struct slice user;
    struct slice password;
};

/* astring SP astring. */
must_use enum err login_parse(struct lex *in, struct arena *a, struct login_args *out);

struct authenticate_args {
    struct slice mechanism; /* as sent, any case */
    struct slice initial;   /* decoded, in the arena; .p == NULL: none; n == 0: "=" */
};

/* auth-type [SP (base64 / "=")]. */
must_use enum err authenticate_parse(struct lex *in, struct arena *a,
                                     struct authenticate_args *out);

/* A whole line of the client: base64 CRLF, or "*" CRLF. *cancelled tells the latter; else *out
 * is decoded (maybe empty). */
must_use enum err authenticate_response_parse(struct lex *in, struct arena *a, bool *cancelled,
                                              struct slice *out);

#endif
