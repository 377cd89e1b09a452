/* wire/flag.h -- flag lists: the system flags as bits, keywords as slices.
 *
 * Source: RFC 9051 sections 2.3.2 and 9 (flag, flag-list, flag-keyword), RFC 3501 (\Recent).
 */
#ifndef ROOST_WIRE_FLAG_H
#define ROOST_WIRE_FLAG_H

#include "base/buf.h"
#include "wire/lex.h"

/*    bit name     wire */
#define FLAG_TABLE(X)                                                                              \
    X(0, SEEN, "\\Seen")                                                                           \
    X(1, ANSWERED, "\\Answered")                                                                   \
    X(2, FLAGGED, "\\Flagged")                                                                     \
    X(3, DELETED, "\\Deleted")                                                                     \
    X(4, DRAFT, "\\Draft")                                                                         \
    X(5, RECENT, "\\Recent") /* RFC 3501; a client cannot change it */

enum flag {
#define X(bit, name, wire) FLAG_##name = 1 << (bit),
    FLAG_TABLE(X)
#undef X
        FLAG_SYSTEM = FLAG_SEEN | FLAG_ANSWERED | FLAG_FLAGGED | FLAG_DELETED | FLAG_DRAFT,
};

enum { FLAG_KEYWORDS_MAX = 1000, FLAG_KEYWORD_OCTETS_MAX = 255 };

struct flag_list {
    uint32_t system;       /* FLAG_ bits; FLAG_RECENT if it was named: refuse or ignore it */
    struct slice *keyword; /* n atoms as sent, no two equal without case; NULL when n == 0 */
    size_t n;
};

/* flag-list in its parentheses: APPEND. An unknown "\Flag" is ERR_SYNTAX. ERR_LIMIT above
 * FLAG_KEYWORDS_MAX keywords or FLAG_KEYWORD_OCTETS_MAX octets in one. */
must_use enum err flag_list_parse(struct lex *in, struct arena *a, struct flag_list *out);

/* flag-list, or flags separated by spaces without parentheses: STORE. */
must_use enum err flag_list_parse_store(struct lex *in, struct arena *a, struct flag_list *out);

/* The system flags of `bits` with a space between, no parentheses; returns whether any was
 * written (so the caller knows if keywords need a space first). */
bool flag_write_system(struct buf *out, uint32_t bits);

#endif
