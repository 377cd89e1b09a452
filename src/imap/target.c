/* imap/target.c -- the messages a command names: sequence sets, UID sets, "$".
 *
 * Source: RFC 9051 sections 6.4.9 and 9 (sequence-set), RFC 5182 section 2.1 ("$" holds UIDs
 * whatever kind of command uses it).
 */
#include "imap/internal.h"

enum err target_init(struct imap_session *s, struct target *t, const struct seq_set *set, bool uid)
{
    const struct view *v = &s->view;
    uint32_t last_uid = v->n > 0 ? v->map->uid[v->n - 1] : 0;

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

bool target_next(struct imap_session *s, struct target *t, uint32_t *index)
{
    const struct view *v = &s->view;

    for (; t->range < t->set.n; t->range++, t->inside = false) {
        struct seq_range r = t->set.range[t->range];

        if (!t->inside) {
            t->next = t->uid ? uid_map_lower(v->map, v->n, r.lo) : r.lo - 1;
            t->inside = true;
        }
        if (t->next < v->n && (t->uid ? v->map->uid[t->next] : t->next + 1) <= r.hi) {
            *index = t->next++;
            return true;
        }
    }
    return false;
}

enum err target_uids(struct imap_session *s, struct arena *a, struct target *t, uint32_t **uids,
                     size_t *n)
{
    struct target count = *t;
    uint32_t index;
    size_t total = 0, i = 0;

    while (target_next(s, &count, &index))
        total++;
    *uids = arena_array(a, uint32_t, total);
    if (*uids == NULL)
        return ERR_NOMEM;
    while (target_next(s, t, &index))
        (*uids)[i++] = s->view.map->uid[index];
    *n = total;
    return ERR_OK;
}
