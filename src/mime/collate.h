/* mime/collate.h -- text in the order of i;unicode-casemap (RFC 5051), as SORT needs it.
 *
 * fold.h is for finding and folds further ("Straße" and "STRASSE" are one there); this is exactly
 * the collation RFC 5256 section 7 asks for, so that clients which sort themselves agree.
 */
#ifndef ROOST_MIME_COLLATE_H
#define ROOST_MIME_COLLATE_H

#include "base/buf.h"

/* Append the octets whose order (memcmp, the shorter first) is that of the text: each code point
 * in its simple title case, then fully decomposed (RFC 5051 section 2). Octets that are not
 * UTF-8 stand for themselves. At most 18 octets for one, usually one. */
void text_collate(struct slice in, struct buf *out);

#endif
