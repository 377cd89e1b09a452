/* wire/object_id.h -- the identifiers of OBJECTID as they stand on the wire.
 *
 * Source: RFC 8474 sections 4, 5, 7 and 8, draft-ietf-mailmaint-imap-objectid-bis-05 (OBJECTID+).
 * An id is a letter that tells what it is of and sixteen lower-case hexadecimal digits, so that no
 * two kinds share an id, none looks like a number or NIL, and none depends on case.
 */
#ifndef ROOST_WIRE_OBJECT_ID_H
#define ROOST_WIRE_OBJECT_ID_H

#include "base/buf.h"
#include "wire/lex.h"

enum { OBJECT_ID_OCTETS_MAX = 255 };

/* The value is the letter the id begins with. */
enum object_kind {
    OBJECT_ACCOUNT = 'A', /* ACCOUNTID */
    OBJECT_MAILBOX = 'F', /* MAILBOXID */
    OBJECT_EMAIL = 'M',   /* EMAILID */
    OBJECT_THREAD = 'T',  /* THREADID */
};

void object_id_write(struct buf *out, enum object_kind kind, uint64_t id);

/* objectid = 1*255(ALPHA / DIGIT / "_" / "-"): anybody's, not only ours. */
must_use enum err object_id_lex(struct lex *in, struct slice *out);

/* The number of an id of that kind that object_id_write could have written; 0, which is nobody's,
 * for any other. */
uint64_t object_id_read(struct slice text, enum object_kind kind);

#endif
