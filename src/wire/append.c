/* wire/append.c -- see append.h. */
#include "wire/append.h"

enum err append_message_parse(struct lex *in, struct arena *a, struct append_message *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct append_message got = {0};

    if (lex_peek(in) == '(') {
        TRY(flag_list_parse(in, a, &got.flags));
        TRY(lex_space(in));
    }
    if (lex_peek(in) == '"') {
        TRY(date_time_parse(in, &got.date));
        TRY(lex_space(in));
        got.has_date = true;
    }
    TRY(lex_literal_header(in, &got.literal));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

enum err append_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                      struct append_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct append_args got = {0};

    TRY(mailbox_parse(in, a, form, &got.mailbox));
    TRY(lex_space(in));
    TRY(append_message_parse(in, a, &got.message));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
