/* imap/cmd_search.c -- SEARCH and UID SEARCH (RFC 9051 section 6.4.4). */
#include "imap/context.h"

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
    TRY(context_check(s, j, &x->program));
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
    bool uid = (j->command->flags & COMMAND_UID) != 0;

    if (!j->in_line)
        TRY(search_walk_step(s, j, &x->walk));
    TRY(search_answer(s, j,
                      &(struct search_answer){.walk = &x->walk, .name = "SEARCH", .uid = uid}));
    if ((x->program.returns & SEARCH_RETURN_UPDATE) != 0)
        context_add(s, j, &(struct context_source){.walk = &x->walk, .uid = uid});
    return ERR_OK;
}

enum err search_run(struct imap_session *s, struct job *j)
{
    struct search_job *x = j->args;
    enum err e = search(s, j, x);

    return e == ERR_OK ? e : search_saved(s, &x->program, e);
}
