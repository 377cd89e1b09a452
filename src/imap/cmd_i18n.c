/* imap/cmd_i18n.c -- COMPARATOR and LANGUAGE.
 *
 * Source: RFC 5255 sections 3 and 4. The active comparator is what SEARCH, SORT and
 * THREAD compare strings with (section 4.2); i;unicode-casemap (RFC 5051) is the default. A context
 * keeps the one it was made with (context.h).
 */
#include "imap/internal.h"
#include "wire/i18n.h"

static const struct {
    struct slice id;
    enum collation collation;
} comparators[] = {
    {{"i;unicode-casemap", 17}, COLLATION_UNICODE}, /* the first is the default */
    {{"i;ascii-casemap", 15}, COLLATION_ASCII},
    {{"i;octet", 7}, COLLATION_OCTET},
};

enum { COMPARATORS = sizeof(comparators) / sizeof(comparators[0]) };

enum err i18n_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    (void)s;
    j->args = arena_new(&j->arena, struct i18n_args);
    return j->args != NULL ? i18n_parse(in, &j->arena, j->args) : ERR_NOMEM;
}

enum err language_run(struct imap_session *s, struct job *j)
{
    buf_add_str(&j->answer, language_answer(&s->out, j->args));
    return ERR_OK;
}

static bool is_wanted(struct slice order, size_t comparator)
{
    if (slice_eq_nocase(order, SLICE("default")))
        return comparator == 0;
    return collation_matches(order, comparators[comparator].id);
}

/* Which comparators any of the orders matches, in bits, and the first that the first of them
 * does; COMPARATORS if none. */
static size_t choose(const struct i18n_args *args, unsigned *matching)
{
    size_t chosen = COMPARATORS;

    *matching = 0;
    for (size_t i = 0; i < args->n; i++) {
        for (size_t k = 0; k < COMPARATORS; k++) {
            if (!is_wanted(args->word[i], k))
                continue;
            *matching |= 1u << k;
            if (chosen == COMPARATORS)
                chosen = k;
        }
    }
    return chosen;
}

static void write_active(struct imap_session *s, unsigned matching)
{
    const char *before = " (";

    buf_add_str(&s->out, "* COMPARATOR ");
    buf_add_slice(&s->out, comparators[s->chosen.collation].id);
    if ((matching & (matching - 1)) != 0) { /* more than one: tell which (RFC 5255 section 4.8) */
        for (size_t k = 0; k < COMPARATORS; k++) {
            if ((matching & 1u << k) == 0)
                continue;
            buf_add_str(&s->out, before);
            buf_add_slice(&s->out, comparators[k].id);
            before = " ";
        }
        buf_add_char(&s->out, ')');
    }
    buf_add_str(&s->out, "\r\n");
}

enum err comparator_run(struct imap_session *s, struct job *j)
{
    const struct i18n_args *args = j->args;
    unsigned matching = 0;

    if (args->n > 0) {
        size_t chosen = choose(args, &matching);

        if (chosen == COMPARATORS) {
            buf_add_str(&j->answer, "NO [BADCOMPARATOR] No such comparator");
            return ERR_OK;
        }
        s->chosen.collation = comparators[chosen].collation;
    }
    write_active(s, matching);
    return ERR_OK;
}
