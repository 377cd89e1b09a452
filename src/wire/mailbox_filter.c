/* wire/mailbox_filter.c -- see mailbox_filter.h. */
#include "wire/mailbox_filter.h"

#include <stdlib.h>

#include "wire/grow.h"

static const struct {
    struct slice word;
    enum mailbox_filter_kind kind;
    bool names;
} words[] = {
#define ROW(word, kind, names)                                                                     \
    {                                                                                              \
        {word, sizeof(word) - 1}, MAILBOX_FILTER_##kind, names                                     \
    }
    ROW("SELECTED", SELECTED, false),      ROW("SELECTED-DELAYED", SELECTED_DELAYED, false),
    ROW("INBOXES", INBOXES, false),        ROW("PERSONAL", PERSONAL, false),
    ROW("SUBSCRIBED", SUBSCRIBED, false),  ROW("SUBTREE", SUBTREE, true),
    ROW("SUBTREE-ONE", SUBTREE_ONE, true), ROW("MAILBOXES", MAILBOXES, true),
#undef ROW
};

enum { WORDS = sizeof(words) / sizeof(words[0]) };

struct builder {
    struct lex *in;
    struct arena *a;
    enum mailbox_form form;
    struct mailbox_filter filter;
    size_t cap;
    size_t names; /* read, those left out as well */
};

static bool takes_root(enum mailbox_filter_kind kind)
{
    return kind == MAILBOX_FILTER_SUBTREE || kind == MAILBOX_FILTER_SUBTREE_ONE;
}

/* A mailbox name as its key; ERR_CANNOT: no mailbox can have it. */
static enum err parse_key(struct builder *b, struct slice *key)
{
    struct slice wire, name;

    TRY(lex_astring(b->in, b->a, MAILBOX_WIRE_OCTETS_MAX, &wire));
    if (wire.n == 0 && takes_root(b->filter.kind)) {
        *key = wire;
        return ERR_OK;
    }
    TRY(mailbox_from_wire(b->a, b->form, wire, &name));
    return mailbox_key(b->a, name, key);
}

static enum err parse_name(struct builder *b)
{
    void *keys = b->filter.key;
    struct slice key = SLICE_NULL;
    enum err e;

    if (b->names++ == MAILBOX_FILTER_NAMES_MAX)
        return ERR_LIMIT;
    e = parse_key(b, &key);
    if (e != ERR_OK)
        return e == ERR_CANNOT ? ERR_OK : e;
    TRY(grow_array(b->a, &keys, b->filter.n, &b->cap, sizeof(key), MAILBOX_FILTER_NAMES_MAX));
    b->filter.key = keys;
    b->filter.key[b->filter.n++] = key;
    return ERR_OK;
}

/* one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")" */
static enum err parse_names(struct builder *b)
{
    if (!lex_accept(b->in, '('))
        return parse_name(b);
    do
        TRY(parse_name(b));
    while (lex_accept(b->in, ' '));
    return lex_expect(b->in, ')');
}

static int compare(const void *a, const void *b)
{
    return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static void sort_names(struct mailbox_filter *f)
{
    size_t kept = 0;

    if (f->n > 0)
        qsort(f->key, f->n, sizeof(f->key[0]), compare);
    for (size_t i = 0; i < f->n; i++) {
        if (kept == 0 || !slice_eq(f->key[i], f->key[kept - 1]))
            f->key[kept++] = f->key[i];
    }
    f->n = kept;
}

static enum err parse(struct builder *b)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (!lex_accept_atom(b->in, words[i].word))
            continue;
        b->filter.kind = words[i].kind;
        if (!words[i].names)
            return ERR_OK;
        TRY(lex_space(b->in));
        TRY(parse_names(b));
        sort_names(&b->filter);
        return ERR_OK;
    }
    return ERR_SYNTAX;
}

enum err filter_mailboxes_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                                struct mailbox_filter *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct builder b = {.in = in, .a = a, .form = form};

    TRY(parse(&b));
    *out = b.filter;
    arena_keep(&undo);
    return ERR_OK;
}

static bool has_key(const struct mailbox_filter *f, struct slice key)
{
    return f->n > 0 && bsearch(&key, f->key, f->n, sizeof(key), compare) != NULL;
}

bool mailbox_filter_covers(const struct mailbox_filter *f, struct slice key)
{
    if (has_key(f, key))
        return true;
    if (!takes_root(f->kind) || f->n == 0)
        return false;
    do { /* each level above; the one above the top level is "" */
        key = mailbox_parent(key);
        if (has_key(f, key))
            return true;
    } while (key.n > 0 && f->kind == MAILBOX_FILTER_SUBTREE);
    return false;
}
