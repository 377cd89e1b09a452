/* mime/usual.h -- the usual header fields of a message in one short string.
 *
 * To list a mailbox is to ask for a few header fields of many messages (RFC 9051 section 6.4.5,
 * HEADER.FIELDS), and to choose them from the header costs more than to send them: the header is
 * long, and lies where the message lies. So the fields of usual_table.h are copied, octet for octet
 * and in their order, into a string that is kept beside the envelope.
 *
 * Format, PACKED: names, fields, fields * (name, length low, length high), octets. `names` is how
 * many the table had; `name` is a place in the table; `length` is the field's, its line ends
 * included. All are octets. Who reads it trusts none of it.
 */
#ifndef ROOST_MIME_USUAL_H
#define ROOST_MIME_USUAL_H

#include "base/buf.h"

enum {
    USUAL_FIELDS_MAX = 100,     /* lines of usual fields in one header */
    USUAL_OCTETS_MAX = 3 << 10, /* PACKED; one that would be longer is not made */
};

/* The names as bits, to be looked for in many messages; 0 if one of them is not usual. In any
 * case, as in header.h. */
uint64_t usual_mask(const struct slice *names, size_t n);

/* Pack the header at the beginning of `octets`. `whole`: with them ends the message, so the header
 * may end there too. False, and `out` holds what it held: the header does not end, or a limit is
 * reached, that of `out` too. */
must_use bool usual_pack(struct slice octets, bool whole, struct buf *out);

/* What is in `packed` of the names in `mask`. */
struct usual_choice {
    struct slice packed; /* borrowed */
    uint64_t mask;
    size_t n; /* octets that usual_write appends */
};
/* False: it cannot be told from `packed`, which is empty, damaged, or older than one of the names.
 */
must_use bool usual_choose(struct slice packed, uint64_t mask, struct usual_choice *out);
/* Append what header_fields_select would (header.h) of the header that was packed. */
void usual_write(const struct usual_choice *c, struct buf *out);

#endif
