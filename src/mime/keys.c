/* mime/keys.c -- see keys.h. The grammar of RFC 5256 section 5:
 *
 *     subj-leader  = (*subj-blob subj-refwd) / WSP
 *     subj-refwd   = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
 *     subj-blob    = "[" *BLOBCHAR "]" *WSP
 *     subj-trailer = "(fwd)" / WSP
 *     subj-fwd-hdr = "[fwd:"        subj-fwd-trl = "]"
 */
#include "mime/keys.h"

#include "mime/token.h"

enum { SUBJECT_OCTETS_MAX = 2048, ID_OCTETS_MAX = 998 };

static bool take_blob(struct slice *in)
{
    size_t n = 1;

    if (in->n == 0 || in->p[0] != '[')
        return false;
    while (n < in->n && in->p[n] != '[' && in->p[n] != ']')
        n++;
    if (n == in->n || in->p[n] != ']')
        return false;
    *in = slice_sub(*in, n + 1, in->n);
    token_skip_space(in);
    return true;
}

static bool take_refwd(struct slice *in)
{
    struct slice rest = *in;

    if (slice_starts_nocase(rest, SLICE("fwd")))
        rest = slice_sub(rest, 3, rest.n);
    else if (slice_starts_nocase(rest, SLICE("re")) || slice_starts_nocase(rest, SLICE("fw")))
        rest = slice_sub(rest, 2, rest.n);
    else
        return false;
    token_skip_space(&rest);
    take_blob(&rest);
    if (!token_take(&rest, ':'))
        return false;
    *in = rest;
    return true;
}

static bool take_leader(struct slice *in)
{
    struct slice rest = *in;

    while (take_blob(&rest))
        ;
    if (!take_refwd(&rest))
        return false;
    *in = rest;
    return true;
}

/* Steps 2 to 5 of section 2.1. */
static bool strip(struct slice *in)
{
    bool any = false;

    for (;;) {
        *in = slice_trim(*in);
        if (in->n < 5 || !slice_eq_nocase(slice_sub(*in, in->n - 5, 5), SLICE("(fwd)")))
            break;
        in->n -= 5;
        any = true;
    }
    for (;;) {
        struct slice rest = *in;

        token_skip_space(in);
        if (take_leader(in)) {
            any = true;
            continue;
        }
        rest = *in;
        if (!take_blob(&rest) || rest.n == 0)
            return any;
        *in = rest;
    }
}

/* Step 1: runs of white space become one space. */
static void collapse(struct slice in, struct buf *out)
{
    while (token_skip_space(&in), in.n > 0) {
        if (out->n > 0)
            buf_add_char(out, ' ');
        buf_add_slice(out, token_run(&in, ""));
    }
}

bool base_subject(struct slice decoded, struct buf *out)
{
    struct buf text;
    struct slice s;
    bool any = false;

    buf_init(&text, SUBJECT_OCTETS_MAX);
    collapse(slice_sub(decoded, 0, SUBJECT_OCTETS_MAX), &text);
    s = buf_slice(&text);
    for (;;) {
        any |= strip(&s);
        if (s.n < 6 || !slice_starts_nocase(s, SLICE("[fwd:")) || s.p[s.n - 1] != ']')
            break;
        s = slice_sub(s, 5, s.n - 6);
        any = true;
    }
    buf_add_slice(out, s);
    buf_release(&text);
    return any;
}

static bool is_id_octet(char c)
{
    return (unsigned char)c > ' ' && c != '\x7F';
}

/* `in` stands behind "<": take octets up to ">". At another "<" the id begins anew. */
static bool take_id(struct slice *in, struct buf *id)
{
    buf_clear(id);
    while (in->n > 0) {
        char c = in->p[0];

        *in = slice_sub(*in, 1, in->n);
        if (c == '>')
            return id->n > 0 && !id->overflowed;
        if (c == '<')
            buf_clear(id);
        else if (c == '\\' && in->n > 0)
            continue;
        else if (c != '"' && is_id_octet(c))
            buf_add_char(id, c);
    }
    return false;
}

/* Keep the last whole ids within max_octets. */
static void keep_newest(struct buf *ids, size_t max_octets, struct buf *out)
{
    struct slice all = buf_slice(ids);

    if (all.n > max_octets) {
        all = slice_sub(all, all.n - max_octets - 1, max_octets + 1);
        all = slice_sub(all, slice_find(all, ' ') + 1, all.n);
    }
    buf_add_slice(out, all);
}

void message_ids(struct slice value, size_t max_ids, size_t max_octets, struct buf *out)
{
    struct buf id, ids;
    size_t n = 0;

    buf_init(&id, ID_OCTETS_MAX);
    buf_init(&ids, value.n + 1);
    while (n < max_ids) {
        value = slice_sub(value, slice_find(value, '<') + 1, value.n);
        if (value.n == 0)
            break;
        if (!take_id(&value, &id))
            continue;
        if (n++ > 0)
            buf_add_char(&ids, ' ');
        buf_add_slice(&ids, buf_slice(&id));
    }
    keep_newest(&ids, max_octets, out);
    buf_release(&ids);
    buf_release(&id);
}
