/* imap/search_answer.c -- what is told of the messages found, and what "$" remembers.
 *
 * Source: RFC 9051 section 7.3.4 (ESEARCH), RFC 3501 section 7.2.5 (SEARCH), RFC 4731 (RETURN),
 * RFC 5182 (SAVE).
 */
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

static void answer_search(struct imap_session *s, const struct search_answer *x)
{
    buf_add_str(&s->out, "* SEARCH");
    for (size_t i = 0; i < x->n; i++) {
        buf_add_char(&s->out, ' ');
        buf_add_u64(&s->out, number_of(s, x, i));
    }
    buf_add_str(&s->out, "\r\n");
}

static enum err write_all(struct imap_session *s, struct job *j, const struct search_answer *x)
{
    struct seq_set all = {0};

    for (size_t i = 0; i < x->n; i++)
        TRY(seq_set_add(&all, &j->arena, number_of(s, x, i)));
    buf_add_str(&s->out, " ALL ");
    seq_set_write(&s->out, &all);
    return ERR_OK;
}

static enum err answer_esearch(struct imap_session *s, struct job *j, const struct search_answer *x,
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
    if ((returns & SEARCH_RETURN_ALL) != 0 && x->n > 0)
        TRY(write_all(s, j, x));
    if ((returns & SEARCH_RETURN_COUNT) != 0)
        buf_addf(out, " COUNT %zu", x->n);
    buf_add_str(out, "\r\n");
    return ERR_OK;
}

/* What "$" becomes (RFC 5182 section 2.4): with only MIN and MAX just those, else everything. */
static enum err save(struct imap_session *s, struct job *j, const struct search_answer *x,
                     uint32_t returns)
{
    const uint32_t *uid = s->view.map->uid;
    struct seq_set all = {0};
    uint32_t few = returns & (SEARCH_RETURN_MIN | SEARCH_RETURN_MAX);

    if (few != 0 && (returns & (SEARCH_RETURN_ALL | SEARCH_RETURN_COUNT)) == 0 && x->n > 0) {
        if ((few & SEARCH_RETURN_MIN) != 0)
            TRY(seq_set_add(&all, &j->arena, uid[x->index[0]]));
        if ((few & SEARCH_RETURN_MAX) != 0 && (x->n > 1 || few == SEARCH_RETURN_MAX))
            TRY(seq_set_add(&all, &j->arena, uid[x->index[x->n - 1]]));
    } else {
        for (size_t i = 0; i < x->n; i++)
            TRY(seq_set_add(&all, &j->arena, uid[x->index[i]]));
    }
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
