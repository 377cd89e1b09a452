/* mime/base64_lines.h -- writes the base64 Content-Transfer-Encoding, RFC 2045 section 6.8: padded,
 * in lines of 76 characters. Any way of cutting the input gives the same output.
 */
#ifndef ROOST_MIME_BASE64_LINES_H
#define ROOST_MIME_BASE64_LINES_H

#include "base/buf.h"

enum { BASE64_LINE_OCTETS = 76 };

struct base64_lines {
    unsigned char held[3]; /* octets of a group that is not complete */
    unsigned held_n;
    unsigned column; /* characters in the last line written */
};

void base64_lines_init(struct base64_lines *b);

/* Append at most 2 * (in.n + 2) + 2 octets. CRLF stands between lines, not behind the last. */
void base64_lines_push(struct base64_lines *b, struct slice in, struct buf *out);

/* The last group, padded. True if anything was written since base64_lines_init. */
bool base64_lines_finish(struct base64_lines *b, struct buf *out);

#endif
