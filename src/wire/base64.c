/* wire/base64.c -- see base64.h. */
#include "wire/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(const unsigned char *from, size_t n, char *to)
{
    uint32_t bits =
        (uint32_t)from[0] << 16 | (n > 1 ? (uint32_t)from[1] << 8 : 0) | (n > 2 ? from[2] : 0u);

    to[0] = alphabet[bits >> 18];
    to[1] = alphabet[bits >> 12 & 63];
    to[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
    to[3] = n > 2 ? alphabet[bits & 63] : '=';
}

void base64_encode(struct buf *out, struct slice from)
{
    size_t n = (from.n + 2) / 3 * 4;
    char *to = buf_reserve(out, n);

    if (to == NULL)
        return;
    for (size_t i = 0; i < from.n; i += 3, to += 4)
        encode_group((const unsigned char *)from.p + i, from.n - i, to);
    buf_added(out, n);
}

/* The six bits of one character, -1 if it is none. */
static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters, `pad` of them "=", to 3 - pad octets. */
static bool decode_group(const char *from, size_t pad, char *to)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - pad ? value_of(from[i]) : 0;

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
    }
    if ((bits & ((1u << 8 * pad) - 1)) != 0)
        return false;
    to[0] = (char)(bits >> 16);
    if (pad < 2)
        to[1] = (char)(bits >> 8 & 0xFF);
    if (pad < 1)
        to[2] = (char)(bits & 0xFF);
    return true;
}

static size_t padding(struct slice s)
{
    if (s.n == 0 || s.p[s.n - 1] != '=')
        return 0;
    return s.p[s.n - 2] == '=' ? 2 : 1;
}

enum err base64_decode(struct arena *a, struct slice from, struct slice *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    size_t pad;
    char *to;

    if (from.n % 4 != 0)
        return ERR_SYNTAX;
    pad = padding(from);
    if ((to = arena_alloc(a, from.n / 4 * 3)) == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < from.n / 4; i++) {
        if (!decode_group(from.p + i * 4, i + 1 == from.n / 4 ? pad : 0, to + i * 3))
            return ERR_SYNTAX;
    }
    *out = slice_of(to, from.n / 4 * 3 - pad);
    arena_keep(&undo);
    return ERR_OK;
}
