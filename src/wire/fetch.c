/* wire/fetch.c -- see fetch.h. A new attribute is one row of `attributes`. */
#include "wire/fetch.h"

#include "wire/grow.h"
#include "wire/section.h"

/* What stands behind the name: nothing, perhaps "(LAZY)", or brackets. */
enum shape { PLAIN, LAZILY, WITH_SECTION, WITH_PART, WITH_PART_ONLY /* and no partial */ };

static const struct attribute {
    struct slice name; /* in the request */
    enum fetch_kind kind;
    enum shape shape;
    bool peek;
} attributes[] = {
#define ROW(name, kind, shape, peek)                                                               \
    {                                                                                              \
        {name, sizeof(name) - 1}, FETCH_##kind, shape, peek                                        \
    }
    ROW("UID", UID, PLAIN, true),
    ROW("FLAGS", FLAGS, PLAIN, true),
    ROW("MODSEQ", MODSEQ, PLAIN, true), /* RFC 7162 section 3.1.4.2 */
    ROW("INTERNALDATE", INTERNALDATE, PLAIN, true),
    ROW("RFC822.SIZE", RFC822_SIZE, PLAIN, true),
    ROW("ENVELOPE", ENVELOPE, PLAIN, true),
    ROW("BODY", BODY, PLAIN, true),
    ROW("BODYSTRUCTURE", BODYSTRUCTURE, PLAIN, true),
    ROW("SAVEDATE", SAVEDATE, PLAIN, true), /* RFC 8514 section 4.2 */
    ROW("PREVIEW", PREVIEW, LAZILY, true),  /* RFC 8970 section 3.1 */
    ROW("EMAILID", EMAILID, PLAIN, true),   /* RFC 8474 section 5.3 */
    ROW("THREADID", THREADID, PLAIN, true),
    ROW("OBJECTID", OBJECTID, PLAIN, true),   /* draft-ietf-mailmaint-imap-objectid-bis */
    ROW("X-GM-MSGID", GM_MSGID, PLAIN, true), /* Google's, like the two below */
    ROW("X-GM-THRID", GM_THRID, PLAIN, true),
    ROW("X-GM-LABELS", GM_LABELS, PLAIN, true),
    ROW("RFC822", RFC822, PLAIN, false),
    ROW("RFC822.HEADER", RFC822_HEADER, PLAIN, true), /* RFC 3501 section 6.4.5 */
    ROW("RFC822.TEXT", RFC822_TEXT, PLAIN, false),
    ROW("BODY", BODY_SECTION, WITH_SECTION, false),
    ROW("BODY.PEEK", BODY_SECTION, WITH_SECTION, true),
    ROW("BINARY", BINARY, WITH_PART, false), /* RFC 3516 section 4.2 */
    ROW("BINARY.PEEK", BINARY, WITH_PART, true),
    ROW("BINARY.SIZE", BINARY_SIZE, WITH_PART_ONLY, true),
#undef ROW
};

/* RFC 9051 section 6.4.5: only alone, never within parentheses. */
static const struct {
    struct slice name;
    enum fetch_kind kind[5];
    size_t kinds;
} macros[] = {
#define KINDS FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_RFC822_SIZE
    {{"FAST", 4}, {KINDS}, 3},
    {{"ALL", 3}, {KINDS, FETCH_ENVELOPE}, 4},
    {{"FULL", 4}, {KINDS, FETCH_ENVELOPE, FETCH_BODY}, 5},
#undef KINDS
};

enum {
    ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]),
    MACROS = sizeof(macros) / sizeof(macros[0]),
};

struct builder {
    struct fetch_list list;
    size_t cap;
};

static enum err add_item(struct builder *b, struct arena *a, struct fetch_item item)
{
    uint32_t bit = 1u << item.kind;
    void *items = b->list.item;

    if (item.kind < FETCH_BODY_SECTION && (b->list.kinds & bit) != 0)
        return ERR_OK;
    TRY(grow_array(a, &items, b->list.n, &b->cap, sizeof(item), FETCH_ITEMS_MAX));
    b->list.item = items;
    b->list.item[b->list.n++] = item;
    b->list.kinds |= bit;
    b->list.sets_seen |= !item.peek;
    return ERR_OK;
}

static enum err parse_partial(struct lex *in, struct fetch_item *item)
{
    if (!lex_accept(in, '<'))
        return ERR_OK;
    TRY(lex_number64(in, &item->partial_at));
    TRY(lex_expect(in, '.'));
    TRY(lex_nz_number64(in, &item->partial_n));
    item->partial = true;
    return lex_expect(in, '>');
}

/* PREVIEW (LAZY) (RFC 8970 section 4.1). A parenthesis that holds anything else is the FETCH's own,
 * its modifiers. Previews are always at hand, so there is nothing to be lazy about. */
static enum err skip_lazy(struct lex *in)
{
    size_t start = in->at;

    if (!lex_accept(in, ' ') || !lex_accept(in, '(') || !lex_accept_atom(in, SLICE("LAZY"))) {
        in->at = start;
        return ERR_OK;
    }
    while (lex_accept(in, ' '))
        if (!lex_accept_atom(in, SLICE("LAZY")))
            return ERR_SYNTAX;
    return lex_expect(in, ')');
}

