/* mime/header_text.c -- header values as readable text: encoded words (RFC 2047 sections 2, 6.2).
 * Declared in decode.h.
 *
 * Encoded words that follow each other, in one charset, are one stream to the converter: many
 * senders cut in the middle of a character.
 */
#include "base/utf8.h"
#include "mime/decode.h"
#include "mime/header.h"

/* =?charset*language?encoding?text?= */
struct encoded_word {
    struct slice charset;
    enum mime_cte encoding;
    struct slice text;
    size_t octets; /* of all of it */
};

/* Take octets up to the next "?"; false if there is none, or white space before it. */
static bool up_to_question(struct slice *in, bool spaces, struct slice *out)
{
    size_t n = 0;

    while (n < in->n && in->p[n] != '?' && (spaces || (in->p[n] != ' ' && in->p[n] != '\t')))
        n++;
    if (n == in->n || in->p[n] != '?')
        return false;
    *out = slice_sub(*in, 0, n);
    *in = slice_sub(*in, n + 1, in->n);
    return true;
}

/* `in` stands on "=?". RFC 2047 allows no "?" inside the text, so each octet is looked at a fixed
 * number of times whatever the value holds. */
static bool parse_word(struct slice in, struct encoded_word *out)
{
    struct slice rest = slice_sub(in, 2, in.n), encoding;

    if (!up_to_question(&rest, false, &out->charset) || out->charset.n == 0 ||
        !up_to_question(&rest, false, &encoding) || encoding.n != 1 ||
        !up_to_question(&rest, true, &out->text) || rest.n == 0 || rest.p[0] != '=')
        return false;
    if (ascii_lower(encoding.p[0]) == 'b')
        out->encoding = MIME_CTE_BASE64;
    else if (ascii_lower(encoding.p[0]) == 'q')
        out->encoding = MIME_CTE_QP;
    else
        return false;
    out->charset.n = slice_find(out->charset, '*');
    out->octets = (size_t)(rest.p + 1 - in.p);
    return true;
}

static bool find_word(struct slice in, size_t *at, struct encoded_word *out)
{
    for (size_t i = 0; i + 1 < in.n; i++) {
        const char *p = memchr(in.p + i, '=', in.n - i - 1);

        if (p == NULL)
            return false;
        i = (size_t)(p - in.p);
        if (p[1] == '?' && parse_word(slice_sub(in, i, in.n), out)) {
            *at = i;
            return true;
        }
    }
    return false;
}

/* The "Q" encoding (RFC 2047 section 4.2): "=XX" is an octet, "_" a space. */
static void push_q(struct slice text, struct charset *c, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        char octet = text.p[i];

        if (octet == '=' && i + 2 < text.n && ascii_hex_value(text.p[i + 1]) >= 0 &&
            ascii_hex_value(text.p[i + 2]) >= 0) {
            octet = (char)(ascii_hex_value(text.p[i + 1]) << 4 | ascii_hex_value(text.p[i + 2]));
            i += 2;
        } else if (octet == '_') {
            octet = ' ';
        }
        charset_push(c, slice_of(&octet, 1), out);
    }
}

static void push_word(const struct encoded_word *word, struct charset *c, struct buf *out)
{
    struct cte_decoder base64;
    struct buf octets;

    if (word->encoding == MIME_CTE_QP) {
        push_q(word->text, c, out);
        return;
    }
    buf_init(&octets, word->text.n + 1);
    cte_decoder_init(&base64, MIME_CTE_BASE64, false);
    cte_decoder_push(&base64, word->text, &octets);
    charset_push(c, buf_slice(&octets), out);
    buf_release(&octets);
}

static void push_plain(struct slice text, struct buf *out)
{
    struct charset c;

    if (ascii_only(text)) {
        buf_add_slice(out, text);
        return;
    }
    charset_init(&c, SLICE(""));
    charset_push(&c, text, out);
    charset_finish(&c, out);
    charset_release(&c);
}

/* Words go through *c, which stays as it is while the charset does. */
static void begin_word(struct charset *c, struct slice *name, const struct encoded_word *word,
                       struct buf *out)
{
    if (name->p != NULL && slice_eq_nocase(*name, word->charset))
        return;
    charset_finish(c, out);
    charset_release(c);
    charset_init(c, word->charset);
    *name = word->charset;
}

static void decode_unfolded(struct slice in, struct buf *out)
{
    struct charset c = {.kind = CHARSET_NONE};
    struct slice name = SLICE_NULL;
    struct encoded_word word;
    bool after_word = false;
    size_t at;

    while (find_word(in, &at, &word)) {
        struct slice between = slice_sub(in, 0, at);

        if (!after_word || slice_trim(between).n > 0) {
            charset_finish(&c, out);
            push_plain(between, out);
        }
        begin_word(&c, &name, &word, out);
        push_word(&word, &c, out);
        after_word = true;
        in = slice_sub(in, at + word.octets, in.n);
    }
    charset_finish(&c, out);
    charset_release(&c);
    push_plain(in, out);
}

void header_decode(struct slice raw, struct buf *out)
{
    struct slice line = slice_trim(raw);
    struct buf unfolded;

    if (slice_find(line, '\n') == line.n && slice_find(line, '\r') == line.n) {
        decode_unfolded(line, out);
        return;
    }
    buf_init(&unfolded, raw.n + 1);
    header_unfold(raw, &unfolded);
    decode_unfolded(buf_slice(&unfolded), out);
    buf_release(&unfolded);
}
