/* mime/mime.h -- one pass over a message makes everything that FETCH, SEARCH, SORT and THREAD
 * will ever ask of it.
 *
 * A push parser: feed it a message's canonical octets (mime/canon.h) in pieces of any size, then
 * finish. The result does not depend on how the octets were cut. No input fails: what cannot be
 * understood is described as what it can be read as (a header without its blank line, a
 * multipart without its boundary, text). Time is linear in the octets; memory is bounded by the
 * limits below, whatever the message holds.
 *
 * Follows RFC 5322, 2045, 2046, 2047, 2231, 6532; the wire texts are those of RFC 9051 section
 * 7.5.2 (also right for RFC 3501), in which a string that holds an octet above 0x7F, CR or LF is
 * a literal.
 */
#ifndef ROOST_MIME_MIME_H
#define ROOST_MIME_MIME_H

#include "base/buf.h"

enum {
    MIME_DEPTH_MAX = 100,   /* multipart or message levels; deeper parts are opaque leaves */
    MIME_PARTS_MAX = 10000, /* entries of the part table; what follows is opaque */
    MIME_FIELD_OCTETS_MAX = 64 * 1024,      /* of one header field kept for the wire texts */
    MIME_ADDRESSES_OCTETS_MAX = 128 * 1024, /* wire text of one address list: cut after the last
                                             * whole address that fits */
    MIME_PARAMS_OCTETS_MAX = 16 * 1024,     /* wire text of one parameter list, cut likewise */
    MIME_TEXTS_OCTETS_MAX =
        8 * 1024 * 1024, /* all kept fields of all parts; past it they are NIL */
    MIME_WIRE_OCTETS_MAX = 32 * 1024 * 1024, /* each of the finished wire texts */
    MIME_KEY_OCTETS_MAX = 1024,              /* each sort key, cut at a whole UTF-8 sequence */
    MIME_IDS_OCTETS_MAX = 32 * 1024, /* the normalised References list: the newest ids are kept */
    MIME_PREVIEW_CHARS_MAX = 200,    /* RFC 8970 section 3.1 */
};

/* Raised whenever the same octets would give a different result; stored with each body. */
enum { MIME_PARSER_VERSION = 2 };

#define MIME_NO_INSTANT INT64_MIN
#define MIME_NO_DAY     INT32_MIN

/* All slices belong to the parser and live until mime_parser_free. Texts that do not exist are
 * empty, never absent. */
struct mime_result {
    uint64_t size_octets; /* of the whole message: RFC822.SIZE */

    /* Finished wire texts, parentheses included. */
    struct slice envelope;      /* ENVELOPE */
    struct slice bodystructure; /* BODYSTRUCTURE: with extension data */
    struct slice body;          /* BODY: without */
    bool has_global;            /* some part is message/global: plain rev1 sessions get both texts
                                 * through mime/structure_rev1.h */

    struct slice parts; /* the packed part table; mime/part.h reads it */

    /* Keys for SORT (RFC 5256 section 3, RFC 5957), UTF-8, decoded, not folded. */
    struct slice base_subject; /* RFC 5256 section 2.1 */
    bool is_reply_or_forward;  /* the base subject lost a "Re:", "Fwd:" or "(fwd)" */
    struct slice from_mailbox; /* local part of the first address, of From, To, Cc */
    struct slice to_mailbox;
    struct slice cc_mailbox;
    struct slice from_display; /* display name of the first address, else mailbox@host */
    struct slice to_display;

    int64_t sent_instant; /* Date field, seconds since 1970-01-01T00:00:00Z; MIME_NO_INSTANT */
    int32_t sent_day;     /* its calendar day as written, zone ignored, in days since 1970-01-01,
                           * for SENTON and its kin; MIME_NO_DAY */

    /* Threading (RFC 5256 section 2.2): ids in normal form "left@right" without angle brackets
     * and without quoting, separated by one space; they hold neither space nor control octet. */
    struct slice message_id;  /* at most one id */
    struct slice in_reply_to; /* every id found */
    struct slice references;  /* oldest first */

    struct slice preview; /* UTF-8, white space runs made one space, from the first text part */
};

struct mime_parser;

struct mime_parser *mime_parser_new(void);
void mime_parser_push(struct mime_parser *p, struct slice in);

/* Ends the message and fills *out. Call once; after it only mime_parser_free is allowed. */
void mime_parser_finish(struct mime_parser *p, struct mime_result *out);

/* Gives everything back and makes *p NULL; *p may be NULL already. Four parsers, at most 160 KiB of
 * memory each and mostly 30, are put by for the next ones. */
void mime_parser_free(struct mime_parser **p);

/* Gives back the memory of those put by. */
void mime_trim(void);

#endif
