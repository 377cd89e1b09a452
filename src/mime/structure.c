/* mime/structure.c -- BODYSTRUCTURE and BODY, RFC 9051 section 7.5.2, out of the finished tree.
 *
 * Recursion goes as deep as the tree, which is MIME_DEPTH_MAX levels at most.
 */
#include "mime/tree.h"

static void write_node(const struct tree *t, uint32_t index, bool extended, struct buf *out);

static const char *cte_name(enum mime_cte cte)
{
    static const char *const names[] = {
        [MIME_CTE_7BIT] = "\"7bit\"",     [MIME_CTE_8BIT] = "\"8bit\"",
        [MIME_CTE_BINARY] = "\"binary\"", [MIME_CTE_QP] = "\"quoted-printable\"",
        [MIME_CTE_BASE64] = "\"base64\"", [MIME_CTE_UNKNOWN] = "\"x-unknown\"",
    };

    return names[cte];
}

/* For a part that has no header of its own, or whose texts were not kept because the message
 * holds more of them than we keep. */
static void write_short_type(const struct node *node, struct buf *out)
{
    buf_add_str(out, node->kind == NODE_MESSAGE ? "\"message\" \"rfc822\" NIL"
                     : node->is_text            ? "\"text\" \"plain\" (\"charset\" \"us-ascii\")"
                                                : "\"application\" \"octet-stream\" NIL");
    buf_add_str(out, " NIL NIL ");
    buf_add_str(out, cte_name(node->cte));
}

static void write_or(struct slice s, const char *otherwise, struct buf *out)
{
    if (s.p != NULL)
        buf_add_slice(out, s);
    else
        buf_add_str(out, otherwise);
}

static void write_multipart(const struct tree *t, uint32_t index, bool extended, struct buf *out)
{
    const struct node *node = &t->node[index];

    for (uint32_t i = index + 1; i < node->end; i = t->node[i].end)
        write_node(t, i, extended, out);
    buf_add_char(out, ' ');
    write_or(node->wire_type, "\"mixed\"", out);
    if (!extended)
        return;
    buf_add_char(out, ' ');
    write_or(node->wire_params, "NIL", out);
    buf_add_char(out, ' ');
    write_or(node->wire_ext, "NIL NIL NIL", out);
}

static void write_leaf(const struct tree *t, uint32_t index, bool extended, struct buf *out)
{
    const struct node *node = &t->node[index];

    if (node->wire_type.p != NULL)
        buf_add_slice(out, node->wire_type);
    else
        write_short_type(node, out);
    buf_add_char(out, ' ');
    buf_add_u64(out, node->body_n);
    if (node->kind == NODE_MESSAGE) {
        buf_add_char(out, ' ');
        write_or(t->node[index + 1].envelope, "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", out);
        buf_add_char(out, ' ');
        write_node(t, index + 1, extended, out);
    }
    if (node->kind == NODE_MESSAGE || node->is_text) {
        buf_add_char(out, ' ');
        buf_add_u64(out, node->lines);
    }
    if (extended) {
        buf_add_char(out, ' ');
        write_or(node->wire_ext, "NIL NIL NIL NIL", out);
    }
}

static void write_node(const struct tree *t, uint32_t index, bool extended, struct buf *out)
{
    buf_add_char(out, '(');
    if (t->node[index].kind == NODE_MULTIPART)
        write_multipart(t, index, extended, out);
    else
        write_leaf(t, index, extended, out);
    buf_add_char(out, ')');
}

void tree_write_structure(const struct tree *t, bool extended, struct buf *out)
{
    write_node(t, 0, extended, out);
}
