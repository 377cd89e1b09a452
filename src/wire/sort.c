/* wire/sort.c -- see sort.h. A new criterion or algorithm is one row. */
#include "wire/sort.h"

static const struct {
    struct slice name;
    enum sort_key key;
} sort_keys[] = {
    {{"ARRIVAL", 7}, SORT_BY_ARRIVAL},
    {{"CC", 2}, SORT_BY_CC},
    {{"DATE", 4}, SORT_BY_DATE},
    {{"DISPLAYFROM", 11}, SORT_BY_DISPLAYFROM}, /* RFC 5957 */
    {{"DISPLAYTO", 9}, SORT_BY_DISPLAYTO},
    {{"FROM", 4}, SORT_BY_FROM},
    {{"RELEVANCY", 9}, SORT_BY_RELEVANCY}, /* RFC 6203 */
    {{"SIZE", 4}, SORT_BY_SIZE},
    {{"SUBJECT", 7}, SORT_BY_SUBJECT},
    {{"TO", 2}, SORT_BY_TO},
};

static const struct {
    struct slice name;
    enum thread_algorithm algorithm;
} algorithms[] = {
    {{"ORDEREDSUBJECT", 14}, THREAD_ORDEREDSUBJECT},
    {{"REFERENCES", 10}, THREAD_REFERENCES},
    {{"REFS", 4}, THREAD_REFS}, /* draft-ietf-morg-inthread */
};

static enum err parse_criterion(struct lex *in, struct sort_criterion *out)
{
    out->reverse = lex_accept_atom(in, SLICE("REVERSE"));
    if (out->reverse)
        TRY(lex_space(in));
    for (size_t i = 0; i < sizeof(sort_keys) / sizeof(sort_keys[0]); i++) {
        if (lex_accept_atom(in, sort_keys[i].name)) {
            out->key = sort_keys[i].key;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

static enum err parse_criteria(struct lex *in, struct sort_program *p)
{
    TRY(lex_expect(in, '('));
    do {
        if (p->n == SORT_CRITERIA_MAX)
            return ERR_LIMIT;
        TRY(parse_criterion(in, &p->criterion[p->n++]));
    } while (lex_accept(in, ' '));
    TRY(lex_expect(in, ')'));
    return lex_space(in);
}

/* RFC 6203 section 6: RELEVANCY only with a FUZZY key. */
static enum err check_relevancy(const struct sort_program *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->criterion[i].key == SORT_BY_RELEVANCY && !p->search.has_fuzzy)
            return ERR_SYNTAX;
    }
    return ERR_OK;
}

enum err sort_parse(struct lex *in, struct arena *a, struct sort_program *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct sort_program got = {0};

    TRY(search_parse_return(in, a, &got.search));
    TRY(parse_criteria(in, &got));
    TRY(search_parse_criteria(in, a, &got.search));
    TRY(check_relevancy(&got));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

static enum err parse_algorithm(struct lex *in, enum thread_algorithm *out)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        if (lex_accept_atom(in, algorithms[i].name)) {
            *out = algorithms[i].algorithm;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

enum err thread_parse(struct lex *in, struct arena *a, struct thread_program *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct thread_program got = {0};

    TRY(parse_algorithm(in, &got.algorithm));
    TRY(lex_space(in));
    TRY(search_parse_criteria(in, a, &got.search));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
