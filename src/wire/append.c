/* wire/append.c -- see append.h. */
#include "wire/append.h"

enum err append_options_parse(struct lex *in, struct arena *a, struct append_options *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct append_options got = {0};

    if (lex_peek(in) == '(') {
        TRY(flag_list_parse(in, a, &got.flags));
        TRY(lex_space(in));
    }
    if (lex_peek(in) == '"') {
        TRY(date_time_parse(in, &got.date));
        TRY(lex_space(in));
        got.has_date = true;
    }
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

/* The rest of utf8-literal, "UTF8" having been read: the literal8 alone holds what may be NUL. */
static enum err utf8_literal(struct lex *in, struct append_data *out)
{
    TRY(lex_space(in));
    TRY(lex_expect(in, '('));
    if (lex_peek(in) != '~')
        return ERR_SYNTAX;
    TRY(lex_literal_header(in, &out->literal));
    out->element = APPEND_UTF8;
    return ERR_OK;
}

enum err append_data_parse(struct lex *in, struct append_data *out)
{
    struct append_data got = {.element = APPEND_TEXT};

    if (lex_accept_atom(in, SLICE("CATENATE"))) {
        TRY(lex_space(in));
        TRY(lex_expect(in, '('));
        got.element = APPEND_CATENATE;
    } else if (lex_accept_atom(in, SLICE("UTF8"))) {
        TRY(utf8_literal(in, &got));
    } else {
        TRY(lex_literal_header(in, &got.literal));
    }
    *out = got;
    return ERR_OK;
}

static enum err url(struct lex *in, struct arena *a, struct append_data *out)
{
    TRY(lex_space(in));
    if (lex_peek(in) != '{') {
        out->element = APPEND_URL;
        return lex_astring(in, a, APPEND_URL_OCTETS_MAX, &out->url);
    }
    TRY(lex_literal_header(in, &out->literal));
    out->element = APPEND_URL_LITERAL;
    return ERR_OK;
}

enum err append_part_parse(struct lex *in, struct arena *a, struct append_data *out)
{
    struct append_data got = {.element = APPEND_TEXT};

    if (lex_accept_atom(in, SLICE("TEXT"))) {
        TRY(lex_space(in));
        TRY(lex_literal_header(in, &got.literal));
    } else if (lex_accept_atom(in, SLICE("UTF8"))) {
        TRY(utf8_literal(in, &got));
    } else if (lex_accept_atom(in, SLICE("URL"))) {
        TRY(url(in, a, &got));
    } else {
        return ERR_SYNTAX;
    }
    *out = got;
    return ERR_OK;
}
