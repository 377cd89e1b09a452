/* wire/enable.c -- see enable.h. */
#include "wire/enable.h"

#include "wire/grow.h"

enum err enable_parse(struct lex *in, struct arena *a, struct enable_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct enable_args got = {0};
    size_t cap = 0;

    do {
        void *name = got.name;

        TRY(grow_array(a, &name, got.n, &cap, sizeof(*got.name), ENABLE_NAMES_MAX));
        got.name = name;
        TRY(lex_atom(in, ENABLE_NAME_OCTETS_MAX, &got.name[got.n++]));
    } while (lex_accept(in, ' '));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
