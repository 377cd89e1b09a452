/* mime/tree.h -- the parts of one message while it is parsed: nodes in the order of the message,
 * a node's descendants right behind it, and the texts that BODYSTRUCTURE will be put together
 * from. Internal to the room; what lasts is the part table (part.h) and the wire texts.
 */
#ifndef ROOST_MIME_TREE_H
#define ROOST_MIME_TREE_H

#include "base/arena.h"
#include "base/buf.h"
#include "mime/content.h"
#include "mime/cte.h"

enum { NODE_TOKEN_OCTETS_MAX = 127 }; /* type, subtype, charset: cut here in the part table */

struct node {
    uint32_t parent, number;
    uint32_t end; /* one past its last descendant; set when it is closed */
    enum node_kind kind;
    enum mime_cte cte;
    bool is_text;
    bool is_global;
    bool is_digest; /* children are message/rfc822 unless they say otherwise */
    bool is_undecodable;
    bool has_encoding; /* base64 or quoted-printable: decoded octets are counted */
    uint64_t header_at, header_n, body_at, body_n;
    uint64_t lines_before; /* line ends of the message before its body, while open */
    uint64_t lines;
    uint64_t decoded_octets;

    /* Lower case, in the arena. */
    struct slice type, subtype, charset;

    /* In the arena; absent when the arena is at its cap. Leaf and message: "type" "subtype"
     * (params) id description "encoding". Multipart: "subtype". */
    struct slice wire_type;
    struct slice wire_params; /* multipart: (params) */
    struct slice wire_ext;    /* leaf: md5 disposition language location; multipart: without md5 */
    struct slice envelope;    /* of a message's own node (root, number 0) */
};

struct tree {
    struct arena *a;
    struct node *node;
    uint32_t n, cap;
};

void tree_init(struct tree *t, struct arena *a);
void tree_release(struct tree *t);

/* A new node behind the others; its index. The caller has checked MIME_PARTS_MAX. */
uint32_t tree_add(struct tree *t, uint32_t parent, uint32_t number, uint64_t header_at);

/* Reads the MIME fields of a header into the node: type, encoding, texts. `boundary` gets the
 * boundary parameter if it is a usable multipart, else absent (it borrows from `scratch`).
 * `may_nest`: the node may become a multipart or a message; otherwise it is an opaque leaf. */
void tree_describe(struct tree *t, uint32_t index, const struct collect *fields, bool in_digest,
                   bool may_nest, struct buf *scratch, struct slice *boundary);

/* Append BODYSTRUCTURE (extended) or BODY of the whole tree. */
void tree_write_structure(const struct tree *t, bool extended, struct buf *out);

/* Append the packed part table. */
void tree_write_table(const struct tree *t, struct buf *out);

#endif
