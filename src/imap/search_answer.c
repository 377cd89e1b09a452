/* imap/search_answer.c -- what is told of the messages found, and what "$" remembers.
 *
 * Source: RFC 9051 section 7.3.4 (ESEARCH), RFC 3501 section 7.2.5 (SEARCH), RFC 4731 (RETURN),
 * RFC 5182 (SAVE), RFC 9394 (PARTIAL), RFC 6203 (RELEVANCY).
 */
#include <inttypes.h>

#include "imap/search.h"

enum err search_saved(struct imap_session *s, const struct search_program *p, enum err e)
{
    if (e != ERR_OK && e != ERR_MORE && (p->returns & SEARCH_RETURN_SAVE) != 0)
        seq_set_release(&s->saved);
    return e;
}

static uint32_t number_of(const struct imap_session *s, const struct search_answer *x, size_t i)
{
    return x->uid ? s->view.map->uid[x->index[i]] : x->index[i] + 1;
}

static uint64_t modseq_of(const struct imap_session *s, const struct messages *m, uint32_t index)
{
    uint32_t k = view_live(&s->view, m, index);

    return k != UINT32_MAX ? m->modseq[k] : 0;
}

/* The greatest mod-sequence of the messages told of: of the first and the last, if only MIN or
 * MAX were asked for (RFC 4731 section 3.2). 0: none. */
static uint64_t highest_modseq(const struct imap_session *s, const struct search_answer *x)
{
    const uint32_t ends = SEARCH_RETURN_MIN | SEARCH_RETURN_MAX;
    bool few = x->has_return && (x->returns & ends) != 0 &&
               (x->returns & (SEARCH_RETURN_ALL | SEARCH_RETURN_COUNT)) == 0;
    struct messages *m;
    uint64_t highest = 0;

    if (!x->with_modseq || s->view.folder == NULL || s->view.folder->gone ||
        folder_messages(s->view.folder, &m) != ERR_OK)
        return 0;
    for (size_t i = 0; i < x->n; i++) {
        uint64_t modseq;

        if (few && !((x->returns & SEARCH_RETURN_MIN) != 0 && i == 0) &&
            !((x->returns & SEARCH_RETURN_MAX) != 0 && i == x->n - 1))
            continue;
        modseq = modseq_of(s, m, x->index[i]);
        highest = modseq > highest ? modseq : highest;
    }
    return highest;
}

static void answer_search(struct imap_session *s, const struct search_answer *x)
{
    uint64_t modseq = highest_modseq(s, x);

    buf_add_str(&s->out, "* SEARCH");
    for (size_t i = 0; i < x->n; i++) {
        buf_add_char(&s->out, ' ');
        buf_add_u64(&s->out, number_of(s, x, i));
    }
    if (modseq > 0)
        buf_addf(&s->out, " (MODSEQ %" PRIu64 ")", modseq);
    buf_add_str(&s->out, "\r\n");
}

/* The results [from, to), at least one, as a sequence set. */
static enum err write_set(struct imap_session *s, struct job *j, const struct search_answer *x,
                          size_t from, size_t to)
{
    struct seq_set set = {0};

    for (size_t i = from; i < to; i++)
        TRY(seq_set_add(&set, &j->arena, number_of(s, x, i)));
    seq_set_write(&s->out, &set);
    return ERR_OK;
}

static enum err write_all(struct imap_session *s, struct job *j, const struct search_answer *x)
{
    buf_add_str(&s->out, " ALL ");
    return write_set(s, j, x, 0, x->n);
}

/* " PARTIAL (-1:-100 5,7:9)", or NIL for the set (RFC 9394 section 3.1). */
static enum err write_partial(struct imap_session *s, struct job *j, const struct search_answer *x)
{
    size_t from, to;

    partial_range_clip(&x->partial, x->n, &from, &to);
    buf_add_str(&s->out, " PARTIAL (");
    partial_range_write(&s->out, &x->partial);
    buf_add_char(&s->out, ' ');
    if (from == to)
        buf_add_str(&s->out, "NIL");
    else
        TRY(write_set(s, j, x, from, to));
    buf_add_char(&s->out, ')');
    return ERR_OK;
}

