/* base/utf8.c -- see utf8.h; ranges from RFC 3629 section 4. */
#include "base/utf8.h"

int32_t utf8_decode(struct slice s, size_t *n_out)
{
    const unsigned char *u = (const unsigned char *)s.p;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = u[0] < 0x80   ? 1
               : u[0] < 0xC2 ? 0
               : u[0] < 0xE0 ? 2
               : u[0] < 0xF0 ? 3
               : u[0] < 0xF5 ? 4
                             : 0;
    uint32_t c;

    *n_out = 1;
    if (n == 1)
        return u[0];
    if (n == 0 || n > s.n)
        return -1;
    c = u[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((u[i] & 0xC0) != 0x80)
            return -1;
        c = c << 6 | (u[i] & 0x3Fu);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return -1;
    *n_out = n;
    return (int32_t)c;
}

void utf8_encode(struct buf *b, uint32_t c)
{
    char out[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0x00, 0xC0, 0xE0, 0xF0};

    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)(lead[n] | c);
    buf_add(b, out, n);
}

bool utf8_unfinished(struct slice s)
{
    unsigned char lead = (unsigned char)s.p[0];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;

    if (lead < 0xC2 || lead > 0xF4 || s.n >= need)
        return false;
    for (size_t i = 1; i < s.n; i++) {
        if (((unsigned char)s.p[i] & 0xC0) != 0x80)
            return false;
    }
    return true;
}

/* Eight octets at a time, as long as that goes. */
size_t ascii_run(struct slice s)
{
    size_t n = 0;

    for (; s.n - n >= 8; n += 8) {
        uint64_t eight;

        memcpy(&eight, s.p + n, sizeof(eight));
        if ((eight & 0x8080808080808080u) != 0)
            break;
    }
    while (n < s.n && (unsigned char)s.p[n] < 0x80)
        n++;
    return n;
}

bool ascii_only(struct slice s)
{
    return ascii_run(s) == s.n;
}

bool utf8_valid(struct slice s)
{
    while (s.n > 0) {
        size_t n = ascii_run(s);

        if (n == 0 && utf8_decode(s, &n) < 0)
            return false;
        s = slice_sub(s, n, s.n - n);
    }
    return true;
}
