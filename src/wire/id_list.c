/* wire/id_list.c -- see id_list.h. */
#include "wire/id_list.h"

#include "wire/grow.h"

static enum err parse_pair(struct lex *in, struct arena *a, struct id_pair *out)
{
    TRY(lex_string(in, a, ID_FIELD_OCTETS_MAX, &out->field));
    TRY(lex_space(in));
    return lex_nstring(in, a, ID_VALUE_OCTETS_MAX, &out->value);
}

static enum err parse_pairs(struct lex *in, struct arena *a, struct id_list *got)
{
    size_t cap = 0;

    do {
        void *pair = got->pair;

        TRY(grow_array(a, &pair, got->n, &cap, sizeof(*got->pair), ID_PAIRS_MAX));
        got->pair = pair;
        TRY(parse_pair(in, a, &got->pair[got->n++]));
    } while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

enum err id_list_parse(struct lex *in, struct arena *a, struct id_list *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct id_list got = {0};

    if (!lex_accept_nil(in)) {
        TRY(lex_expect(in, '('));
        if (!lex_accept(in, ')'))
            TRY(parse_pairs(in, a, &got));
    }
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
