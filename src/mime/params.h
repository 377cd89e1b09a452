/* mime/params.h -- fields of the shape "value; name=value; ...", RFC 2045 section 5.1, RFC 2183
 * section 2, with the continuations of RFC 2231 section 3.
 */
#ifndef ROOST_MIME_PARAMS_H
#define ROOST_MIME_PARAMS_H

#include "base/buf.h"

enum {
    PARAMS_MAX = 100,            /* parameters of one field; the rest is dropped */
    PARAM_NAME_OCTETS_MAX = 128, /* longer ones are dropped */
};

/* Texts are offsets into `text`, since that moves while it grows. */
struct param {
    size_t name_at, name_n;   /* as sent; a joined one ends in "*" if a piece of it did */
    size_t value_at, value_n; /* quoting removed; extended values stay as sent (charset'lang'%XX) */
    bool extended;
    int section; /* while reading: RFC 2231 section number, -1 for none */
};

struct params {
    struct param param[PARAMS_MAX];
    size_t n;
    struct buf text;
};

/* Parse everything behind the first value: "; a=b; c=d". Call params_release in the end. */
void params_parse(struct params *p, struct slice in);
void params_release(struct params *p);

/* The value of a parameter (any case), the first of that name; absent if there is none. */
struct slice params_find(const struct params *p, struct slice name);

/* Append ("name" "value" ...) or NIL; cut after the last whole parameter within max_octets. */
void params_to_imap(const struct params *p, size_t max_octets, struct buf *out);

#endif
