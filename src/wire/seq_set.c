/* wire/seq_set.c -- see seq_set.h.
 *
 * Reading is linear but for one sort, which is skipped when the client wrote its ranges in order
 * (they nearly always do).
 */
#include "wire/seq_set.h"

#include <stdlib.h>

#include "base/mem.h"
#include "wire/grow.h"

/* Room for one range beyond those of the text, so that resolving "*" never needs memory. */
static size_t ranges_named(const struct lex *in)
{
    size_t n = 2;

    for (size_t i = in->at; i < in->in.n; i++) {
        char c = in->in.p[i];

        if (c == ',')
            n++;
        else if (!ascii_is_digit(c) && c != ':' && c != '*')
            break;
    }
    return n;
}

/* seq-number: *star, or *number. */
static enum err parse_number(struct lex *in, bool *star, uint32_t *number)
{
    *star = lex_accept(in, '*');
    return *star ? ERR_OK : lex_nz_number(in, number);
}

static void note_star(struct seq_set *s, uint32_t from)
{
    if (!s->star || from < s->star_from)
        s->star_from = from;
    s->star = true;
}

/* seq-number / seq-range: the ends may come in either order (RFC 9051 section 9, seq-range). */
static enum err parse_range(struct lex *in, struct seq_set *s)
{
    uint32_t from = UINT32_MAX, to = UINT32_MAX;
    bool from_star, to_star;

    TRY(parse_number(in, &from_star, &from));
    to = from;
    to_star = from_star;
    if (lex_accept(in, ':')) {
        to = UINT32_MAX;
        TRY(parse_number(in, &to_star, &to));
    }
    if (from_star || to_star)
        note_star(s, from < to ? from : to);
    else
        s->range[s->n++] = (struct seq_range){from < to ? from : to, from < to ? to : from};
    return ERR_OK;
}

static int by_lo(const void *a, const void *b)
{
    uint32_t x = ((const struct seq_range *)a)->lo, y = ((const struct seq_range *)b)->lo;

    return (x > y) - (x < y);
}

static bool touches(struct seq_range low, struct seq_range high)
{
    return high.lo <= low.hi || high.lo - 1 == low.hi;
}

/* Join what touches; the ranges are in ascending order of lo. */
static void merge(struct seq_set *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->n; i++) {
        struct seq_range r = s->range[i];

        if (kept > 0 && touches(s->range[kept - 1], r)) {
            if (r.hi > s->range[kept - 1].hi)
                s->range[kept - 1].hi = r.hi;
        } else {
            s->range[kept++] = r;
        }
    }
    s->n = kept;
}

static void sort(struct seq_set *s)
{
    for (size_t i = 1; i < s->n; i++) {
        if (s->range[i].lo < s->range[i - 1].lo) {
            qsort(s->range, s->n, sizeof(s->range[0]), by_lo);
            return;
        }
    }
}

enum err seq_set_parse(struct lex *in, struct arena *a, struct seq_set *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct seq_set got = {0};

    if (lex_accept(in, '$')) {
        *out = (struct seq_set){.saved = true};
        return ERR_OK;
    }
    got.cap = ranges_named(in);
    if (got.cap > SEQ_SET_RANGES_MAX + 1)
        return ERR_LIMIT;
    if ((got.range = arena_array(a, struct seq_range, got.cap)) == NULL)
        return ERR_NOMEM;
    do
        TRY(parse_range(in, &got));
    while (lex_accept(in, ','));
    sort(&got);
    merge(&got);
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

void seq_set_resolve(struct seq_set *s, uint32_t largest)
{
    struct seq_range r = {s->star_from < largest ? s->star_from : largest, largest};
    size_t at = s->n;

    if (!s->star)
        return;
    s->star = false;
    if (largest == 0)
        return;
    while (at > 0 && s->range[at - 1].lo > r.lo) {
        s->range[at] = s->range[at - 1];
        at--;
    }
    s->range[at] = r; /* seq_set_parse left room for one more */
    s->n++;
    merge(s);
}

bool seq_set_has(const struct seq_set *s, uint32_t number)
{
    size_t from = 0, to = s->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (s->range[middle].hi < number)
            from = middle + 1;
        else
            to = middle;
    }
    return from < s->n && s->range[from].lo <= number;
}

uint64_t seq_set_count(const struct seq_set *s)
{
    uint64_t count = 0;

    for (size_t i = 0; i < s->n; i++)
        count += (uint64_t)s->range[i].hi - s->range[i].lo + 1;
    return count;
}

uint32_t seq_set_max(const struct seq_set *s)
{
    return s->n > 0 ? s->range[s->n - 1].hi : 0;
}

bool seq_iter_next(struct seq_iter *i, uint32_t *number)
{
    if (i->at < i->set->n && i->next > i->set->range[i->at].hi) {
        i->at++;
        i->next = 0;
    }
    if (i->at >= i->set->n)
        return false;
    if (i->next == 0)
        i->next = i->set->range[i->at].lo;
    *number = (uint32_t)i->next++;
    return true;
}

enum err seq_set_add_range(struct seq_set *s, struct arena *a, uint32_t lo, uint32_t hi)
{
    struct seq_range r = {lo, hi};
    void *range = s->range;

    if (s->n > 0 && touches(s->range[s->n - 1], r)) {
        if (hi > s->range[s->n - 1].hi)
            s->range[s->n - 1].hi = hi;
        return ERR_OK;
    }
    TRY(grow_array(a, &range, s->n, &s->cap, sizeof(r), SEQ_SET_BUILT_MAX));
    s->range = range;
    s->range[s->n++] = r;
    return ERR_OK;
}

struct seq_set seq_set_dup(const struct seq_set *s)
{
    struct seq_set copy = *s;

    copy.range = NULL;
    copy.cap = s->n + (s->star ? 1 : 0);
    if (copy.cap == 0)
        return copy;
    copy.range = mem_calloc(copy.cap, sizeof(s->range[0]));
    if (s->n > 0)
        memcpy(copy.range, s->range, s->n * sizeof(s->range[0]));
    return copy;
}

void seq_set_release(struct seq_set *s)
{
    free(s->range);
    *s = (struct seq_set){0};
}

void seq_set_write(struct buf *out, const struct seq_set *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        buf_add_u64(out, s->range[i].lo);
        if (s->range[i].hi == s->range[i].lo)
            continue;
        buf_add_char(out, ':');
        buf_add_u64(out, s->range[i].hi);
    }
}
