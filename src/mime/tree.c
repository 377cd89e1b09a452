/* mime/tree.c -- see tree.h: nodes, and what a part's header says about it (RFC 2045 sections 5
 * and 6, RFC 2046 section 5.1, RFC 2183). structure.c and table.c write the results.
 */
#include "mime/tree.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mime/imap_text.h"
#include "mime/mime.h"
#include "mime/params.h"
#include "mime/token.h"

void tree_init(struct tree *t, struct arena *a)
{
    *t = (struct tree){.a = a};
}

void tree_release(struct tree *t)
{
    free(t->node);
    tree_init(t, t->a);
}

uint32_t tree_add(struct tree *t, uint32_t parent, uint32_t number, uint64_t header_at)
{
    if (t->n == t->cap) {
        t->cap = t->cap > 0 ? t->cap * 2 : 8;
        t->node = mem_resize(t->node, t->cap, sizeof(t->node[0]));
    }
    t->node[t->n] = (struct node){.parent = parent,
                                  .number = number,
                                  .end = t->n + 1,
                                  .header_at = header_at,
                                  .body_at = header_at,
                                  .type = SLICE("text"),
                                  .subtype = SLICE("plain"),
                                  .charset = SLICE("")};
    return t->n++;
}

/* A lower-case copy, cut at NODE_TOKEN_OCTETS_MAX; absent when the arena is at its cap. */
static struct slice keep_lower(struct tree *t, struct slice s)
{
    struct slice kept;
    char lower[NODE_TOKEN_OCTETS_MAX];

    s = slice_sub(s, 0, sizeof(lower));
    for (size_t i = 0; i < s.n; i++)
        lower[i] = ascii_lower(s.p[i]);
    return arena_copy(t->a, slice_of(lower, s.n), &kept) ? kept : SLICE_NULL;
}

/* The first token of Content-Transfer-Encoding, "7bit" if there is none. */
static struct slice encoding_name(const struct collect *fields)
{
    struct slice in = collect_value(fields, FIELD_CONTENT_ENCODING);
    struct slice word;

    token_skip_cfws(&in, NULL);
    word = token_mime_word(&in);
    return word.n > 0 ? word : SLICE("7bit");
}

static void write_params(const struct content *c, bool is_text, struct buf *out)
{
    /* RFC 2046 section 4.1.2: what a missing charset means for text/plain. */
    if (is_text && c->params.n == 0 && slice_eq_nocase(c->subtype, SLICE("plain")))
        buf_add_str(out, "(\"charset\" \"us-ascii\")");
    else
        params_to_imap(&c->params, MIME_PARAMS_OCTETS_MAX, out);
}

static void write_disposition(const struct collect *fields, struct buf *out)
{
    struct slice in = collect_value(fields, FIELD_CONTENT_DISPOSITION);
    struct slice value;
    struct params params;

    token_skip_cfws(&in, NULL);
    value = token_mime_word(&in);
    if (value.n == 0) {
        buf_add_str(out, "NIL");
        return;
    }
    buf_add_char(out, '(');
    imap_string(out, value);
    buf_add_char(out, ' ');
    params_parse(&params, in);
    params_to_imap(&params, MIME_PARAMS_OCTETS_MAX, out);
    params_release(&params);
    buf_add_char(out, ')');
}

/* RFC 9051 body-fld-lang: NIL, one string, or a list of them. */
static void write_languages(const struct collect *fields, struct buf *out)
{
    struct slice in = collect_value(fields, FIELD_CONTENT_LANGUAGE);
    size_t start = out->n;
    unsigned n = 0;

    buf_add_char(out, '(');
    for (;;) {
        token_skip_cfws(&in, NULL);
        if (token_take(&in, ','))
            continue;
        struct slice word = token_run(&in, "(,");

        if (word.n == 0 || out->n - start > MIME_PARAMS_OCTETS_MAX)
            break;
        if (n++ > 0)
            buf_add_char(out, ' ');
        imap_string(out, word);
    }
    if (n > 0) {
        buf_add_char(out, ')');
        return;
    }
    buf_truncate(out, start);
    buf_add_str(out, "NIL");
}

