/* imap/cmd_thread.c -- THREAD and UID THREAD (RFC 5256 section 3; REFS is of
 * draft-ietf-morg-inthread).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/sort.h"

enum { TREES_AT_ONCE = 100, BEGINNINGS_MAX = 3 };

/* STATES: the walk looks for messages; `building` trees of them; `in_line` of the job, telling. */
struct thread_job {
    struct thread_program program;
    struct search_walk walk;
    enum collation collation;
    struct uid_map *map; /* of the mailbox when the building began, with a reference */
    unsigned beginnings;
    uint32_t *live;   /* of each node, its message; on the heap, as the next */
    uint32_t *number; /* and what it is called */
    struct threads *building;
    struct thread_forest forest;
    uint32_t root; /* the next to be told */
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

static void forget_trees(struct thread_job *x)
{
    thread_end(&x->building);
    thread_forest_release(&x->forest);
    free(x->live);
    free(x->number);
    x->live = x->number = NULL;
    if (x->map != NULL)
        uid_map_unref(&x->map);
}

void thread_release(struct job *j)
{
    struct thread_job *x = j->args;

    if (x == NULL)
        return;
    forget_trees(x);
    search_walk_end(&x->walk);
}

/* The messages found that are still there become nodes. */
static void begin(struct imap_session *s, struct job *j, struct thread_job *x,
                  const struct messages *m)
{
    const struct match_list *found = &x->walk.found;
    bool uid = (j->command->flags & COMMAND_UID) != 0;
    size_t n = 0;

    forget_trees(x);
    x->live = mem_calloc(found->n + 1, sizeof(*x->live));
    x->number = mem_calloc(found->n + 1, sizeof(*x->number));
    for (size_t i = 0; i < found->n; i++) {
        uint32_t at = found->index[i], k = view_live(&s->view, m, at);

        if (k == UINT32_MAX)
            continue;
        x->live[n] = k;
        x->number[n++] = uid ? uid_at(s->view.map, at) : at + 1;
    }
    x->map = uid_map_ref(m->map);
    x->beginnings++;
    x->building = thread_begin(&x->forest, x->program.algorithm, x->collation,
                               folder_sort_columns(s->view.folder), x->live, n);
}

/* Messages that go meanwhile move the others in the columns: then it begins again, and where that
 * happens all the time it does not stop for anybody. */
static enum err build(struct imap_session *s, struct job *j, struct thread_job *x)
{
    struct messages *m;

    TRY(sort_load(s, j, thread_columns_of(x->program.algorithm, x->collation)));
    TRY(folder_messages(s->view.folder, &m));
    if (x->building == NULL || x->map != m->map)
        begin(s, j, x, m);
    while (thread_step(x->building, folder_sort_columns(s->view.folder))) {
        if (x->beginnings < BEGINNINGS_MAX && job_step_is_full(s, j))
            return ERR_MORE;
    }
    thread_end(&x->building);
    x->root = x->forest.root;
    return ERR_OK;
}

static enum err tell(struct imap_session *s, struct job *j, struct thread_job *x)
{
    while (x->root != THREAD_NONE) {
        thread_write(&s->out, &x->forest, x->number, &x->root, TREES_AT_ONCE);
        if (x->root != THREAD_NONE && job_step_is_full(s, j))
            return ERR_MORE;
    }
    buf_add_str(&s->out, "\r\n");
    j->in_line = false;
    return ERR_OK;
}

enum err thread_run(struct imap_session *s, struct job *j)
{
    struct thread_job *x = j->args;

    if (j->in_line)
        return tell(s, j, x);
    TRY(search_walk_step(s, j, &x->walk));
    if (s->view.folder == NULL || s->view.folder->gone) {
        reply_untagged(&s->out, "THREAD");
        return ERR_OK;
    }
    TRY(build(s, j, x));
    buf_add_str(&s->out, x->root != THREAD_NONE ? "* THREAD " : "* THREAD");
    j->in_line = true;
    return tell(s, j, x);
}
