/* imap/context.c -- making and ending contexts, and CANCELUPDATE (RFC 5267 sections 4.3, 4.3.1
 * and 4.3.5).
 */
#include "imap/context.h"

#include <stdlib.h>

#include "base/mem.h"
#include "imap/gmail.h"

void context_free(struct context **cp)
{
    struct context *c = *cp;

    if (c == NULL)
        return;
    *cp = c->next;
    matcher_release(c->needles);
    arena_clear(&c->arena);
    free(c->result);
    free(c->text);
    free(c);
}

void contexts_free(struct contexts **xp)
{
    struct contexts *x = *xp;

    if (x == NULL)
        return;
    while (x->first != NULL)
        context_free(&x->first);
    buf_release(&x->due);
    free(x);
    *xp = NULL;
}

static struct context **find(const struct contexts *x, struct slice tag)
{
    struct context *const *c = &x->first;

    while (*c != NULL && !slice_eq((*c)->tag, tag))
        c = &(*c)->next;
    return (struct context **)c;
}

enum err context_check(struct imap_session *s, struct job *j, const struct search_program *p)
{
    if ((p->returns & SEARCH_RETURN_UPDATE) == 0 || s->contexts == NULL ||
        *find(s->contexts, j->tag) == NULL)
        return ERR_OK;
    j->refusal = "BAD The tag is that of an earlier UPDATE";
    return ERR_SYNTAX;
}

/* ---- making --------------------------------------------------------------------------------- */

static enum err copy_set(struct seq_set *set, struct arena *a)
{
    struct seq_set copy = {0};

    for (size_t i = 0; i < set->n; i++)
        TRY(seq_set_add_range(&copy, a, set->range[i].lo, set->range[i].hi));
    *set = copy;
    return ERR_OK;
}

/* Numbers mean the messages that had them when the command came (section 4.3). */
static enum err numbers_to_uids(const struct view *v, struct seq_set *set, struct arena *a)
{
    struct seq_set uids = {0};
    uint32_t number;

    for (struct seq_iter i = seq_iter(set); seq_iter_next(&i, &number);) {
        if (number > v->n)
            break;
        TRY(seq_set_add(&uids, a, uid_at(v->map, number - 1)));
    }
    *set = uids;
    return ERR_OK;
}

/* "UID 7:*" goes on with the messages that come. */
static enum err keep_open(struct matcher *t, struct arena *a)
{
    const struct seq_set *asked = &t->key->set;

    if (t->key->kind != SEARCH_UID || !asked->star || asked->star_from == UINT32_MAX)
        return ERR_OK;
    return seq_set_add_range(&t->set, a, asked->star_from, UINT32_MAX);
}

/* Make the keys independent of what the session is about to change: its numbers, and "$".
 * ERR_CANNOT: they ask what changes without a change of this mailbox, what other mailboxes hold. */
static enum err settle(const struct view *v, struct matcher *t, struct arena *a)
{
    if (t->key->kind == SEARCH_GM_LABEL && gmail_mark(t->key->text) != GMAIL_STARRED)
        return ERR_CANNOT;
    if (t->key->kind == SEARCH_SEQ || t->key->kind == SEARCH_UID) {
        TRY(t->uid ? copy_set(&t->set, a) : numbers_to_uids(v, &t->set, a));
        TRY(keep_open(t, a));
        t->uid = true;
    }
    for (struct matcher *child = t->child; child != NULL; child = child->next)
        TRY(settle(v, child, a));
    return ERR_OK;
}

static bool there_is_room(const struct contexts *x, size_t more)
{
    size_t n = 0, results = more;

    for (const struct context *c = x != NULL ? x->first : NULL; c != NULL; c = c->next, n++)
        results += c->n;
    return n < CONTEXTS_MAX && results <= CONTEXT_RESULTS_MAX;
}

static bool is_by_relevancy(const struct sort_program *p)
{
    for (size_t i = 0; p != NULL && i < p->n; i++) {
        if (p->criterion[i].key == SORT_BY_RELEVANCY)
            return true;
    }
    return false;
}

/* The job goes on with a copy of its tag alone. */
static struct context *take_over(struct imap_session *s, struct job *j,
                                 const struct context_source *source)
{
    struct match_list *found = &source->walk->found;
    struct context *c = mem_new(struct context);

    *c = (struct context){.arena = j->arena,
                          .text = j->text,
                          .tag = j->tag,
                          .uid = source->uid,
                          .tree = source->walk->tree,
                          .needles = source->walk->needles,
                          .sort = source->sort,
                          .collation = source->collation,
                          .fetch = source->walk->program->update_fetch,
                          .fetch_from = s->view.uidnext,
                          .result = found->index,
                          .n = found->n};
    for (size_t i = 0; i < c->n; i++)
        c->result[i] = uid_at(s->view.map, c->result[i]);
    source->walk->needles = NULL;
    *found = (struct match_list){0};
    search_walk_end(source->walk);
    j->args = NULL;
    j->text = mem_dup_slice(c->tag);
    j->tag = slice_of(j->text, c->tag.n);
    arena_init(&j->arena, SESSION_ARENA_OCTETS_MAX);
    return c;
}

