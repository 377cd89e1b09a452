/* wire/search_return.c -- what a search is to return: RETURN (...) in front of its keys. An option
 * is one row of `returns`.
 */
#include "wire/fetch.h"
#include "wire/search.h"

/* RFC 4731 section 3.1, RFC 5182 section 2.1, RFC 9394 section 3.1, RFC 6203 section 4, RFC 5267
 * section 4. */
static const struct {
    struct slice name;
    enum search_return bit;
} returns[] = {
    {{"MIN", 3}, SEARCH_RETURN_MIN},
    {{"MAX", 3}, SEARCH_RETURN_MAX},
    {{"ALL", 3}, SEARCH_RETURN_ALL},
    {{"COUNT", 5}, SEARCH_RETURN_COUNT},
    {{"SAVE", 4}, SEARCH_RETURN_SAVE},
    {{"PARTIAL", 7}, SEARCH_RETURN_PARTIAL},
    {{"RELEVANCY", 9}, SEARCH_RETURN_RELEVANCY},
    {{"CONTEXT", 7}, SEARCH_RETURN_CONTEXT},
    {{"UPDATE", 6}, SEARCH_RETURN_UPDATE},
};

enum { RETURNS = sizeof(returns) / sizeof(returns[0]) };

/* One page, and not beside ALL (RFC 9394 section 3.1). */
static enum err parse_partial(struct lex *in, struct search_program *program)
{
    if ((program->returns & SEARCH_RETURN_PARTIAL) != 0)
        return ERR_SYNTAX;
    TRY(lex_space(in));
    return partial_range_parse(in, &program->partial);
}

/* "UPDATE" ["(" fetch-att *(SP fetch-att) ")"], as RFC 5465 has it: with a space between. */
static enum err parse_update(struct lex *in, struct arena *a, struct search_program *program)
{
    uint32_t kinds;

    if (!slice_starts(lex_rest(in), SLICE(" (")))
        return ERR_OK;
    if (program->update_fetch.p != NULL)
        return ERR_SYNTAX;
    TRY(lex_space(in));
    TRY(fetch_keep_attributes(in, a, &program->update_fetch, &kinds));
    program->has_gmail |= (kinds & FETCH_GMAIL_KINDS) != 0;
    return ERR_OK;
}

static enum err parse_return_option(struct lex *in, struct arena *a, struct search_program *program)
{
    enum { PAGE_AND_ALL = SEARCH_RETURN_PARTIAL | SEARCH_RETURN_ALL };

    for (size_t i = 0; i < RETURNS; i++) {
        if (!lex_accept_atom(in, returns[i].name))
            continue;
        if (returns[i].bit == SEARCH_RETURN_PARTIAL)
            TRY(parse_partial(in, program));
        if (returns[i].bit == SEARCH_RETURN_UPDATE)
            TRY(parse_update(in, a, program));
        program->returns |= returns[i].bit;
        return (program->returns & PAGE_AND_ALL) == PAGE_AND_ALL ? ERR_SYNTAX : ERR_OK;
    }
    return ERR_SYNTAX;
}

/* SP "(" [option *(SP option)] ")" SP */
static enum err parse_returns(struct lex *in, struct arena *a, struct search_program *program)
{
    program->has_return = true;
    TRY(lex_space(in));
    TRY(lex_expect(in, '('));
    if (lex_accept(in, ')')) {
        program->returns = SEARCH_RETURN_ALL;
        return lex_space(in);
    }
    do
        TRY(parse_return_option(in, a, program));
    while (lex_accept(in, ' '));
    TRY(lex_expect(in, ')'));
    program->returns &= ~(uint32_t)SEARCH_RETURN_CONTEXT; /* a hint; RFC 5267 section 4.2 */
    if (program->returns == 0)
        program->returns = SEARCH_RETURN_ALL;
    return lex_space(in);
}

enum err search_parse_return(struct lex *in, struct arena *a, struct search_program *program)
{
    return lex_accept_atom(in, SLICE("RETURN")) ? parse_returns(in, a, program) : ERR_OK;
}
