/* fuzz/mime/fuzz_message.c -- any octets are a message. Invariants: cut anywhere, the result is the
 * same; the wire texts are one parenthesised list of RFC 9051 strings, atoms and numbers; every
 * range of the part table lies inside the message.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mime/mime.h"
#include "mime/part.h"
#include "mime/structure_rev1.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* One string, literal, atom or list at *s; false if it is none. */
static bool take_value(struct slice *s, unsigned depth);

static bool take_quoted(struct slice *s)
{
    for (size_t i = 1; i < s->n; i++) {
        unsigned char c = (unsigned char)s->p[i];

        if (c == '"') {
            *s = slice_sub(*s, i + 1, s->n);
            return true;
        }
        if (c == '\\' && ++i < s->n && s->p[i] != '"' && s->p[i] != '\\')
            return false;
        if (c == 0 || c == '\r' || c == '\n' || c > 0x7F)
            return false;
    }
    return false;
}

static bool take_literal(struct slice *s)
{
    size_t close = slice_find(*s, '}');
    uint64_t n;

    if (!slice_to_u64(slice_sub(*s, 1, close - 1), s->n, &n) || close + 3 + n > s->n ||
        s->p[close + 1] != '\r' || s->p[close + 2] != '\n' ||
        slice_find(slice_sub(*s, close + 3, n), '\0') != n)
        return false;
    *s = slice_sub(*s, close + 3 + n, s->n);
    return true;
}

static bool take_list(struct slice *s, unsigned depth)
{
    *s = slice_sub(*s, 1, s->n);
    while (s->n > 0 && s->p[0] != ')') {
        if (s->p[0] == ' ')
            *s = slice_sub(*s, 1, s->n);
        if (!take_value(s, depth + 1))
            return false;
    }
    if (s->n == 0)
        return false;
    *s = slice_sub(*s, 1, s->n);
    return true;
}

static bool take_value(struct slice *s, unsigned depth)
{
    size_t n = 0;

    if (s->n == 0 || depth > 2 * MIME_DEPTH_MAX + 8)
        return false;
    if (s->p[0] == '"')
        return take_quoted(s);
    if (s->p[0] == '{')
        return take_literal(s);
    if (s->p[0] == '(')
        return take_list(s, depth);
    if (slice_starts(*s, SLICE("NIL")))
        n = 3;
    while (n < s->n && ascii_is_digit(s->p[n]))
        n++;
    *s = slice_sub(*s, n, s->n);
    return n > 0;
}

static void must_be_list(struct slice s)
{
    must(s.n > 1 && s.p[0] == '(' && take_value(&s, 0) && s.n == 0);
}

/* What a plain rev1 session gets is a list too, and the same one unless message/global is in it. */
static void must_have_rev1_form(struct slice text, bool has_global)
{
    struct buf out;

    buf_init(&out, text.n);
    structure_write_rev1(text, &out);
    must(!out.overflowed && (has_global || slice_eq(buf_slice(&out), text)));
    must_be_list(buf_slice(&out));
    buf_release(&out);
}

static struct mime_parser *parse(struct slice in, size_t step, struct mime_result *r)
{
    struct mime_parser *p = mime_parser_new();

    for (size_t i = 0; i < in.n; i += step)
        mime_parser_push(p, slice_sub(in, i, step));
    mime_parser_finish(p, r);
    return p;
}

static void must_be_same(const struct mime_result *a, const struct mime_result *b)
{
    must(a->size_octets == b->size_octets && slice_eq(a->envelope, b->envelope) &&
         slice_eq(a->bodystructure, b->bodystructure) && slice_eq(a->body, b->body) &&
         slice_eq(a->parts, b->parts) && slice_eq(a->base_subject, b->base_subject) &&
         slice_eq(a->references, b->references) && slice_eq(a->preview, b->preview) &&
         a->sent_instant == b->sent_instant && a->sent_day == b->sent_day);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    struct mime_result whole, cut;
    struct mime_parser *a = parse(in, size + 1, &whole);
    struct mime_parser *b = parse(in, 1, &cut);
    struct mime_parser *c;

    must_be_same(&whole, &cut);
    c = parse(in, 7, &cut);
    must_be_same(&whole, &cut);
    must(whole.size_octets == size);
    must_be_list(whole.envelope);
    must_be_list(whole.bodystructure);
    must_be_list(whole.body);
    must_have_rev1_form(whole.bodystructure, whole.has_global);
    must_have_rev1_form(whole.body, whole.has_global);
    must(mime_parts_check(whole.parts, size) == ERR_OK);
    mime_parser_free(&a);
    mime_parser_free(&b);
    mime_parser_free(&c);
    return 0;
}
