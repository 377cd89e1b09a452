/* imap/cmd_search.c -- SEARCH: walking the mailbox in steps, and its answers.
 *
 * Source: RFC 9051 sections 6.4.4 and 7.3.4 (ESEARCH), RFC 3501 section 7.2.5 (SEARCH), RFC 4731
 * (RETURN), RFC 5182 (SAVE).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/search.h"

struct search_job {
    struct search_program program;
    struct matcher *tree, *needles;
    bool uid;
    uint32_t next;   /* view index to go on with */
    uint32_t *index; /* view indices of the matches; on the heap */
    size_t n, cap;
};

/* A SAVE that fails empties "$" (RFC 5182 section 2.1). */
static enum err failed_save(struct imap_session *s, const struct search_job *x, enum err e)
{
    if (e != ERR_OK && e != ERR_MORE && (x->program.returns & SEARCH_RETURN_SAVE) != 0)
        seq_set_release(&s->saved);
    return e;
}

enum err search_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct search_job *x = arena_new(&j->arena, struct search_job);
    enum err e;

    if (x == NULL)
        return ERR_NOMEM;
    j->args = x;
    x->uid = (j->command->flags & COMMAND_UID) != 0;
    TRY(lex_space(in));
    TRY(search_parse(in, &j->arena, &x->program));
    e = matcher_new(s, &j->arena, &x->program, &x->tree, &x->needles);
    if (e == ERR_BADCHARSET)
        j->refusal = "NO [BADCHARSET (US-ASCII UTF-8 ISO-8859-1)] Unknown charset";
    return failed_save(s, x, e);
}

void search_release(struct job *j)
{
    struct search_job *x = j->args;

    if (x == NULL)
        return;
    matcher_release(x->needles);
    free(x->index);
}

static void add_match(struct search_job *x, uint32_t index)
{
    if (x->n == x->cap) {
        x->cap = x->cap > 0 ? x->cap * 2 : 64;
        x->index = mem_resize(x->index, x->cap, sizeof(*x->index));
    }
    x->index[x->n++] = index;
}

/* ---- answering ------------------------------------------------------------------------------ */

static uint32_t number_of(const struct imap_session *s, const struct search_job *x, size_t i)
{
    return x->uid ? s->view.map->uid[x->index[i]] : x->index[i] + 1;
}

static enum err as_set(struct imap_session *s, struct search_job *x, struct arena *a, bool uid,
                       struct seq_set *out)
{
    for (size_t i = 0; i < x->n; i++)
        TRY(seq_set_add(out, a, uid ? s->view.map->uid[x->index[i]] : x->index[i] + 1));
    return ERR_OK;
}

static void answer_search(struct imap_session *s, struct search_job *x)
{
    buf_add_str(&s->out, "* SEARCH");
    for (size_t i = 0; i < x->n; i++) {
        buf_add_char(&s->out, ' ');
        buf_add_u64(&s->out, number_of(s, x, i));
    }
    buf_add_str(&s->out, "\r\n");
}

static enum err answer_esearch(struct imap_session *s, struct job *j, struct search_job *x,
                               uint32_t returns)
{
    struct buf *out = &s->out;

    buf_add_str(out, "* ESEARCH (TAG ");
    reply_quoted(out, j->tag);
    buf_add_char(out, ')');
    if (x->uid)
        buf_add_str(out, " UID");
    if ((returns & SEARCH_RETURN_MIN) != 0 && x->n > 0)
        buf_addf(out, " MIN %u", number_of(s, x, 0));
    if ((returns & SEARCH_RETURN_MAX) != 0 && x->n > 0)
        buf_addf(out, " MAX %u", number_of(s, x, x->n - 1));
    if ((returns & SEARCH_RETURN_ALL) != 0 && x->n > 0) {
        struct seq_set all = {0};

        TRY(as_set(s, x, &j->arena, x->uid, &all));
        buf_add_str(out, " ALL ");
        seq_set_write(out, &all);
    }
    if ((returns & SEARCH_RETURN_COUNT) != 0)
        buf_addf(out, " COUNT %zu", x->n);
    buf_add_str(out, "\r\n");
    return ERR_OK;
}

/* What "$" becomes (RFC 5182 section 2.4): with only MIN and MAX just those, else everything. */
static enum err save(struct imap_session *s, struct job *j, struct search_job *x, uint32_t returns)
{
    struct seq_set all = {0};
    uint32_t few = returns & (SEARCH_RETURN_MIN | SEARCH_RETURN_MAX);
    size_t n = x->n;

    if (few != 0 && (returns & (SEARCH_RETURN_ALL | SEARCH_RETURN_COUNT)) == 0 && n > 0) {
        const uint32_t *uid = s->view.map->uid;

        if ((few & SEARCH_RETURN_MIN) != 0)
            TRY(seq_set_add(&all, &j->arena, uid[x->index[0]]));
        if ((few & SEARCH_RETURN_MAX) != 0 && (n > 1 || few == SEARCH_RETURN_MAX))
            TRY(seq_set_add(&all, &j->arena, uid[x->index[n - 1]]));
    } else {
        TRY(as_set(s, x, &j->arena, true, &all));
    }
    seq_set_release(&s->saved);
    s->saved = seq_set_dup(&all);
    return ERR_OK;
}

static enum err answer(struct imap_session *s, struct job *j, struct search_job *x)
{
    const struct search_program *p = &x->program;
    uint32_t returns = p->has_return ? p->returns : SEARCH_RETURN_ALL;

    if ((returns & SEARCH_RETURN_SAVE) != 0)
        TRY(save(s, j, x, returns));
    if (!p->has_return && !session_enabled(s, ENABLED_REV2)) {
        answer_search(s, x);
        return ERR_OK;
    }
    if (returns == SEARCH_RETURN_SAVE)
        return ERR_OK;
    return answer_esearch(s, j, x, returns);
}

/* ---- walking -------------------------------------------------------------------------------- */

static enum err walk(struct imap_session *s, struct job *j, struct search_job *x,
                     struct messages *m)
{
    struct candidate c;
    enum err e = ERR_OK;

    candidate_init(&c, s, m);
    for (unsigned n = 1; x->next < s->view.n && e == ERR_OK; n++) {
        uint32_t index = x->next++, k = view_live(&s->view, m, index);

        if (k == UINT32_MAX)
            continue;
        candidate_set(&c, index, k);
        if (matcher_matches(x->tree, &c))
            add_match(x, index);
        e = c.error;
        if (e == ERR_OK && (x->tree->cost > COST_COLUMN || n % 256 == 0) && job_step_is_full(s, j))
            e = ERR_MORE;
    }
    candidate_release(&c);
    return e;
}

static enum err search(struct imap_session *s, struct job *j, struct search_job *x)
{
    struct messages *m;

    if (s->view.folder != NULL && !s->view.folder->gone) {
        TRY(folder_messages(s->view.folder, &m));
        TRY(walk(s, j, x, m));
    }
    return answer(s, j, x);
}

enum err search_run(struct imap_session *s, struct job *j)
{
    struct search_job *x = j->args;

    return failed_save(s, x, search(s, j, x));
}
