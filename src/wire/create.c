/* wire/create.c -- see create.h. */
#include "wire/create.h"

static const struct {
    struct slice wire, xlist;
    uint32_t bit;
} uses[] = {
#define X(bit, name, wire, xlist)                                                                  \
    {{wire, sizeof(wire) - 1}, {xlist, sizeof(xlist) - 1}, SPECIAL_USE_##name},
    SPECIAL_USE_TABLE(X)
#undef X
};

enum { USES = sizeof(uses) / sizeof(uses[0]) };

/* use-attr: "\" atom. */
static enum err parse_use(struct lex *in, uint32_t *bits)
{
    struct slice name;

    TRY(lex_backslash_atom(in, SIZE_MAX, &name));
    for (size_t i = 0; i < USES; i++) {
        if (slice_eq_nocase(name, uses[i].wire)) {
            *bits |= uses[i].bit;
            return ERR_OK;
        }
    }
    return ERR_USEATTR;
}

/* "(" [use-attr *(SP use-attr)] ")" */
static enum err parse_uses(struct lex *in, uint32_t *bits)
{
    TRY(lex_expect(in, '('));
    if (lex_accept(in, ')'))
        return ERR_OK;
    do
        TRY(parse_use(in, bits));
    while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

/* create-param, of which only USE is known. */
static enum err parse_param(struct lex *in, struct create_args *args)
{
    if (!lex_accept_atom(in, SLICE("USE")))
        return ERR_SYNTAX;
    TRY(lex_space(in));
    return parse_uses(in, &args->special_use);
}

static enum err parse_params(struct lex *in, struct create_args *args)
{
    TRY(lex_expect(in, '('));
    do
        TRY(parse_param(in, args));
    while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

enum err create_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                      struct create_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct create_args got = {0};

    TRY(mailbox_parse_create(in, a, form, &got.mailbox));
    if (lex_accept(in, ' '))
        TRY(parse_params(in, &got));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

enum err special_use_read(struct slice text, uint32_t *bits)
{
    struct lex in = lex_of(text, false);
    uint32_t got = 0;

    do {
        if (parse_use(&in, &got) != ERR_OK)
            return ERR_USEATTR;
    } while (lex_accept(&in, ' '));
    if (lex_peek(&in) >= 0)
        return ERR_USEATTR;
    *bits = got;
    return ERR_OK;
}

static bool write_uses(struct buf *out, uint32_t bits, bool space, bool xlist)
{
    bool any = false;

    for (size_t i = 0; i < USES; i++) {
        if ((bits & uses[i].bit) == 0)
            continue;
        if (space || any)
            buf_add_char(out, ' ');
        buf_add_slice(out, xlist ? uses[i].xlist : uses[i].wire);
        any = true;
    }
    return any;
}

bool special_use_write(struct buf *out, uint32_t bits, bool space)
{
    return write_uses(out, bits, space, false);
}

bool special_use_write_xlist(struct buf *out, uint32_t bits, bool space)
{
    return write_uses(out, bits, space, true);
}
