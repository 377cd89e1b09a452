/* wire/notify.c -- see notify.h. */
#include "wire/notify.h"

#include "wire/fetch.h"
#include "wire/grow.h"

static const struct {
    struct slice name;
    uint32_t bit;
    bool told;
} events[] = {
#define X(bit, name, told) {{#name, sizeof(#name) - 1}, 1u << (bit), told},
    NOTIFY_TABLE(X)
#undef X
};

struct builder {
    struct lex *in;
    struct arena *a;
    enum mailbox_form form;
    struct notify_args got;
    size_t cap;
    bool selected; /* one of the two filters of section 6.1 was there */
};

static bool is_selected(const struct notify_group *g)
{
    return g->filter.kind == MAILBOX_FILTER_SELECTED ||
           g->filter.kind == MAILBOX_FILTER_SELECTED_DELAYED;
}

/* SP "(" fetch-att *(SP fetch-att) ")", kept as text. */
static enum err parse_fetch(struct builder *b, const struct notify_group *g)
{
    uint32_t kinds;

    TRY(lex_space(b->in));
    if (!is_selected(g))
        return ERR_SYNTAX;
    return fetch_keep_attributes(b->in, b->a, &b->got.fetch, &kinds);
}

/* What will not be told is let pass here, so that the answer can be BADEVENT. */
static enum err parse_event(struct builder *b, struct notify_group *g)
{
    struct slice name;

    TRY(lex_atom(b->in, SIZE_MAX, &name));
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (!slice_eq_nocase(events[i].name, name))
            continue;
        g->events |= events[i].bit;
        b->got.unsupported |= !events[i].told;
        if (events[i].bit == NOTIFY_MessageNew && slice_starts(lex_rest(b->in), SLICE(" (")))
            return parse_fetch(b, g);
        return ERR_OK;
    }
    b->got.unsupported = true;
    return ERR_OK;
}

/* "(" event *(SP event) ")" / "NONE" */
static enum err parse_events(struct builder *b, struct notify_group *g)
{
    if (lex_accept_atom(b->in, SLICE("NONE")))
        return ERR_OK;
    TRY(lex_expect(b->in, '('));
    do
        TRY(parse_event(b, g));
    while (lex_accept(b->in, ' '));
    return lex_expect(b->in, ')');
}

/* Section 5: flags need messages, and new ones go with expunged ones. Section 6.1: of the selected
 * mailbox only messages can be told. */
static bool goes_together(const struct notify_group *g)
{
    uint32_t both = NOTIFY_MessageNew | NOTIFY_MessageExpunge;
    uint32_t needs = both | NOTIFY_FlagChange | NOTIFY_AnnotationChange;

    if ((g->events & needs) != 0 && (g->events & both) != both)
        return false;
    return !is_selected(g) || (g->events & ~needs) == 0;
}

/* "(" filter-mailboxes SP events ")" */
static enum err parse_group(struct builder *b)
{
    struct notify_group g = {0};
    void *groups = b->got.group;

    TRY(lex_expect(b->in, '('));
    TRY(filter_mailboxes_parse(b->in, b->a, b->form, &g.filter));
    if (g.filter.kind == MAILBOX_FILTER_SUBTREE_ONE || (is_selected(&g) && b->selected))
        return ERR_SYNTAX;
    b->selected |= is_selected(&g);
    TRY(lex_space(b->in));
    TRY(parse_events(b, &g));
    TRY(lex_expect(b->in, ')'));
    TRY(grow_array(b->a, &groups, b->got.n, &b->cap, sizeof(g), NOTIFY_GROUPS_MAX));
    b->got.group = groups;
    b->got.group[b->got.n++] = g;
    return ERR_OK;
}

/* An unsupported event is answered NO even where others lack their companions. */
static enum err check(const struct notify_args *args)
{
    for (size_t i = 0; i < args->n && !args->unsupported; i++) {
        if (!goes_together(&args->group[i]))
            return ERR_SYNTAX;
    }
    return ERR_OK;
}

static enum err parse(struct builder *b)
{
    if (lex_accept_atom(b->in, SLICE("NONE")))
        return ERR_OK;
    if (!lex_accept_atom(b->in, SLICE("SET")))
        return ERR_SYNTAX;
    b->got.set = true;
    TRY(lex_space(b->in));
    if (lex_accept_atom(b->in, SLICE("STATUS"))) {
        b->got.status = true;
        TRY(lex_space(b->in));
    }
    do
        TRY(parse_group(b));
    while (lex_accept(b->in, ' '));
    return check(&b->got);
}

enum err notify_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                      struct notify_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct builder b = {.in = in, .a = a, .form = form};

    TRY(parse(&b));
    *out = b.got;
    arena_keep(&undo);
    return ERR_OK;
}