/* " RELEVANCY (4 99 42)": of the messages told of, in their order. */
static void write_relevancy(struct imap_session *s, const struct search_answer *x)
{
    size_t from = 0, to = x->n;

    if ((x->returns & SEARCH_RETURN_PARTIAL) != 0)
        partial_range_clip(&x->partial, x->n, &from, &to);
    buf_add_str(&s->out, " RELEVANCY (");
    for (size_t i = from; i < to; i++)
        buf_addf(&s->out, "%s%u", i > from ? " " : "", search_walk_score(x->walk, x->index[i]));
    buf_add_char(&s->out, ')');
}

static enum err answer_esearch(struct imap_session *s, struct job *j, const struct search_answer *x,
                               uint32_t returns)
{
    struct buf *out = &s->out;
    uint64_t modseq = highest_modseq(s, x);

    buf_add_str(out, "* ESEARCH (TAG ");
    reply_quoted(out, j->tag);
    buf_add_char(out, ')');
    if (x->uid)
        buf_add_str(out, " UID");
    if ((returns & SEARCH_RETURN_MIN) != 0 && x->n > 0)
        buf_addf(out, " MIN %u", number_of(s, x, 0));
    if ((returns & SEARCH_RETURN_MAX) != 0 && x->n > 0)
        buf_addf(out, " MAX %u", number_of(s, x, x->n - 1));
    if ((returns & SEARCH_RETURN_ALL) != 0 && x->n > 0)
        TRY(write_all(s, j, x));
    if ((returns & SEARCH_RETURN_PARTIAL) != 0)
        TRY(write_partial(s, j, x));
    if ((returns & SEARCH_RETURN_RELEVANCY) != 0)
        write_relevancy(s, x);
    if ((returns & SEARCH_RETURN_COUNT) != 0)
        buf_addf(out, " COUNT %zu", x->n);
    if (modseq > 0)
        buf_addf(out, " MODSEQ %" PRIu64, modseq);
    buf_add_str(out, "\r\n");
    return ERR_OK;
}

/* What "$" becomes: everything; but of MIN, MAX and PARTIAL without ALL or COUNT just what they
 * name (RFC 5182 section 2.4, RFC 9394 section 3.2). */
static enum err gather_saved(struct imap_session *s, struct job *j, const struct search_answer *x,
                             uint32_t returns, struct seq_set *out)
{
    const uint32_t *uid = s->view.map->uid;
    bool min = (returns & SEARCH_RETURN_MIN) != 0, max = (returns & SEARCH_RETURN_MAX) != 0;
    bool partial = (returns & SEARCH_RETURN_PARTIAL) != 0;
    size_t from = 0, to = 0, last = x->n - 1;

    if (partial)
        partial_range_clip(&x->partial, x->n, &from, &to);
    if ((returns & (SEARCH_RETURN_ALL | SEARCH_RETURN_COUNT)) != 0 || (!min && !max && !partial)) {
        min = max = false;
        from = 0;
        to = x->n;
    }
    if (x->n == 0)
        return ERR_OK;
    if (min && (from > 0 || from == to))
        TRY(seq_set_add(out, &j->arena, uid[x->index[0]]));
    for (size_t i = from; i < to; i++)
        TRY(seq_set_add(out, &j->arena, uid[x->index[i]]));
    if (max && (to < x->n || from == to) && (last > 0 || !min))
        TRY(seq_set_add(out, &j->arena, uid[x->index[last]]));
    return ERR_OK;
}

static enum err save(struct imap_session *s, struct job *j, const struct search_answer *x,
                     uint32_t returns)
{
    struct seq_set all = {0};

    TRY(gather_saved(s, j, x, returns, &all));
    seq_set_release(&s->saved);
    s->saved = seq_set_dup(&all);
    return ERR_OK;
}

enum err search_answer(struct imap_session *s, struct job *j, const struct search_answer *x)
{
    uint32_t returns = x->has_return ? x->returns : SEARCH_RETURN_ALL;

    if ((returns & SEARCH_RETURN_SAVE) != 0)
        TRY(save(s, j, x, returns));
    if (!x->has_return && !session_enabled(s, ENABLED_REV2)) {
        answer_search(s, x);
        return ERR_OK;
    }
    if (returns == SEARCH_RETURN_SAVE)
        return ERR_OK;
    return answer_esearch(s, j, x, returns);
}
