/* wire/metadata.h -- the arguments of GETMETADATA and SETMETADATA, and the names of entries.
 *
 * Source: RFC 5464 sections 3.2 (names) and 5 (syntax), with errata 2785 and 2786: GETMETADATA's
 * options stand before the mailbox. The examples of sections 4.2.1 and 4.2.2 have them behind it,
 * and so do clients: they are read in both places.
 */
#ifndef ROOST_WIRE_METADATA_H
#define ROOST_WIRE_METADATA_H

#include "base/buf.h"
#include "wire/mailbox.h"

enum { METADATA_ENTRIES_MAX = 100, METADATA_NAME_OCTETS_MAX = 1000 };

enum metadata_depth { METADATA_DEPTH_0, METADATA_DEPTH_1, METADATA_DEPTH_INFINITY };

/* "/shared/comment": where it belongs, and "/comment". */
struct metadata_entry {
    bool private;
    struct slice name;  /* behind "/shared" or "/private"; empty for these alone */
    struct slice value; /* to set; .p == NULL: remove. Not used by GETMETADATA */
};

struct metadata_list {
    struct metadata_entry *entry;
    size_t n;
};

struct metadata_args {
    struct slice mailbox; /* .p == NULL: the server, which the wire calls "" */
    struct metadata_list list;
    uint32_t max_octets; /* MAXSIZE; UINT32_MAX when there is none */
    enum metadata_depth depth;
};

/* ERR_SYNTAX also for an entry that is no entry: RFC 5464 section 3.2 wants BAD. One that is asked
 * for may be a level above entries ("/private"), one that is set may not. Errors of mailbox_parse
 * too; ERR_LIMIT past METADATA_ENTRIES_MAX. */
must_use enum err getmetadata_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                                    struct metadata_args *out);
must_use enum err setmetadata_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                                    struct metadata_args *out);

/* "(" entry *(SP entry) ")": of LIST's METADATA option (RFC 9590 section 5). */
must_use enum err metadata_list_parse(struct lex *in, struct arena *a, struct metadata_list *out);

/* Whether `name` is an entry below `base` within `depth`; `base` itself is not. Compared without
 * case. */
bool metadata_is_below(struct slice base, struct slice name, enum metadata_depth depth);

/* "/private/comment" as an astring, and its value as nstring or literal8. */
void metadata_name_write(struct buf *out, bool private, struct slice name);
void metadata_value_write(struct buf *out, struct slice value);

#endif
