/* base/compress.c -- see compress.h.
 *
 * The parameters, measured on 4 MiB of text and programs (two cores, zlib 1.2.13): with 16 KiB of
 * window and level 4 a state takes 137 KiB, is made in 5 us and compresses 60 MB/s to 0.31; with
 * 32 KiB and level 6, 268 KiB, 22 MB/s and 0.28.
 */
#include "base/compress.h"

#include <assert.h>
#include <zlib.h>

#include "base/mem.h"

enum {
    LEVEL = 4,
    WINDOW_BITS = 14,
    MEMORY_LEVEL = 7,
    WINDOW_OCTETS = 1 << WINDOW_BITS,
    PEER_WINDOW_BITS = 15, /* it may use all there is */
    CHUNK_OCTETS = 4096,
};

/* zlib asks for some of its memory uninitialized; mem_resize ends the process when there is none.
 */
static void *allocate(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return mem_resize(NULL, n, size);
}

static void give_back(void *opaque, void *p)
{
    (void)opaque;
    free(p);
}

static z_stream *stream_new(void)
{
    z_stream *z = mem_new(z_stream);

    z->zalloc = allocate;
    z->zfree = give_back;
    return z;
}

/* zlib does not write to what it reads, but was declared before const was. */
static Bytef *octets_of(const char *p)
{
    return (Bytef *)(uintptr_t)p;
}

/* ---- out ------------------------------------------------------------------------------------ */

