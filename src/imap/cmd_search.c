/* imap/cmd_search.c -- SEARCH and UID SEARCH (RFC 9051 section 6.4.4). */
#include "imap/search.h"

struct search_job {
    struct search_program program;
    struct search_walk walk;
};

enum err search_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct search_job *x = arena_new(&j->arena, struct search_job);

    if (x == NULL)
        return ERR_NOMEM;
    j->args = x;
    TRY(lex_space(in));
    TRY(search_parse(in, &j->arena, &x->program));
    j->numbers = x->program.has_seq; /* also of UID SEARCH (RFC 7162 section 3.2.10.2) */
    TRY(search_saved(s, &x->program, search_walk_begin(s, j, &x->walk, &x->program)));
    search_walk_limit(s, j, &x->walk);
    return ERR_OK;
}

void search_release(struct job *j)
{
    struct search_job *x = j->args;

    if (x != NULL)
        search_walk_end(&x->walk);
}

static enum err search(struct imap_session *s, struct job *j, struct search_job *x)
{
    struct search_answer answer = {.name = "SEARCH",
                                   .uid = (j->command->flags & COMMAND_UID) != 0,
                                   .has_return = x->program.has_return,
                                   .returns = x->program.returns,
                                   .partial = x->program.partial,
                                   .walk = &x->walk,
                                   .with_modseq = x->program.has_modseq};

    TRY(search_walk_step(s, j, &x->walk));
    answer.index = x->walk.found.index;
    answer.n = x->walk.found.n;
    return search_answer(s, j, &answer);
}

enum err search_run(struct imap_session *s, struct job *j)
{
    struct search_job *x = j->args;

    return search_saved(s, &x->program, search(s, j, x));
}
