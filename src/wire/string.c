/* wire/string.c -- the string tokens of lex.h: quoted strings, literals, and what may be either.
 *
 * Source: RFC 9051 section 9 (quoted, QUOTED-CHAR, literal, literal8), RFC 3501 section 9 (where a
 * quoted string is ASCII).
 */
#include "base/utf8.h"
#include "wire/lex.h"

/* The octets between the quotes: how many, and how many of them are escapes. */
struct quoted_extent {
    size_t end; /* index of the closing quote */
    size_t escapes;
};

/* Length of the QUOTED-CHAR at `at`, escapes included; 0 if there is none. */
static size_t quoted_char(const struct lex *in, size_t at)
{
    unsigned char c = (unsigned char)in->in.p[at];
    size_t n;

    if (c == '\\') {
        char next = at + 1 < in->in.n ? in->in.p[at + 1] : '\0';

        return next == '"' || next == '\\' ? 2 : 0;
    }
    if (c == '\0' || c == '\r' || c == '\n')
        return 0;
    if (c < 0x80)
        return 1;
    if (!in->utf8 || utf8_decode(slice_sub(in->in, at, 4), &n) < 0)
        return 0;
    return n;
}

/* From the octet behind the opening quote; on ERR_SYNTAX `at` stands on the offending octet. */
static enum err find_extent(struct lex *in, struct quoted_extent *out)
{
    size_t at = in->at;
    size_t escapes = 0;

    while (at < in->in.n && in->in.p[at] != '"') {
        size_t n = quoted_char(in, at);

        if (n == 0)
            break;
        escapes += in->in.p[at] == '\\';
        at += n;
    }
    if (at >= in->in.n || in->in.p[at] != '"') {
        in->at = at;
        return ERR_SYNTAX;
    }
    *out = (struct quoted_extent){.end = at, .escapes = escapes};
    return ERR_OK;
}

static enum err unescape(struct arena *a, struct slice from, size_t escapes, struct slice *out)
{
    char *p = arena_alloc(a, from.n - escapes);
    size_t n = 0;

    if (p == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < from.n; i++) {
        if (from.p[i] == '\\')
            i++;
        p[n++] = from.p[i];
    }
    *out = slice_of(p, n);
    return ERR_OK;
}

static enum err quoted(struct lex *in, struct arena *a, size_t max_octets, struct slice *out)
{
    struct quoted_extent extent;
    struct slice raw;

    TRY(lex_expect(in, '"'));
    TRY(find_extent(in, &extent));
    raw = slice_sub(in->in, in->at, extent.end - in->at);
    if (raw.n - extent.escapes > max_octets)
        return ERR_LIMIT;
    if (extent.escapes > 0)
        TRY(unescape(a, raw, extent.escapes, &raw));
    *out = raw;
    in->at = extent.end + 1;
    return ERR_OK;
}

/* CRLF or LF. */
static enum err line_end(struct lex *in)
{
    lex_accept(in, '\r');
    return lex_expect(in, '\n');
}

/* "{" number ["+"] "}" line end, with "~" before it for literal8. */
static enum err literal_header(struct lex *in, struct literal *out)
{
    struct literal got = {.sync = true};

    got.binary = lex_accept(in, '~');
    TRY(lex_expect(in, '{'));
    TRY(lex_number64(in, &got.size));
    got.sync = !lex_accept(in, '+');
    TRY(lex_expect(in, '}'));
    TRY(line_end(in));
    *out = got;
    return ERR_OK;
}

enum err lex_literal_header(struct lex *in, struct literal *out)
{
    struct literal got;

    TRY(literal_header(in, &got));
    if (in->at != in->in.n)
        return ERR_SYNTAX;
    *out = got;
    return ERR_OK;
}

enum err lex_literal(struct lex *in, size_t max_octets, struct slice *out, bool *binary)
{
    struct literal header;
    struct slice octets;

    if (binary == NULL && lex_peek(in) == '~')
        return ERR_SYNTAX;
    TRY(literal_header(in, &header));
    if (header.size > in->in.n - in->at)
        return ERR_SYNTAX;
    octets = slice_sub(in->in, in->at, (size_t)header.size);
    if (!header.binary && slice_find(octets, '\0') != octets.n) {
        in->at += slice_find(octets, '\0');
        return ERR_SYNTAX;
    }
    if (octets.n > max_octets)
        return ERR_LIMIT;
    in->at += octets.n;
    *out = octets;
    if (binary != NULL)
        *binary = header.binary;
    return ERR_OK;
}

enum err lex_string(struct lex *in, struct arena *a, size_t max_octets, struct slice *out)
{
    return lex_peek(in) == '"' ? quoted(in, a, max_octets, out)
                               : lex_literal(in, max_octets, out, NULL);
}

enum err lex_nstring(struct lex *in, struct arena *a, size_t max_octets, struct slice *out)
{
    if (!lex_accept_nil(in))
        return lex_string(in, a, max_octets, out);
    *out = SLICE_NULL;
    return ERR_OK;
}

/* A run of octets of one class, or a string. */
static enum err run_or_string(struct lex *in, struct arena *a, bool (*in_class)(int),
                              size_t max_octets, struct slice *out)
{
    size_t n = in->at;

    while (n < in->in.n && in_class((unsigned char)in->in.p[n]))
        n++;
    n -= in->at;
    if (n == 0)
        return lex_string(in, a, max_octets, out);
    if (n > max_octets)
        return ERR_LIMIT;
    *out = slice_sub(in->in, in->at, n);
    in->at += n;
    return ERR_OK;
}

enum err lex_astring(struct lex *in, struct arena *a, size_t max_octets, struct slice *out)
{
    return run_or_string(in, a, lex_is_astring_char, max_octets, out);
}

enum err lex_list_mailbox(struct lex *in, struct arena *a, size_t max_octets, struct slice *out)
{
    return run_or_string(in, a, lex_is_list_char, max_octets, out);
}
