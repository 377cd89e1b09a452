/* server/compression.h -- COMPRESS=DEFLATE (RFC 4978) between a session's buffers and its socket.
 *
 *     socket -> raw -> expand -> session input        session output -> compress -> wire -> socket
 *
 * Only what a commit has made durable is compressed: it cannot be taken back afterwards. A bomb
 * waits in `raw` while the session's input is full; a slow reader in `wire`, which is not filled
 * above COMPRESSION_WIRE_HIGH_OCTETS, and behind it in the session's output, as ever.
 */
#ifndef ROOST_SERVER_COMPRESSION_H
#define ROOST_SERVER_COMPRESSION_H

#include "base/compress.h"

enum {
    COMPRESSION_RAW_OCTETS_MAX = 16 * 1024,
    COMPRESSION_WIRE_HIGH_OCTETS = 64 * 1024,
};

struct compression {
    struct compressor out;
    struct expander in;
    struct buf raw;  /* read and not expanded */
    struct buf wire; /* to be sent as it is */
    bool more;       /* the input was full; what is there has not all been expanded */
    bool ended;      /* the client has ended its stream */
};

/* Compression begins here: what `in` still holds is compressed, what `out` holds is not. Both are
 * empty afterwards. */
struct compression *compression_new(struct buf *in, struct buf *out);
void compression_free(struct compression **z);

/* Expand into the session's input, up to in_octets_max. ERR_SYNTAX: that is no deflate stream. */
must_use enum err compression_read(struct compression *z, struct buf *in, size_t in_octets_max);
/* Whether compression_read would find something. */
bool compression_has_input(const struct compression *z);

/* Compress the session's output into `wire`, as far as that may be filled. */
void compression_write(struct compression *z, struct buf *out);

/* UNAUTHENTICATE: compression ends behind what `out` holds. What is not expanded never was
 * compressed, and goes to the end of `in`; what comes goes uncompressed into `wire`. */
void compression_end(struct compression *z, struct buf *in, struct buf *out);

/* The session waits: give back what can be given back. */
void compression_rest(struct compression *z);

#endif
