/* mime/content.c -- see content.h. */
#include "mime/content.h"

#include "mime/token.h"

/* RFC 2045 section 5.2: absent or not understood means text/plain in US-ASCII; RFC 2046 section
 * 5.1.5: in a digest, absent means message/rfc822. */
void content_parse(const struct collect *fields, bool in_digest, struct content *c)
{
    struct slice in = collect_value(fields, FIELD_CONTENT_TYPE);
    bool absent = in.p == NULL;

    c->type = SLICE("text");
    c->subtype = SLICE("plain");
    params_parse(&c->params, SLICE(""));
    if (absent) {
        if (in_digest) {
            c->type = SLICE("message");
            c->subtype = SLICE("rfc822");
        }
        return;
    }
    token_skip_cfws(&in, NULL);
    struct slice type = token_run(&in, "()<>@,;\"=/");

    token_skip_cfws(&in, NULL);
    if (type.n == 0 || !token_take(&in, '/'))
        return;
    token_skip_cfws(&in, NULL);
    struct slice subtype = token_mime_word(&in);

    if (subtype.n == 0)
        return;
    c->type = type;
    c->subtype = subtype;
    params_parse(&c->params, in);
}

bool content_is(const struct content *c, struct slice type, struct slice subtype)
{
    return slice_eq_nocase(c->type, type) &&
           (subtype.p == NULL || slice_eq_nocase(c->subtype, subtype));
}

static bool is_nested_message(const struct content *c)
{
    return content_is(c, SLICE("message"), SLICE("rfc822")) ||
           content_is(c, SLICE("message"), SLICE("global"));
}

/* What cannot be looked into is no multipart and no message to the client either, since
 * BODYSTRUCTURE would have to say what is inside. */
static void make_opaque(struct content *c)
{
    c->type = SLICE("application");
    c->subtype = SLICE("octet-stream");
}

static struct slice usable_boundary(const struct content *c)
{
    struct slice boundary = params_find(&c->params, SLICE("boundary"));

    while (boundary.n > 0 && (boundary.p[boundary.n - 1] == ' '))
        boundary.n--;
    return boundary.n > 0 ? boundary : SLICE_NULL;
}

enum node_kind content_kind(struct content *c, bool may_nest, struct slice *boundary)
{
    *boundary = SLICE_NULL;
    if (content_is(c, SLICE("multipart"), SLICE_NULL)) {
        if (!may_nest) {
            make_opaque(c);
            return NODE_LEAF;
        }
        *boundary = usable_boundary(c);
        if (boundary->p != NULL)
            return NODE_MULTIPART;
        /* Without a boundary it is text: that can at least be read. */
        c->type = SLICE("text");
        c->subtype = SLICE("plain");
        params_release(&c->params);
    } else if (is_nested_message(c)) {
        if (may_nest)
            return NODE_MESSAGE;
        make_opaque(c);
    }
    return NODE_LEAF;
}

void content_release(struct content *c)
{
    params_release(&c->params);
}
