/* wire/multisearch.c -- see multisearch.h. */
#include "wire/multisearch.h"

#include "wire/grow.h"

static enum err add_filter(struct multisearch_args *args, struct arena *a, size_t *cap,
                           struct mailbox_filter filter)
{
    void *filters = args->filter;

    TRY(grow_array(a, &filters, args->n, cap, sizeof(filter), MULTISEARCH_FILTERS_MAX));
    args->filter = filters;
    args->filter[args->n++] = filter;
    if (filter.kind == MAILBOX_FILTER_SELECTED)
        args->selected = true;
    else
        args->selected_only = false;
    return ERR_OK;
}

/* SP "(" filter-mailboxes *(SP filter-mailboxes) ")" SP */
static enum err parse_source(struct lex *in, struct arena *a, enum mailbox_form form,
                             struct multisearch_args *args, size_t *cap)
{
    TRY(lex_space(in));
    TRY(lex_expect(in, '('));
    do {
        size_t start = in->at;
        struct mailbox_filter filter;

        TRY(filter_mailboxes_parse(in, a, form, &filter));
        if (filter.kind == MAILBOX_FILTER_SELECTED_DELAYED) {
            in->at = start;
            return ERR_SYNTAX;
        }
        TRY(add_filter(args, a, cap, filter));
    } while (lex_accept(in, ' '));
    TRY(lex_expect(in, ')'));
    return lex_space(in);
}

enum err multisearch_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                           struct multisearch_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct multisearch_args got = {.selected_only = true};
    struct mailbox_filter selected = {.kind = MAILBOX_FILTER_SELECTED};
    size_t cap = 0;

    if (lex_accept_atom(in, SLICE("IN")))
        TRY(parse_source(in, a, form, &got, &cap));
    else
        TRY(add_filter(&got, a, &cap, selected));
    TRY(search_parse(in, a, &got.program));
    if ((got.program.returns & SEARCH_RETURN_SAVE) != 0 && !got.selected_only)
        return ERR_SYNTAX;
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
