/* wire/status.c -- see status.h. */
#include "wire/status.h"

static const struct {
    struct slice name;
    enum status_item item;
} items_table[] = {
#define X(bit, name, wire) {{wire, sizeof(wire) - 1}, STATUS_##name},
    STATUS_TABLE(X)
#undef X
};

enum { ITEMS = sizeof(items_table) / sizeof(items_table[0]) };

static enum err parse_item(struct lex *in, uint32_t *items)
{
    for (size_t i = 0; i < ITEMS; i++) {
        if (lex_accept_atom(in, items_table[i].name)) {
            *items |= items_table[i].item;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

enum err status_items_parse(struct lex *in, uint32_t *items)
{
    uint32_t got = 0;

    TRY(lex_expect(in, '('));
    do
        TRY(parse_item(in, &got));
    while (lex_accept(in, ' '));
    TRY(lex_expect(in, ')'));
    *items = got;
    return ERR_OK;
}

struct slice status_item_name(enum status_item item)
{
    for (size_t i = 0; i < ITEMS; i++) {
        if (items_table[i].item == item)
            return items_table[i].name;
    }
    return SLICE_NULL;
}

enum err status_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                      struct status_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct status_args got = {0};

    TRY(mailbox_parse(in, a, form, &got.mailbox));
    TRY(lex_space(in));
    TRY(status_items_parse(in, &got.items));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
