/* mime/base64_lines.c -- see base64_lines.h. */
#include "mime/base64_lines.h"

void base64_lines_init(struct base64_lines *b)
{
    *b = (struct base64_lines){.held_n = 0};
}

/* The group in b->held, of which `n` octets count and the others are zero. */
static void write_group(struct base64_lines *b, unsigned n, struct buf *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *o = b->held;
    char group[6] = {'\r', '\n'}, *at = group + 2;
    bool full = b->column == BASE64_LINE_OCTETS;

    at[0] = alphabet[o[0] >> 2];
    at[1] = alphabet[(o[0] & 3) << 4 | o[1] >> 4];
    at[2] = n > 1 ? alphabet[(o[1] & 15) << 2 | o[2] >> 6] : '=';
    at[3] = n > 2 ? alphabet[o[2] & 63] : '=';
    if (full)
        buf_add(out, group, 6);
    else
        buf_add(out, at, 4);
    b->column = full ? 4 : b->column + 4;
    b->held_n = 0;
}

void base64_lines_push(struct base64_lines *b, struct slice in, struct buf *out)
{
    for (size_t i = 0; i < in.n; i++) {
        b->held[b->held_n++] = (unsigned char)in.p[i];
        if (b->held_n == 3)
            write_group(b, 3, out);
    }
}

bool base64_lines_finish(struct base64_lines *b, struct buf *out)
{
    unsigned n = b->held_n;

    if (n > 0) {
        memset(b->held + n, 0, sizeof(b->held) - n);
        write_group(b, n, out);
    }
    return b->column > 0;
}
