/* mime/binary.h -- a filter for messages that arrive as literal8: parts that hold raw octets become
 * base64, so that what is stored is text and loses nothing.
 *
 * Follows RFC 3516 section 4.3 and RFC 9051 sections 4.3 and 6.3.12: a part whose Content-Transfer-
 * Encoding is "binary" may hold NUL, bare CR and bare LF, which a stored message may not. The
 * filter stands before the canonicaliser (canon.h), which would change such octets. In the header
 * of every leaf that says "binary", at any depth and inside messages too, that word becomes
 * "base64" and the body is encoded (RFC 2045 section 6.8, CRLF line ends); BINARY then gives the
 * octets back as they came. Everything else passes as it is: a message without such a leaf leaves
 * octet for octet. A multipart or message that says "binary" keeps the word, which still holds for
 * what it contains (RFC 2045 section 6.4).
 *
 * Linear in the octets; any way of cutting the input into pieces gives the same output.
 */
#ifndef ROOST_MIME_BINARY_H
#define ROOST_MIME_BINARY_H

#include "base/buf.h"

enum {
    /* A header must be held until it is known whether it changes. A longer one passes unchanged,
     * and so does the body of its part, if it is a leaf. */
    BINARY_HEADER_OCTETS_MAX = 64 * 1024,
    /* What may be held back, as it counts for the size of the output. */
    BINARY_HELD_OCTETS_MAX = BINARY_HEADER_OCTETS_MAX + 1024,
};

struct binary_filter;

struct binary_filter *binary_filter_new(void);

/* Append to `out` at most 2 * in.n + BINARY_HELD_OCTETS_MAX octets; `out` overflowing is the
 * caller's to check. */
void binary_filter_push(struct binary_filter *f, struct slice in, struct buf *out);

/* End of the message: append what was held back, at most BINARY_HELD_OCTETS_MAX octets. Call once;
 * after it only binary_filter_free is allowed. */
void binary_filter_finish(struct binary_filter *f, struct buf *out);

/* Gives everything back and makes *f NULL; *f may be NULL already. */
void binary_filter_free(struct binary_filter **f);

#endif
