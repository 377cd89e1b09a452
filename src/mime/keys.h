/* mime/keys.h -- what SORT and THREAD compare: base subjects (RFC 5256 section 2.1) and message
 * ids (RFC 5322 section 3.6.4).
 */
#ifndef ROOST_MIME_KEYS_H
#define ROOST_MIME_KEYS_H

#include "base/buf.h"

/* Append the base subject of a decoded (UTF-8) subject. Returns whether something was taken off
 * that marks a reply or a forward. Linear. */
bool base_subject(struct slice decoded, struct buf *out);

/* Append the ids found in a value ("<left@right>"), in normal form: quoting and white space
 * removed, one space between them. At most `max_ids`; of more than max_octets the newest (last)
 * are kept. An id that is empty or longer than 998 octets is left out. */
void message_ids(struct slice value, size_t max_ids, size_t max_octets, struct buf *out);

#endif
