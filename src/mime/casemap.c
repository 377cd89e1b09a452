/* mime/casemap.c -- see casemap.h. */
#include "mime/casemap.h"

#include <utf8proc.h>

#include "base/utf8.h"

enum { POINTS_MAX = 32 };

/* UnicodeData.txt, which RFC 5051 names, gives U+00DF no title case; utf8proc gives it U+1E9E. */
static int32_t title(int32_t c)
{
    return c == 0xDF ? c : utf8proc_totitle(c);
}

static void add_point(enum casemap how, int32_t c, struct slice raw, struct buf *out)
{
    utf8proc_int32_t points[POINTS_MAX];
    int class = 0, options = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    utf8proc_ssize_t n;

    if (how == CASEMAP_FOLD)
        options |= UTF8PROC_CASEFOLD;
    n = utf8proc_decompose_char(title(c), points, POINTS_MAX, (utf8proc_option_t)options, &class);
    if (n < 0 || n > POINTS_MAX) {
        buf_add_slice(out, raw);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        utf8_encode(out, (uint32_t)points[i]);
}

void casemap_ascii(enum casemap how, struct slice in, struct buf *out)
{
    char *to = in.n > 0 ? buf_reserve(out, in.n) : NULL;

    if (to == NULL)
        return;
    for (size_t i = 0; how == CASEMAP_FOLD && i < in.n; i++)
        to[i] = ascii_lower(in.p[i]);
    for (size_t i = 0; how == CASEMAP_TITLE && i < in.n; i++)
        to[i] = ascii_upper(in.p[i]);
    buf_added(out, in.n);
}

size_t casemap_unicode(enum casemap how, struct slice in, bool last, struct buf *out)
{
    size_t at = 0;

    while (at < in.n) {
        struct slice rest = slice_sub(in, at, in.n);
        size_t n = ascii_run(rest);

        casemap_ascii(how, slice_sub(rest, 0, n), out);
        if (n == 0) {
            int32_t c = utf8_decode(rest, &n);

            if (c < 0 && !last && utf8_unfinished(rest))
                break;
            if (c < 0)
                buf_add(out, rest.p, 1);
            else
                add_point(how, c, slice_sub(rest, 0, n), out);
        }
        at += n;
    }
    return at;
}
