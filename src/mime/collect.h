/* mime/collect.h -- gathers the header fields that the parser needs while a header streams by.
 *
 * Values are unfolded (RFC 5322 section 2.2.3: only the line ends go), each is cut at
 * MIME_FIELD_OCTETS_MAX. Of a field that is repeated, address and reference fields are joined,
 * of the others the first counts.
 */
#ifndef ROOST_MIME_COLLECT_H
#define ROOST_MIME_COLLECT_H

#include "base/buf.h"

enum field_id {
    FIELD_CONTENT_TYPE,
    FIELD_CONTENT_ENCODING,
    FIELD_CONTENT_ID,
    FIELD_CONTENT_DESCRIPTION,
    FIELD_CONTENT_DISPOSITION,
    FIELD_CONTENT_LANGUAGE,
    FIELD_CONTENT_LOCATION,
    FIELD_CONTENT_MD5,
    FIELD_DATE, /* from here on only wanted of a message's header */
    FIELD_SUBJECT,
    FIELD_FROM,
    FIELD_SENDER,
    FIELD_REPLY_TO,
    FIELD_TO,
    FIELD_CC,
    FIELD_BCC,
    FIELD_IN_REPLY_TO,
    FIELD_MESSAGE_ID,
    FIELD_REFERENCES,
    FIELD_COUNT,
};

struct collect {
    bool whole_message; /* a message's header, not only a part's */
    bool in_name;       /* this line is a field whose colon has not come yet */
    bool dead;          /* its name cannot be one of ours any more */
    int current;        /* field being gathered, -1 for none */
    char name[32];      /* longer than any name we know */
    size_t name_n;
    bool seen[FIELD_COUNT];
    struct buf value[FIELD_COUNT];
};

void collect_init(struct collect *c);
void collect_release(struct collect *c);
/* As after collect_init; of each buffer's memory at most so much is kept. */
void collect_put_by(struct collect *c, size_t most_octets);

/* A new header begins. */
void collect_begin(struct collect *c, bool whole_message);

/* A line begins; `continues`: its first octet is white space. Then its octets, without line end,
 * in pieces of any size. */
void collect_line(struct collect *c, bool continues);
void collect_octets(struct collect *c, struct slice piece);

/* The value, trimmed; absent if the field is. */
struct slice collect_value(const struct collect *c, enum field_id id);

#endif
