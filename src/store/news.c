/* store/news.c -- what happened in the account since a modseq: which folders changed, and what
 * became of names (RFC 5465 section 5). The change log of one folder is change.c.
 *
 * Both answers cost what happened since, not what there is: folders are linked in the order of
 * the commits that last changed them, and the last question about events is kept, since after a
 * commit many sessions ask the same one. Neither is begun before somebody asks.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/internal.h"

/* ---- folders by their last change ----------------------------------------------------------- */

static void unlink_folder(struct account *a, struct folder_state *f)
{
    if (f->newer != NULL)
        f->newer->older = f->older;
    else if (a->latest == f)
        a->latest = f->older;
    if (f->older != NULL)
        f->older->newer = f->newer;
    f->newer = f->older = NULL;
}

static void link_latest(struct account *a, struct folder_state *f)
{
    unlink_folder(a, f);
    f->older = a->latest;
    if (a->latest != NULL)
        a->latest->newer = f;
    a->latest = f;
}

static int by_change(const void *x, const void *y)
{
    const struct folder *f = *(struct folder *const *)x, *g = *(struct folder *const *)y;
    uint64_t a = folder_news_modseq(f), b = folder_news_modseq(g);

    return a != b ? (a > b) - (a < b) : (f->id > g->id) - (f->id < g->id);
}

static void sort_by_change(struct folder **f, size_t n)
{
    if (n > 1)
        qsort(f, n, sizeof(*f), by_change);
}

/* The first question of this opening: link all. */
static void link_all(struct account *a)
{
    scoped_free struct folder **all = mem_calloc(a->n_folders + 1, sizeof(*all));

    if (a->n_folders > 0)
        memcpy(all, a->folders, a->n_folders * sizeof(*all));
    sort_by_change(all, a->n_folders);
    for (size_t i = 0; i < a->n_folders; i++) {
        struct folder_state *f = state_of(all[i]);

        f->listed = folder_news_modseq(&f->pub);
        link_latest(a, f);
    }
}

void news_committed(struct account *a)
{
    if (a->latest == NULL)
        return;
    for (size_t i = 0; i < a->n_touched; i++) {
        struct folder_state *f = a->touched[i];

        if (f->pub.gone) {
            unlink_folder(a, f);
        } else if (folder_news_modseq(&f->pub) > f->listed) {
            f->listed = a->modseq;
            link_latest(a, f);
        }
    }
}

/* One pass counts, another fills. What this transaction touched is not linked anew before it is
 * committed, so those come first and are passed over in the list. */
static size_t collect(const struct account *a, uint64_t since, struct folder **out)
{
    size_t n = 0;

    for (size_t i = 0; i < a->n_touched; i++) {
        struct folder *f = &a->touched[i]->pub;

        if (f->gone || folder_news_modseq(f) <= since)
            continue;
        if (out != NULL)
            out[n] = f;
        n++;
    }
    for (struct folder_state *f = a->latest; f != NULL && f->listed > since; f = f->older) {
        if (f->in_txn || f->pub.gone || folder_news_modseq(&f->pub) <= since)
            continue;
        if (out != NULL)
            out[n] = &f->pub;
        n++;
    }
    return n;
}

enum err account_changed_folders(struct account *a, uint64_t since, struct arena *arena,
                                 struct folder ***out, size_t *n)
{
    if (a->latest == NULL)
        link_all(a);
    *n = collect(a, since, NULL);
    *out = arena_array(arena, struct folder *, *n);
    if (*out == NULL)
        return ERR_NOMEM;
    collect(a, since, *out);
    sort_by_change(*out, *n);
    return ERR_OK;
}

/* ---- events --------------------------------------------------------------------------------- */

void events_forget(struct account *a)
{
    free(a->events.at);
    arena_clear(&a->events.names);
    a->events = (struct event_tail){0};
}

/* Columns of EVENT_TAIL. */
enum { COL_ID, COL_MODSEQ, COL_KIND, COL_FOLDER, COL_NAME, COL_OLD_NAME };

static enum err read_event(struct event_tail *t, sqlite3_stmt *q, struct event *e)
{
    *e = (struct event){.modseq = (uint64_t)sqlite3_column_int64(q, COL_MODSEQ),
                        .kind = (enum event_kind)sqlite3_column_int(q, COL_KIND),
                        .folder = (uint64_t)sqlite3_column_int64(q, COL_FOLDER)};
    if (!arena_copy(&t->names, sql_slice(q, COL_NAME), &e->name))
        return ERR_LIMIT;
    if (sqlite3_column_type(q, COL_OLD_NAME) != SQLITE_NULL &&
        !arena_copy(&t->names, sql_slice(q, COL_OLD_NAME), &e->old_name))
        return ERR_LIMIT;
    return ERR_OK;
}

/* A renamed folder takes its inferiors with it, each with a row behind its own: only the first is
 * told (RFC 5465 section 5.4). */
static bool replaces(const struct event *before, const struct event *e)
{
    return before->kind == EVENT_RENAME && e->kind == EVENT_RENAME && before->modseq == e->modseq;
}

static enum err add_event(struct event_tail *t, const struct event *e)
{
    if (t->n > 0 && replaces(e, &t->at[t->n - 1])) {
        t->at[t->n - 1] = *e;
        return ERR_OK;
    }
    if (t->n == ACCOUNT_EVENTS_MAX)
        return ERR_LIMIT;
    if ((t->n & (t->n - 1)) == 0)
        t->at = mem_resize(t->at, t->n > 0 ? t->n * 2 : 1, sizeof(*t->at));
    t->at[t->n++] = *e;
    return ERR_OK;
}

/* From the last row backwards. The log was cut within the answer if it ends in a row that is not
 * the first ever. */
static enum err read_tail(struct account *a, struct event_tail *t, uint64_t since)
{
    scoped_query sqlite3_stmt *q = NULL;
    uint64_t id = 1;
    bool row;

    TRY(sql_query(a, &q, EVENT_TAIL));
    for (;;) {
        struct event e;

        TRY(sql_step(a, q, &row));
        if (!row || (uint64_t)sqlite3_column_int64(q, COL_MODSEQ) <= since)
            return row || id == 1 ? ERR_OK : ERR_LIMIT;
        id = (uint64_t)sqlite3_column_int64(q, COL_ID);
        TRY(read_event(t, q, &e));
        TRY(add_event(t, &e));
    }
}

static enum err load_tail(struct account *a, uint64_t since)
{
    struct event_tail *t = &a->events;
    enum err e;

    events_forget(a);
    arena_init(&t->names, ACCOUNT_EVENTS_OCTETS_MAX);
    e = read_tail(a, t, since);
    if (e != ERR_OK) {
        events_forget(a);
        return e;
    }
    for (size_t i = 0; i < t->n / 2; i++) {
        struct event x = t->at[i];

        t->at[i] = t->at[t->n - 1 - i];
        t->at[t->n - 1 - i] = x;
    }
    t->since = since;
    t->known = true;
    return ERR_OK;
}

enum err account_events(struct account *a, uint64_t since, const struct event **out, size_t *n)
{
    const struct event_tail *t = &a->events;
    size_t i = 0;

    if (!t->known || since < t->since)
        TRY(load_tail(a, since));
    while (i < t->n && t->at[i].modseq <= since)
        i++;
    *out = t->n > 0 ? t->at + i : NULL;
    *n = t->n - i;
    return ERR_OK;
}
