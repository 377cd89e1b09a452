/* wire/base64.h -- base64 of RFC 4648 section 4, padded, without line breaks: what SASL exchanges
 * travel in. */
#ifndef ROOST_WIRE_BASE64_H
#define ROOST_WIRE_BASE64_H

#include "base/buf.h"
#include "wire/lex.h"

void base64_encode(struct buf *out, struct slice from);

/* Strict: the length is a multiple of four, padding is complete and its unused bits are zero.
 * *out is in the arena, never absent. ERR_SYNTAX, ERR_NOMEM. */
must_use enum err base64_decode(struct arena *a, struct slice from, struct slice *out);

#endif
