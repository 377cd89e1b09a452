/* mime/charset.h -- any charset to UTF-8, through iconv(3).
 *
 * US-ASCII, UTF-8, ISO-8859-1 and windows-1252 are our own; the others need the C library's
 * conversion modules, which it loads from files when they are first used: a sandboxed process
 * calls charset_preload before it gives up the file system, or allows that folder.
 *
 * What cannot be converted becomes U+FFFD, one for each octet. ISO-8859-1 is read as its superset
 * windows-1252, and US-ASCII as unlabelled, since that is what mail means by them.
 */
#ifndef ROOST_MIME_CHARSET_H
#define ROOST_MIME_CHARSET_H

#include <iconv.h>

#include "base/buf.h"
#include "base/err.h"

enum { CHARSET_NAME_OCTETS_MAX = 64, CHARSET_HELD_OCTETS_MAX = 32 };

enum charset_kind {
    CHARSET_NONE,  /* pass octets through */
    CHARSET_GUESS, /* unlabelled: well-formed UTF-8 stays, other octets are windows-1252 */
    CHARSET_UTF8,  /* ill-formed octets become U+FFFD */
    CHARSET_LATIN, /* windows-1252 */
    CHARSET_ICONV,
    CHARSET_UNKNOWN, /* ASCII stays, every other octet is U+FFFD */
};

/* A streaming converter; any way of cutting the input gives the same output. */
struct charset {
    enum charset_kind kind;
    iconv_t cd;
    char held[CHARSET_HELD_OCTETS_MAX]; /* the start of a character, its rest not yet seen */
    size_t held_n;
    uint64_t replaced; /* octets that became U+FFFD, or were not of the charset */
};

/* An empty name is CHARSET_GUESS. */
void charset_init(struct charset *c, struct slice name);
void charset_push(struct charset *c, struct slice in, struct buf *out);
/* Flush an unfinished character and return to the initial shift state. */
void charset_finish(struct charset *c, struct buf *out);
void charset_release(struct charset *c);

/* Whether SEARCH CHARSET name can be answered. */
bool charset_known(struct slice name);

/* Convert all of `in`; ERR_BADCHARSET for a name not known, ERR_SYNTAX (`out` cut back) if `in`
 * is not well-formed in it. */
must_use enum err charset_to_utf8(struct slice name, struct slice in, struct buf *out);

/* Load the conversion modules that mail uses, for a process about to be sandboxed. */
void charset_preload(void);

#endif
