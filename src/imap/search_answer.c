/* imap/search_answer.c -- what is told of the messages found, and what "$" remembers.
 *
 * Source: RFC 9051 section 7.3.4 (ESEARCH), RFC 3501 section 7.2.5 (SEARCH), RFC 4731 (RETURN),
 * RFC 5182 (SAVE), RFC 9394 (PARTIAL), RFC 6203 (RELEVANCY), RFC 5256 section 4 (SORT), RFC 5267
 * section 3 (ESORT).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/mem.h"
#include "imap/search.h"

enum { NUMBERS_AT_ONCE = 1000 };

enum err search_saved(struct imap_session *s, const struct search_program *p, enum err e)
{
    if (e != ERR_OK && e != ERR_MORE && (p->returns & SEARCH_RETURN_SAVE) != 0)
        session_set_saved(s, (struct seq_set){0});
    return e;
}

/* SEARCH_RETURN_ bits. */
static uint32_t returns_of(const struct search_answer *x)
{
    const struct search_program *p = x->walk->program;

    return p->has_return ? p->returns : SEARCH_RETURN_ALL;
}

static uint32_t number_of(const struct search_answer *x, size_t i)
{
    uint32_t index = x->walk->found.index[i];

    return x->uid ? uid_at(x->walk->view->map, index) : index + 1;
}

static uint64_t modseq_of(const struct view *v, const struct messages *m, uint32_t index)
{
    uint32_t k = view_live(v, m, index);

    return k != UINT32_MAX ? m->modseq[k] : 0;
}

/* Whether the i-th message is among those returned: all of them, if ALL or COUNT speaks of them,
 * else the first, the last, the page (RFC 4731 section 3.2). */
static bool is_returned(const struct search_answer *x, size_t i)
{
    const uint32_t few = SEARCH_RETURN_MIN | SEARCH_RETURN_MAX | SEARCH_RETURN_PARTIAL;
    const uint32_t returns = returns_of(x);
    size_t n = x->walk->found.n, from = 0, to = 0;

    if ((returns & (SEARCH_RETURN_ALL | SEARCH_RETURN_COUNT)) != 0 || (returns & few) == 0)
        return true;
    if ((returns & SEARCH_RETURN_PARTIAL) != 0)
        partial_range_clip(&x->walk->program->partial, n, &from, &to);
    return ((returns & SEARCH_RETURN_MIN) != 0 && i == 0) ||
           ((returns & SEARCH_RETURN_MAX) != 0 && i == n - 1) || (i >= from && i < to);
}

/* The greatest mod-sequence of the messages returned, if MODSEQ was asked for (RFC 7162 sections
 * 3.1.5 and 3.1.10); 0: none. */
static uint64_t highest_modseq(const struct search_answer *x)
{
    const struct view *v = x->walk->view;
    struct messages *m;
    uint64_t highest = 0;

    if (!x->walk->program->has_modseq || v->folder == NULL || v->folder->gone ||
        folder_messages(v->folder, &m) != ERR_OK)
        return 0;
    for (size_t i = 0; i < x->walk->found.n; i++) {
        uint64_t modseq = is_returned(x, i) ? modseq_of(v, m, x->walk->found.index[i]) : 0;

        highest = modseq > highest ? modseq : highest;
    }
    return highest;
}

/* " 2 84 882": the results [from, to), for which one look at the buffer is enough. */
static void write_numbers(struct imap_session *s, const struct search_answer *x, size_t from,
                          size_t to)
{
    const uint32_t *index = x->walk->found.index;
    const struct uid_map *map = x->walk->view->map;
    char *start = buf_reserve(&s->out, (to - from) * (1 + DECIMAL_U32_OCTETS_MAX)), *at = start;

    if (start == NULL)
        return;
    for (size_t i = from; i < to; i++) {
        *at++ = ' ';
        at += decimal_write(at, x->uid ? uid_at(map, index[i]) : index[i] + 1);
    }
    buf_added(&s->out, (size_t)(at - start));
}

/* "* SEARCH 2 84 882", "* SORT 84 2 882": as much of it as fits a step. */
static enum err answer_plainly(struct imap_session *s, struct job *j, const struct search_answer *x)
{
    struct search_walk *w = x->walk;

    if (!j->in_line) {
        w->told = 0;
        w->highest = highest_modseq(x);
        buf_addf(&s->out, "* %s", x->name);
        j->in_line = true;
    }
    while (w->told < w->found.n) {
        size_t left = w->found.n - w->told, n = left < NUMBERS_AT_ONCE ? left : NUMBERS_AT_ONCE;

        write_numbers(s, x, w->told, w->told + n);
        w->told += n;
        if (job_step_is_full(s, j))
            return ERR_MORE;
    }
    if (w->highest > 0)
        buf_addf(&s->out, " (MODSEQ %" PRIu64 ")", w->highest);
    buf_add_str(&s->out, "\r\n");
    j->in_line = false;
    return ERR_OK;
}

/* The results [from, to) as a sequence set that keeps their order: a range stands for numbers
 * that follow each other upwards, and for no others (RFC 5267 section 3.2). */
static void write_set(struct imap_session *s, const struct search_answer *x, size_t from, size_t to)
{
    for (size_t i = from; i < to;) {
        uint32_t first = number_of(x, i), last = first;

        buf_add_str(&s->out, i > from ? "," : "");
        buf_add_u64(&s->out, first);
        while (++i < to && number_of(x, i) == last + 1)
            last++;
        if (last > first) {
            buf_add_char(&s->out, ':');
            buf_add_u64(&s->out, last);
        }
    }
}

