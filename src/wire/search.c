/* wire/search.c -- see search.h. A new key is one row of `keys`.
 *
 * Instead of recursing the parser keeps a stack of keys that wait for more children:
 *
 *     AND  the program itself, or "(": takes keys until the end, or ")"
 *     OR   takes `wanted` more keys; an OR met where it waits for one only makes it want one more
 *
 * NOT needs no place on the stack: it inverts the key that follows. Nor does FUZZY, which marks
 * it and all its children.
 */
#include "wire/search.h"

#include "wire/date.h"
#include "wire/gmail_query.h"
#include "wire/object_id.h"

enum { FIELD_OCTETS_MAX = 998, MODSEQ_ENTRY_OCTETS_MAX = 1000 };

/* What follows the name of a key. */
enum argument {
    NOTHING,
    OBJECT_ID,
    LABEL,
    QUERY,
    ATOM,
    STRING,
    FIELD_STRING,
    DATE,
    NUMBER,
    SECONDS,
    FILTER_NAME,
    SET,
    UIDS_ABOVE, /* the set of all UIDs above one */
    UIDS_BELOW,
    MODSEQ
};

static const struct row {
    struct slice name;
    enum search_kind kind;
    enum argument argument;
    bool negated;
    uint32_t flag;      /* SEARCH_FLAG */
    struct slice field; /* SEARCH_HEADER by another name */
} keys[] = {
#define ROW(name, kind, argument, ...)                                                             \
    {                                                                                              \
        {name, sizeof(name) - 1}, SEARCH_##kind, argument, __VA_ARGS__                             \
    }
#define KEY(name, kind, argument) ROW(name, kind, argument, .negated = false)
#define YES(name, bit)            ROW(name, FLAG, NOTHING, .flag = FLAG_##bit)
#define NO(name, bit)             ROW(name, FLAG, NOTHING, .flag = FLAG_##bit, .negated = true)
#define FIELD(name)               ROW(name, HEADER, STRING, .field = {name, sizeof(name) - 1})
    KEY("ALL", ALL, NOTHING),
    YES("ANSWERED", ANSWERED),
    YES("DELETED", DELETED),
    YES("DRAFT", DRAFT),
    YES("FLAGGED", FLAGGED),
    YES("RECENT", RECENT), /* RFC 3501 section 6.4.4, like NEW and OLD */
    YES("SEEN", SEEN),
    NO("UNANSWERED", ANSWERED),
    NO("UNDELETED", DELETED),
    NO("UNDRAFT", DRAFT),
    NO("UNFLAGGED", FLAGGED),
    NO("OLD", RECENT),
    NO("UNSEEN", SEEN),
    KEY("NEW", NEW, NOTHING),
    KEY("KEYWORD", KEYWORD, ATOM),
    ROW("UNKEYWORD", KEYWORD, ATOM, .negated = true),
    FIELD("BCC"),
    FIELD("CC"),
    FIELD("FROM"),
    FIELD("SUBJECT"),
    FIELD("TO"),
    KEY("HEADER", HEADER, FIELD_STRING),
    KEY("BODY", BODY, STRING),
    KEY("TEXT", TEXT, STRING),
    KEY("BEFORE", BEFORE, DATE),
    KEY("ON", ON, DATE),
    KEY("SINCE", SINCE, DATE),
    KEY("SENTBEFORE", SENTBEFORE, DATE),
    KEY("SENTON", SENTON, DATE),
    KEY("SENTSINCE", SENTSINCE, DATE),
    KEY("FILTER", FILTER, FILTER_NAME), /* RFC 5466 section 4 */
    KEY("OLDER", OLDER, SECONDS),       /* RFC 5032 section 3 */
    KEY("YOUNGER", YOUNGER, SECONDS),
    KEY("SAVEDBEFORE", SAVEDBEFORE, DATE), /* RFC 8514 section 4.3 */
    KEY("SAVEDON", SAVEDON, DATE),
    KEY("SAVEDSINCE", SAVEDSINCE, DATE),
    KEY("SAVEDATESUPPORTED", ALL, NOTHING), /* by every mailbox */
    KEY("X-GM-MSGID", GM_MSGID, NUMBER),    /* Google's, like the three below */
    KEY("X-GM-THRID", GM_THRID, NUMBER),
    KEY("X-GM-LABELS", GM_LABEL, LABEL),
    KEY("X-GM-RAW", AND, QUERY),
    KEY("EMAILID", EMAILID, OBJECT_ID), /* RFC 8474 section 6 */
    KEY("THREADID", THREADID, OBJECT_ID),
    KEY("LARGER", LARGER, NUMBER),
    KEY("SMALLER", SMALLER, NUMBER),
    KEY("MODSEQ", MODSEQ, MODSEQ),
    KEY("UID", UID, SET),
    KEY("UIDAFTER", UID, UIDS_ABOVE), /* RFC 9738 section 3.2 */
    KEY("UIDBEFORE", UID, UIDS_BELOW),
#undef ROW
#undef KEY
#undef YES
#undef NO
#undef FIELD
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* A key that waits for children. */
struct open {
    struct search_key *key;
    struct search_key **tail; /* where the next child goes */
    size_t wanted;            /* OR only */
};

struct parser {
    struct lex *in;
    struct arena *a;
    struct search_program program;
    struct open open[SEARCH_DEPTH_MAX];
    size_t depth; /* of `open`; 1 is the program itself */
    size_t above; /* levels around this program, which stands in another */
    bool negate;  /* an odd number of NOTs stands before the next key */
    bool fuzzy;   /* a FUZZY does */
};

static struct open *top(struct parser *p)
{
    return &p->open[p->depth - 1];
}

/* A new key as the next child of the innermost open one. */
static enum err add_key(struct parser *p, enum search_kind kind, struct search_key **out)
{
    struct search_key *key;

    if (p->program.keys == SEARCH_KEYS_MAX)
        return ERR_LIMIT;
    if ((key = arena_new(p->a, struct search_key)) == NULL)
        return ERR_NOMEM;
    key->kind = kind;
    key->negated = p->negate;
    key->fuzzy = p->fuzzy || (p->depth > 0 && top(p)->key->fuzzy);
    p->program.has_fuzzy |= key->fuzzy;
    p->negate = p->fuzzy = false;
    p->program.keys++;
    if (p->depth > 0) {
        *top(p)->tail = key;
        top(p)->tail = &key->next;
    }
    *out = key;
    return ERR_OK;
}

/* An AND or an OR whose children follow. */
static enum err open_key(struct parser *p, enum search_kind kind, size_t wanted)
{
    struct search_key *key;

    if (p->above + p->depth == SEARCH_DEPTH_MAX)
        return ERR_LIMIT;
    TRY(add_key(p, kind, &key));
    p->open[p->depth++] = (struct open){.key = key, .tail = &key->child, .wanted = wanted};
    return ERR_OK;
}

static enum err open_or(struct parser *p)
{
    TRY(lex_space(p->in));
    if (top(p)->key->kind == SEARCH_OR && !p->negate && !p->fuzzy) {
        top(p)->wanted++;
        return ERR_OK;
    }
    return open_key(p, SEARCH_OR, 2);
}

static enum err parse_set(struct parser *p, struct search_key *key)
{
    TRY(seq_set_parse(p->in, p->a, &key->set));
    p->program.has_saved |= key->set.saved;
    p->program.has_seq |= key->kind == SEARCH_SEQ && !key->set.saved;
    return ERR_OK;
}

/* All UIDs on one side of the one that is named. */
static enum err parse_bound(struct parser *p, struct search_key *key, bool above)
{
    uint32_t uid;

    TRY(lex_nz_number(p->in, &uid));
    if (uid == (above ? UINT32_MAX : 1))
        return ERR_OK;
    return seq_set_add_range(&key->set, p->a, above ? uid + 1 : 1, above ? UINT32_MAX : uid - 1);
}

static enum err parse_field_string(struct parser *p, struct search_key *key)
{
    TRY(lex_astring(p->in, p->a, FIELD_OCTETS_MAX, &key->field));
    TRY(lex_space(p->in));
    return lex_astring(p->in, p->a, SEARCH_TEXT_OCTETS_MAX, &key->text);
}

/* [entry-name SP entry-type-req SP] mod-sequence-valzer. There is one mod-sequence a message, so
 * name and type are read and forgotten, as section 3.1.5 wants it. */
static enum err parse_modseq(struct parser *p, struct search_key *key)
{
    struct slice entry;

    p->program.has_modseq = true;
    if (lex_peek(p->in) == '"') {
        TRY(lex_string(p->in, p->a, MODSEQ_ENTRY_OCTETS_MAX, &entry));
        TRY(lex_space(p->in));
        if (!slice_starts_nocase(entry, SLICE("/flags/")) ||
            (!lex_accept_atom(p->in, SLICE("all")) && !lex_accept_atom(p->in, SLICE("priv")) &&
             !lex_accept_atom(p->in, SLICE("shared"))))
            return ERR_SYNTAX;
        TRY(lex_space(p->in));
    }
    return lex_number64(p->in, &key->size);
}

/* 1*<any ATOM-CHAR except "/"> */
static enum err parse_filter_name(struct parser *p, struct search_key *key)
{
    size_t start = p->in->at;

    TRY(lex_atom(p->in, SEARCH_FILTER_OCTETS_MAX, &key->text));
    p->program.has_filter = true;
    if (slice_find(key->text, '/') == key->text.n)
        return ERR_OK;
    p->in->at = start + slice_find(key->text, '/');
    return ERR_SYNTAX;
}

/* X-GM-RAW: the text of the keys it means, in the arena. */
static enum err read_query(struct parser *p, struct slice *out)
{
    struct slice query;
    struct buf text;
    enum err e;

    TRY(lex_astring(p->in, p->a, GMAIL_QUERY_OCTETS_MAX, &query));
    buf_init(&text, GMAIL_QUERY_TEXT_MAX);
    e = gmail_query_translate(query, &text);
    if (e == ERR_OK && !arena_copy(p->a, buf_slice(&text), out))
        e = ERR_NOMEM;
    buf_release(&text);
    return e;
}

static enum err parse_keys(struct parser *p);

/* They become children of this AND. */
static enum err parse_query(struct parser *p, struct search_key *key)
{
    struct slice text;
    struct lex in;
    struct parser inner = {.in = &in, .a = p->a, .above = p->above + p->depth, .fuzzy = key->fuzzy};

    TRY(read_query(p, &text));
    in = lex_of(text, true);
    inner.program.keys = p->program.keys - 1; /* its root is `key` */
    TRY(parse_keys(&inner));
    p->program.keys = inner.program.keys;
    key->child = inner.program.root->child;
    return lex_end(&in);
}

static enum err parse_argument(struct parser *p, const struct row *row, struct search_key *key)
{
    if (row->argument != NOTHING)
        TRY(lex_space(p->in));
    switch (row->argument) {
    case NOTHING:
        return ERR_OK;
    case ATOM:
        return lex_atom(p->in, FLAG_KEYWORD_OCTETS_MAX, &key->text);
    case STRING:
        return lex_astring(p->in, p->a, SEARCH_TEXT_OCTETS_MAX, &key->text);
    case FIELD_STRING:
        return parse_field_string(p, key);
    case DATE:
        return date_parse(p->in, &key->day);
    case LABEL:
        return lex_peek(p->in) == '\\'
                   ? lex_backslash_atom(p->in, FLAG_KEYWORD_OCTETS_MAX, &key->text)
                   : lex_astring(p->in, p->a, SEARCH_TEXT_OCTETS_MAX, &key->text);
    case QUERY:
        return parse_query(p, key);
    case OBJECT_ID:
        return object_id_lex(p->in, &key->text);
    case NUMBER:
        return lex_number64(p->in, &key->size);
    case FILTER_NAME:
        return parse_filter_name(p, key);
    case SECONDS:
        return lex_nz_number(p->in, &key->seconds);
    case SET:
        return parse_set(p, key);
    case UIDS_ABOVE:
    case UIDS_BELOW:
        return parse_bound(p, key, row->argument == UIDS_ABOVE);
    case MODSEQ:
        return parse_modseq(p, key);
    }
    return ERR_BUG;
}

static const struct row *find_row(struct slice name)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (slice_eq_nocase(keys[i].name, name))
            return &keys[i];
    }
    return NULL;
}

