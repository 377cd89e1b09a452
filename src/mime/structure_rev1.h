/* mime/structure_rev1.h -- BODYSTRUCTURE and BODY for sessions that do not know message/global.
 *
 * RFC 9051 section 7.5.2 describes a message/global part like a message/rfc822 one, with the
 * envelope and the structure of the message inside. The grammar of RFC 3501 section 9 has only
 * message/rfc822 there (RFC 9755 section 6 says when which one holds): to an IMAP4rev1 session that
 * has not enabled more, message/global is a part like any other.
 */
#ifndef ROOST_MIME_STRUCTURE_REV1_H
#define ROOST_MIME_STRUCTURE_REV1_H

#include "base/buf.h"

/* Append the finished wire text `text` (mime/mime.h: bodystructure or body) without what describes
 * the inside of message/global parts: never more octets than it has. A text without such a part,
 * or one that is damaged, comes out as it is from there on. Linear. */
void structure_write_rev1(struct slice text, struct buf *out);

#endif
