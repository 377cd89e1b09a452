/* server/compression.c -- see compression.h. */
#include "server/compression.h"

#include "base/mem.h"
#include "base/slab.h"
#include "imap/session.h"

struct compression *compression_new(struct buf *in, struct buf *out)
{
    struct compression *z = slab_alloc(sizeof(*z));

    z->raw = *in;
    buf_init(in, z->raw.max_octets);
    z->wire = *out;
    buf_init(out, z->wire.max_octets);
    return z;
}

void compression_free(struct compression **zp)
{
    struct compression *z = *zp;

    if (z == NULL)
        return;
    compress_release(&z->out);
    expand_release(&z->in);
    buf_release(&z->raw);
    buf_release(&z->wire);
    slab_free(z, sizeof(*z));
    *zp = NULL;
}

/* Whether UNAUTHENTICATE may just have ended: behind it the client compresses no more (RFC 8437
 * section 4.1), so nothing there may be expanded before the session has seen it. */
static bool may_be_the_last(const struct buf *in)
{
    struct slice name = SLICE("UNAUTHENTICATE"), text = buf_slice(in);

    if (text.n == 0 || text.p[text.n - 1] != '\n')
        return false;
    text.n--;
    if (text.n > 0 && text.p[text.n - 1] == '\r')
        text.n--;
    return text.n >= name.n && slice_eq_nocase(slice_sub(text, text.n - name.n, text.n), name);
}

enum err compression_read(struct compression *z, struct buf *in, size_t in_octets_max)
{
    enum expanded how = EXPAND_BORDER;

    while (how == EXPAND_BORDER && !z->ended) {
        TRY(expand(&z->in, &z->raw, in, in_octets_max, &how));
        z->ended = how == EXPAND_END;
        if (how == EXPAND_BORDER && may_be_the_last(in))
            break;
    }
    z->more = !z->ended && how != EXPAND_MORE;
    if (z->raw.n == 0)
        buf_release(&z->raw);
    return ERR_OK;
}

bool compression_has_input(const struct compression *z)
{
    return z->more && !z->ended;
}

void compression_write(struct compression *z, struct buf *out)
{
    while (out->n > 0 && z->wire.n < COMPRESSION_WIRE_HIGH_OCTETS) {
        struct slice piece = slice_sub(buf_slice(out), 0, COMPRESS_PIECE_OCTETS);

        compress_add(&z->out, piece, &z->wire);
        buf_consume(out, piece.n);
    }
    if (out->n == 0)
        compress_flush(&z->out, &z->wire);
}

void compression_end(struct compression *z, struct buf *in, struct buf *out)
{
    while (out->n > 0) {
        struct slice piece = slice_sub(buf_slice(out), 0, COMPRESS_PIECE_OCTETS);

        compress_add(&z->out, piece, &z->wire);
        buf_consume(out, piece.n);
    }
    compress_end(&z->out, &z->wire);
    in->max_octets += z->raw.n;
    buf_add_slice(in, buf_slice(&z->raw));
    buf_release(&z->raw);
    z->ended = true;
}

void compression_rest(struct compression *z)
{
    compress_rest(&z->out);
    expand_rest(&z->in);
}
