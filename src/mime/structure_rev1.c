/* mime/structure_rev1.c -- see structure_rev1.h. structure.c wrote what is read here. */
#include "mime/structure_rev1.h"

#include "mime/mime.h"

/* Of "type" "subtype" (params) id description "encoding" octets: what stands before the envelope
 * of a message, RFC 9051 section 9 (body-type-msg). */
enum { VALUES_BEFORE_ENVELOPE = 7 };

static void take(struct slice *in, size_t n)
{
    *in = slice_sub(*in, n, in->n);
}

static size_t quoted_octets(struct slice in)
{
    size_t i = 1;

    while (i < in.n && in.p[i] != '"')
        i += in.p[i] == '\\' ? 2 : 1;
    return i < in.n ? i + 1 : in.n;
}

static size_t literal_octets(struct slice in)
{
    size_t close = slice_find(slice_sub(in, 0, 24), '}');
    uint64_t n;

    if (!slice_to_u64(slice_sub(in, 1, close - 1), in.n, &n) || close + 3 > in.n ||
        n > in.n - close - 3)
        return in.n;
    return close + 3 + (size_t)n;
}

/* The octets up to the next space or parenthesis outside strings, at least one if there are any. */
static size_t token_octets(struct slice in)
{
    size_t i = 0;

    if (in.n > 0 && in.p[0] == '"')
        return quoted_octets(in);
    if (in.n > 0 && in.p[0] == '{')
        return literal_octets(in);
    while (i < in.n && in.p[i] != ' ' && in.p[i] != '(' && in.p[i] != ')')
        i++;
    return i > 0 || in.n == 0 ? i : 1;
}

/* Take one string, number, NIL or list. */
static struct slice take_value(struct slice *in)
{
    struct slice whole = *in;
    size_t depth = 0;

    do {
        size_t n = token_octets(*in);

        if (n == 1 && in->p[0] == '(')
            depth++;
        else if (n == 1 && in->p[0] == ')' && depth > 0)
            depth--;
        take(in, n);
    } while (depth > 0 && in->n > 0);
    whole.n -= in->n;
    return whole;
}

static void take_space(struct slice *in)
{
    if (slice_starts(*in, SLICE(" ")))
        take(in, 1);
}

static void copy_body(struct slice *in, unsigned depth, struct buf *out);

static void copy_rest(struct slice *in, struct buf *out)
{
    while (in->n > 0 && in->p[0] != ')')
        buf_add_slice(out, take_value(in));
}

/* `in` stands behind the parenthesis of a part that is no multipart. */
static void copy_part(struct slice *in, unsigned depth, struct buf *out)
{
    struct slice start = *in, value[VALUES_BEFORE_ENVELOPE];
    bool is_message, is_global;

    for (int i = 0; i < VALUES_BEFORE_ENVELOPE; i++) {
        value[i] = take_value(in);
        take_space(in);
    }
    is_message = slice_eq_nocase(value[0], SLICE("\"message\""));
    is_global = is_message && slice_eq_nocase(value[1], SLICE("\"global\""));
    if (is_global) {
        const struct slice *octets = &value[VALUES_BEFORE_ENVELOPE - 1];

        buf_add_slice(out, slice_sub(start, 0, (size_t)(octets->p + octets->n - start.p)));
        for (int i = 0; i < 3; i++) { /* envelope, structure, lines */
            take_value(in);
            if (i < 2)
                take_space(in);
        }
    } else if (is_message && slice_eq_nocase(value[1], SLICE("\"rfc822\""))) {
        take_value(in);
        take_space(in);
        buf_add_slice(out, slice_sub(start, 0, start.n - in->n));
        copy_body(in, depth + 1, out);
    } else {
        *in = start;
    }
    copy_rest(in, out);
}

/* One parenthesised body. */
static void copy_body(struct slice *in, unsigned depth, struct buf *out)
{
    if (!slice_starts(*in, SLICE("(")) || depth > MIME_DEPTH_MAX) {
        buf_add_slice(out, take_value(in));
        return;
    }
    buf_add_char(out, '(');
    take(in, 1);
    if (slice_starts(*in, SLICE("("))) {
        while (slice_starts(*in, SLICE("(")))
            copy_body(in, depth + 1, out);
        copy_rest(in, out);
    } else {
        copy_part(in, depth, out);
    }
    if (slice_starts(*in, SLICE(")"))) {
        buf_add_char(out, ')');
        take(in, 1);
    }
}

void structure_write_rev1(struct slice text, struct buf *out)
{
    copy_body(&text, 0, out);
    buf_add_slice(out, text);
}
