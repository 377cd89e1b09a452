/* mime/decode.c -- see decode.h: base64 and quoted-printable (RFC 2045 sections 6.7, 6.8), and the
 * two steps put together.
 */
#include "mime/decode.h"

#include "base/utf8.h"

void cte_decoder_init(struct cte_decoder *d, enum mime_cte cte, bool strict)
{
    memset(d, 0, offsetof(struct cte_decoder, space));
    d->cte = cte;
    d->strict = strict;
    d->failed = strict && cte == MIME_CTE_UNKNOWN;
}

static void fail(struct cte_decoder *d)
{
    d->failed |= d->strict;
}

/* RFC 2045 table 1: the value of a symbol and one, 0 for what is none. */
static const unsigned char base64_values[256] = {
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  63,
    0,  0,  0,  64, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 0,  0,  0,  0,  0,  0,  0,  1,
    2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
    24, 25, 26, 0,  0,  0,  0,  0,  0,  27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
    40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 0,  0,  0,  0,  0};

static int base64_value(char c)
{
    return base64_values[(unsigned char)c] - 1;
}

/* An octet that is no symbol: padding, white space, or noise. */
static void base64_other(struct cte_decoder *d, char c)
{
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        return;
    if (c != '=' || d->n_bits == 6 || (d->n_bits == 0 && !d->padded))
        fail(d);
    if (c != '=')
        return;
    d->padded = true;
    d->n_bits = 0;
    d->bits = 0;
}

/* Groups of four symbols from the front of `in`, as many as stand there without anything between
 * them: three octets each. Returns how many octets of `in` they are. */
static size_t push_groups(struct slice in, char *to)
{
    const unsigned char *v = base64_values;
    const unsigned char *p = (const unsigned char *)in.p;
    size_t i = 0;

    for (; in.n - i >= 4; i += 4, p += 4, to += 3) {
        int a = v[p[0]], b = v[p[1]], c = v[p[2]], d = v[p[3]];
        uint32_t bits;

        if (a == 0 || b == 0 || c == 0 || d == 0)
            break;
        bits = (uint32_t)(a - 1) << 18 | (uint32_t)(b - 1) << 12 | (uint32_t)(c - 1) << 6 |
               (uint32_t)(d - 1);
        to[0] = (char)(bits >> 16);
        to[1] = (char)(bits >> 8);
        to[2] = (char)bits;
    }
    return i;
}

/* One octet of the encoding; returns how many it completes, 0 or 1. */
static size_t push_symbol(struct cte_decoder *d, char c, char *to)
{
    int v = base64_value(c);

    if (v < 0) {
        base64_other(d, c);
        return 0;
    }
    if (d->padded)
        fail(d); /* tolerant: another base64 text was put behind the first */
    d->padded = false;
    d->bits = (d->bits << 6 | (uint32_t)v) & 0xFFFF;
    d->n_bits += 6;
    if (d->n_bits < 8)
        return 0;
    d->n_bits -= 8;
    *to = (char)(d->bits >> d->n_bits);
    return 1;
}

static void push_base64(struct cte_decoder *d, struct slice in, struct buf *out)
{
    char *to = buf_reserve(out, in.n);
    size_t n = 0;

    for (size_t i = 0; i < in.n && to != NULL; i++) {
        if (d->n_bits == 0 && !d->padded) {
            size_t whole = push_groups(slice_sub(in, i, in.n), to + n);

            n += whole / 4 * 3;
            i += whole;
            if (i == in.n)
                break;
        }
        n += push_symbol(d, in.p[i], to + n);
    }
    if (to != NULL)
        buf_added(out, n);
}

static void flush_space(struct cte_decoder *d, struct buf *out)
{
    if (d->space_n == 0)
        return;
    buf_add(out, d->space, d->space_n);
    d->space_n = 0;
}

/* White space and CR are held: at the end of a line white space is padding, RFC 2045 6.7 (3). */
static void hold_space(struct cte_decoder *d, char c, struct buf *out)
{
    if (d->space_n == sizeof(d->space) || (d->space_n > 0 && d->space[d->space_n - 1] == '\r'))
        flush_space(d, out);
    d->space[d->space_n++] = c;
}

static void qp_plain(struct cte_decoder *d, char c, struct buf *out)
{
    if (c == ' ' || c == '\t' || c == '\r') {
        hold_space(d, c, out);
        return;
    }
    if (c == '\n') {
        bool crlf = d->space_n > 0 && d->space[d->space_n - 1] == '\r';

        d->space_n = 0;
        buf_add_slice(out, crlf ? SLICE("\r\n") : SLICE("\n"));
        return;
    }
    flush_space(d, out);
    if (c == '=') {
        d->qp[0] = c;
        d->qp_n = 1;
    } else {
        buf_add_char(out, c);
    }
}

/* What follows "=" makes no sense: it stands for itself. */
static void qp_broken(struct cte_decoder *d, char c, struct buf *out)
{
    fail(d);
    buf_add(out, d->qp, d->qp_n);
    d->qp_n = 0;
    qp_plain(d, c, out);
}

