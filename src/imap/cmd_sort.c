/* imap/cmd_sort.c -- SORT and UID SORT: looking for messages, then telling them in order.
 *
 * Source: RFC 5256 section 3 (SORT), RFC 5957 (SORT=DISPLAY), RFC 5267 section 3 (ESORT: with
 * RETURN the answer is an ESEARCH, whose MIN and MAX are the first and the last in that order).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/context.h"

struct sort_job {
    struct sort_program program;
    struct search_walk walk;
    enum collation collation;
};

enum err sort_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct sort_job *x = arena_new(&j->arena, struct sort_job);
    struct search_program *p;

    if (x == NULL)
        return ERR_NOMEM;
    j->args = x;
    x->collation = s->chosen.collation;
    p = &x->program.search;
    TRY(lex_space(in));
    TRY(sort_parse(in, &j->arena, &x->program));
    TRY(context_check(s, j, p));
    TRY(search_saved(s, p, search_walk_begin(s, j, &x->walk, p)));
    return search_saved(s, p, search_walk_whole(s, j, &x->walk));
}

void sort_release(struct job *j)
{
    struct sort_job *x = j->args;

    if (x != NULL)
        search_walk_end(&x->walk);
}

static void drop_expunged(const struct view *v, const struct messages *m, struct match_list *found)
{
    size_t kept = 0;

    for (size_t i = 0; i < found->n; i++) {
        if (view_live(v, m, found->index[i]) != UINT32_MAX)
            found->index[kept++] = found->index[i];
    }
    found->n = kept;
}

/* For RELEVANCY: one for each message found. NULL if the search is not fuzzy. */
static unsigned *scores_of(const struct search_walk *w)
{
    unsigned *score;

    if (w->scores == 0)
        return NULL;
    score = mem_calloc(w->found.n + 1, sizeof(*score));
    for (size_t i = 0; i < w->found.n; i++)
        score[i] = search_walk_score(w, w->found.index[i]);
    return score;
}

static enum err sort_found(struct imap_session *s, struct job *j, struct sort_job *x)
{
    struct folder *f = s->view.folder;
    struct match_list *found = &x->walk.found;
    struct messages *m;
    unsigned *score;

    if (found->n == 0)
        return ERR_OK;
    TRY(sort_load(s, j, sort_columns_of(&x->program, x->collation)));
    TRY(folder_messages(f, &m));
    drop_expunged(&s->view, m, found);
    score = scores_of(&x->walk);
    found->n = sort_view_to_live(&s->view, m, found->index, found->n);
    sort_live(&x->program, x->collation, m, folder_sort_columns(f), found->index, score, found->n);
    free(score);
    for (size_t i = 0; i < found->n; i++)
        found->index[i] = sort_live_to_view(&s->view, m, found->index[i]);
    return ERR_OK;
}

static enum err sort(struct imap_session *s, struct job *j, struct sort_job *x)
{
    bool uid = (j->command->flags & COMMAND_UID) != 0;

    TRY(search_walk_step(s, j, &x->walk));
    if (s->view.folder == NULL || s->view.folder->gone)
        x->walk.found.n = 0;
    TRY(sort_found(s, j, x));
    TRY(search_answer(
        s, j,
        &(struct search_answer){.walk = &x->walk, .name = "SORT", .sorted = true, .uid = uid}));
    if ((x->program.search.returns & SEARCH_RETURN_UPDATE) != 0)
        context_add(
            s, j,
            &(struct context_source){
                .walk = &x->walk, .sort = &x->program, .collation = x->collation, .uid = uid});
    return ERR_OK;
}

enum err sort_run(struct imap_session *s, struct job *j)
{
    struct sort_job *x = j->args;
    enum err e = sort(s, j, x);

    return e == ERR_OK ? e : search_saved(s, &x->program.search, e);
}
