/* base/utf8.h -- UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, at most U+10FFFF. */
#ifndef ROOST_BASE_UTF8_H
#define ROOST_BASE_UTF8_H

#include "base/buf.h"

/* The code point at the start of `s`, and its length 1..4 in *n_out; -1 (and *n_out = 1) if
 * the octets there are not well-formed. `s` must not be empty. */
int32_t utf8_decode(struct slice s, size_t *n_out);

/* Append code point `c` (0..0x10FFFF, no surrogate) as UTF-8. */
void utf8_encode(struct buf *b, uint32_t c);

/* Whether the whole slice is well-formed. */
bool utf8_valid(struct slice s);

/* Whether `s`, which is not empty and which utf8_decode refuses, is the start of a sequence whose
 * other octets may still come. */
bool utf8_unfinished(struct slice s);

/* How many octets at the front are below 0x80. */
size_t ascii_run(struct slice s);

/* Whether every octet is below 0x80. */
bool ascii_only(struct slice s);

#endif
