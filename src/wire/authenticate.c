/* wire/authenticate.c -- see authenticate.h. */
#include "wire/authenticate.h"

#include "wire/base64.h"

enum { ENCODED_OCTETS_MAX = (AUTH_RESPONSE_OCTETS_MAX + 2) / 3 * 4 };

enum err login_parse(struct lex *in, struct arena *a, struct login_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct login_args got;

    TRY(lex_astring(in, a, LOGIN_OCTETS_MAX, &got.user));
    TRY(lex_space(in));
    TRY(lex_astring(in, a, LOGIN_OCTETS_MAX, &got.password));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

static bool is_base64_char(char c)
{
    return ascii_is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
           c == '/' || c == '=';
}

/* A run of base64, maybe empty. */
static enum err parse_base64(struct lex *in, struct arena *a, struct slice *out)
{
    size_t end = in->at;

    while (end < in->in.n && is_base64_char(in->in.p[end]))
        end++;
    if (end - in->at > ENCODED_OCTETS_MAX)
        return ERR_LIMIT;
    TRY(base64_decode(a, slice_sub(in->in, in->at, end - in->at), out));
    in->at = end;
    return ERR_OK;
}

/* base64 / "=": the latter is an initial response without octets (RFC 4959 section 3). */
static enum err parse_initial(struct lex *in, struct arena *a, struct slice *out)
{
    if (!lex_accept(in, '='))
        return is_base64_char((char)lex_peek(in)) ? parse_base64(in, a, out) : ERR_SYNTAX;
    *out = SLICE("");
    return ERR_OK;
}

enum err authenticate_parse(struct lex *in, struct arena *a, struct authenticate_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct authenticate_args got = {0};

    TRY(lex_atom(in, AUTH_MECHANISM_OCTETS_MAX, &got.mechanism));
    if (lex_accept(in, ' '))
        TRY(parse_initial(in, a, &got.initial));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

enum err authenticate_response_parse(struct lex *in, struct arena *a, bool *cancelled,
                                     struct slice *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    bool star = lex_accept(in, '*');
    struct slice got = SLICE_NULL;

    if (!star)
        TRY(parse_base64(in, a, &got));
    TRY(lex_end(in));
    *cancelled = star;
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
