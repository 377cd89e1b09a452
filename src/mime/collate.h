/* mime/collate.h -- text in the order of a collation, as SORT and THREAD need it.
 *
 * fold.h is for finding and folds further ("Straße" and "STRASSE" are one there); this is exactly
 * the collation RFC 5256 section 7 asks for, so that clients which sort themselves agree. The
 * others a client may choose (RFC 5255 section 4.2) are those of RFC 4790 section 9.
 */
#ifndef ROOST_MIME_COLLATE_H
#define ROOST_MIME_COLLATE_H

#include "mime/fold.h"

/* Append the octets whose order (memcmp, the shorter first) is that of the text.
 * i;unicode-casemap: each code point in its simple title case, then fully decomposed (RFC 5051
 * section 2); octets that are not UTF-8 stand for themselves. i;ascii-casemap: the letters of
 * ASCII in upper case. i;octet: the text. At most 18 octets for one, usually one. */
void text_collate(enum collation collation, struct slice in, struct buf *out);

#endif
