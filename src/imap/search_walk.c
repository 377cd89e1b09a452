/* imap/search_walk.c -- going through a mailbox in steps, gathering what matches.
 *
 * Source: RFC 9051 section 6.4.4. A walk keeps view indices, which no expunge moves while the
 * command runs (COMMAND_NUMBERS), and nothing of the store between two steps.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/search.h"

/* Between two looks at the clock. */
enum {
    CLOCK_EVERY = 4, /* blocks whose columns are asked, */
    LOOKS_EVERY = 16 /* messages looked at one by one without reading any */
};

static void match_list_reserve(struct match_list *l, size_t n)
{
    if (l->cap - l->n >= n)
        return;
    l->cap = l->cap > 0 ? l->cap * 2 : BLOCK_MESSAGES_MAX;
    l->index = mem_resize(l->index, l->cap, sizeof(*l->index));
}

static void match_list_add(struct match_list *l, uint32_t index)
{
    match_list_reserve(l, 1);
    l->index[l->n++] = index;
}

static void match_list_release(struct match_list *l)
{
    free(l->index);
    *l = (struct match_list){0};
}

/* RFC 9755 section 3 (and erratum 4029 of RFC 6855): who has enabled UTF-8 names no charset, or
 * where the grammar wants one, no other. */
static enum err check_charset(struct imap_session *s, struct job *j,
                              const struct search_program *program)
{
    if (!session_enabled(s, ENABLED_UTF8) || program->charset.p == NULL ||
        (program->charset_required && slice_eq_nocase(program->charset, SLICE("UTF-8"))))
        return ERR_OK;
    j->refusal = "BAD No charset after UTF8=ACCEPT";
    return ERR_SYNTAX;
}

enum err search_walk_begin(struct imap_session *s, struct job *j, struct search_walk *w,
                           struct search_program *program)
{
    enum err e;

    TRY(check_charset(s, j, program));
    if (program->has_gmail && !s->settings->gmail)
        return ERR_SYNTAX;
    if (program->has_filter)
        TRY(search_put_filters(s, j, program));
    if ((program->returns & SEARCH_RETURN_RELEVANCY) != 0 && !program->has_fuzzy)
        return ERR_SYNTAX;         /* RFC 6203 section 4 */
    j->numbers = program->has_seq; /* also of a UID command (RFC 7162 section 3.2.10.2) */
    w->program = program;
    w->view = &s->view;
    w->modseq = s->view.folder != NULL ? s->view.folder->highestmodseq : 0;
    e = matcher_new(s, &j->arena, program, &w->tree, &w->needles);
    if (e == ERR_BADCHARSET)
        j->refusal = "NO [BADCHARSET (US-ASCII UTF-8 ISO-8859-1)] Unknown charset";
    return e;
}

void search_walk_rebind(struct imap_session *s, struct search_walk *w, const struct view *v)
{
    matcher_rebind(s, w->tree, v);
    w->view = v;
    w->next = 0;
    w->scores = 0;
    w->found.n = 0;
}

/* Whether the keys that name messages leave this one to be looked at. */
static bool is_named(const struct search_walk *w, const struct view *v, uint32_t index)
{
    for (const struct matcher *t = w->tree->child; t != NULL; t = t->next) {
        if ((t->key->kind == SEARCH_SEQ || t->key->kind == SEARCH_UID) && !t->key->negated &&
            !seq_set_has(&t->set, t->uid ? uid_at(v->map, index) : index + 1))
            return false;
    }
    return true;
}

void search_walk_limit(struct imap_session *s, struct job *j, struct search_walk *w)
{
    const struct view *v = &s->view;
    uint32_t left = s->settings->message_limit, last = v->n;

    j->goal = v->n;
    if (v->n <= left)
        return;
    for (uint32_t i = v->n; i > 0; i--) {
        if (!is_named(w, v, i - 1))
            continue;
        if (left-- == 0) {
            w->next = last;
            j->limited = true;
            j->limited_uid = uid_at(v->map, last);
            return;
        }
        last = i - 1;
    }
}

enum err search_walk_whole(struct imap_session *s, struct job *j, struct search_walk *w)
{
    search_walk_limit(s, j, w);
    if (!j->limited)
        return ERR_OK;
    j->limited = false;
    return job_refuse_messages(j, s->settings->message_limit);
}

static void add_score(struct search_walk *w, uint32_t index, unsigned score)
{
    if (w->scores == w->scores_cap) {
        w->scores_cap = w->scores_cap > 0 ? w->scores_cap * 2 : 64;
        w->score = mem_resize(w->score, w->scores_cap, sizeof(*w->score));
    }
    w->score[w->scores++] = (struct match_score){index, score};
}

static int compare_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = ((const struct match_score *)b)->index;

    return (x > y) - (x < y);
}

