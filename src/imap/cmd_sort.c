/* imap/cmd_sort.c -- SORT and UID SORT: looking for messages, then telling them in order.
 *
 * Source: RFC 5256 section 3 (SORT), RFC 5957 (SORT=DISPLAY), RFC 5267 section 3 (ESORT: with
 * RETURN the answer is an ESEARCH, whose MIN and MAX are the first and the last in that order).
 */
#include "imap/context.h"

struct sort_job {
    struct sort_program program;
    struct search_walk walk;
    struct sort_run run;
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

    if (x == NULL)
        return;
    search_walk_end(&x->walk);
    sort_run_release(&x->run);
}

static enum err find_and_sort(struct imap_session *s, struct job *j, struct sort_job *x)
{
    TRY(search_walk_step(s, j, &x->walk));
    if (s->view.folder == NULL || s->view.folder->gone)
        x->walk.found.n = 0;
    if (x->walk.found.n == 0)
        return ERR_OK;
    return sort_step(s, j, &x->run, &x->program, x->collation, &x->walk);
}

static enum err sort(struct imap_session *s, struct job *j, struct sort_job *x)
{
    bool uid = (j->command->flags & COMMAND_UID) != 0;

    if (!j->in_line)
        TRY(find_and_sort(s, j, x));
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
