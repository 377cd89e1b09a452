/* mime/header.h -- pure functions over the raw octets of a header, RFC 5322 section 2.2.
 *
 * A header is fields up to the first empty line, or to the end of the slice. A line that is
 * neither a field nor a continuation is kept as a field with an empty name, so that nothing of
 * the header is lost. All are linear in the header.
 */
#ifndef ROOST_MIME_HEADER_H
#define ROOST_MIME_HEADER_H

#include "base/arena.h"
#include "base/buf.h"

struct header_field {
    struct slice name;  /* without colon and the white space before it; empty: not a field */
    struct slice value; /* after the colon, folding and surrounding space kept, last line end not */
    struct slice whole; /* verbatim, continuation lines and line ends included */
};

/* Take the next field from the front of *rest. False at the empty line or at the end. */
bool header_next(struct slice *rest, struct header_field *out);

/* A set of field names, in any case, made once to look at many headers. Sorted, by length before
 * letters, so that nobody's choice of names makes a long header take longer than another's. */
struct header_names {
    struct slice *name; /* n of them; their octets are borrowed */
    size_t n;
    uint64_t shapes; /* bit by length and first letter: most names are known by that not to be in */
};
/* In the arena; false when that is full. */
must_use bool header_names_make(struct header_names *set, const struct slice *names, size_t n,
                                struct arena *a);

/* What BODY[HEADER.FIELDS (names)] returns (RFC 9051 section 6.4.5): the fields whose name is
 * in the set (`not`: is not), verbatim and in order, and an empty line. The empty line is there
 * also when the header has none; true if it has, so that no more octets could change anything. */
bool header_fields_select(struct slice header, const struct header_names *names, bool not,
                          struct buf *out);

/* The value without its line breaks (RFC 5322 section 2.2.3) and the white space at both ends. */
void header_unfold(struct slice value, struct buf *out);

#endif