static void write_noupdate(struct buf *out, struct slice tag, const char *why)
{
    buf_add_str(out, "* NO [NOUPDATE ");
    reply_quoted(out, tag);
    buf_addf(out, "] %s\r\n", why);
}

void context_write_noupdate(struct imap_session *s, struct slice tag, const char *why)
{
    write_noupdate(&s->out, tag, why);
}

void context_add(struct imap_session *s, struct job *j, const struct context_source *source)
{
    uint64_t modseq = source->walk->modseq; /* take_over gives the walk back */
    struct contexts *x = s->contexts;
    struct context *c;

    if (s->view.folder == NULL || s->view.folder->gone)
        return; /* there will be no news */
    if (!there_is_room(x, source->walk->found.n) || is_by_relevancy(source->sort) ||
        settle(&s->view, source->walk->tree, &j->arena) != ERR_OK) {
        context_write_noupdate(s, j->tag, "Too many updates, or too costly ones");
        return;
    }
    c = take_over(s, j, source);
    if (x == NULL) {
        x = s->contexts = mem_new(struct contexts);
        x->modseq = modseq;
        x->uidnext = s->view.uidnext;
        buf_init(&x->due, CONTEXT_FETCHES_AT_ONCE_MAX * 24 + SESSION_COMMAND_OCTETS_MAX);
    }
    x->modseq = modseq < x->modseq ? modseq : x->modseq;
    c->next = x->first;
    x->first = c;
}

/* ---- asking --------------------------------------------------------------------------------- */

static enum err refresh(struct imap_session *s, struct matcher *t)
{
    if (t->key->kind == SEARCH_KEYWORD && t->keyword == 0)
        TRY(keyword_id(s->account, t->key->text, false, &t->keyword));
    for (struct matcher *child = t->child; child != NULL; child = child->next)
        TRY(refresh(s, child));
    return ERR_OK;
}

/* Keywords that did not exist when the command came may exist by now. */
enum err context_refresh(struct imap_session *s, struct context *c)
{
    return refresh(s, c->tree);
}

bool context_matches(const struct context *c, struct candidate *x, uint32_t at, uint32_t k)
{
    candidate_set(x, at, k);
    return c->tree->scored ? matcher_score(c->tree, x) > 0 : matcher_matches(c->tree, x);
}

/* ---- batches -------------------------------------------------------------------------------- */

void contexts_batch_begin(struct imap_session *s)
{
    for (const struct context *c = s->contexts->first; c != NULL; c = c->next)
        write_noupdate(&s->batch.ended, c->tag, "Ask again");
}

/* What was told in the batch has been taken back, and with it where the results stood; so those
 * there were before it end, and those that ended in it have to be told of, too. */
void contexts_batch_failed(struct imap_session *s)
{
    buf_add_slice(&s->out, buf_slice(&s->batch.ended));
    contexts_free(&s->contexts);
}

/* ---- CANCELUPDATE --------------------------------------------------------------------------- */

struct cancel_args {
    struct slice tag[CONTEXTS_MAX];
    size_t n;
};

enum err cancelupdate_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct cancel_args *x = arena_new(&j->arena, struct cancel_args);

    (void)s;
    if (x == NULL)
        return ERR_NOMEM;
    j->args = x;
    TRY(lex_space(in));
    do {
        if (x->n == CONTEXTS_MAX)
            return ERR_LIMIT;
        if (lex_peek(in) != '"')
            return ERR_SYNTAX;
        TRY(lex_string(in, &j->arena, LEX_TAG_OCTETS_MAX, &x->tag[x->n++]));
    } while (lex_accept(in, ' '));
    return ERR_OK;
}

/* End the context of that tag; false if there is none. */
static bool cancel(struct imap_session *s, struct slice tag)
{
    struct context **c;

    if (s->contexts == NULL || *(c = find(s->contexts, tag)) == NULL)
        return false;
    context_free(c);
    if (s->contexts->first == NULL)
        contexts_free(&s->contexts);
    return true;
}

enum err cancelupdate_run(struct imap_session *s, struct job *j)
{
    struct cancel_args *x = j->args;
    bool all = true;

    for (size_t i = 0; i < x->n; i++)
        all &= cancel(s, x->tag[i]);
    if (!all)
        j->refusal = "NO There are no updates under such a tag";
    return all ? ERR_OK : ERR_NOTFOUND;
}
