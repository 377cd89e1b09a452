/* mime/decode.h -- from a part's octets to what they mean: transfer encodings (RFC 2045 section
 * 6), charsets, encoded words in headers (RFC 2047).
 */
#ifndef ROOST_MIME_DECODE_H
#define ROOST_MIME_DECODE_H

#include "mime/charset.h"
#include "mime/cte.h"

enum { QP_HELD_OCTETS_MAX = 1024 };

/* The transfer encoding alone. Tolerant: octets outside the base64 alphabet are skipped, a bad
 * "=" of quoted-printable stands for itself. Strict: those are failures. */
struct cte_decoder {
    enum mime_cte cte;
    bool strict;
    bool failed;     /* strict, and the input is not what it says it is */
    uint32_t bits;   /* base64: symbols not yet written */
    unsigned n_bits; /* base64: how many bits of them */
    bool padded;     /* base64: "=" was seen */
    unsigned char qp_n;
    char qp[3];     /* quoted-printable: an "=" and what followed it */
    size_t space_n; /* quoted-printable: white space that may be the end of a line */
    char space[QP_HELD_OCTETS_MAX]; /* longer runs are written out */
};
void cte_decoder_init(struct cte_decoder *d, enum mime_cte cte, bool strict);
void cte_decoder_push(struct cte_decoder *d, struct slice in, struct buf *out);
void cte_decoder_finish(struct cte_decoder *d, struct buf *out);

/* Transfer encoding, then charset: what SEARCH reads, and BINARY (strict, no charset). Any way
 * of cutting the input gives the same output. */
struct mime_decoder {
    struct cte_decoder cte;
    bool converts; /* false: octets as decoded */
    struct charset charset;
    struct buf scratch;
};

/* `charset` NULL: no conversion. Points to an empty slice: unlabelled. `strict`: an encoding
 * that is unknown or broken makes push and finish answer ERR_UNKNOWN_CTE; otherwise an unknown
 * encoding is passed through, and nothing fails. Release with mime_decoder_release. */
void mime_decoder_init(struct mime_decoder *d, enum mime_cte cte, const struct slice *charset,
                       bool strict);

/* Append what `in` decodes to: never more than 4 octets for each one of `in` and of what is
 * held (1,100). Push pieces of bounded size, drain `out` between them. */
must_use enum err mime_decoder_push(struct mime_decoder *d, struct slice in, struct buf *out);
must_use enum err mime_decoder_finish(struct mime_decoder *d, struct buf *out);
/* Whether `in`, pushed now, would come out as it is, so that it need not be. */
bool mime_decoder_passes(const struct mime_decoder *d, struct slice in);
void mime_decoder_release(struct mime_decoder *d);

/* A raw header field value as readable UTF-8: unfolded, encoded words decoded (white space
 * between adjacent ones dropped, a character split across them joined), unlabelled 8-bit octets
 * read as charset.h's CHARSET_GUESS. At most 4 octets out for each one in. */
void header_decode(struct slice raw, struct buf *out);

#endif
