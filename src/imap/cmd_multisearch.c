/* imap/cmd_multisearch.c -- ESEARCH: one search of many mailboxes, one ESEARCH reply for each that
 * has a match.
 *
 * Source: RFC 7377, RFC 5267 (UPDATE, of the selected mailbox only). The mailboxes are searched one
 * after the other, in the order of LIST, each through a view of its own that nobody is told of:
 * what is selected stays as it is, and the matches of only one mailbox are held at a time. The job
 * remembers the last name it has handled, so folders may come and go between two steps.
 */
#include "imap/context.h"
#include "wire/multisearch.h"

struct multisearch_job {
    struct multisearch_args args;
    struct search_walk walk;
    struct view view;                 /* of the mailbox at work, unless it is the selected one */
    struct folder *folder;            /* the mailbox at work; NULL between two */
    char last[STORE_NAME_OCTETS_MAX]; /* the last name handled */
    size_t last_n;
    bool started, answered;
    uint64_t searched; /* messages, in the mailboxes done */
};

enum err multisearch_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct multisearch_job *x = arena_new(&j->arena, struct multisearch_job);
    bool updates;

    if (x == NULL)
        return ERR_NOMEM;
    j->args = x;
    TRY(lex_space(in));
    TRY(multisearch_parse(in, &j->arena, session_form(s), &x->args));
    updates = (x->args.program.returns & SEARCH_RETURN_UPDATE) != 0;
    if ((x->args.selected || updates) && s->view.folder_id == 0) {
        j->refusal = "BAD No mailbox is selected";
        return ERR_STATE;
    }
    TRY(context_check(s, j, &x->args.program));
    TRY(search_saved(s, &x->args.program, search_walk_begin(s, j, &x->walk, &x->args.program)));
    if (x->args.selected_only)
        search_walk_limit(s, j, &x->walk);
    return ERR_OK;
}

void multisearch_release(struct job *j)
{
    struct multisearch_job *x = j->args;

    if (x == NULL)
        return;
    search_walk_end(&x->walk);
    view_close(&x->view);
}

/* ---- one mailbox ---------------------------------------------------------------------------- */

static enum err begin_folder(struct imap_session *s, struct multisearch_job *x, struct folder *f)
{
    struct messages *m;

    if (f->id == s->view.folder_id) {
        if (!x->args.selected_only) /* else it was made for it, and may be limited */
            search_walk_rebind(s, &x->walk, &s->view);
    } else {
        TRY(folder_messages(f, &m));
        x->view = (struct view){.folder_id = f->id,
                                .folder = f,
                                .map = uid_map_ref(m->map),
                                .n = m->n,
                                .recent_from = folder_recent(f, false)};
        search_walk_rebind(s, &x->walk, &x->view);
    }
    x->folder = f;
    return ERR_OK;
}

static enum err answer(struct imap_session *s, struct job *j, struct multisearch_job *x)
{
    x->answered = true;
    return search_answer(
        s, j, &(struct search_answer){.walk = &x->walk, .uid = true, .names_mailbox = true});
}

static void end_folder(struct multisearch_job *x)
{
    x->searched += x->walk.view->n;
    view_close(&x->view);
    x->folder = NULL;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static bool is_picked(const struct imap_session *s, const struct multisearch_args *args,
                      const struct folder *f)
{
    for (size_t i = 0; i < args->n; i++) {
        if (mailbox_filter_picks(s, &args->filter[i], f))
            return true;
    }
    return false;
}

/* The next mailbox to search becomes the one at work; none is left: x->folder stays NULL. */
static enum err next_folder(struct imap_session *s, struct job *j, struct multisearch_job *x)
{
    size_t n, i = 0;
    struct folder *const *f = account_folders(s->account, &n);

    if (x->started)
        i = folders_after(f, n, slice_of(x->last, x->last_n));
    for (unsigned looked = 1; i < n; i++, looked++) {
        x->started = true;
        memcpy(x->last, f[i]->name.p, f[i]->name.n);
        x->last_n = f[i]->name.n;
        if (is_picked(s, &x->args, f[i]))
            return begin_folder(s, x, f[i]);
        if (looked % 256 == 0 && job_step_is_full(s, j))
            return ERR_MORE;
    }
    return ERR_OK;
}

static enum err search(struct imap_session *s, struct job *j, struct multisearch_job *x)
{
    enum err e;

    for (;;) {
        if (x->folder == NULL)
            TRY(next_folder(s, j, x));
        if (x->folder == NULL)
            break;
        e = search_walk_step(s, j, &x->walk);
        j->done += x->searched;
        if (e == ERR_OK && x->walk.found.n > 0 && !x->folder->gone)
            e = answer(s, j, x);
        if (e != ERR_OK)
            return e;
        end_folder(x);
        if (job_step_is_full(s, j))
            return ERR_MORE;
    }
    if ((x->args.program.returns & SEARCH_RETURN_SAVE) != 0 && !x->answered)
        session_set_saved(s, (struct seq_set){0}); /* nothing was found */
    return ERR_OK;
}

/* UPDATE means the selected mailbox (RFC 7377 section 2.2); where others are searched with it the
 * client is told that nothing is kept current (RFC 5267 section 4.3.1). */
static void keep_current(struct imap_session *s, struct job *j, struct multisearch_job *x)
{
    if ((x->args.program.returns & SEARCH_RETURN_UPDATE) == 0)
        return;
    if (x->args.selected_only)
        context_add(s, j, &(struct context_source){.walk = &x->walk, .uid = true});
    else
        context_write_noupdate(s, j->tag, "Only for the selected mailbox alone");
}

enum err multisearch_run(struct imap_session *s, struct job *j)
{
    struct multisearch_job *x = j->args;

    TRY(search_saved(s, &x->args.program, search(s, j, x)));
    keep_current(s, j, x);
    return ERR_OK;
}
