/* mime/leaf.c -- see leaf.h. */
#include "mime/leaf.h"

enum { PIECE_OCTETS = 8192 };

void leaf_reader_init(struct leaf_reader *r)
{
    *r = (struct leaf_reader){.decoded_octets = 0};
    buf_init(&r->decoded, PIECE_OCTETS + 2 * QP_HELD_OCTETS_MAX);
    buf_init(&r->text, 4 * (PIECE_OCTETS + 2 * QP_HELD_OCTETS_MAX) + 1024);
    charset_init(&r->charset, SLICE(""));
}

void leaf_reader_release(struct leaf_reader *r)
{
    buf_release(&r->decoded);
    buf_release(&r->text);
    charset_release(&r->charset);
}

void leaf_reader_put_by(struct leaf_reader *r, size_t most_octets)
{
    buf_put_by(&r->decoded, most_octets);
    buf_put_by(&r->text, most_octets);
    charset_release(&r->charset);
    charset_init(&r->charset, SLICE(""));
    r->decoded_octets = 0;
    r->failed = r->counts = r->preview = false;
}

void leaf_reader_begin(struct leaf_reader *r, const struct node *node, bool preview)
{
    cte_decoder_init(&r->cte, node->cte, true);
    r->decoded_octets = 0;
    r->failed = false;
    r->counts = node->has_encoding;
    r->preview = preview;
    if (preview) {
        charset_release(&r->charset);
        charset_init(&r->charset, node->charset);
    }
}

/* As much of the text as the preview has room for, so that it does not depend on the pieces. */
static void take_text(struct leaf_reader *r, struct buf *preview)
{
    buf_add_slice(preview, slice_sub(buf_slice(&r->text), 0, preview->max_octets - preview->n));
    buf_clear(&r->text);
    r->preview = preview->n < preview->max_octets;
}

static void take_decoded(struct leaf_reader *r, struct buf *preview)
{
    r->decoded_octets += r->decoded.n;
    r->failed |= r->cte.failed;
    if (r->preview) {
        charset_push(&r->charset, buf_slice(&r->decoded), &r->text);
        take_text(r, preview);
    }
    buf_clear(&r->decoded);
}

void leaf_reader_push(struct leaf_reader *r, struct slice in, struct buf *preview)
{
    while (in.n > 0 && (r->counts || r->preview)) {
        struct slice piece = slice_sub(in, 0, PIECE_OCTETS);

        cte_decoder_push(&r->cte, piece, &r->decoded);
        take_decoded(r, preview);
        in = slice_sub(in, piece.n, in.n);
    }
}

void leaf_reader_finish(struct leaf_reader *r, struct buf *preview)
{
    cte_decoder_finish(&r->cte, &r->decoded);
    take_decoded(r, preview);
    if (r->preview) {
        charset_finish(&r->charset, &r->text);
        take_text(r, preview);
    }
}
