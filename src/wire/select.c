/* wire/select.c -- see select.h. */
#include "wire/select.h"

enum err select_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                      struct select_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct select_args got = {0};

    TRY(mailbox_parse(in, a, form, &got.mailbox));
    if (lex_peek(in) == ' ') /* select-params: none is known */
        return ERR_SYNTAX;
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
