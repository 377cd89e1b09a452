/* imap/cmd_thread.c -- THREAD and UID THREAD (RFC 5256 section 3; REFS is of
 * draft-ietf-morg-inthread).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/sort.h"

struct thread_job {
    struct thread_program program;
    struct search_walk walk;
    enum collation collation;
};

enum err thread_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct thread_job *x = arena_new(&j->arena, struct thread_job);

    if (x == NULL)
        return ERR_NOMEM;
    j->args = x;
    x->collation = s->chosen.collation;
    TRY(lex_space(in));
    TRY(thread_parse(in, &j->arena, &x->program));
    TRY(search_walk_begin(s, j, &x->walk, &x->program.search));
    return search_walk_whole(s, j, &x->walk);
}

void thread_release(struct job *j)
{
    struct thread_job *x = j->args;

    if (x != NULL)
        search_walk_end(&x->walk);
}

static void answer(struct imap_session *s, struct job *j, struct thread_job *x,
                   const struct messages *m)
{
    bool uid = (j->command->flags & COMMAND_UID) != 0;
    uint32_t *live = x->walk.found.index;
    size_t n = sort_view_to_live(&s->view, m, live, x->walk.found.n);
    scoped_free uint32_t *number = mem_calloc(n + 1, sizeof(*number));
    struct thread_forest forest;

    for (size_t i = 0; i < n; i++)
        number[i] = uid ? m->map->uid[live[i]] : sort_live_to_view(&s->view, m, live[i]) + 1;
    thread_build(&forest, x->program.algorithm, x->collation, folder_sort_columns(s->view.folder),
                 live, n);
    if (n > 0)
        buf_add_char(&s->out, ' ');
    thread_write(&s->out, &forest, number);
    thread_forest_release(&forest);
}

enum err thread_run(struct imap_session *s, struct job *j)
{
    struct thread_job *x = j->args;
    struct messages *m;

    TRY(search_walk_step(s, j, &x->walk));
    if (s->view.folder == NULL || s->view.folder->gone) {
        reply_untagged(&s->out, "THREAD");
        return ERR_OK;
    }
    TRY(sort_load(s, j, thread_columns_of(x->program.algorithm, x->collation)));
    TRY(folder_messages(s->view.folder, &m));
    buf_add_str(&s->out, "* THREAD");
    answer(s, j, x, m);
    buf_add_str(&s->out, "\r\n");
    return ERR_OK;
}
