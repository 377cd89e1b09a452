/* bench/corpus_text.c -- running text, and the encodings that mail puts it in.
 *
 * Source: RFC 2045 (quoted-printable, base64), RFC 2047 (encoded words), RFC 3676 (flowed).
 */
#include "corpus_internal.h"
#include "wire/base64.h"

enum { LINE_OCTETS = 74, ENCODED_RAW_MAX = 36, QP_LINE_OCTETS = 75, BASE64_LINE_OCTETS = 76 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- words and paragraphs -------------------------------------------------------------------- */

static void add_capital(struct slice word, struct buf *out)
{
    if (word.n > 0)
        buf_add_char(out, ascii_upper(word.p[0]));
    buf_add_slice(out, slice_sub(word, 1, word.n));
}

void text_words(const struct voice *v, struct rng *r, unsigned n, struct buf *out)
{
    for (unsigned i = 0; i < n; i++) {
        if (i > 0 && v->spaces)
            buf_add_char(out, ' ');
        buf_add_slice(out, voice_word(v, r));
    }
}

/* Where a line of a paragraph stands. */
struct line {
    size_t n; /* octets on it */
    const char *lead;
    bool flowed;
};

static void end_line(struct line *at, bool soft, struct buf *out)
{
    buf_add_str(out, soft && at->flowed ? " \r\n" : "\r\n");
    at->n = 0;
}

/* One word with what stands before it: the lead, a space or nothing. */
static void put_word(const struct voice *v, struct line *at, struct slice word, bool capital,
                     struct buf *out)
{
    if (at->n > 0 && at->n + word.n > LINE_OCTETS)
        end_line(at, true, out);
    if (at->n == 0)
        buf_add_str(out, at->lead);
    else if (v->spaces)
        buf_add_char(out, ' ');
    if (capital && !v->shifts)
        add_capital(word, out);
    else
        buf_add_slice(out, word);
    at->n += word.n + 1;
}

static void put_sentence(const struct voice *v, struct rng *r, struct line *at, struct buf *out)
{
    for (uint32_t i = 0, n = 4 + rng_below(r, 14); i < n; i++)
        put_word(v, at, voice_word(v, r), i == 0, out);
    buf_add_slice(out, v->stop);
}

void text_paragraphs(const struct voice *v, struct rng *r, size_t octets, const char *lead,
                     bool flowed, struct buf *out)
{
    struct line at = {0, lead, flowed};
    size_t end = out->n + octets;

    while (out->n < end) {
        for (uint32_t n = 1 + rng_below(r, 6); n > 0 && out->n < end; n--)
            put_sentence(v, r, &at, out);
        end_line(&at, false, out);
        buf_add_str(out, lead);
        buf_add_str(out, "\r\n");
    }
}

/* ---- header text ----------------------------------------------------------------------------- */

static bool is_plain_q(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void add_q(struct slice text, struct buf *out)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c == ' ') {
            buf_add_char(out, '_');
        } else if (is_plain_q(c)) {
            buf_add_char(out, (char)c);
        } else {
            char octet[3] = {'=', hex[c >> 4], hex[c & 15]};

            buf_add(out, octet, 3);
        }
    }
}

void text_encoded_word(const struct voice *v, struct slice text, struct buf *out)
{
    buf_add_str(out, "=?");
    buf_add_str(out, v->charset);
    buf_add_str(out, v->base64 ? "?B?" : "?Q?");
    if (v->base64)
        base64_encode(out, text);
    else
        add_q(text, out);
    buf_add_str(out, "?=");
}

/* ASCII text, folded where it gets long. */
static void plain_words(const struct voice *v, struct rng *r, unsigned n, struct buf *out)
{
    size_t line = 12;

    for (unsigned i = 0; i < n; i++) {
        struct slice word = voice_word(v, r);

        if (i > 0 && line + word.n > LINE_OCTETS) {
            buf_add_str(out, "\r\n");
            line = 0;
        }
        if (i > 0)
            buf_add_char(out, ' ');
        if (i == 0)
            add_capital(word, out);
        else
            buf_add_slice(out, word);
        line += word.n + 1;
    }
}

void text_header_words(const struct voice *v, struct rng *r, unsigned n, struct buf *out)
{
    size_t most = v->base64 ? ENCODED_RAW_MAX : ENCODED_RAW_MAX / 2, held = 0;
    char text[ENCODED_RAW_MAX * 2];

    if (v->ascii) {
        plain_words(v, r, n, out);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        struct slice word = slice_sub(voice_word(v, r), 0, ENCODED_RAW_MAX);

        if (held > 0 && held + word.n > most) {
            text_encoded_word(v, slice_of(text, held), out);
            buf_add_str(out, "\r\n ");
            held = 0;
        }
        memcpy(text + held, word.p, word.n);
        held += word.n;
        if (v->spaces && i + 1 < n)
            text[held++] = ' ';
    }
    text_encoded_word(v, slice_of(text, held), out);
}

/* ---- content-transfer-encodings -------------------------------------------------------------- */

/* Octets that quoted-printable leaves as they are, from p on. */
static size_t plain_run(struct slice text, size_t from, size_t most)
{
    size_t n = 0;

    while (n < most && from + n < text.n) {
        unsigned char c = (unsigned char)text.p[from + n];

        if (c < 32 || c > 126 || c == '=')
            break;
        n++;
    }
    /* a space at the end of a line would be lost */
    while (n > 0 && text.p[from + n - 1] == ' ' &&
           (from + n == text.n || text.p[from + n] == '\r' || n == most))
        n--;
    return n;
}

static void quote_octet(unsigned char c, struct buf *out)
{
    static const char hex[] = "0123456789ABCDEF";
    char octet[3] = {'=', hex[c >> 4], hex[c & 15]};

    buf_add(out, octet, 3);
}

void text_quoted_printable(struct slice text, struct buf *out)
{
    size_t line = 0;

    for (size_t at = 0; at < text.n;) {
        size_t n = plain_run(text, at, QP_LINE_OCTETS - line);

        buf_add(out, text.p + at, n);
        at += n;
        line += n;
        if (at + 1 < text.n && text.p[at] == '\r' && text.p[at + 1] == '\n') {
            buf_add_str(out, "\r\n");
            at += 2;
            line = 0;
        } else if (at < text.n && line + 3 > QP_LINE_OCTETS) {
            buf_add_str(out, "=\r\n");
            line = 0;
        } else if (at < text.n) {
            quote_octet((unsigned char)text.p[at++], out);
            line += 3;
        }
    }
}

void text_base64(struct slice text, struct buf *out)
{
    for (size_t at = 0; at < text.n; at += 57) {
        base64_encode(out, slice_sub(text, at, 57));
        buf_add_str(out, "\r\n");
    }
}

void text_token(struct rng *r, size_t n, struct buf *out)
{
    char *p = buf_reserve(out, n);
    uint64_t bits = 0;

    if (p == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        if (i % 10 == 0)
            bits = rng_next(r);
        p[i] = alphabet[bits & 63];
        bits >>= 6;
    }
    buf_added(out, n);
}

void text_base64_random(struct rng *r, const char *magic, size_t octets, struct buf *out)
{
    size_t line = strlen(magic);

    buf_add_str(out, magic);
    octets -= octets % 4;
    while (octets > 0) {
        size_t n = BASE64_LINE_OCTETS - line < octets ? BASE64_LINE_OCTETS - line : octets;

        text_token(r, n, out);
        buf_add_str(out, "\r\n");
        octets -= n;
        line = 0;
    }
}
