/* mime/content.h -- Content-Type as it is to be understood: RFC 2045 section 5, RFC 2046. Internal
 * to the room.
 */
#ifndef ROOST_MIME_CONTENT_H
#define ROOST_MIME_CONTENT_H

#include "mime/collect.h"
#include "mime/params.h"

enum node_kind {
    NODE_LEAF,
    NODE_MULTIPART,
    NODE_MESSAGE, /* its only child, number 0, is the message inside */
};

struct content {
    struct slice type, subtype; /* as sent, or the default; borrowed from the header */
    struct params params;
};

/* Of a collected header. `in_digest`: it is that of a part of a multipart/digest. Call
 * content_release in the end. */
void content_parse(const struct collect *fields, bool in_digest, struct content *c);
void content_release(struct content *c);

/* Whether it is type/subtype, given in any case; `subtype` absent: any. */
bool content_is(const struct content *c, struct slice type, struct slice subtype);

/* What to read the part as. `boundary` gets that of a multipart, else it is absent; it borrows
 * from *c. `may_nest`: the part may become a multipart or a message; otherwise it is an opaque
 * leaf. What is not read as what it says gets another type in *c. */
enum node_kind content_kind(struct content *c, bool may_nest, struct slice *boundary);

#endif
