/* mime/fold.c -- see fold.h. */
#include "mime/fold.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mime/casemap.h"

void text_folder_init(struct text_folder *f, enum collation collation)
{
    f->held_n = 0;
    f->collation = collation;
}

/* The collations that look at octets alone. */
static bool fold_plain(enum collation collation, struct slice in, struct buf *out)
{
    if (collation == COLLATION_OCTET)
        buf_add_slice(out, in);
    else if (collation == COLLATION_ASCII)
        casemap_ascii(CASEMAP_FOLD, in, out);
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
        used = casemap_unicode(CASEMAP_FOLD, slice_of(f->held, f->held_n), false, out);
        f->held_n -= used;
        memmove(f->held, f->held + used, f->held_n);
    }
    if (in.n > 0) {
        size_t used = casemap_unicode(CASEMAP_FOLD, in, false, out);

        f->held_n = in.n - used;
        memcpy(f->held, in.p + used, f->held_n);
    }
}

void text_folder_finish(struct text_folder *f, struct buf *out)
{
    casemap_unicode(CASEMAP_FOLD, slice_of(f->held, f->held_n), true, out);
    f->held_n = 0;
}

void text_fold(enum collation collation, struct slice in, struct buf *out)
{
    if (!fold_plain(collation, in, out))
        casemap_unicode(CASEMAP_FOLD, in, true, out);
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

/* Knuth, Morris and Pratt over folded[from..]: as long as a match is under way, or to the end.
 * Returns where it stopped. */
static size_t go_on(struct needle *n, struct slice folded, size_t from, bool to_end)
{
    size_t matched = n->matched, i = from;

    for (; i < folded.n && !n->found && (to_end || matched > 0); i++) {
        while (matched > 0 && folded.p[i] != n->text[matched])
            matched = n->back[matched - 1];
        matched += folded.p[i] == n->text[matched];
        n->found = matched == n->n;
    }
    n->matched = n->found ? 0 : matched;
    return i;
}

/* What the piece before began is finished octet by octet, and so is what this one ends with; what
 * lies between is the C library's, which steps over most of it. */
bool needle_feed(struct needle *n, struct slice folded)
{
    size_t at;

    if (n->found)
        return true;
    at = go_on(n, folded, 0, false);
    if (!n->found && folded.n - at >= n->n)
        n->found = memmem(folded.p + at, folded.n - at, n->text, n->n) != NULL;
    if (n->found)
        return true;
    if (folded.n - at >= n->n)
        at = folded.n - n->n + 1;
    (void)go_on(n, folded, at, true);
    return n->found;
}

size_t needle_find(const struct needle *n, struct slice folded)
{
    const char *at = memmem(folded.p, folded.n, n->text != NULL ? n->text : "", n->n);

    return at != NULL ? (size_t)(at - folded.p) : SIZE_MAX;
}

void needle_release(struct needle *n)
{
    free(n->text);
    free(n->back);
    *n = (struct needle){.n = 0};
}
