/* mime/part.h -- reading the packed part table that the parser made: where, in a message's
 * octets, is section 2.1.3?
 *
 * The table comes back from disk and may be damaged: every function checks what it reads and
 * answers ERR_CORRUPT, never touching an octet outside the table. Offsets are of the canonical
 * message. They are below 2^62 and may all the same lie outside it: who reads octets there is to
 * bear that, and mime_parts_check tells (store's account_check).
 *
 * Numbering is that of RFC 9051 section 6.4.5: part 1 of a message that is not a multipart is
 * its text; numbers below a message/rfc822 part are those of the message inside it.
 *
 * Layout (all little endian): a header of 16 octets ("RPT", version, entries u32, octets of the
 * string pool u32, zero u32), the entries, 72 octets each, in the order of the message (an
 * entry's descendants follow it), the string pool. See part.c.
 */
#ifndef ROOST_MIME_PART_H
#define ROOST_MIME_PART_H

#include "base/err.h"
#include "mime/cte.h"

struct mime_part {
    uint32_t index;  /* of this entry in the table; 0 is the whole message */
    uint32_t parent; /* index of the enclosing multipart or message part; 0 for the root itself */
    uint32_t number; /* 1.. within its parent; a nested message's own entry (the root of what a
                      * message/rfc822 part holds) and the root have 0 */

    uint64_t header_at, header_n; /* MIME header, its blank line included (may be missing) */
    uint64_t body_at, body_n;     /* without the line break that belongs to the boundary */
    uint64_t lines;               /* line ends in the body */

    enum mime_cte cte;
    int64_t decoded_octets; /* what BINARY would return; -1: cannot be decoded (UNKNOWN-CTE) */

    bool is_multipart;
    bool is_text;    /* type text, decoded as `charset` says */
    bool is_message; /* message/rfc822 or message/global, looked into: the next four are set */
    uint64_t msg_header_at, msg_header_n;
    uint64_t msg_body_at, msg_body_n;

    /* Lower case, borrowed from the table. */
    struct slice type, subtype;
    struct slice charset; /* empty if not given */
};

/* Everything inside the table is consistent and inside a message of size_octets. Reads each entry
 * twice; nobody needs it before a function below. */
must_use enum err mime_parts_check(struct slice table, uint64_t size_octets);

/* Number of entries, the root included (at least 1). */
must_use enum err mime_parts_count(struct slice table, uint32_t *out);

/* Entry `index`; ERR_NOTFOUND past the end. Entries come in the order of the message, so
 * counting up is how SEARCH walks the leaves: those with neither is_multipart nor is_message. */
must_use enum err mime_part_at(struct slice table, uint32_t index, struct mime_part *out);

/* The part a section number names; depth 0 is the whole message (entry 0: BODY[HEADER] is its
 * header, BODY[TEXT] its body, BODY[] both). ERR_NOTFOUND if there is no such part. For
 * BODY[n.HEADER] and BODY[n.TEXT] ask is_message and use msg_*; BODY[n.MIME] is header_*;
 * BODY[n] is body_*. */
must_use enum err mime_part_find(struct slice table, const uint32_t *path, size_t depth,
                                 struct mime_part *out);

#endif