/* Everything appended to `scratch` since `from`, kept in the arena. */
static struct slice keep_since(struct tree *t, struct buf *scratch, size_t from)
{
    struct slice text = slice_sub(buf_slice(scratch), from, scratch->n - from);
    struct slice kept;

    return !scratch->overflowed && arena_copy(t->a, text, &kept) ? kept : SLICE_NULL;
}

static void write_leaf_texts(struct tree *t, struct node *node, const struct content *c,
                             const struct collect *fields, struct buf *scratch)
{
    imap_string(scratch, c->type);
    buf_add_char(scratch, ' ');
    imap_string(scratch, c->subtype);
    buf_add_char(scratch, ' ');
    write_params(c, node->is_text, scratch);
    buf_add_char(scratch, ' ');
    imap_nstring(scratch, collect_value(fields, FIELD_CONTENT_ID));
    buf_add_char(scratch, ' ');
    imap_nstring(scratch, collect_value(fields, FIELD_CONTENT_DESCRIPTION));
    buf_add_char(scratch, ' ');
    imap_string(scratch, encoding_name(fields));
    node->wire_type = keep_since(t, scratch, 0);
}

static void write_ext_texts(struct tree *t, struct node *node, const struct collect *fields,
                            struct buf *scratch)
{
    size_t from = scratch->n;

    if (node->kind != NODE_MULTIPART) {
        imap_nstring(scratch, collect_value(fields, FIELD_CONTENT_MD5));
        buf_add_char(scratch, ' ');
    }
    write_disposition(fields, scratch);
    buf_add_char(scratch, ' ');
    write_languages(fields, scratch);
    buf_add_char(scratch, ' ');
    imap_nstring(scratch, collect_value(fields, FIELD_CONTENT_LOCATION));
    node->wire_ext = keep_since(t, scratch, from);
}

static void write_multipart_texts(struct tree *t, struct node *node, const struct content *c,
                                  struct buf *scratch)
{
    size_t from;

    imap_string(scratch, c->subtype);
    node->wire_type = keep_since(t, scratch, 0);
    from = scratch->n;
    params_to_imap(&c->params, MIME_PARAMS_OCTETS_MAX, scratch);
    node->wire_params = keep_since(t, scratch, from);
}

static struct slice or_empty(struct slice s)
{
    return s.p != NULL ? s : SLICE("");
}

static void set_types(struct tree *t, struct node *node, const struct content *c)
{
    struct slice charset = params_find(&c->params, SLICE("charset"));

    node->is_text = slice_eq_nocase(c->type, SLICE("text"));
    node->is_global = content_is(c, SLICE("message"), SLICE("global"));
    node->is_digest = content_is(c, SLICE("multipart"), SLICE("digest"));
    node->type = or_empty(keep_lower(t, c->type));
    node->subtype = or_empty(keep_lower(t, c->subtype));
    if (charset.n > 0)
        node->charset = or_empty(keep_lower(t, charset));
}

void tree_describe(struct tree *t, uint32_t index, const struct collect *fields, bool in_digest,
                   bool may_nest, struct buf *scratch, struct slice *boundary)
{
    struct node *node = &t->node[index];
    struct content content;
    struct slice found;

    buf_clear(scratch);
    content_parse(fields, in_digest, &content);
    node->kind = content_kind(&content, may_nest, &found);
    set_types(t, node, &content);
    node->cte = mime_cte_parse(collect_value(fields, FIELD_CONTENT_ENCODING));
    node->has_encoding =
        node->kind != NODE_MULTIPART && (node->cte == MIME_CTE_BASE64 || node->cte == MIME_CTE_QP);
    node->is_undecodable = node->cte == MIME_CTE_UNKNOWN;
    if (node->kind == NODE_MULTIPART)
        write_multipart_texts(t, node, &content, scratch);
    else
        write_leaf_texts(t, node, &content, fields, scratch);
    write_ext_texts(t, node, fields, scratch);

    buf_clear(scratch);
    *boundary = SLICE_NULL;
    if (found.p != NULL) {
        buf_add_slice(scratch, found);
        *boundary = buf_slice(scratch);
    }
    content_release(&content);
}
