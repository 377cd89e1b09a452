/* wire/quota.c -- see quota.h. */
#include "wire/quota.h"

static const struct slice names[] = {
#define X(name) {#name, sizeof(#name) - 1},
    QUOTA_TABLE(X)
#undef X
};

struct slice quota_resource_name(enum quota_resource resource)
{
    return names[resource];
}

enum err quota_root_parse(struct lex *in, struct arena *a, struct slice *out)
{
    return lex_astring(in, a, QUOTA_ROOT_OCTETS_MAX, out);
}

static enum err parse_resource(struct lex *in, struct quota_args *args)
{
    struct slice name;
    uint64_t most;
    size_t i = 0;

    TRY(lex_atom(in, SIZE_MAX, &name));
    TRY(lex_space(in));
    TRY(lex_number64(in, &most));
    while (i < QUOTA_RESOURCES && !slice_eq_nocase(names[i], name))
        i++;
    if (i < QUOTA_RESOURCES)
        args->most[i] = most;
    else
        args->unknown = true;
    return ERR_OK;
}

enum err setquota_parse(struct lex *in, struct arena *a, struct quota_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct quota_args got = {0};

    for (size_t i = 0; i < QUOTA_RESOURCES; i++)
        got.most[i] = QUOTA_NO_LIMIT;
    TRY(quota_root_parse(in, a, &got.root));
    TRY(lex_space(in));
    TRY(lex_expect(in, '('));
    if (!lex_accept(in, ')')) {
        do
            TRY(parse_resource(in, &got));
        while (lex_accept(in, ' '));
        TRY(lex_expect(in, ')'));
    }
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
