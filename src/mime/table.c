/* mime/table.c -- writes the packed part table; see part_table.h for its layout. */
#include "mime/part_table.h"
#include "mime/tree.h"

static void put_int(struct buf *out, uint64_t v, unsigned octets)
{
    for (unsigned i = 0; i < octets; i++)
        buf_add_char(out, (char)(v >> (8 * i)));
}

static uint8_t flags_of(const struct node *node)
{
    return (uint8_t)((node->kind == NODE_MULTIPART ? PART_FLAG_MULTIPART : 0) |
                     (node->kind == NODE_MESSAGE ? PART_FLAG_MESSAGE : 0) |
                     (node->is_text ? PART_FLAG_TEXT : 0));
}

static uint64_t decoded_of(const struct node *node)
{
    if (node->is_undecodable)
        return UINT64_MAX;
    return node->has_encoding ? node->decoded_octets : node->body_n;
}

static void put_entry(const struct node *node, uint32_t pool_at, struct buf *out)
{
    put_int(out, node->parent, 4);
    put_int(out, node->number, 4);
    put_int(out, node->end, 4);
    put_int(out, flags_of(node), 1);
    put_int(out, node->cte, 1);
    put_int(out, node->type.n, 1);
    put_int(out, node->subtype.n, 1);
    put_int(out, node->charset.n, 1);
    put_int(out, 0, 3);
    put_int(out, pool_at, 4);
    put_int(out, node->header_at, 8);
    put_int(out, node->header_n, 8);
    put_int(out, node->body_at, 8);
    put_int(out, node->body_n, 8);
    put_int(out, node->lines, 8);
    put_int(out, decoded_of(node), 8);
}

static size_t texts_octets(const struct node *node)
{
    return node->type.n + node->subtype.n + node->charset.n;
}

void tree_write_table(const struct tree *t, struct buf *out)
{
    size_t pool = 0;

    for (uint32_t i = 0; i < t->n; i++)
        pool += texts_octets(&t->node[i]);
    buf_add(out, "RPT", 3);
    put_int(out, PART_TABLE_VERSION, 1);
    put_int(out, t->n, 4);
    put_int(out, pool, 4);
    put_int(out, 0, 4);
    pool = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        put_entry(&t->node[i], (uint32_t)pool, out);
        pool += texts_octets(&t->node[i]);
    }
    for (uint32_t i = 0; i < t->n; i++) {
        buf_add_slice(out, t->node[i].type);
        buf_add_slice(out, t->node[i].subtype);
        buf_add_slice(out, t->node[i].charset);
    }
}
