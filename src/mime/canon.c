/* mime/canon.c -- see canon.h. */
#include "mime/canon.h"

void canon_init(struct canon *c)
{
    c->after_cr = false;
}

/* How many octets at the front of `in` need no change. */
static size_t clean_run(const struct canon *c, struct slice in)
{
    size_t i;
    bool after_cr = c->after_cr;

    for (i = 0; i < in.n; i++) {
        if (in.p[i] == '\0' || (in.p[i] == '\n' && !after_cr))
            break;
        after_cr = in.p[i] == '\r';
    }
    return i;
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
