/* imap/target.c -- the messages a command names: sequence sets, UID sets, "$".
 *
 * Source: RFC 9051 sections 6.4.9 and 9 (sequence-set), RFC 5182 section 2.1 ("$" holds UIDs
 * whatever kind of command uses it).
 */
#include <stdlib.h>

#include "imap/internal.h"

int numbers_compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void numbers_sort(uint32_t *number, size_t n)
{
    qsort(number, n, sizeof(*number), numbers_compare);
}

enum err target_init(struct imap_session *s, struct target *t, const struct seq_set *set, bool uid)
{
    const struct view *v = &s->view;
    uint32_t last_uid = v->n > 0 ? uid_at(v->map, v->n - 1) : 0;

    *t = (struct target){.set = set->saved ? s->saved : *set, .uid = uid || set->saved};
    if (!t->uid && !t->set.star && seq_set_max(&t->set) > v->n)
        return ERR_SYNTAX;
    if (!t->uid && t->set.star) {
        struct seq_set numbers = t->set;

        numbers.star = false;
        if (v->n == 0 || seq_set_max(&numbers) > v->n)
            return ERR_SYNTAX;
    }
    seq_set_resolve(&t->set, t->uid ? last_uid : v->n);
    return ERR_OK;
}

/* View indices [first, end) of the range with that index in the set. */
static void range_indices(const struct imap_session *s, const struct target *t, size_t range,
                          uint32_t *first, uint32_t *end)
{
    const struct view *v = &s->view;
    struct seq_range r = t->set.range[range];

    if (t->uid) {
        *first = uid_map_lower(v->map, v->n, r.lo);
        *end = r.hi < UINT32_MAX ? uid_map_lower(v->map, v->n, r.hi + 1) : v->n;
    } else {
        *first = r.lo - 1 < v->n ? r.lo - 1 : v->n;
        *end = r.hi < v->n ? r.hi : v->n;
    }
    if (range == t->range && t->inside && *first < t->next)
        *first = t->next;
    if (*end < *first)
        *end = *first;
}

uint64_t target_count(const struct imap_session *s, const struct target *t)
{
    uint64_t n = 0;

    for (size_t i = t->range; i < t->set.n; i++) {
        uint32_t first, end;

        range_indices(s, t, i, &first, &end);
        n += end - first;
    }
    return n;
}

void target_limit(struct imap_session *s, struct job *j, struct target *t)
{
    uint64_t n = target_count(s, t), skip;

    if (n <= s->settings->message_limit)
        return;
    skip = n - s->settings->message_limit;
    for (size_t i = t->range; i < t->set.n; i++) {
        uint32_t first, end;

        range_indices(s, t, i, &first, &end);
        if (skip < end - first) {
            t->range = i;
            t->next = first + (uint32_t)skip;
            t->inside = true;
            j->limited = true;
            j->limited_uid = uid_at(s->view.map, t->next);
            return;
        }
        skip -= end - first;
    }
}

enum err target_page(struct imap_session *s, struct arena *a, struct target *t,
                     const struct partial_range *page)
{
    const struct view *v = &s->view;
    struct seq_set kept = {0};
    size_t from, to, at = 0;

    partial_range_clip(page, (size_t)target_count(s, t), &from, &to);
    for (size_t i = 0; i < t->set.n && at < to; i++) {
        uint32_t first, end;
        size_t n, skip, keep;

        range_indices(s, t, i, &first, &end);
        n = end - first;
        skip = from > at ? from - at : 0;
        keep = to - at < n ? to - at : n;
        if (skip < keep)
            TRY(seq_set_add_range(&kept, a, uid_at(v->map, first + skip),
                                  uid_at(v->map, first + keep - 1)));
        at += n;
    }
    t->set = kept;
    return ERR_OK;
}

bool target_next(struct imap_session *s, struct target *t, uint32_t *index)
{
    const struct view *v = &s->view;

    for (; t->range < t->set.n; t->range++, t->inside = false) {
        struct seq_range r = t->set.range[t->range];

        if (!t->inside) {
            t->next = t->uid ? uid_map_lower(v->map, v->n, r.lo) : r.lo - 1;
            t->inside = true;
        }
        if (t->next < v->n && (t->uid ? uid_at(v->map, t->next) : t->next + 1) <= r.hi) {
            *index = t->next++;
            return true;
        }
    }
    return false;
}

/* Move on to the next changed message of the range at work, or behind it. */
static void skip_unchanged(struct imap_session *s, struct target *t, const struct messages *m,
                           uint64_t since)
{
    uint32_t first, end;

    if (!t->inside || t->range >= t->set.n || s->view.map != m->map)
        return;
    range_indices(s, t, t->range, &first, &end);
    while (first < end && first < m->n && m->modseq[first] <= since)
        first++;
    t->next = first;
}

bool target_next_since(struct imap_session *s, struct target *t, const struct messages *m,
                       uint64_t since, uint32_t *index)
{
    skip_unchanged(s, t, m, since);
    while (target_next(s, t, index)) {
        uint32_t k = view_live(&s->view, m, *index);

        if (k == UINT32_MAX || m->modseq[k] > since)
            return true;
        skip_unchanged(s, t, m, since);
    }
    return false;
}

enum err target_uids(struct imap_session *s, struct arena *a, struct target *t, uint32_t **uids,
                     size_t *n)
{
    size_t total = (size_t)target_count(s, t), i = 0;
    uint32_t index;

    *uids = arena_array(a, uint32_t, total);
    if (*uids == NULL)
        return ERR_NOMEM;
    while (target_next(s, t, &index))
        (*uids)[i++] = uid_at(s->view.map, index);
    *n = total;
    return ERR_OK;
}
