/* wire/gmail_query.h -- X-GM-RAW: what a user would type into Gmail's search box, as search keys.
 *
 * Source: Google's description of its IMAP extensions (X-GM-EXT-1) and of its search operators. The
 * query is rewritten as the text of a SEARCH program, which the parser of SEARCH then reads, so
 * that nothing else needs to know of it. No case in operators; terms are all wanted.
 *
 *     word, "a phrase"             TEXT             is:unread is:read       UNSEEN, SEEN
 *     from: to: cc: bcc: subject:  FROM ...         is:starred is:important FLAGGED, $Important
 *     rfc822msgid:                 HEADER           in: label:              X-GM-LABELS
 *     list: deliveredto:           HEADER           in:anywhere             ALL
 *     has:attachment               a Content-Type   before: after:          BEFORE, SINCE
 *     larger: smaller: size:       LARGER, SMALLER  older: newer:           the same
 *     A OR B, {A B}                OR               older_than: newer_than: OLDER, YOUNGER
 *     -A                           NOT              (A B)                   parentheses
 *
 * An operator's value may be a phrase or a list in parentheses: subject:(dinner movie). What looks
 * like an operator and is none, or has a value that it cannot have, is searched for as text.
 */
#ifndef ROOST_WIRE_GMAIL_QUERY_H
#define ROOST_WIRE_GMAIL_QUERY_H

#include "base/buf.h"
#include "base/err.h"

enum {
    GMAIL_QUERY_OCTETS_MAX = 4096,
    GMAIL_QUERY_DEPTH_MAX = 20, /* parentheses and braces */
    GMAIL_QUERY_TEXT_MAX = 128 * 1024,
};

/* Appends to `out`, which holds GMAIL_QUERY_TEXT_MAX. ERR_LIMIT: too long or too deep; ERR_SYNTAX:
 * a parenthesis, brace or quotation mark without its other half, or an OR without its terms. */
must_use enum err gmail_query_translate(struct slice query, struct buf *out);

#endif
