/* wire/mutf7.c -- modified UTF-7, the wire form of mailbox names before rev2.
 *
 * Source: RFC 3501 section 5.1.3. Printable ASCII stands for itself, "&" is "&-", everything else
 * is UTF-16 in base64 with "," for "/" and no padding, between "&" and "-". There is exactly one
 * way to write a name; the decoder refuses every other, since two spellings of one mailbox are
 * a trap for clients that compare them.
 */
#include "base/utf8.h"
#include "wire/mailbox.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool stands_for_itself(uint32_t c)
{
    return c >= 0x20 && c <= 0x7E;
}

/* Bits on their way out, most significant first. */
struct encoder {
    struct buf *out;
    uint32_t bits;
    unsigned held; /* bits held, below 6 between calls */
    bool shifted;  /* between "&" and "-" */
};

static void put_unit(struct encoder *e, uint32_t unit)
{
    e->bits = e->bits << 16 | unit;
    e->held += 16;
    while (e->held >= 6) {
        e->held -= 6;
        buf_add_char(e->out, alphabet[e->bits >> e->held & 63]);
    }
    e->bits &= (1u << e->held) - 1;
}

static void shift_in(struct encoder *e)
{
    if (!e->shifted)
        buf_add_char(e->out, '&');
    e->shifted = true;
}

static void shift_out(struct encoder *e)
{
    if (!e->shifted)
        return;
    if (e->held > 0)
        buf_add_char(e->out, alphabet[e->bits << (6 - e->held) & 63]);
    buf_add_char(e->out, '-');
    e->bits = e->held = 0;
    e->shifted = false;
}

static void put_code_point(struct encoder *e, uint32_t c)
{
    if (stands_for_itself(c)) {
        shift_out(e);
        buf_add_char(e->out, (char)c);
        if (c == '&')
            buf_add_char(e->out, '-');
        return;
    }
    shift_in(e);
    if (c >= 0x10000) {
        put_unit(e, 0xD800 + ((c - 0x10000) >> 10));
        put_unit(e, 0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
        put_unit(e, c);
    }
}

void mailbox_mutf7_encode(struct buf *out, struct slice from)
{
    struct encoder e = {.out = out};

    while (from.n > 0) {
        size_t n;
        int32_t c = utf8_decode(from, &n);

        put_code_point(&e, c >= 0 ? (uint32_t)c : 0xFFFD);
        from = slice_sub(from, n, from.n);
    }
    shift_out(&e);
}

/* One run of base64 on its way in. */
struct decoder {
    struct buf *out;
    uint32_t bits;
    unsigned held;
    uint32_t high; /* a high surrogate that waits for its other half, or 0 */
    bool any;      /* the run held a code point */
};

static bool take_unit(struct decoder *d, uint32_t unit)
{
    bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;

    if (is_low != (d->high != 0) || stands_for_itself(unit))
        return false;
    d->any = true;
    if (is_low) {
        utf8_encode(d->out, 0x10000 + ((d->high - 0xD800) << 10) + (unit - 0xDC00));
        d->high = 0;
    } else if (unit >= 0xD800 && unit <= 0xDBFF) {
        d->high = unit;
    } else {
        utf8_encode(d->out, unit);
    }
    return true;
}

static bool take_char(struct decoder *d, char c)
{
    const char *at = c != '\0' ? memchr(alphabet, c, sizeof(alphabet) - 1) : NULL;
    uint32_t unit;

    if (at == NULL)
        return false;
    d->bits = d->bits << 6 | (uint32_t)(at - alphabet);
    d->held += 6;
    if (d->held < 16)
        return true;
    d->held -= 16;
    unit = d->bits >> d->held;
    d->bits &= (1u << d->held) - 1;
    return take_unit(d, unit);
}

/* `from` begins behind "&". Octets used, the closing "-" included; 0 if it is not well-formed. */
static size_t decode_run(struct buf *out, struct slice from)
{
    struct decoder d = {.out = out};
    size_t end = slice_find(from, '-');

    if (end == from.n)
        return 0;
    for (size_t i = 0; i < end; i++) {
        if (!take_char(&d, from.p[i]))
            return 0;
    }
    /* What is left must be padding, and no more of it than needed. */
    if (!d.any || d.high != 0 || d.held >= 6 || d.bits != 0)
        return 0;
    return end + 1;
}

/* One step of the decoder: octets used, 0 if the name is not well-formed. *shifted says whether
 * the step before ended a run: then a second run could have been part of it. */
static size_t decode_step(struct buf *out, struct slice from, bool *shifted)
{
    bool just_shifted = *shifted;
    size_t n;

    *shifted = false;
    if (!stands_for_itself((unsigned char)from.p[0]))
        return 0;
    buf_add_char(out, from.p[0]);
    if (from.p[0] != '&')
        return 1;
    if (from.n > 1 && from.p[1] == '-')
        return 2;
    buf_truncate(out, out->n - 1);
    if (just_shifted)
        return 0;
    *shifted = true;
    n = decode_run(out, slice_sub(from, 1, from.n));
    return n > 0 ? n + 1 : 0;
}

static enum err decode(struct buf *out, struct slice from)
{
    bool shifted = false;

    while (from.n > 0) {
        size_t n = decode_step(out, from, &shifted);

        if (n == 0)
            return ERR_CANNOT;
        from = slice_sub(from, n, from.n);
    }
    return ERR_OK;
}

enum err mailbox_mutf7_decode(struct arena *a, struct slice from, struct slice *out)
{
    struct buf decoded;
    enum err e;

    /* Eight characters of base64 give at most three code points of three octets. */
    buf_init(&decoded, from.n / 8 * 9 + 16);
    e = decode(&decoded, from);
    if (e == ERR_OK && decoded.overflowed)
        e = ERR_BUG;
    if (e == ERR_OK && !arena_copy(a, buf_slice(&decoded), out))
        e = ERR_NOMEM;
    buf_release(&decoded);
    return e;
}
