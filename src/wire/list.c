/* wire/list.c -- see list.h. */
#include "wire/list.h"

#include "wire/grow.h"

struct option {
    struct slice name;
    uint32_t bit;
};

/* RFC 5258 section 3.1, RFC 6154 section 5.2. */
static const struct option selects[] = {
    {{"SUBSCRIBED", 10}, LIST_SELECT_SUBSCRIBED},
    {{"REMOTE", 6}, LIST_SELECT_REMOTE},
    {{"RECURSIVEMATCH", 14}, LIST_SELECT_RECURSIVEMATCH},
    {{"SPECIAL-USE", 11}, LIST_SELECT_SPECIAL_USE},
};

/* RFC 5258 section 3.2, RFC 6154 section 5.2, RFC 5819 section 2, RFC 9590 section 5. */
static const struct option returns[] = {
    {{"SUBSCRIBED", 10}, LIST_RETURN_SUBSCRIBED},   {{"CHILDREN", 8}, LIST_RETURN_CHILDREN},
    {{"SPECIAL-USE", 11}, LIST_RETURN_SPECIAL_USE}, {{"STATUS", 6}, LIST_RETURN_STATUS},
    {{"METADATA", 8}, LIST_RETURN_METADATA},
};

enum {
    SELECTS = sizeof(selects) / sizeof(selects[0]),
    RETURNS = sizeof(returns) / sizeof(returns[0])
};

/* What the parser carries along. */
struct parser {
    struct lex *in;
    struct arena *a;
    enum mailbox_form form;
    struct slice reference;
    size_t cap;     /* of got.pattern */
    size_t strings; /* patterns read, decodable or not */
    struct list_args got;
};

static enum err parse_option(struct lex *in, const struct option *options, size_t n, uint32_t *bit)
{
    for (size_t i = 0; i < n; i++) {
        if (lex_accept_atom(in, options[i].name)) {
            *bit = options[i].bit;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

/* "(" [option *(SP option)] ")" SP. What RECURSIVEMATCH needs: another option than REMOTE. */
static enum err parse_selects(struct parser *p)
{
    uint32_t bit, base = LIST_SELECT_SUBSCRIBED | LIST_SELECT_SPECIAL_USE;

    if (!lex_accept(p->in, '('))
        return ERR_OK;
    p->got.extended = true;
    if (!lex_accept(p->in, ')')) {
        do {
            TRY(parse_option(p->in, selects, SELECTS, &bit));
            p->got.select |= bit;
        } while (lex_accept(p->in, ' '));
        TRY(lex_expect(p->in, ')'));
    }
    if ((p->got.select & LIST_SELECT_RECURSIVEMATCH) != 0 && (p->got.select & base) == 0)
        return ERR_SYNTAX;
    return lex_space(p->in);
}

static enum err parse_return(struct parser *p)
{
    uint32_t bit;

    TRY(parse_option(p->in, returns, RETURNS, &bit));
    p->got.returns |= bit;
    if (bit != LIST_RETURN_STATUS && bit != LIST_RETURN_METADATA)
        return ERR_OK;
    TRY(lex_space(p->in));
    if (bit == LIST_RETURN_METADATA)
        return metadata_list_parse(p->in, p->a, &p->got.metadata);
    return status_items_parse(p->in, &p->got.status_items);
}

/* [SP "RETURN" SP "(" [option *(SP option)] ")"] */
static enum err parse_returns(struct parser *p)
{
    if (!lex_accept(p->in, ' '))
        return ERR_OK;
    p->got.extended = true;
    if (!lex_accept_atom(p->in, SLICE("RETURN")))
        return ERR_SYNTAX;
    TRY(lex_space(p->in));
    TRY(lex_expect(p->in, '('));
    if (lex_accept(p->in, ')'))
        return ERR_OK;
    do
        TRY(parse_return(p));
    while (lex_accept(p->in, ' '));
    return lex_expect(p->in, ')');
}

static enum err add_pattern(struct parser *p, struct slice wire)
{
    void *pattern = p->got.pattern;
    enum err e;

    TRY(grow_array(p->a, &pattern, p->got.n, &p->cap, sizeof(*p->got.pattern), LIST_PATTERNS_MAX));
    p->got.pattern = pattern;
    e = mailbox_pattern_compile(p->a, p->form, p->reference, wire, &p->got.pattern[p->got.n]);
    if (e == ERR_OK)
        p->got.n++;
    return e == ERR_CANNOT ? ERR_OK : e;
}

static enum err parse_pattern(struct parser *p)
{
    struct slice wire;

    if (p->strings++ == LIST_PATTERNS_MAX)
        return ERR_LIMIT;
    TRY(lex_list_mailbox(p->in, p->a, MAILBOX_WIRE_OCTETS_MAX, &wire));
    p->got.hierarchy_only = wire.n == 0;
    return add_pattern(p, wire);
}

/* list-mailbox, or several in parentheses; "" asks for the separator only when it is alone and
 * without parentheses (RFC 9051 section 6.3.9.1). */
static enum err parse_patterns(struct parser *p)
{
    if (!lex_accept(p->in, '('))
        return parse_pattern(p);
    p->got.extended = true;
    do
        TRY(parse_pattern(p));
    while (lex_accept(p->in, ' '));
    p->got.hierarchy_only = false;
    return lex_expect(p->in, ')');
}

static enum err parse_reference(struct parser *p)
{
    TRY(lex_astring(p->in, p->a, MAILBOX_WIRE_OCTETS_MAX, &p->reference));
    return lex_space(p->in);
}

enum err list_parse(struct lex *in, struct arena *a, enum mailbox_form form, struct list_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct parser p = {.in = in, .a = a, .form = form};

    TRY(parse_selects(&p));
    TRY(parse_reference(&p));
    TRY(parse_patterns(&p));
    TRY(parse_returns(&p));
    *out = p.got;
    arena_keep(&undo);
    return ERR_OK;
}

enum err list_parse_lsub(struct lex *in, struct arena *a, enum mailbox_form form,
                         struct list_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct parser p = {.in = in, .a = a, .form = form};

    TRY(parse_reference(&p));
    TRY(parse_pattern(&p));
    *out = p.got;
    arena_keep(&undo);
    return ERR_OK;
}
