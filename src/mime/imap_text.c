/* mime/imap_text.c -- see imap_text.h. */
#include "mime/imap_text.h"

static bool needs_literal(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0' || (unsigned char)s.p[i] > 0x7F)
            return true;
    }
    return false;
}

static void add_literal(struct buf *out, struct slice s)
{
    buf_add_char(out, '{');
    buf_add_u64(out, s.n);
    buf_add_str(out, "}\r\n");
    for (size_t i = 0; i < s.n; i++)
        buf_add_char(out, s.p[i] != '\0' ? s.p[i] : '\x80');
}

void imap_string(struct buf *out, struct slice s)
{
    if (needs_literal(s)) {
        add_literal(out, s);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, s.p[i]);
    }
    buf_add_char(out, '"');
}

void imap_nstring(struct buf *out, struct slice s)
{
    if (s.p == NULL)
        buf_add_str(out, "NIL");
    else
        imap_string(out, s);
}
