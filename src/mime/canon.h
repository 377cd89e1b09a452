/* mime/canon.h -- makes octets canonical at every door: what is stored, and what every size and
 * offset of a message counts, has CRLF line ends and no NUL.
 *
 * A bare LF becomes CRLF; a bare CR stays; NUL becomes 0x80 (RFC 9051 section 4.3: a literal may
 * not hold NUL). Nothing else is rewritten, so signatures of well-formed mail hold. Any way of
 * cutting the input into pieces gives the same output.
 */
#ifndef ROOST_MIME_CANON_H
#define ROOST_MIME_CANON_H

#include "base/buf.h"

struct canon {
    bool after_cr; /* the last octet seen was CR */
};

void canon_init(struct canon *c);

/* Append the canonical form of `in` to `out`: at most twice as many octets. Nothing is held
 * back, so there is no pending output; `out` overflowing is the caller's to check. */
void canon_push(struct canon *c, struct slice in, struct buf *out);

/* End of the message: appends nothing today, and makes *c ready for the next one. */
void canon_finish(struct canon *c, struct buf *out);

/* Whether canon_push would change nothing (for a caller that can then avoid the copy). */
bool canon_is_canonical(struct slice whole);

#endif