static void compressor_wake(struct compressor *c)
{
    int ok;

    if (c->stream != NULL)
        return;
    c->stream = stream_new();
    ok = deflateInit2(c->stream, LEVEL, Z_DEFLATED, -WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    if (ok == Z_OK && c->n_tail > 0)
        ok = deflateSetDictionary(c->stream, octets_of(c->tail), (uInt)c->n_tail);
    assert(ok == Z_OK); /* the parameters are ours and memory is there */
    free(c->tail);
    c->tail = NULL;
    c->n_tail = 0;
}

/* Hand what stands in next_in to zlib and take what it gives. */
static void pump(struct compressor *c, int flush, struct buf *out)
{
    z_stream *z = c->stream;

    do {
        char *at = buf_reserve(out, CHUNK_OCTETS);

        assert(at != NULL);
        z->next_out = (Bytef *)at;
        z->avail_out = CHUNK_OCTETS;
        (void)deflate(z, flush); /* a full chunk or nothing left to do: no other failure here */
        buf_added(out, CHUNK_OCTETS - z->avail_out);
    } while (z->avail_out == 0);
}

void compress_add(struct compressor *c, struct slice text, struct buf *out)
{
    assert(text.n <= COMPRESS_PIECE_OCTETS);
    if (text.n == 0)
        return;
    compressor_wake(c);
    c->stream->next_in = octets_of(text.p);
    c->stream->avail_in = (uInt)text.n;
    pump(c, Z_NO_FLUSH, out);
    c->unflushed = true;
}

void compress_flush(struct compressor *c, struct buf *out)
{
    if (!c->unflushed)
        return;
    pump(c, Z_SYNC_FLUSH, out);
    c->unflushed = false;
}

void compress_end(struct compressor *c, struct buf *out)
{
    compressor_wake(c);
    pump(c, Z_FINISH, out);
    compress_release(c);
}

/* The end of the window, which is the end of the text. */
static void keep_tail(struct compressor *c)
{
    unsigned char window[WINDOW_OCTETS];
    uInt n = 0;
    size_t keep;

    if (deflateGetDictionary(c->stream, window, &n) != Z_OK || n == 0)
        return;
    keep = n < COMPRESS_TAIL_OCTETS ? n : COMPRESS_TAIL_OCTETS;
    c->tail = mem_dup_slice(slice_of((const char *)window + n - keep, keep));
    c->n_tail = keep;
}

void compress_rest(struct compressor *c)
{
    if (c->stream == NULL)
        return;
    assert(!c->unflushed);
    keep_tail(c);
    deflateEnd(c->stream);
    free(c->stream);
    c->stream = NULL;
}

void compress_release(struct compressor *c)
{
    if (c->stream != NULL)
        deflateEnd(c->stream);
    free(c->stream);
    free(c->tail);
    *c = (struct compressor){0};
}

/* ---- in ------------------------------------------------------------------------------------- */

static void expander_wake(struct expander *e)
{
    int ok;

    if (e->stream != NULL)
        return;
    e->stream = stream_new();
    ok = inflateInit2(e->stream, -PEER_WINDOW_BITS);
    if (ok == Z_OK && e->n_tail > 0)
        ok = inflateSetDictionary(e->stream, octets_of(e->tail), (uInt)e->n_tail);
    assert(ok == Z_OK);
    free(e->tail);
    e->tail = NULL;
    e->n_tail = 0;
}

/* Whether zlib has just ended a block, with no bit of the next octet taken: zlib.h on data_type. */
static bool at_border(const z_stream *z)
{
    return (z->data_type & 128) != 0 && (z->data_type & 63) == 0;
}

/* Whether that block was the last. zlib would say so only when it is called again, which it is not
 * if the state rests. The octet the block ends in is the stream's to its end. */
static bool at_end(const z_stream *z)
{
    return (z->data_type & 128) != 0 && (z->data_type & 64) != 0;
}

/* One call of zlib, into a chunk. ERR_SYNTAX. *answer is zlib's. */
static enum err expand_chunk(struct expander *e, struct buf *in, struct buf *text, size_t room,
                             int *answer)
{
    z_stream *z = e->stream;
    struct slice from = buf_slice(in);
    char *at = buf_reserve(text, room);

    assert(at != NULL);
    z->next_in = octets_of(from.p);
    z->avail_in = (uInt)from.n;
    z->next_out = (Bytef *)at;
    z->avail_out = (uInt)room;
    *answer = inflate(z, Z_BLOCK);
    if (*answer != Z_OK && *answer != Z_STREAM_END && *answer != Z_BUF_ERROR)
        return ERR_SYNTAX;
    buf_added(text, room - z->avail_out);
    buf_consume(in, from.n - z->avail_in);
    e->inside = !at_border(z);
    e->more = e->inside && z->avail_out == 0;
    return ERR_OK;
}

enum err expand(struct expander *e, struct buf *in, struct buf *text, size_t text_octets_max,
                enum expanded *how)
{
    if (in->n == 0 && !e->more) { /* a call in vain would lead zlib away from its border */
        *how = EXPAND_MORE;
        return ERR_OK;
    }
    expander_wake(e);
    while (text->n < text_octets_max) {
        size_t room = text_octets_max - text->n;
        int answer;

        room = room < CHUNK_OCTETS ? room : CHUNK_OCTETS;
        TRY(expand_chunk(e, in, text, room, &answer));
        if (answer == Z_STREAM_END || at_end(e->stream)) {
            *how = EXPAND_END;
            return ERR_OK;
        }
        if (!e->inside && answer == Z_OK) {
            *how = EXPAND_BORDER;
            return ERR_OK;
        }
        if (!e->more && in->n == 0) {
            *how = EXPAND_MORE;
            return ERR_OK;
        }
    }
    *how = EXPAND_FULL;
    return ERR_OK;
}

void expand_rest(struct expander *e)
{
    uInt n = 0;

    if (e->stream == NULL || e->inside)
        return;
    if (inflateGetDictionary(e->stream, NULL, &n) == Z_OK && n > 0) {
        e->tail = mem_calloc(n, 1);
        e->n_tail = n;
        (void)inflateGetDictionary(e->stream, octets_of(e->tail), &n);
    }
    inflateEnd(e->stream);
    free(e->stream);
    e->stream = NULL;
}

void expand_release(struct expander *e)
{
    if (e->stream != NULL)
        inflateEnd(e->stream);
    free(e->stream);
    free(e->tail);
    *e = (struct expander){0};
}