static const struct attribute *find_attribute(struct slice name, bool bracket)
{
    for (size_t i = 0; i < ATTRIBUTES; i++) {
        if (slice_eq_nocase(attributes[i].name, name) &&
            (attributes[i].shape >= WITH_SECTION) == bracket)
            return &attributes[i];
    }
    return NULL;
}

static enum err parse_attribute(struct lex *in, struct arena *a, struct builder *b)
{
    size_t start = in->at;
    const struct attribute *attribute;
    struct fetch_item item;
    struct slice name;

    TRY(lex_word(in, SIZE_MAX, &name));
    attribute = find_attribute(name, lex_peek(in) == '[');
    if (attribute == NULL) {
        in->at = start;
        return ERR_SYNTAX;
    }
    item = (struct fetch_item){.kind = attribute->kind, .peek = attribute->peek};
    if (attribute->shape == LAZILY)
        TRY(skip_lazy(in));
    else if (attribute->shape == WITH_SECTION)
        TRY(section_parse(in, a, &item.section));
    else if (attribute->shape != PLAIN)
        TRY(section_parse_part(in, a, &item.section));
    if (attribute->shape == WITH_SECTION || attribute->shape == WITH_PART)
        TRY(parse_partial(in, &item));
    return add_item(b, a, item);
}

static bool accept_macro(struct lex *in, size_t *macro)
{
    for (size_t i = 0; i < MACROS; i++) {
        if (lex_accept_atom(in, macros[i].name)) {
            *macro = i;
            return true;
        }
    }
    return false;
}

static enum err parse_list(struct lex *in, struct arena *a, struct builder *b)
{
    size_t macro;

    if (accept_macro(in, &macro)) {
        for (size_t i = 0; i < macros[macro].kinds; i++)
            TRY(add_item(b, a, (struct fetch_item){.kind = macros[macro].kind[i], .peek = true}));
        return ERR_OK;
    }
    if (!lex_accept(in, '('))
        return parse_attribute(in, a, b);
    do
        TRY(parse_attribute(in, a, b));
    while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

static enum err parse_partial_modifier(struct lex *in, struct fetch_list *list)
{
    TRY(lex_space(in));
    return partial_range_parse(in, &list->partial);
}

static enum err parse_changedsince(struct lex *in, struct fetch_list *list)
{
    TRY(lex_space(in));
    return lex_number64(in, &list->changedsince);
}

static enum err parse_nothing(struct lex *in, struct fetch_list *list)
{
    (void)in;
    (void)list;
    return ERR_OK;
}

static const struct {
    struct slice name;
    enum fetch_modifier bit;
    enum err (*parse)(struct lex *in, struct fetch_list *list); /* what follows the name */
} modifiers[] = {
    {{"PARTIAL", 7}, FETCH_MODIFIER_PARTIAL, parse_partial_modifier}, /* RFC 9394 section 4 */
    {{"CHANGEDSINCE", 12},
     FETCH_MODIFIER_CHANGEDSINCE,
     parse_changedsince}, /* RFC 7162 section 7 */
    {{"VANISHED", 8}, FETCH_MODIFIER_VANISHED, parse_nothing},
};

static enum err parse_modifier(struct lex *in, struct fetch_list *list)
{
    for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++) {
        if ((list->modifiers & modifiers[i].bit) != 0 || !lex_accept_atom(in, modifiers[i].name))
            continue;
        list->modifiers |= modifiers[i].bit;
        return modifiers[i].parse(in, list);
    }
    return ERR_SYNTAX;
}

/* [SP "(" fetch-modifier *(SP fetch-modifier) ")"] (RFC 4466 section 2.4) */
static enum err parse_modifiers(struct lex *in, struct fetch_list *list)
{
    if (!lex_accept(in, ' '))
        return ERR_OK;
    TRY(lex_expect(in, '('));
    do
        TRY(parse_modifier(in, list));
    while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

enum err fetch_parse(struct lex *in, struct arena *a, struct fetch_list *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct builder b = {0};

    TRY(parse_list(in, a, &b));
    TRY(parse_modifiers(in, &b.list));
    *out = b.list;
    arena_keep(&undo);
    return ERR_OK;
}

enum err fetch_parse_attributes(struct lex *in, struct arena *a, struct fetch_list *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct builder b = {0};

    if (lex_peek(in) != '(')
        return ERR_SYNTAX;
    TRY(parse_list(in, a, &b));
    *out = b.list;
    arena_keep(&undo);
    return ERR_OK;
}

enum err fetch_keep_attributes(struct lex *in, struct arena *a, struct slice *text, uint32_t *kinds)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct fetch_list list;
    size_t start = in->at;

    TRY(fetch_parse_attributes(in, a, &list));
    *text = slice_sub(in->in, start, in->at - start);
    *kinds = list.kinds;
    return ERR_OK;
}

static struct slice label_of(enum fetch_kind kind)
{
    for (size_t i = 0; i < ATTRIBUTES; i++) {
        if (attributes[i].kind == kind)
            return attributes[i].name;
    }
    return SLICE_NULL;
}

void fetch_item_write(struct buf *out, const struct fetch_item *item)
{
    buf_add_slice(out, label_of(item->kind));
    if (item->kind < FETCH_BODY_SECTION)
        return;
    section_write(out, &item->section);
    if (!item->partial)
        return;
    buf_add_char(out, '<');
    buf_add_u64(out, item->partial_at);
    buf_add_char(out, '>');
}
