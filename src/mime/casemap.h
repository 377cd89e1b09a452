/* mime/casemap.h -- text without case, for those who find (fold.h) and those who sort (collate.h).
 *
 * Each code point in its simple title case, then fully decomposed (RFC 5051 section 2). Whoever
 * finds folds the case after that, which makes more equal: a "ß" is "ss", a dotless i is an i.
 */
#ifndef ROOST_MIME_CASEMAP_H
#define ROOST_MIME_CASEMAP_H

#include "base/buf.h"

enum casemap {
    CASEMAP_TITLE, /* ASCII in upper case */
    CASEMAP_FOLD,  /* ASCII in lower case */
};

/* Append `in`, mapped: at most 18 octets for one (U+FDFA), usually one. Octets that are not UTF-8
 * stand for themselves. Returns how many octets were used: all, or, unless these are the `last`,
 * those before an unfinished sequence at the end. */
size_t casemap_unicode(enum casemap how, struct slice in, bool last, struct buf *out);

/* The letters of ASCII mapped, the other octets as they are. */
void casemap_ascii(enum casemap how, struct slice in, struct buf *out);

#endif
