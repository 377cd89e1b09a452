/* mime/fold.c -- see fold.h. */
#include "mime/fold.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/utf8.h"

void text_folder_init(struct text_folder *f, enum collation collation)
{
    f->held_n = 0;
    f->collation = collation;
}

/* Append code point c, decomposed and without case. Title case first: it makes more equal than
 * case folding does (a dotless i). */
static void add_folded(int32_t c, struct slice raw, struct buf *out)
{
    utf8proc_int32_t points[32];
    int class = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(
        utf8proc_totitle(c), points, (utf8proc_ssize_t)(sizeof(points) / sizeof(points[0])),
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &class);

    if (n < 0 || n > (utf8proc_ssize_t)(sizeof(points) / sizeof(points[0]))) {
        buf_add_slice(out, raw);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        utf8_encode(out, (uint32_t)points[i]);
}

static void lower_ascii(struct slice in, struct buf *out)
{
    char *to = in.n > 0 ? buf_reserve(out, in.n) : NULL;

    if (to == NULL)
        return;
    for (size_t i = 0; i < in.n; i++)
        to[i] = ascii_lower(in.p[i]);
    buf_added(out, in.n);
}

/* How many octets were used; the others are an unfinished sequence. */
static size_t fold_octets(struct slice in, bool last, struct buf *out)
{
    size_t at = 0;

    while (at < in.n) {
        struct slice rest = slice_sub(in, at, in.n);
        size_t n = ascii_run(rest);

        lower_ascii(slice_sub(rest, 0, n), out);
        if (n == 0) {
            int32_t c = utf8_decode(rest, &n);

            if (c < 0 && !last && utf8_unfinished(rest))
                break;
            if (c < 0)
                buf_add(out, rest.p, 1);
            else
                add_folded(c, slice_sub(rest, 0, n), out);
        }
        at += n;
    }
    return at;
}

/* The collations that look at octets alone. */
static bool fold_plain(enum collation collation, struct slice in, struct buf *out)
{
    if (collation == COLLATION_OCTET)
        buf_add_slice(out, in);
    else if (collation == COLLATION_ASCII)
        lower_ascii(in, out);
    return collation != COLLATION_UNICODE;
}

void text_folder_push(struct text_folder *f, struct slice in, struct buf *out)
{
    if (fold_plain(f->collation, in, out))
        return;
    /* Complete what is held, octet by octet: a sequence has at most four. */
    while (f->held_n > 0 && in.n > 0) {
        size_t used;

        f->held[f->held_n++] = in.p[0];
        in = slice_sub(in, 1, in.n);
        used = fold_octets(slice_of(f->held, f->held_n), false, out);
        f->held_n -= used;
        memmove(f->held, f->held + used, f->held_n);
    }
    if (in.n > 0) {
        size_t used = fold_octets(in, false, out);

        f->held_n = in.n - used;
        memcpy(f->held, in.p + used, f->held_n);
    }
}

void text_folder_finish(struct text_folder *f, struct buf *out)
{
    fold_octets(slice_of(f->held, f->held_n), true, out);
    f->held_n = 0;
}

void text_fold(enum collation collation, struct slice in, struct buf *out)
{
    if (!fold_plain(collation, in, out))
        fold_octets(in, true, out);
}

enum err needle_init(struct needle *n, struct slice folded)
{
    if (folded.n > NEEDLE_OCTETS_MAX)
        return ERR_LIMIT;
    *n = (struct needle){.n = folded.n, .found = folded.n == 0};
    if (folded.n == 0)
        return ERR_OK;
    n->text = mem_dup_slice(folded);
    n->back = mem_calloc(folded.n, sizeof(n->back[0]));
    for (uint32_t i = 1, border = 0; i < folded.n; i++) {
        while (border > 0 && n->text[i] != n->text[border])
            border = n->back[border - 1];
        border += n->text[i] == n->text[border];
        n->back[i] = border;
    }
    return ERR_OK;
}

void needle_restart(struct needle *n)
{
    n->matched = 0;
    n->found = n->n == 0;
}

bool needle_feed(struct needle *n, struct slice folded)
{
    size_t matched = n->matched;

    for (size_t i = 0; i < folded.n && !n->found; i++) {
        if (matched == 0) {
            const char *at = memchr(folded.p + i, n->text[0], folded.n - i);

            if (at == NULL)
                break;
            i = (size_t)(at - folded.p);
        }
        while (matched > 0 && folded.p[i] != n->text[matched])
            matched = n->back[matched - 1];
        matched += folded.p[i] == n->text[matched];
        n->found = matched == n->n;
    }
    n->matched = n->found ? 0 : matched;
    return n->found;
}

void needle_release(struct needle *n)
{
    free(n->text);
    free(n->back);
    *n = (struct needle){.n = 0};
}
