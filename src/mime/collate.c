/* mime/collate.c -- see collate.h. */
#include "mime/collate.h"

#include <utf8proc.h>

#include "base/utf8.h"

enum { POINTS_MAX = 32 };

/* UnicodeData.txt, which RFC 5051 names, gives U+00DF no title case; utf8proc gives it U+1E9E. */
static int32_t title(int32_t c)
{
    return c == 0xDF ? c : utf8proc_totitle(c);
}

static void add_point(int32_t c, struct slice raw, struct buf *out)
{
    utf8proc_int32_t points[POINTS_MAX];
    int class = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(title(c), points, POINTS_MAX,
                                                 UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &class);

    if (n < 0 || n > POINTS_MAX) {
        buf_add_slice(out, raw);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        utf8_encode(out, (uint32_t)points[i]);
}

/* The letters of ASCII in upper case, the other octets as they are. */
static void add_upper(struct slice in, struct buf *out)
{
    char *to = in.n > 0 ? buf_reserve(out, in.n) : NULL;

    if (to == NULL)
        return;
    for (size_t i = 0; i < in.n; i++)
        to[i] = ascii_upper(in.p[i]);
    buf_added(out, in.n);
}

static void add_unicode(struct slice in, struct buf *out)
{
    while (in.n > 0) {
        size_t n = ascii_run(in);

        add_upper(slice_sub(in, 0, n), out);
        if (n == 0) {
            int32_t c = utf8_decode(in, &n);

            if (c < 0)
                buf_add(out, in.p, n = 1);
            else
                add_point(c, slice_sub(in, 0, n), out);
        }
        in = slice_sub(in, n, in.n);
    }
}

void text_collate(enum collation collation, struct slice in, struct buf *out)
{
    if (collation == COLLATION_OCTET)
        buf_add_slice(out, in);
    else if (collation == COLLATION_ASCII)
        add_upper(in, out);
    else
        add_unicode(in, out);
}