/* " PARTIAL (-1:-100 5,7:9)", or NIL for the set (RFC 9394 section 3.1). */
static void write_partial(struct imap_session *s, const struct search_answer *x)
{
    const struct partial_range *page = &x->walk->program->partial;
    size_t from, to;

    partial_range_clip(page, x->walk->found.n, &from, &to);
    buf_add_str(&s->out, " PARTIAL (");
    partial_range_write(&s->out, page);
    buf_add_char(&s->out, ' ');
    if (from == to)
        buf_add_str(&s->out, "NIL");
    else
        write_set(s, x, from, to);
    buf_add_char(&s->out, ')');
}

/* " RELEVANCY (4 99 42)": of the messages told of, in their order. */
static void write_relevancy(struct imap_session *s, const struct search_answer *x)
{
    const struct match_list *found = &x->walk->found;
    size_t from = 0, to = found->n;

    if ((returns_of(x) & SEARCH_RETURN_PARTIAL) != 0)
        partial_range_clip(&x->walk->program->partial, found->n, &from, &to);
    buf_add_str(&s->out, " RELEVANCY (");
    for (size_t i = from; i < to; i++)
        buf_addf(&s->out, "%s%u", i > from ? " " : "", search_walk_score(x->walk, found->index[i]));
    buf_add_char(&s->out, ')');
}

static void answer_esearch(struct imap_session *s, struct job *j, const struct search_answer *x)
{
    const struct folder *f = x->walk->view->folder;
    const uint32_t returns = returns_of(x);
    const size_t n = x->walk->found.n;
    struct buf *out = &s->out;
    uint64_t modseq = highest_modseq(x);

    buf_add_str(out, "* ESEARCH (TAG ");
    reply_quoted(out, j->tag);
    if (x->names_mailbox) {
        buf_add_str(out, " MAILBOX ");
        mailbox_write(out, session_form(s), f->name);
        buf_addf(out, " UIDVALIDITY %u", f->uidvalidity);
    }
    buf_add_char(out, ')');
    if (x->uid)
        buf_add_str(out, " UID");
    if ((returns & SEARCH_RETURN_MIN) != 0 && n > 0)
        buf_addf(out, " MIN %u", number_of(x, 0));
    if ((returns & SEARCH_RETURN_MAX) != 0 && n > 0)
        buf_addf(out, " MAX %u", number_of(x, n - 1));
    if ((returns & SEARCH_RETURN_ALL) != 0 && n > 0) {
        buf_add_str(out, " ALL ");
        write_set(s, x, 0, n);
    }
    if ((returns & SEARCH_RETURN_PARTIAL) != 0)
        write_partial(s, x);
    if ((returns & SEARCH_RETURN_RELEVANCY) != 0)
        write_relevancy(s, x);
    if ((returns & SEARCH_RETURN_COUNT) != 0)
        buf_addf(out, " COUNT %zu", n);
    if (modseq > 0)
        buf_addf(out, " MODSEQ %" PRIu64, modseq);
    buf_add_str(out, "\r\n");
}

/* What "$" becomes, in the order of the answer: everything; but of MIN, MAX and PARTIAL without
 * ALL or COUNT just what they name (RFC 5182 section 2.4, RFC 9394 section 3.2). */
static size_t choose(const struct search_answer *x, uint32_t *index)
{
    const struct match_list *found = &x->walk->found;
    const uint32_t returns = returns_of(x);
    bool min = (returns & SEARCH_RETURN_MIN) != 0, max = (returns & SEARCH_RETURN_MAX) != 0;
    bool partial = (returns & SEARCH_RETURN_PARTIAL) != 0;
    size_t from = 0, to = 0, n = 0;

    if (partial)
        partial_range_clip(&x->walk->program->partial, found->n, &from, &to);
    if ((returns & (SEARCH_RETURN_ALL | SEARCH_RETURN_COUNT)) != 0 || (!min && !max && !partial)) {
        min = max = false;
        from = 0;
        to = found->n;
    }
    if (min && found->n > 0 && (from > 0 || from == to))
        index[n++] = found->index[0];
    for (size_t i = from; i < to; i++)
        index[n++] = found->index[i];
    if (max && found->n > 0 && (to < found->n || from == to) && (found->n > 1 || !min))
        index[n++] = found->index[found->n - 1];
    return n;
}

static enum err save(struct imap_session *s, struct job *j, const struct search_answer *x)
{
    scoped_free uint32_t *index = mem_calloc(x->walk->found.n + 2, sizeof(*index));
    struct seq_set all = {0};
    size_t n = choose(x, index);

    if (x->sorted)
        numbers_sort(index, n);
    for (size_t i = 0; i < n; i++)
        TRY(seq_set_add(&all, &j->arena, uid_at(s->view.map, index[i])));
    session_set_saved(s, seq_set_dup(&all));
    return ERR_OK;
}

enum err search_answer(struct imap_session *s, struct job *j, const struct search_answer *x)
{
    uint32_t returns = returns_of(x);

    if ((returns & SEARCH_RETURN_SAVE) != 0)
        TRY(save(s, j, x));
    if (x->name != NULL && !x->walk->program->has_return &&
        (x->sorted || !session_enabled(s, ENABLED_REV2)))
        return answer_plainly(s, j, x);
    if ((returns & ~(uint32_t)SEARCH_RETURN_UPDATE) != SEARCH_RETURN_SAVE)
        answer_esearch(s, j, x);
    return ERR_OK;
}