/* A key without children. */
static enum err parse_leaf(struct parser *p, const struct row *row)
{
    struct search_key *key;

    TRY(add_key(p, row->kind, &key));
    p->program.has_gmail |= row->argument == QUERY || row->kind == SEARCH_GM_MSGID ||
                            row->kind == SEARCH_GM_THRID || row->kind == SEARCH_GM_LABEL;
    key->negated ^= row->negated;
    if (row->kind == SEARCH_FLAG)
        key->flag = row->flag;
    if (row->kind == SEARCH_HEADER)
        key->field = row->field;
    return parse_argument(p, row, key);
}

static enum err parse_seq(struct parser *p)
{
    struct search_key *key;

    TRY(add_key(p, SEARCH_SEQ, &key));
    return parse_set(p, key);
}

/* One key up to its children, or whole; *whole tells which. */
static enum err parse_key(struct parser *p, bool *whole)
{
    size_t start = p->in->at;
    int c = lex_peek(p->in);
    const struct row *row;
    struct slice name;

    *whole = false;
    if (lex_accept(p->in, '('))
        return open_key(p, SEARCH_AND, 0);
    if (lex_accept_atom(p->in, SLICE("NOT"))) {
        p->negate = !p->negate;
        return lex_space(p->in);
    }
    if (lex_accept_atom(p->in, SLICE("FUZZY"))) {
        p->fuzzy = true;
        return lex_space(p->in);
    }
    if (lex_accept_atom(p->in, SLICE("OR")))
        return open_or(p);
    *whole = true;
    if ((c >= '0' && c <= '9') || c == '*' || c == '$')
        return parse_seq(p);
    TRY(lex_atom(p->in, SIZE_MAX, &name));
    if ((row = find_row(name)) == NULL) {
        p->in->at = start;
        return ERR_SYNTAX;
    }
    return parse_leaf(p, row);
}

