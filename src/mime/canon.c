/* mime/canon.c -- see canon.h. */
#include "mime/canon.h"

enum { LOOK_AHEAD_OCTETS = 512 };

void canon_init(struct canon *c)
{
    c->after_cr = false;
}

/* How many octets at the front of `in` need no change. Line by line, since a search in the C
 * library looks at many octets at a time; not far ahead, since what needs a change may be next. */
static size_t clean_run(const struct canon *c, struct slice in)
{
    size_t i = 0;

    while (i < in.n) {
        size_t ahead = in.n - i < LOOK_AHEAD_OCTETS ? in.n - i : LOOK_AHEAD_OCTETS;
        const char *lf = memchr(in.p + i, '\n', ahead);
        size_t end = lf != NULL ? (size_t)(lf - in.p) : i + ahead;
        const char *nul = memchr(in.p + i, '\0', end - i);

        if (nul != NULL)
            return (size_t)(nul - in.p);
        if (lf != NULL && !(end > 0 ? in.p[end - 1] == '\r' : c->after_cr))
            return end;
        i = end + (lf != NULL);
    }
    return in.n;
}

void canon_push(struct canon *c, struct slice in, struct buf *out)
{
    while (in.n > 0) {
        size_t n = clean_run(c, in);

        if (n > 0) {
            buf_add(out, in.p, n);
            c->after_cr = in.p[n - 1] == '\r';
        } else {
            buf_add_slice(out, in.p[0] == '\n' ? SLICE("\r\n") : SLICE("\x80"));
            c->after_cr = false;
            n = 1;
        }
        in = slice_sub(in, n, in.n - n);
    }
}

void canon_finish(struct canon *c, struct buf *out)
{
    (void)out;
    canon_init(c);
}

bool canon_is_canonical(struct slice whole)
{
    struct canon c = {false};

    return clean_run(&c, whole) == whole.n;
}
