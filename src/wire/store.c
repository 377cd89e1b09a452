/* wire/store.c -- see store.h. */
#include "wire/store.h"

#include "wire/grow.h"

static const struct {
    struct slice name;
    enum store_action action;
    bool silent, labels;
} names[] = {
    {{"FLAGS", 5}, STORE_REPLACE, false, false},
    {{"FLAGS.SILENT", 12}, STORE_REPLACE, true, false},
    {{"+FLAGS", 6}, STORE_ADD, false, false},
    {{"+FLAGS.SILENT", 13}, STORE_ADD, true, false},
    {{"-FLAGS", 6}, STORE_REMOVE, false, false},
    {{"-FLAGS.SILENT", 13}, STORE_REMOVE, true, false},
    {{"X-GM-LABELS", 11}, STORE_REPLACE, false, true}, /* Google's */
    {{"X-GM-LABELS.SILENT", 18}, STORE_REPLACE, true, true},
    {{"+X-GM-LABELS", 12}, STORE_ADD, false, true},
    {{"+X-GM-LABELS.SILENT", 19}, STORE_ADD, true, true},
    {{"-X-GM-LABELS", 12}, STORE_REMOVE, false, true},
    {{"-X-GM-LABELS.SILENT", 19}, STORE_REMOVE, true, true},
};

static enum err parse_name(struct lex *in, struct store_args *args)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (lex_accept_atom(in, names[i].name)) {
            args->action = names[i].action;
            args->silent = names[i].silent;
            args->is_labels = names[i].labels;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

/* "(" store-modifier *(SP store-modifier) ")" SP */
static enum err parse_modifiers(struct lex *in, struct store_args *args)
{
    do {
        if (args->conditional || !lex_accept_atom(in, SLICE("UNCHANGEDSINCE")))
            return ERR_SYNTAX;
        args->conditional = true;
        TRY(lex_space(in));
        TRY(lex_number64(in, &args->unchangedsince));
    } while (lex_accept(in, ' '));
    TRY(lex_expect(in, ')'));
    return lex_space(in);
}

/* A name of the system's, bare or as a string, or a mailbox name. */
static enum err parse_label(struct lex *in, struct arena *a, enum mailbox_form form,
                            struct slice *out)
{
    size_t start = in->at;

    if (lex_peek(in) == '\\')
        return lex_backslash_atom(in, FLAG_KEYWORD_OCTETS_MAX, out);
    if (lex_peek(in) == '"' || lex_peek(in) == '{') { /* "\\Inbox" */
        TRY(lex_astring(in, a, MAILBOX_OCTETS_MAX, out));
        if (out->n > 0 && out->p[0] == '\\')
            return ERR_OK;
        in->at = start;
    }
    return mailbox_parse(in, a, form, out);
}

static enum err parse_labels(struct lex *in, struct arena *a, enum mailbox_form form,
                             struct store_args *args)
{
    size_t cap = 0;
    bool list = lex_accept(in, '(');

    if (list && lex_accept(in, ')'))
        return ERR_OK;
    do {
        void *label = args->label;

        TRY(grow_array(a, &label, args->labels, &cap, sizeof(*args->label), STORE_LABELS_MAX));
        args->label = label;
        TRY(parse_label(in, a, form, &args->label[args->labels++]));
    } while (list && lex_accept(in, ' '));
    return list ? lex_expect(in, ')') : ERR_OK;
}

enum err store_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                     struct store_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct store_args got = {0};

    TRY(seq_set_parse(in, a, &got.set));
    TRY(lex_space(in));
    if (lex_accept(in, '('))
        TRY(parse_modifiers(in, &got));
    TRY(parse_name(in, &got));
    TRY(lex_space(in));
    if (got.is_labels)
        TRY(parse_labels(in, a, form, &got));
    else
        TRY(flag_list_parse_store(in, a, &got.flags));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
