/* mime/leaf.h -- decodes one part's body as it streams by: how many octets BINARY would return,
 * and the text that a preview is made from. Internal to the room.
 */
#ifndef ROOST_MIME_LEAF_H
#define ROOST_MIME_LEAF_H

#include "mime/decode.h"
#include "mime/tree.h"

struct leaf_reader {
    struct cte_decoder cte;
    struct charset charset;
    struct buf decoded; /* of one piece */
    struct buf text;    /* the same in UTF-8 */
    uint64_t decoded_octets;
    bool failed;  /* the encoding is broken: BINARY cannot decode this part */
    bool counts;  /* the part has an encoding: decoded octets are wanted */
    bool preview; /* text is wanted, until the preview buffer is full */
};

void leaf_reader_init(struct leaf_reader *r);
void leaf_reader_release(struct leaf_reader *r);
/* As after leaf_reader_init; of each buffer's memory at most so much is kept. */
void leaf_reader_put_by(struct leaf_reader *r, size_t most_octets);
void leaf_reader_begin(struct leaf_reader *r, const struct node *node, bool preview);
/* Body octets; text is appended to `preview` (if wanted) until that is full. */
void leaf_reader_push(struct leaf_reader *r, struct slice in, struct buf *preview);
void leaf_reader_finish(struct leaf_reader *r, struct buf *preview);

#endif
