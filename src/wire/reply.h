/* wire/reply.h -- writing answers: strings in the right clothes, and the common lines.
 *
 * Source: RFC 9051 section 9 (string, nstring, astring, literal, response-tagged, mailbox-data).
 * Everything appends to a buffer whose sticky `overflowed` is looked at once, by the caller.
 */
#ifndef ROOST_WIRE_REPLY_H
#define ROOST_WIRE_REPLY_H

#include "base/buf.h"
#include "base/err.h"

/* Longer strings are literals: quoted strings are meant to be short, and some clients bound
 * their line. */
enum { REPLY_QUOTED_OCTETS_MAX = 1000 };

/* In quotes, `"` and `\` escaped. `s` must hold no CR, LF or NUL. */
void reply_quoted(struct buf *out, struct slice s);

/* {n} CRLF octets; the second gives only the header, for octets that are sent separately. NUL
 * is not allowed in a literal, but is in a literal8, ~{n}. */
void reply_literal(struct buf *out, struct slice s);
void reply_literal_header(struct buf *out, uint64_t octets, bool binary);

/* Quoted, or a literal when an octet is above 0x7F or CR, LF or NUL (a NUL is written as 0x80),
 * or the string is longer than REPLY_QUOTED_OCTETS_MAX. */
void reply_string(struct buf *out, struct slice s);

/* The same, or NIL when s.p == NULL. */
void reply_nstring(struct buf *out, struct slice s);

/* An atom where it can be one (and is not NIL), else a string. */
void reply_astring(struct buf *out, struct slice s);

/* Whether `s` is an atom / can stand as an astring without quotes. */
bool reply_is_atom(struct slice s);

/* "* 12 EXISTS" CRLF; `what` is ours: EXISTS, RECENT, EXPUNGE. */
void reply_number(struct buf *out, uint32_t number, const char *what);

/* "* " text CRLF. */
void reply_untagged(struct buf *out, const char *text);

/* "+ " text CRLF. */
void reply_continue(struct buf *out, struct slice text);

/* TAG " " text CRLF. `text` begins with OK, NO or BAD and is ours. */
void reply_tagged(struct buf *out, struct slice tag, const char *text);

/* The tagged answer of the error table; ERR_OK gives "OK done". An absent tag (.p == NULL, the
 * command had none that could be read) makes it an untagged BAD. */
void reply_err(struct buf *out, struct slice tag, enum err e);

/* One line of human text from outside, made safe: what is not printable ASCII becomes "?", at
 * most 200 octets. */
void reply_text(struct buf *out, struct slice s);

#endif
