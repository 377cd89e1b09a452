/* wire/id_list.h -- the argument of ID. Source: RFC 2971 section 3.3 (limits), section 4 (grammar).
 *
 * Why a file of its own: ID is legal before login, so every bound below is a bound on what a
 * stranger can make us hold. Leans on base/ and wire/lex; knows no socket and no session.
 */
#ifndef ROOST_WIRE_ID_LIST_H
#define ROOST_WIRE_ID_LIST_H

#include "base/buf.h"
#include "wire/lex.h"

enum {
    ID_PAIRS_MAX = 30,
    ID_FIELD_OCTETS_MAX = 30,
    ID_VALUE_OCTETS_MAX = 1024,
    ID_DESCRIBED_OCTETS_MAX = 80, /* of one value, in a description */
    ID_DESCRIPTION_OCTETS_MAX = 2 * ID_DESCRIBED_OCTETS_MAX + 1,
};

struct id_pair {
    struct slice field; /* as sent; compare without case; if a name repeats, the first wins */
    struct slice value; /* .p == NULL means NIL, which is not the same as "" */
};

struct id_list {
    struct id_pair *pair; /* n entries, in the arena; NULL when n == 0 */
    size_t n;             /* 0..ID_PAIRS_MAX */
};

/* Parse `id-params-list`: a list of pairs, or NIL. At most 33 KiB of `a`.
 * ERR_LIMIT: a bound of section 3.3 was passed. */
must_use enum err id_list_parse(struct lex *in, struct arena *a, struct id_list *out);

/* The value of a field, .p NULL when it is NIL or absent. */
struct slice id_value(const struct id_list *list, struct slice field);

/* "name version" for the log: printable ASCII, at most ID_DESCRIPTION_OCTETS_MAX; may be empty. */
void id_describe(const struct id_list *list, struct buf *out);

/* Whether the connection works in the background, and may be asked by NO [UNAVAILABLE] to come back
 * later: "back-fill", "indexer", "periodic" or "push" among the identifiers of "event", from a
 * client whose name begins with "com.apple.".
 * Source: Apple's technical note TN3189, "Managing Mail background traffic load". */
bool id_is_background(const struct id_list *list);

#endif
