/* mime/fold.h -- text as SEARCH compares it: without case, in compatibility decomposition.
 *
 * i;unicode-casemap (RFC 5051) is title case and then decomposition; what it makes equal is equal
 * here too, and full case folding adds to that: "Straße" is found by "STRASSE". "fi" finds the
 * ligature. Each code point is folded by itself, as RFC 5051 has it, so pieces can be folded as
 * they come. Octets that are not UTF-8 pass as themselves. HTML is text like any other: a search
 * is for exact substrings of decoded text.
 */
#ifndef ROOST_MIME_FOLD_H
#define ROOST_MIME_FOLD_H

#include "base/buf.h"
#include "base/err.h"

/* The collations a client may choose from (RFC 4790; i;unicode-casemap is RFC 5051). */
enum collation {
    COLLATION_UNICODE, /* i;unicode-casemap */
    COLLATION_ASCII,   /* i;ascii-casemap: only the letters of ASCII have no case */
    COLLATION_OCTET,   /* i;octet: the octets as they are */
};
enum { COLLATIONS = COLLATION_OCTET + 1 };

/* A streaming folder; any way of cutting the input gives the same output. */
struct text_folder {
    char held[4]; /* the start of a UTF-8 sequence */
    size_t held_n;
    enum collation collation;
};
void text_folder_init(struct text_folder *f, enum collation collation);
/* At most 18 times as many octets (U+FDFA), usually the same number. */
void text_folder_push(struct text_folder *f, struct slice in, struct buf *out);
void text_folder_finish(struct text_folder *f, struct buf *out);

/* All of `in` at once. */
void text_fold(enum collation collation, struct slice in, struct buf *out);

enum { NEEDLE_OCTETS_MAX = 64 * 1024 };

/* A streaming substring matcher: linear, and where pieces meet (Knuth, Morris and Pratt) it
 * remembers what the one before ended with. */
struct needle {
    char *text;
    uint32_t *back; /* back[i]: length of the longest border of text[0..i] */
    size_t n;
    size_t matched; /* octets of the needle that the text ends with */
    bool found;
};

/* `folded` is copied; ERR_LIMIT above the maximum. An empty needle is found in every text. */
must_use enum err needle_init(struct needle *n, struct slice folded);
/* Look for it in a new text. */
void needle_restart(struct needle *n);
/* The next piece of folded text; true as soon as it was found, and from then on. */
bool needle_feed(struct needle *n, struct slice folded);
/* Where it first is in a text that is there at once, or SIZE_MAX; what was fed does not matter. */
size_t needle_find(const struct needle *n, struct slice folded);
void needle_release(struct needle *n);

#endif
