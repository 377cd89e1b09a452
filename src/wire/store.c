/* wire/store.c -- see store.h. */
#include "wire/store.h"

static const struct {
    struct slice name;
    enum store_action action;
    bool silent;
} names[] = {
    {{"FLAGS", 5}, STORE_REPLACE, false}, {{"FLAGS.SILENT", 12}, STORE_REPLACE, true},
    {{"+FLAGS", 6}, STORE_ADD, false},    {{"+FLAGS.SILENT", 13}, STORE_ADD, true},
    {{"-FLAGS", 6}, STORE_REMOVE, false}, {{"-FLAGS.SILENT", 13}, STORE_REMOVE, true},
};

static enum err parse_name(struct lex *in, struct store_args *args)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (lex_accept_atom(in, names[i].name)) {
            args->action = names[i].action;
            args->silent = names[i].silent;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

/* "(" store-modifier *(SP store-modifier) ")" SP */
static enum err parse_modifiers(struct lex *in, struct store_args *args)
{
    do {
        if (args->conditional || !lex_accept_atom(in, SLICE("UNCHANGEDSINCE")))
            return ERR_SYNTAX;
        args->conditional = true;
        TRY(lex_space(in));
        TRY(lex_number64(in, &args->unchangedsince));
    } while (lex_accept(in, ' '));
    TRY(lex_expect(in, ')'));
    return lex_space(in);
}

enum err store_parse(struct lex *in, struct arena *a, struct store_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct store_args got = {0};

    TRY(seq_set_parse(in, a, &got.set));
    TRY(lex_space(in));
    if (lex_accept(in, '('))
        TRY(parse_modifiers(in, &got));
    TRY(parse_name(in, &got));
    TRY(lex_space(in));
    TRY(flag_list_parse_store(in, a, &got.flags));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
