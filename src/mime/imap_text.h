/* mime/imap_text.h -- strings as RFC 9051 section 4.3 writes them, for the finished wire texts.
 *
 * A string that holds CR, LF or an octet above 0x7F is a literal, any other is quoted, so one
 * text serves rev1 and rev2 sessions alike. NUL, which no string may hold, is written as 0x80.
 */
#ifndef ROOST_MIME_IMAP_TEXT_H
#define ROOST_MIME_IMAP_TEXT_H

#include "base/buf.h"

void imap_string(struct buf *out, struct slice s);

/* NIL if s.p is NULL. */
void imap_nstring(struct buf *out, struct slice s);

#endif
