/* base/compress.h -- a raw DEFLATE stream (RFC 1951) in each direction, over zlib.
 *
 * Why a layer over zlib: its two states cost 137 and 40 KiB, and nearly all connections that
 * compress wait. So both can rest: the state is given back and only what the next octets may refer
 * to is kept. That is sound because a raw stream has no header: a new state that is given the end
 * of the old text as its dictionary goes on where the old one stopped, and the peer cannot tell.
 *
 * Going out, COMPRESS_TAIL_OCTETS of the text are kept: we choose what we refer to. Coming in, the
 * peer chooses, so as much of its text is kept as it may refer to, which is all of it up to 32 KiB.
 * A state that comes in can rest only at a border: a place on an octet boundary where a block has
 * ended. Z_SYNC_FLUSH, Z_FULL_FLUSH and Z_FINISH all end at one.
 */
#ifndef ROOST_BASE_COMPRESS_H
#define ROOST_BASE_COMPRESS_H

#include "base/buf.h"
#include "base/err.h"

enum {
    COMPRESS_TAIL_OCTETS = 2048,
    COMPRESS_PIECE_OCTETS = 16 * 1024, /* of text that compress_add takes at a time, at most */
    COMPRESS_ROOM_OCTETS = 64 * 1024,  /* what one piece, flushed, never exceeds */
};

struct z_stream_s;

/* Zeroed: a stream that has not begun. */
struct compressor {
    struct z_stream_s *stream; /* NULL at rest */
    char *tail;                /* n_tail octets, the end of the text before the rest; owned */
    size_t n_tail;
    bool unflushed; /* the peer cannot yet read all that was added */
};

/* Append at most COMPRESS_PIECE_OCTETS of text; `out` needs COMPRESS_ROOM_OCTETS of room. */
void compress_add(struct compressor *c, struct slice text, struct buf *out);
/* Let the peer read all that was added. Nothing when it can already. */
void compress_flush(struct compressor *c, struct buf *out);
/* The end of the stream, which the peer recognizes by itself. */
void compress_end(struct compressor *c, struct buf *out);
/* Give the state back until the next compress_add; needs a flush before. */
void compress_rest(struct compressor *c);
void compress_release(struct compressor *c);

/* Zeroed: a stream that has not begun. */
struct expander {
    struct z_stream_s *stream; /* NULL at rest */
    char *tail;                /* n_tail octets: the text before the rest; owned */
    size_t n_tail;
    bool inside; /* not at a border */
    bool more;   /* the state holds text that found no room */
};

enum expanded {
    EXPAND_MORE,   /* the compressed octets are used up */
    EXPAND_FULL,   /* the text has reached its maximum; there may be more */
    EXPAND_BORDER, /* a border; more octets may stand behind it */
    EXPAND_END,    /* the peer has ended its stream; what stands behind is not compressed */
};

/* Expand from the front of `in`, which is consumed, to the end of `text` until that holds
 * text_octets_max or one of the above. ERR_SYNTAX: this is no deflate stream. */
must_use enum err expand(struct expander *e, struct buf *in, struct buf *text,
                         size_t text_octets_max, enum expanded *how);
/* Give the state back if the stream stands at a border. */
void expand_rest(struct expander *e);
void expand_release(struct expander *e);

#endif
