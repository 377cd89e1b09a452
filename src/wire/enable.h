/* wire/enable.h -- the arguments of ENABLE. Source: RFC 9051 section 6.3.1, RFC 5161. */
#ifndef ROOST_WIRE_ENABLE_H
#define ROOST_WIRE_ENABLE_H

#include "wire/lex.h"

enum { ENABLE_NAMES_MAX = 100, ENABLE_NAME_OCTETS_MAX = 64 };

struct enable_args {
    struct slice *name; /* n atoms as sent, known or not; compare without case */
    size_t n;           /* at least 1 */
};

must_use enum err enable_parse(struct lex *in, struct arena *a, struct enable_args *out);

#endif
