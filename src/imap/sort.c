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
    const struct view *view;        /* the list is of its indices; NULL: of live ones */
    const struct search_walk *walk; /* which knows their scores */
};

/* A key for each message that is there; others may come anywhere. */
#define TAKE(o, x, value)                                                                          \
    for (size_t i = 0; i < (o)->n; i++) {                                                          \
        uint32_t at = (o)->at[i], k = (x)->view != NULL ? view_live((x)->view, (x)->m, at) : at;   \
                                                                                                   \
        (o)->key[i] = k != UINT32_MAX ? (value) : 0;                                               \
    }

static void take_texts(struct order *o, enum sort_column c, const struct sorting *x)
{
    const uint32_t *text = x->columns->text[c], *rank = x->columns->rank[c];

    TAKE(o, x, rank[text[k]])
}

static void take_keys(struct order *o, enum sort_key key, const struct sorting *x)
{
    const struct messages *m = x->m;

    if (key == SORT_BY_ARRIVAL)
        TAKE(o, x, order_key(m->internaldate[k]))
    else if (key == SORT_BY_SIZE)
        TAKE(o, x, m->size[k])
    else if (key == SORT_BY_RELEVANCY)
        TAKE(o, x, UINT32_MAX - (x->walk != NULL ? search_walk_score(x->walk, at) : 0))
    else if (key == SORT_BY_DATE)
        TAKE(o, x, order_key(x->columns->sent[k]))
    else
        take_texts(o, column_of(key, x->collation), x);
}

void sort_live(const struct sort_program *p, enum collation collation, const struct messages *m,
               const struct sort_columns *columns, uint32_t *live, size_t n)
{
    struct sorting x = {.collation = collation, .m = m, .columns = columns};
    struct order o;

    order_init(&o, n);
    memcpy(o.at, live, n * sizeof(*live));
    for (size_t i = p->n; i > 0; i--) {
        take_keys(&o, p->criterion[i - 1].key, &x);
        order_by_key(&o, p->criterion[i - 1].reverse);
    }
    memcpy(live, o.at, n * sizeof(*live));
    order_release(&o);
}

/* ---- in steps ------------------------------------------------------------------------------- */

/* Take the keys of the criterion at work. They are copies: what happens to the mailbox meanwhile
 * matters to the next criterion only. */
static enum err begin_criterion(struct imap_session *s, struct sort_run *r,
                                const struct sort_program *p, enum collation collation,
                                const struct search_walk *w)
{
    const struct view *v = &s->view;
    struct messages *m;

    TRY(folder_messages(v->folder, &m));
    take_keys(&r->order, p->criterion[r->left - 2].key,
              &(struct sorting){.collation = collation,
                                .m = m,
                                .columns = folder_sort_columns(v->folder),
                                .view = v->map == m->map && v->n <= m->n ? NULL : v,
                                .walk = w->scores > 0 ? w : NULL});
    order_begin(&r->order, p->criterion[r->left - 2].reverse);
    r->passing = true;
    return ERR_OK;
}

static enum err finish(struct imap_session *s, struct sort_run *r, struct search_walk *w)
{
    struct messages *m;

    TRY(folder_messages(s->view.folder, &m));
    w->found.n = 0;
    for (size_t i = 0; i < r->order.n; i++) {
        if (view_live(&s->view, m, r->order.at[i]) != UINT32_MAX)
            w->found.index[w->found.n++] = r->order.at[i];
    }
    sort_run_release(r);
    r->sorted = true;
    return ERR_OK;
}

/* From the last criterion to the first, since what is equal stays as it was. */
enum err sort_step(struct imap_session *s, struct job *j, struct sort_run *r,
                   const struct sort_program *p, enum collation collation, struct search_walk *w)
{
    if (r->sorted)
        return ERR_OK;
    if (r->left == 0) {
        order_init(&r->order, w->found.n);
        memcpy(r->order.at, w->found.index, w->found.n * sizeof(*w->found.index));
        r->left = p->n + 1;
    }
    for (; r->left > 1; r->left--) {
        if (!r->passing) {
            TRY(sort_load(s, j, sort_columns_of(p, collation)));
            TRY(begin_criterion(s, r, p, collation, w));
        }
        while (order_pass(&r->order)) {
            if (job_step_is_full(s, j))
                return ERR_MORE;
        }
        r->passing = false;
    }
    return finish(s, r, w);
}

void sort_run_release(struct sort_run *r)
{
    order_release(&r->order);
    *r = (struct sort_run){.left = 0};
}
