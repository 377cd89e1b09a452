/* imap/search_filter.c -- searches kept on the server, put where a FILTER key names them.
 *
 * Source: RFC 5466. A filter is the value of the server's entry /private/filters/values/NAME, or
 * if there is none of /shared/filters/values/NAME. It is one key of the search that names it,
 * whatever keys it holds: as if it stood in parentheses. Filters may name filters, but only to a
 * depth; so loops end there, and the number of keys is bounded as that of every search.
 */
#include "imap/search.h"

#define VALUES "/filters/values/"

struct putting {
    struct imap_session *s;
    struct job *j;
    struct search_program *program;
};

static enum err undefined(struct putting *x, struct slice name)
{
    struct buf text;
    struct slice kept;

    buf_init(&text, 64 + SEARCH_FILTER_OCTETS_MAX);
    buf_addf(&text, "NO [UNDEFINED-FILTER %.*s] No such filter", SLICE_ARG(name));
    if (arena_copy(&x->j->arena, buf_slice(&text), &kept))
        x->j->refusal = kept.p;
    buf_release(&text);
    return ERR_NOTFOUND;
}

/* Its value, in the arena. */
static enum err find_filter(struct putting *x, struct slice name, struct slice *out)
{
    struct account *a = x->s->account;
    struct slice value;
    struct buf entry;
    enum err e;

    buf_init(&entry, sizeof(VALUES) + SEARCH_FILTER_OCTETS_MAX);
    buf_add_str(&entry, VALUES);
    buf_add_slice(&entry, name);
    e = annotation_get(a, NULL, STORE_OWNER, buf_slice(&entry), &value);
    if (e == ERR_NOTFOUND)
        e = annotation_get(a, NULL, STORE_EVERYBODY, buf_slice(&entry), &value);
    buf_release(&entry);
    if (e == ERR_OK && !arena_copy(&x->j->arena, value, out))
        e = ERR_NOMEM;
    return e == ERR_NOTFOUND ? undefined(x, name) : e;
}

static enum err parse_filter(struct slice value, struct arena *a, struct search_program *out)
{
    struct lex in = lex_of(value, true);

    TRY(search_parse_keys(&in, a, out));
    return in.at == in.in.n ? ERR_OK : ERR_SYNTAX;
}

static void mark_fuzzy(struct search_key *key)
{
    for (; key != NULL; key = key->next) {
        key->fuzzy = true;
        if (key->kind == SEARCH_AND || key->kind == SEARCH_OR)
            mark_fuzzy(key->child);
    }
}

static enum err add_keys(struct search_program *to, const struct search_program *from)
{
    if (to->keys + from->keys > SEARCH_KEYS_MAX)
        return ERR_LIMIT;
    to->keys += from->keys;
    to->has_seq |= from->has_seq;
    to->has_saved |= from->has_saved;
    to->has_modseq |= from->has_modseq;
    to->has_fuzzy |= from->has_fuzzy;
    return ERR_OK;
}

static enum err put(struct putting *x, struct search_key *key, unsigned pass)
{
    struct search_program filter;
    struct slice value, name = key->text;
    enum err e;

    if (pass == SEARCH_FILTER_PASSES_MAX)
        return undefined(x, name);
    TRY(find_filter(x, name, &value));
    e = parse_filter(value, &x->j->arena, &filter);
    if (e == ERR_SYNTAX || (e == ERR_OK && filter.has_gmail && !x->s->settings->gmail))
        return undefined(x, name); /* such keys are none where they are not served */
    TRY(e);
    TRY(add_keys(x->program, &filter));
    key->kind = SEARCH_AND;
    key->child = filter.root->child;
    if (key->fuzzy)
        mark_fuzzy(key->child);
    return ERR_OK;
}

/* Recursion is as deep as the tree: SEARCH_DEPTH_MAX, once more for each pass. */
static enum err put_all(struct putting *x, struct search_key *key, unsigned pass)
{
    for (; key != NULL; key = key->next) {
        unsigned inside = pass;

        if (key->kind == SEARCH_FILTER) {
            TRY(put(x, key, pass));
            inside++;
        }
        if (key->kind == SEARCH_AND || key->kind == SEARCH_OR)
            TRY(put_all(x, key->child, inside));
    }
    return ERR_OK;
}

/* Filters are UTF-8, and so has to be the search (RFC 5466 section 3.1). */
static enum err check_charset(struct job *j, struct search_program *program)
{
    struct slice charset = program->charset;

    if (charset.p != NULL && !slice_eq_nocase(charset, SLICE("UTF-8")) &&
        !slice_eq_nocase(charset, SLICE("US-ASCII"))) {
        j->refusal = "BAD [BADCHARSET (US-ASCII UTF-8)] With FILTER it has to be UTF-8";
        return ERR_BADCHARSET;
    }
    program->charset = SLICE("UTF-8");
    return ERR_OK;
}

enum err search_put_filters(struct imap_session *s, struct job *j, struct search_program *program)
{
    struct putting x = {.s = s, .j = j, .program = program};

    TRY(check_charset(j, program));
    TRY(put_all(&x, program->root, 0));
    program->has_filter = false;
    return ERR_OK;
}

bool filter_is_valid(struct slice name, struct slice value)
{
    struct search_program program;
    struct lex in = lex_of(name, false);
    struct slice atom;
    struct arena a;
    bool valid;

    if (lex_atom(&in, SEARCH_FILTER_OCTETS_MAX, &atom) != ERR_OK || lex_end(&in) != ERR_OK ||
        slice_find(atom, '/') < atom.n)
        return false;
    arena_init(&a, SESSION_ARENA_OCTETS_MAX);
    valid = parse_filter(value, &a, &program) == ERR_OK;
    arena_clear(&a);
    return valid;
}
