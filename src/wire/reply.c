/* wire/reply.c -- see reply.h. */
#include "wire/reply.h"

#include "wire/lex.h"

enum { TEXT_OCTETS_MAX = 200 };

void reply_quoted(struct buf *out, struct slice s)
{
    size_t from = 0;

    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '"' && s.p[i] != '\\')
            continue;
        buf_add(out, s.p + from, i - from);
        buf_add_char(out, '\\');
        from = i;
    }
    if (s.n > from)
        buf_add(out, s.p + from, s.n - from);
    buf_add_char(out, '"');
}

void reply_literal_header(struct buf *out, uint64_t octets, bool binary)
{
    if (binary)
        buf_add_char(out, '~');
    buf_add_char(out, '{');
    buf_add_u64(out, octets);
    buf_add(out, "}\r\n", 3);
}

void reply_literal(struct buf *out, struct slice s)
{
    char *p;

    reply_literal_header(out, s.n, false);
    p = buf_reserve(out, s.n);
    if (p == NULL)
        return;
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] != '\0' ? s.p[i] : (char)0x80;
    buf_added(out, s.n);
}

static bool needs_literal(struct slice s)
{
    if (s.n > REPLY_QUOTED_OCTETS_MAX)
        return true;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c >= 0x80 || c == '\0' || c == '\r' || c == '\n')
            return true;
    }
    return false;
}

void reply_string(struct buf *out, struct slice s)
{
    if (needs_literal(s))
        reply_literal(out, s);
    else
        reply_quoted(out, s);
}

void reply_nstring(struct buf *out, struct slice s)
{
    if (s.p == NULL)
        buf_add(out, "NIL", 3);
    else
        reply_string(out, s);
}

bool reply_is_atom(struct slice s)
{
    if (s.n == 0 || s.n > REPLY_QUOTED_OCTETS_MAX || slice_eq_nocase(s, SLICE("NIL")))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!lex_is_atom_char((unsigned char)s.p[i]))
            return false;
    }
    return true;
}

void reply_astring(struct buf *out, struct slice s)
{
    if (reply_is_atom(s))
        buf_add_slice(out, s);
    else
        reply_string(out, s);
}

void reply_number(struct buf *out, uint32_t number, const char *what)
{
    buf_add(out, "* ", 2);
    buf_add_u64(out, number);
    buf_add_char(out, ' ');
    buf_add_str(out, what);
    buf_add(out, "\r\n", 2);
}

void reply_untagged(struct buf *out, const char *text)
{
    buf_add(out, "* ", 2);
    buf_add_str(out, text);
    buf_add(out, "\r\n", 2);
}

void reply_continue(struct buf *out, struct slice text)
{
    buf_add(out, "+ ", 2);
    buf_add_slice(out, text);
    buf_add(out, "\r\n", 2);
}

void reply_tagged(struct buf *out, struct slice tag, const char *text)
{
    buf_add_slice(out, tag);
    buf_add_char(out, ' ');
    buf_add_str(out, text);
    buf_add(out, "\r\n", 2);
}

void reply_err(struct buf *out, struct slice tag, enum err e)
{
    if (tag.p == NULL)
        reply_untagged(out, "BAD Command has no tag");
    else
        reply_tagged(out, tag, e == ERR_OK ? "OK done" : err_wire(e));
}

void reply_text(struct buf *out, struct slice s)
{
    char text[TEXT_OCTETS_MAX];
    size_t n = s.n < sizeof(text) ? s.n : sizeof(text);

    for (size_t i = 0; i < n; i++)
        text[i] = s.p[i] >= 0x20 && s.p[i] < 0x7F ? s.p[i] : '?';
    buf_add(out, text, n);
}
