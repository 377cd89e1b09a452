/* mime/envelope.h -- the ENVELOPE text of RFC 9051 section 7.5.2 out of a message's fields. */
#ifndef ROOST_MIME_ENVELOPE_H
#define ROOST_MIME_ENVELOPE_H

#include "mime/collect.h"

/* Append "(date subject from sender reply-to to cc bcc in-reply-to message-id)". Date, Subject,
 * In-Reply-To and Message-ID are as in the header, unfolded. */
void envelope_write(const struct collect *fields, struct buf *out);

#endif