/* An "=" was seen: two hexadecimal digits, or the end of the line with padding before it. */
static void qp_escaped(struct cte_decoder *d, char c, struct buf *out)
{
    bool padded = d->qp_n == 2 && ascii_hex_value(d->qp[1]) < 0;

    if (c == '\n' && (d->qp_n == 1 || padded)) {
        d->qp_n = 0;
    } else if (padded && d->qp[1] != '\r' && (c == ' ' || c == '\t' || c == '\r')) {
        d->qp[1] = c;
    } else if (d->qp_n == 1 && (ascii_hex_value(c) >= 0 || c == ' ' || c == '\t' || c == '\r')) {
        d->qp[d->qp_n++] = c;
    } else if (d->qp_n == 2 && !padded && ascii_hex_value(c) >= 0) {
        buf_add_char(out, (char)(ascii_hex_value(d->qp[1]) << 4 | ascii_hex_value(c)));
        d->qp_n = 0;
    } else {
        qp_broken(d, c, out);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* How many octets at the front of `in` stand for themselves: up to the next "=" or line end, less
 * the *blanks before what may be the end of the line. */
static size_t qp_run(struct slice in, size_t *blanks)
{
    static const bool ends[256] = {['='] = true, ['\r'] = true, ['\n'] = true};
    size_t end = 0, n;

    while (end < in.n && !ends[(unsigned char)in.p[end]])
        end++;
    n = end;
    while (n > 0 && (end == in.n || in.p[end] != '=') && is_blank(in.p[n - 1]))
        n--;
    *blanks = end - n;
    return n;
}

/* The octet that "=XX" at the front of `in` stands for; -1 if that is not what stands there. */
static int qp_octet(struct slice in)
{
    int high = in.n >= 3 && in.p[0] == '=' ? ascii_hex_value(in.p[1]) : -1;
    int low = high >= 0 ? ascii_hex_value(in.p[2]) : -1;

    return low >= 0 ? high << 4 | low : -1;
}

/* What stands for itself, and white space that may not. Returns how many octets that was. */
static size_t push_qp_run(struct cte_decoder *d, struct slice in, struct buf *out)
{
    size_t blanks, n = qp_run(in, &blanks);

    if (n > 0) {
        flush_space(d, out);
        buf_add(out, in.p, n);
    }
    for (size_t i = 0; i < blanks; i++)
        hold_space(d, in.p[n + i], out);
    return n + blanks;
}

static void push_qp(struct cte_decoder *d, struct slice in, struct buf *out)
{
    for (size_t i = 0; i < in.n; i++) {
        struct slice rest = slice_sub(in, i, in.n);
        size_t run = d->qp_n > 0 ? 0 : push_qp_run(d, rest, out);
        int octet = d->qp_n > 0 || run > 0 ? -1 : qp_octet(rest);

        if (run > 0) {
            i += run - 1;
        } else if (octet >= 0) {
            flush_space(d, out);
            buf_add_char(out, (char)octet);
            i += 2;
        } else if (d->qp_n > 0) {
            qp_escaped(d, in.p[i], out);
        } else {
            qp_plain(d, in.p[i], out);
        }
    }
}

static void finish_qp(struct cte_decoder *d, struct buf *out)
{
    if (d->qp_n == 2 && ascii_hex_value(d->qp[1]) >= 0) {
        fail(d);
        buf_add(out, d->qp, d->qp_n);
    }
    if (d->space_n > 0 && d->space[d->space_n - 1] == '\r')
        buf_add_char(out, '\r');
}

void cte_decoder_push(struct cte_decoder *d, struct slice in, struct buf *out)
{
    if (d->cte == MIME_CTE_BASE64)
        push_base64(d, in, out);
    else if (d->cte == MIME_CTE_QP)
        push_qp(d, in, out);
    else
        buf_add_slice(out, in);
}

void cte_decoder_finish(struct cte_decoder *d, struct buf *out)
{
    if (d->cte == MIME_CTE_BASE64 && d->n_bits == 6)
        fail(d);
    if (d->cte == MIME_CTE_QP)
        finish_qp(d, out);
}

enum { PIECE_OCTETS = 4096 };

void mime_decoder_init(struct mime_decoder *d, enum mime_cte cte, const struct slice *charset,
                       bool strict)
{
    cte_decoder_init(&d->cte, cte, strict);
    d->converts = charset != NULL;
    charset_init(&d->charset, charset != NULL ? *charset : SLICE("utf-8"));
    buf_init(&d->scratch, PIECE_OCTETS + 2 * QP_HELD_OCTETS_MAX);
}

enum err mime_decoder_push(struct mime_decoder *d, struct slice in, struct buf *out)
{
    if (!d->converts) {
        cte_decoder_push(&d->cte, in, out);
        return d->cte.failed ? ERR_UNKNOWN_CTE : ERR_OK;
    }
    while (in.n > 0) {
        struct slice piece = slice_sub(in, 0, PIECE_OCTETS);

        buf_clear(&d->scratch);
        cte_decoder_push(&d->cte, piece, &d->scratch);
        charset_push(&d->charset, buf_slice(&d->scratch), out);
        in = slice_sub(in, piece.n, in.n);
    }
    return d->cte.failed ? ERR_UNKNOWN_CTE : ERR_OK;
}

enum err mime_decoder_finish(struct mime_decoder *d, struct buf *out)
{
    struct buf *to = d->converts ? &d->scratch : out;

    buf_clear(&d->scratch);
    cte_decoder_finish(&d->cte, to);
    if (d->converts) {
        charset_push(&d->charset, buf_slice(&d->scratch), out);
        charset_finish(&d->charset, out);
    }
    return d->cte.failed ? ERR_UNKNOWN_CTE : ERR_OK;
}

/* ASCII is the same in every charset but those that shift it away, which iconv knows. */
bool mime_decoder_passes(const struct mime_decoder *d, struct slice in)
{
    if (d->cte.cte == MIME_CTE_BASE64 || d->cte.cte == MIME_CTE_QP)
        return false;
    return !d->converts ||
           (d->charset.kind != CHARSET_ICONV && d->charset.held_n == 0 && ascii_only(in));
}

void mime_decoder_release(struct mime_decoder *d)
{
    charset_release(&d->charset);
    buf_release(&d->scratch);
}
