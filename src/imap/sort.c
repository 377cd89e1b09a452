/* imap/sort.c -- what SORT's criteria compare (RFC 5256 section 3, RFC 5957 section 4; texts by the
 * active comparator, RFC 5255 section 4.2).
 */
#include "imap/sort.h"

#include "imap/order.h"

enum { LOAD_AT_ONCE = 200 }; /* messages read between two looks at the clock */

/* The column of a criterion; SORT_COLUMNS: it stands elsewhere. */
static enum sort_column column_of(enum sort_key key, enum collation collation)
{
    static const enum sort_column columns[] = {
        [SORT_BY_ARRIVAL] = SORT_COLUMNS,     [SORT_BY_CC] = SORT_CC,
        [SORT_BY_DATE] = SORT_SENT,           [SORT_BY_DISPLAYFROM] = SORT_DISPLAYFROM,
        [SORT_BY_DISPLAYTO] = SORT_DISPLAYTO, [SORT_BY_FROM] = SORT_FROM,
        [SORT_BY_RELEVANCY] = SORT_COLUMNS,   [SORT_BY_SIZE] = SORT_COLUMNS,
        [SORT_BY_SUBJECT] = SORT_SUBJECT,     [SORT_BY_TO] = SORT_TO,
    };

    return columns[key] < SORT_TEXT_COLUMNS ? sort_text_column(columns[key], collation)
                                            : columns[key];
}

unsigned sort_columns_of(const struct sort_program *p, enum collation collation)
{
    unsigned set = 0;

    for (size_t i = 0; i < p->n; i++)
        set |= 1U << column_of(p->criterion[i].key, collation);
    return set & ((1U << SORT_COLUMNS) - 1);
}

enum err sort_load(struct imap_session *s, struct job *j, unsigned set)
{
    bool more = true;

    while (more) {
        TRY(folder_sort_load(s->view.folder, set, LOAD_AT_ONCE, &more));
        if (more && job_step_is_full(s, j))
            return ERR_MORE;
    }
    return ERR_OK;
}

/* What a list is sorted by. */
struct sorting {
    enum collation collation;
    const struct messages *m;
    const struct sort_columns *columns;
    const uint32_t *live;
    const unsigned *score;
};

static void take_keys(struct order *o, enum sort_key key, const struct sorting *x)
{
    enum sort_column c = column_of(key, x->collation);

    for (size_t i = 0; i < o->n; i++) {
        uint32_t k = x->live[o->at[i]];

        if (key == SORT_BY_ARRIVAL)
            o->key[i] = order_key(x->m->internaldate[k]);
        else if (key == SORT_BY_SIZE)
            o->key[i] = x->m->size[k];
        else if (key == SORT_BY_RELEVANCY)
            o->key[i] = UINT32_MAX - (x->score != NULL ? x->score[o->at[i]] : 0);
        else if (key == SORT_BY_DATE)
            o->key[i] = order_key(x->columns->sent[k]);
        else
            o->key[i] = x->columns->rank[c][x->columns->text[c][k]];
    }
}

void sort_live(const struct sort_program *p, enum collation collation, const struct messages *m,
               const struct sort_columns *columns, uint32_t *live, const unsigned *score, size_t n)
{
    struct sorting x = {collation, m, columns, live, score};
    struct order o;

    order_init(&o, n);
    for (size_t i = 0; i < n; i++)
        o.at[i] = (uint32_t)i;
    for (size_t i = p->n; i > 0; i--) {
        take_keys(&o, p->criterion[i - 1].key, &x);
        order_by_key(&o, p->criterion[i - 1].reverse);
    }
    for (size_t i = 0; i < n; i++)
        o.at[i] = live[o.at[i]];
    memcpy(live, o.at, n * sizeof(*live));
    order_release(&o);
}

size_t sort_view_to_live(const struct view *v, const struct messages *m, uint32_t *index, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t k = view_live(v, m, index[i]);

        if (k != UINT32_MAX)
            index[kept++] = k;
    }
    return kept;
}

uint32_t sort_live_to_view(const struct view *v, const struct messages *m, uint32_t k)
{
    return v->map == m->map ? k : view_find(v, m->map->uid[k]);
}
