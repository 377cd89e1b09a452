/* mime/token.h -- the lexical pieces that all structured fields share: white space and comments
 * (RFC 5322 section 3.2.2), quoted strings (3.2.4), and runs of other octets.
 *
 * Each takes its piece from the front of a slice that holds an unfolded value. Tolerant: what is
 * not closed ends with the value.
 */
#ifndef ROOST_MIME_TOKEN_H
#define ROOST_MIME_TOKEN_H

#include "base/buf.h"

/* Skip white space, stray line ends and nested comments. If `comment` is not NULL and there was a
 * comment, it is set to the octets inside the last one. True if anything was skipped. */
bool token_skip_cfws(struct slice *in, struct slice *comment);

/* Skip white space and stray line ends only. True if anything was skipped. */
bool token_skip_space(struct slice *in);

/* `in` stands on a quote: append what is inside it to `out`, backslashes removed. */
void token_quoted(struct slice *in, struct buf *out);

/* The longest run of octets that are no white space and not one of `stops`; may be empty. */
struct slice token_run(struct slice *in, const char *stops);

/* The same with the stops of RFC 2045 section 5.1 that matter when reading: ( ) < > @ , ; " = */
struct slice token_mime_word(struct slice *in);

/* Take one octet if it is `c`. */
bool token_take(struct slice *in, char c);

/* Append the octets of a comment, backslashes removed and white space trimmed. */
void token_comment_text(struct slice comment, struct buf *out);

#endif
