/* wire/metadata.c -- see metadata.h. */
#include "wire/metadata.h"

#include "wire/grow.h"
#include "wire/reply.h"

/* ---- names ---------------------------------------------------------------------------------- */

/* Octets and slashes as RFC 5464 section 3.2 wants them; DEL is a control character like those it
 * names. */
static bool well_formed(struct slice s)
{
    if (s.n < 2 || s.p[0] != '/' || s.p[s.n - 1] == '/')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c < 0x20 || c >= 0x7F || c == '*' || c == '%' ||
            (i > 0 && c == '/' && s.p[i - 1] == '/'))
            return false;
    }
    return true;
}

static bool has_level(struct slice s, struct slice level)
{
    return slice_starts_nocase(s, level) && (s.n == level.n || s.p[level.n] == '/');
}

static size_t levels(struct slice name)
{
    size_t n = 0;

    for (size_t i = 0; i < name.n; i++)
        n += name.p[i] == '/';
    return n;
}

/* Whether a value may stand there: below the scope, and below a vendor's token (section 3.2). */
static bool can_hold_value(struct slice name)
{
    return levels(name) >= (has_level(name, SLICE("/vendor")) ? 3U : 1U);
}

static enum err parse_name(struct lex *in, struct arena *a, bool set, struct metadata_entry *out)
{
    struct metadata_entry got = {0};
    struct slice s;

    TRY(lex_astring(in, a, METADATA_NAME_OCTETS_MAX, &s));
    if (!well_formed(s))
        return ERR_SYNTAX;
    got.private = has_level(s, SLICE("/private"));
    if (!got.private && !has_level(s, SLICE("/shared")))
        return ERR_SYNTAX;
    got.name = slice_sub(s, got.private ? strlen("/private") : strlen("/shared"), s.n);
    if (set && !can_hold_value(got.name))
        return ERR_SYNTAX;
    *out = got;
    return ERR_OK;
}

bool metadata_is_below(struct slice base, struct slice name, enum metadata_depth depth)
{
    if (depth == METADATA_DEPTH_0 || name.n <= base.n || !has_level(name, base))
        return false;
    return depth == METADATA_DEPTH_INFINITY || levels(name) == levels(base) + 1;
}

/* ---- lists ---------------------------------------------------------------------------------- */

/* value: nstring or literal8. */
static enum err parse_value(struct lex *in, struct arena *a, struct slice *out)
{
    bool binary;

    if (lex_peek(in) == '~')
        return lex_literal(in, SIZE_MAX, out, &binary);
    return lex_nstring(in, a, SIZE_MAX, out);
}

static enum err add_entry(struct lex *in, struct arena *a, bool set, struct metadata_list *list,
                          size_t *cap)
{
    void *entry = list->entry;

    TRY(grow_array(a, &entry, list->n, cap, sizeof(*list->entry), METADATA_ENTRIES_MAX));
    list->entry = entry;
    TRY(parse_name(in, a, set, &list->entry[list->n]));
    if (set) {
        TRY(lex_space(in));
        TRY(parse_value(in, a, &list->entry[list->n].value));
    }
    list->n++;
    return ERR_OK;
}

static enum err parse_list(struct lex *in, struct arena *a, bool set, struct metadata_list *out)
{
    size_t cap = 0;

    TRY(lex_expect(in, '('));
    do
        TRY(add_entry(in, a, set, out, &cap));
    while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

enum err metadata_list_parse(struct lex *in, struct arena *a, struct metadata_list *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct metadata_list got = {0};

    TRY(parse_list(in, a, false, &got));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

/* ---- commands ------------------------------------------------------------------------------- */

static enum err parse_depth(struct lex *in, enum metadata_depth *out)
{
    if (lex_accept_atom(in, SLICE("0")))
        *out = METADATA_DEPTH_0;
    else if (lex_accept_atom(in, SLICE("1")))
        *out = METADATA_DEPTH_1;
    else if (lex_accept_atom(in, SLICE("infinity")))
        *out = METADATA_DEPTH_INFINITY;
    else
        return ERR_SYNTAX;
    return ERR_OK;
}

static enum err parse_option(struct lex *in, struct metadata_args *args)
{
    if (lex_accept_atom(in, SLICE("MAXSIZE"))) {
        TRY(lex_space(in));
        return lex_number(in, &args->max_octets);
    }
    if (!lex_accept_atom(in, SLICE("DEPTH")))
        return ERR_SYNTAX;
    TRY(lex_space(in));
    return parse_depth(in, &args->depth);
}

/* getmetadata-options and the space behind them. */
static enum err parse_options(struct lex *in, struct metadata_args *args)
{
    TRY(lex_expect(in, '('));
    do
        TRY(parse_option(in, args));
    while (lex_accept(in, ' '));
    TRY(lex_expect(in, ')'));
    return lex_space(in);
}

static enum err parse_mailbox(struct lex *in, struct arena *a, enum mailbox_form form,
                              struct slice *out)
{
    struct slice wire;

    TRY(lex_astring(in, a, MAILBOX_WIRE_OCTETS_MAX, &wire));
    if (wire.n > 0)
        TRY(mailbox_from_wire(a, form, wire, out));
    return lex_space(in);
}

/* Entries begin with "/", options with a letter. */
static bool options_follow(const struct lex *in)
{
    struct slice rest = lex_rest(in);

    return rest.n >= 2 && rest.p[0] == '(' && ascii_lower(rest.p[1]) >= 'a' &&
           ascii_lower(rest.p[1]) <= 'z';
}

static enum err parse_entries(struct lex *in, struct arena *a, struct metadata_list *out)
{
    size_t cap = 0;

    return lex_peek(in) == '(' ? parse_list(in, a, false, out) : add_entry(in, a, false, out, &cap);
}

enum err getmetadata_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                           struct metadata_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct metadata_args got = {.max_octets = UINT32_MAX};

    if (lex_peek(in) == '(')
        TRY(parse_options(in, &got));
    TRY(parse_mailbox(in, a, form, &got.mailbox));
    if (options_follow(in))
        TRY(parse_options(in, &got));
    TRY(parse_entries(in, a, &got.list));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

enum err setmetadata_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                           struct metadata_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct metadata_args got = {.max_octets = UINT32_MAX};

    TRY(parse_mailbox(in, a, form, &got.mailbox));
    TRY(parse_list(in, a, true, &got.list));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

/* ---- answers -------------------------------------------------------------------------------- */

void metadata_name_write(struct buf *out, bool private, struct slice name)
{
    char entry[METADATA_NAME_OCTETS_MAX + sizeof("/private")];
    int n =
        snprintf(entry, sizeof(entry), "%s%.*s", private ? "/private" : "/shared", SLICE_ARG(name));

    reply_astring(out, slice_of(entry, (size_t)n < sizeof(entry) ? (size_t)n : sizeof(entry) - 1));
}

void metadata_value_write(struct buf *out, struct slice value)
{
    if (value.p == NULL || slice_find(value, '\0') == value.n) {
        reply_nstring(out, value);
        return;
    }
    reply_literal_header(out, value.n, true);
    buf_add_slice(out, value);
}
