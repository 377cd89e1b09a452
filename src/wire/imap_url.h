/* wire/imap_url.h -- URLs of messages and their parts, as CATENATE takes them.
 *
 * Source: RFC 5092 sections 6, 7 and 11, RFC 4469 section 3 (only relative URLs, and nothing but
 * messages of this session's user), RFC 5550 (URL-PARTIAL), RFC 3986
 * section 5.2.4 (dot segments).
 *
 *     "/" enc-mailbox [";UIDVALIDITY=" nz-number] message
 *     ";UID=" ...                                    a message of the selected mailbox
 *     message = "/;UID=" nz-number ["/;SECTION=" enc-section]
 *               ["/;PARTIAL=" number ["." nz-number]]
 *
 * Other relative paths are refused (RFC 5092 section 7.2), and so are URLs with a server, with a
 * search, and those that carry an authorization (URLAUTH).
 */
#ifndef ROOST_WIRE_IMAP_URL_H
#define ROOST_WIRE_IMAP_URL_H

#include "wire/fetch.h"

struct imap_url {
    struct slice mailbox;   /* a valid name, in the arena; .p == NULL: the selected one */
    uint32_t uidvalidity;   /* 0: not stated */
    uint32_t uid;           /* from 1 */
    struct fetch_item item; /* what BODY.PEEK[section]<partial> is; without a length partial_n is
                             * INT64_MAX */
};

/* The whole of `url`. ERR_CANNOT: it is none of those above. ERR_NOMEM. Else *out is set. */
must_use enum err imap_url_parse(struct slice url, struct arena *a, struct imap_url *out);

#endif
