/* wire/flag.c -- see flag.h. */
#include "wire/flag.h"

#include "wire/grow.h"

static const struct {
    uint32_t bit;
    struct slice wire;
} flags[] = {
#define X(bit, name, wire) {1 << (bit), {wire, sizeof(wire) - 1}},
    FLAG_TABLE(X)
#undef X
};

enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };

/* A list under construction. The hashes make finding a duplicate among a thousand keywords a
 * matter of comparing numbers. */
struct builder {
    struct flag_list list;
    size_t keyword_cap;
    uint32_t *hash; /* of list.keyword[i], lower case */
    size_t hash_cap;
};

/* FNV-1a over lower case. */
static uint32_t hash_nocase(struct slice s)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)ascii_lower(s.p[i])) * 16777619u;
    return h;
}

static enum err parse_system(struct lex *in, uint32_t *system)
{
    size_t start = in->at;
    struct slice name;

    TRY(lex_backslash_atom(in, FLAG_KEYWORD_OCTETS_MAX, &name));
    for (size_t i = 0; i < FLAGS; i++) {
        if (slice_eq_nocase(name, flags[i].wire)) {
            *system |= flags[i].bit;
            return ERR_OK;
        }
    }
    in->at = start;
    return ERR_SYNTAX;
}

static bool is_known(const struct builder *b, struct slice name, uint32_t hash)
{
    for (size_t i = 0; i < b->list.n; i++) {
        if (b->hash[i] == hash && slice_eq_nocase(b->list.keyword[i], name))
            return true;
    }
    return false;
}

static enum err add_keyword(struct builder *b, struct arena *a, struct slice name)
{
    uint32_t hash = hash_nocase(name);
    void *keyword = b->list.keyword, *hashes = b->hash;

    if (is_known(b, name, hash))
        return ERR_OK;
    TRY(grow_array(a, &keyword, b->list.n, &b->keyword_cap, sizeof(name), FLAG_KEYWORDS_MAX));
    b->list.keyword = keyword;
    TRY(grow_array(a, &hashes, b->list.n, &b->hash_cap, sizeof(hash), FLAG_KEYWORDS_MAX));
    b->hash = hashes;
    b->hash[b->list.n] = hash;
    b->list.keyword[b->list.n++] = name;
    return ERR_OK;
}

static enum err parse_flag(struct lex *in, struct arena *a, struct builder *b)
{
    struct slice name;

    if (lex_peek(in) == '\\')
        return parse_system(in, &b->list.system);
    TRY(lex_atom(in, FLAG_KEYWORD_OCTETS_MAX, &name));
    return add_keyword(b, a, name);
}

/* flag *(SP flag) */
static enum err parse_flags(struct lex *in, struct arena *a, struct flag_list *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct builder b = {0};

    do
        TRY(parse_flag(in, a, &b));
    while (lex_accept(in, ' '));
    *out = b.list;
    arena_keep(&undo);
    return ERR_OK;
}

enum err flag_list_parse(struct lex *in, struct arena *a, struct flag_list *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct flag_list got = {0};

    TRY(lex_expect(in, '('));
    if (!lex_accept(in, ')')) {
        TRY(parse_flags(in, a, &got));
        TRY(lex_expect(in, ')'));
    }
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

enum err flag_list_parse_store(struct lex *in, struct arena *a, struct flag_list *out)
{
    return lex_peek(in) == '(' ? flag_list_parse(in, a, out) : parse_flags(in, a, out);
}

bool flag_write_system(struct buf *out, uint32_t bits)
{
    bool any = false;

    for (size_t i = 0; i < FLAGS; i++) {
        if ((bits & flags[i].bit) == 0)
            continue;
        if (any)
            buf_add_char(out, ' ');
        buf_add_slice(out, flags[i].wire);
        any = true;
    }
    return any;
}
