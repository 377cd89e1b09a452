/* mime/header.c -- see header.h. */
#include "mime/header.h"

#include <stdlib.h>

/* The octets of the first line, its line end included. */
static size_t line_octets(struct slice s)
{
    const char *lf = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;

    return lf != NULL ? (size_t)(lf - s.p) + 1 : s.n;
}

static bool is_empty_line(struct slice s)
{
    return s.n == 0 || s.p[0] == '\n' || (s.n >= 2 && s.p[0] == '\r' && s.p[1] == '\n');
}

static bool is_continuation(struct slice s)
{
    return s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t');
}

static struct slice without_line_end(struct slice s)
{
    if (s.n > 0 && s.p[s.n - 1] == '\n')
        s.n--;
    if (s.n > 0 && s.p[s.n - 1] == '\r')
        s.n--;
    return s;
}

/* Name and value out of out->whole. The colon must be on the first line. */
static void split_field(struct header_field *out, size_t first_line_n)
{
    struct slice first = slice_sub(out->whole, 0, first_line_n);
    size_t colon = slice_find(first, ':');

    out->name = slice_sub(out->whole, 0, 0);
    out->value = without_line_end(out->whole);
    if (colon == first.n)
        return;
    out->value = slice_sub(out->value, colon + 1, out->value.n);
    out->name = slice_sub(out->whole, 0, colon);
    while (out->name.n > 0 &&
           (out->name.p[out->name.n - 1] == ' ' || out->name.p[out->name.n - 1] == '\t'))
        out->name.n--;
}

bool header_next(struct slice *rest, struct header_field *out)
{
    size_t first, n;

    if (is_empty_line(*rest))
        return false;
    first = n = line_octets(*rest);
    while (is_continuation(slice_sub(*rest, n, rest->n)))
        n += line_octets(slice_sub(*rest, n, rest->n));
    out->whole = slice_sub(*rest, 0, n);
    split_field(out, first);
    *rest = slice_sub(*rest, n, rest->n - n);
    return true;
}

/* By length, and among those of one length without case. */
static int compare_names(const void *pa, const void *pb)
{
    const struct slice *a = pa, *b = pb;

    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (size_t i = 0; i < a->n; i++) {
        int d = ascii_lower(a->p[i]) - ascii_lower(b->p[i]);

        if (d != 0)
            return d;
    }
    return 0;
}

static uint64_t shape_of(struct slice name)
{
    return (uint64_t)1 << ((name.n * 5 + (name.n > 0 ? (size_t)(name.p[0] & 31) : 0)) & 63);
}

bool header_names_make(struct header_names *set, const struct slice *names, size_t n,
                       struct arena *a)
{
    *set = (struct header_names){.n = n, .name = arena_array(a, struct slice, n)};
    if (set->name == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        set->name[i] = names[i];
        set->shapes |= shape_of(names[i]);
    }
    qsort(set->name, n, sizeof(*set->name), compare_names);
    return true;
}

static bool is_listed(const struct header_names *set, struct slice name)
{
    return name.n > 0 && (set->shapes & shape_of(name)) != 0 &&
           bsearch(&name, set->name, set->n, sizeof(*set->name), compare_names) != NULL;
}

bool header_fields_select(struct slice header, const struct header_names *names, bool not,
                          struct buf *out)
{
    struct header_field field;

    while (header_next(&header, &field)) {
        if (is_listed(names, field.name) == not )
            continue;
        buf_add_slice(out, field.whole);
        if (field.whole.p[field.whole.n - 1] != '\n')
            buf_add_str(out, "\r\n"); /* the message ended inside the field */
    }
    buf_add_str(out, "\r\n");
    return header.n > 0;
}

void header_unfold(struct slice value, struct buf *out)
{
    value = slice_trim(value);
    while (value.n > 0) {
        size_t n = line_octets(value);

        buf_add_slice(out, without_line_end(slice_sub(value, 0, n)));
        value = slice_sub(value, n, value.n - n);
    }
}