/* A key is whole: close what it completes, and move to where the next one begins. *done when the
 * program is complete. */
static enum err after_key(struct parser *p, bool *done)
{
    for (;;) {
        if (top(p)->key->kind == SEARCH_OR) {
            if (--top(p)->wanted > 0)
                return lex_space(p->in);
        } else if (lex_accept(p->in, ' ')) {
            return ERR_OK;
        } else if (p->depth == 1) {
            *done = true;
            return ERR_OK;
        } else {
            TRY(lex_expect(p->in, ')'));
        }
        p->depth--;
    }
}

static enum err parse_keys(struct parser *p)
{
    bool done = false;

    TRY(open_key(p, SEARCH_AND, 0));
    p->program.root = p->open[0].key;
    while (!done) {
        bool whole;

        TRY(parse_key(p, &whole));
        if (whole)
            TRY(after_key(p, &done));
    }
    return ERR_OK;
}

static enum err parse_charset(struct parser *p)
{
    TRY(lex_astring(p->in, p->a, SEARCH_CHARSET_OCTETS_MAX, &p->program.charset));
    return lex_space(p->in);
}

static enum err parse_program(struct parser *p)
{
    TRY(search_parse_return(p->in, p->a, &p->program));
    if (lex_accept_atom(p->in, SLICE("CHARSET"))) {
        TRY(lex_space(p->in));
        TRY(parse_charset(p));
    }
    return parse_keys(p);
}

enum err search_parse_keys(struct lex *in, struct arena *a, struct search_program *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct parser p = {.in = in, .a = a};

    TRY(parse_keys(&p));
    *out = p.program;
    arena_keep(&undo);
    return ERR_OK;
}

enum err search_parse_criteria(struct lex *in, struct arena *a, struct search_program *program)
{
    struct parser p = {.in = in, .a = a, .program = *program};

    p.program.charset_required = true;
    TRY(parse_charset(&p));
    TRY(parse_keys(&p));
    *program = p.program;
    return ERR_OK;
}

enum err search_parse(struct lex *in, struct arena *a, struct search_program *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct parser p = {.in = in, .a = a};

    TRY(parse_program(&p));
    *out = p.program;
    arena_keep(&undo);
    return ERR_OK;
}