unsigned search_walk_score(const struct search_walk *w, uint32_t index)
{
    const struct match_score *found = NULL;

    if (w->scores > 0)
        found = bsearch(&index, w->score, w->scores, sizeof(*w->score), compare_index);
    return found != NULL ? found->score : 0;
}

void search_walk_end(struct search_walk *w)
{
    free(w->score);
    matcher_release(w->needles);
    match_list_release(&w->found);
}

/* The messages from the next one on that stand side by side here and there. n is 0 where there is
 * none: that one has been expunged. */
static struct block next_block(const struct search_walk *w, const struct messages *m)
{
    const struct view *v = w->view;
    struct block b = {.index = w->next, .k = view_live(v, m, w->next)};
    uint32_t most = v->n - b.index < BLOCK_MESSAGES_MAX ? v->n - b.index : BLOCK_MESSAGES_MAX;

    if (b.k == UINT32_MAX)
        return b;
    most = m->n - b.k < most ? m->n - b.k : most;
    if (v->map == m->map)
        b.n = most;
    while (b.n < most && uid_at(v->map, b.index + b.n) == uid_at(m->map, b.k + b.n))
        b.n++;
    return b;
}

/* Ask the keys that columns answer; *rest is the first of the others, NULL if there is none. A
 * search that scores asks all of them one message at a time. */
static uint64_t ask_columns(const struct search_walk *w, struct candidate *c, const struct block *b,
                            struct matcher **rest)
{
    uint64_t left = b->n < 64 ? ((uint64_t)1 << b->n) - 1 : UINT64_MAX;

    *rest = w->tree->child;
    while (!w->tree->scored && *rest != NULL && (*rest)->cost == COST_COLUMN) {
        left = left != 0 ? matcher_ask_columns(*rest, c, b, left) : 0;
        *rest = (*rest)->next;
    }
    return left;
}

static void look_at(struct search_walk *w, struct candidate *c, struct matcher *rest)
{
    unsigned score;

    if (!w->tree->scored) {
        while (rest != NULL && matcher_matches(rest, c))
            rest = rest->next;
        if (rest == NULL)
            match_list_add(&w->found, c->index);
        return;
    }
    score = matcher_score(w->tree, c);
    if (score > 0) {
        match_list_add(&w->found, c->index);
        add_score(w, c->index, score);
    }
}

static void add_all(struct search_walk *w, const struct block *b, uint64_t which)
{
    match_list_reserve(&w->found, BLOCK_MESSAGES_MAX);
    for (; which != 0; which &= which - 1)
        w->found.index[w->found.n++] = b->index + (uint32_t)__builtin_ctzll(which);
}

/* Looking at the clock costs as much as a message that is not read. */
static bool is_time_to_look(struct candidate *c, uint32_t next)
{
    bool has_read = c->has_read;

    c->has_read = false;
    return has_read || next % LOOKS_EVERY == 0;
}

/* Ask the messages left one by one. */
static enum err look_at_each(struct imap_session *s, struct job *j, struct search_walk *w,
                             struct candidate *c, const struct block *b, uint64_t left,
                             struct matcher *rest)
{
    for (; left != 0; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(left);

        w->next = b->index + i + 1;
        candidate_set(c, b->index + i, b->k + i);
        look_at(w, c, rest);
        TRY(c->error);
        if (is_time_to_look(c, w->next) && job_step_is_full(s, j))
            return ERR_MORE;
    }
    return ERR_OK;
}

static enum err walk_block(struct imap_session *s, struct job *j, struct search_walk *w,
                           struct candidate *c, const struct block *b)
{
    struct matcher *rest;
    uint64_t left = ask_columns(w, c, b, &rest);

    TRY(c->error);
    if (rest != NULL)
        TRY(look_at_each(s, j, w, c, b, left, rest));
    else
        add_all(w, b, left);
    w->next = b->index + (b->n > 0 ? b->n : 1);
    return ERR_OK;
}

static enum err walk(struct imap_session *s, struct job *j, struct search_walk *w,
                     struct messages *m)
{
    struct candidate c;
    enum err e = ERR_OK;

    candidate_init(&c, s, m);
    c.view = w->view;
    for (unsigned n = 1; w->next < w->view->n && e == ERR_OK; n++) {
        struct block b = next_block(w, m);

        e = walk_block(s, j, w, &c, &b);
        if (e == ERR_OK && n % CLOCK_EVERY == 0 && job_step_is_full(s, j))
            e = ERR_MORE;
    }
    j->done = w->next;
    candidate_release(&c);
    return e;
}

enum err search_walk_step(struct imap_session *s, struct job *j, struct search_walk *w)
{
    struct messages *m;

    if (w->program->has_modseq) /* RFC 7162 section 3.1: an enabling command */
        modseq_enable(s);
    if (w->view->folder == NULL || w->view->folder->gone)
        return ERR_OK;
    TRY(folder_messages(w->view->folder, &m));
    return walk(s, j, w, m);
}
