/* imap/cmd_store.c -- STORE: changing flags, in steps, each message whole.
 *
 * Source: RFC 9051 section 6.4.6, RFC 7162 section 3.1.3 (UNCHANGEDSINCE).
 */
#include "imap/gmail.h"
#include "wire/store.h"

struct store_job {
    struct store_args args;
    struct target target;
    uint32_t *keywords;
    struct seq_set modified; /* what failed UNCHANGEDSINCE: numbers, or UIDs of UID STORE */
};

static enum err check(const struct imap_session *s, struct job *j, const struct store_args *args)
{
    if (args->is_labels)
        return s->settings->gmail && !args->conditional ? ERR_OK : ERR_SYNTAX;
    if ((args->flags.system & FLAG_RECENT) == 0)
        return ERR_OK;
    j->refusal = "BAD \\Recent cannot be changed";
    return ERR_SYNTAX;
}

enum err store_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct store_job *st = arena_new(&j->arena, struct store_job);

    if (st == NULL)
        return ERR_NOMEM;
    j->args = st;
    TRY(lex_space(in));
    TRY(store_parse(in, &j->arena, session_form(s), &st->args));
    TRY(check(s, j, &st->args));
    TRY(target_init(s, &st->target, &st->args.set, (j->command->flags & COMMAND_UID) != 0));
    target_limit(s, j, &st->target);
    j->goal = target_count(s, &st->target);
    return ERR_OK;
}

enum err keywords_resolve(struct imap_session *s, struct arena *a, const struct flag_list *list,
                          uint32_t **ids)
{
    *ids = arena_array(a, uint32_t, list->n);
    if (*ids == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < list->n; i++)
        TRY(keyword_id(s->account, list->keyword[i], true, &(*ids)[i]));
    return ERR_OK;
}

/* Whether message k was changed after what the client knows of it. There is one mod-sequence a
 * message, and 0 asks whether what is named exists at all: a system flag always does. */
static bool is_modified(struct imap_session *s, const struct store_job *st,
                        const struct messages *m, uint32_t k)
{
    const struct store_args *args = &st->args;

    if (args->unchangedsince > 0 || args->action == STORE_REPLACE || args->flags.system != 0)
        return m->modseq[k] > args->unchangedsince;
    for (size_t i = 0; i < args->flags.n; i++) {
        if (keyword_set_has(s->account, m->keywords[k], st->keywords[i]))
            return true;
    }
    return false;
}

/* It stays as it is, and the client hears why. */
static enum err refuse(struct imap_session *s, struct job *j, struct store_job *st,
                       const struct messages *m, uint32_t index, uint32_t k)
{
    bool uid = (j->command->flags & COMMAND_UID) != 0;

    view_write_fetch_flags(s, m, index, k, uid);
    return seq_set_add(&st->modified, &j->arena, uid ? uid_at(m->map, k) : index + 1);
}

static enum err one(struct imap_session *s, struct job *j, struct store_job *st, struct messages *m,
                    uint32_t index)
{
    const struct store_args *args = &st->args;
    uint32_t k = view_live(&s->view, m, index);
    bool changed, untold;

    if (k == UINT32_MAX) {
        if ((j->command->flags & COMMAND_UID) == 0) /* an absent UID is no error (6.4.9) */
            j->late = ERR_EXPUNGED;
        return ERR_OK;
    }
    if (args->conditional && is_modified(s, st, m, k))
        return refuse(s, j, st, m, index, k);
    /* While an expunge may not be told, nor may what others changed after it; once the message is
     * ours that would never be told, so the flags are, silent or not. */
    untold = m->modseq[k] > s->view.modseq && m->modseq[k] != j->modseq;
    TRY(message_store(s->view.folder, k, args->action, (uint8_t)(args->flags.system & FLAG_SYSTEM),
                      st->keywords, args->flags.n, job_modseq(s, j), &changed));
    if (changed && args->flags.n > 0)
        view_tell_keywords(s);
    if (!args->silent || (changed && untold))
        view_write_fetch_flags(s, m, index, k, (j->command->flags & COMMAND_UID) != 0);
    else if (args->conditional || (changed && session_enabled(s, ENABLED_CONDSTORE)))
        view_write_fetch_modseq(s, m, index, k);
    return ERR_OK;
}

static void answer_modified(struct job *j, const struct store_job *st)
{
    bool lost = j->late == ERR_EXPUNGED;

    j->late = ERR_OK; /* there is room for one response code */
    buf_add_str(&j->answer, lost ? "NO [MODIFIED " : "OK [MODIFIED ");
    seq_set_write(&j->answer, &st->modified);
    buf_add_str(&j->answer, lost ? "] Some messages no longer exist" : "] Some had been changed");
}

enum err store_run(struct imap_session *s, struct job *j)
{
    struct store_job *st = j->args;
    struct folder *f = s->view.folder;
    struct messages *m;
    uint32_t index;
    uint64_t before;
    unsigned n = 0;
    enum err e = ERR_OK;

    if (st->args.is_labels)
        return store_labels_run(s, j, &st->args, &st->target);
    TRY(view_check_writable(s));
    if (st->args.conditional)
        modseq_enable(s);
    if (view_tell(s, false) ==
        ERR_MORE) { /* others' changes first, so that ours can be told apart */
        j->wants_output = true;
        return ERR_MORE;
    }
    j->answers_at = s->out.n;
    before = f->highestmodseq;
    TRY(keywords_resolve(s, &j->arena, &st->args.flags, &st->keywords));
    TRY(folder_messages(f, &m));
    while (e == ERR_OK && target_next(s, &st->target, &index)) {
        e = one(s, j, st, m, index);
        j->done++;
        if (++n % 64 == 0 && job_step_is_full(s, j))
            e = e == ERR_OK ? ERR_MORE : e;
    }
    view_skip_own(s, before);
    if (e == ERR_OK && st->modified.n > 0)
        answer_modified(j, st);
    return e;
}
