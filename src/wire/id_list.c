/* wire/id_list.c -- see id_list.h. */
#include "wire/id_list.h"

#include "wire/grow.h"
#include "wire/reply.h"

static enum err parse_pair(struct lex *in, struct arena *a, struct id_pair *out)
{
    TRY(lex_string(in, a, ID_FIELD_OCTETS_MAX, &out->field));
    TRY(lex_space(in));
    return lex_nstring(in, a, ID_VALUE_OCTETS_MAX, &out->value);
}

static enum err parse_pairs(struct lex *in, struct arena *a, struct id_list *got)
{
    size_t cap = 0;

    do {
        void *pair = got->pair;

        TRY(grow_array(a, &pair, got->n, &cap, sizeof(*got->pair), ID_PAIRS_MAX));
        got->pair = pair;
        TRY(parse_pair(in, a, &got->pair[got->n++]));
    } while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

enum err id_list_parse(struct lex *in, struct arena *a, struct id_list *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct id_list got = {0};

    if (!lex_accept_nil(in)) {
        TRY(lex_expect(in, '('));
        if (!lex_accept(in, ')'))
            TRY(parse_pairs(in, a, &got));
    }
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

struct slice id_value(const struct id_list *list, struct slice field)
{
    for (size_t i = 0; i < list->n; i++) {
        if (slice_eq_nocase(list->pair[i].field, field))
            return list->pair[i].value;
    }
    return SLICE_NULL;
}

void id_describe(const struct id_list *list, struct buf *out)
{
    struct slice name = id_value(list, SLICE("name")), version = id_value(list, SLICE("version"));

    reply_text(out, slice_sub(name, 0, ID_DESCRIBED_OCTETS_MAX));
    if (name.n > 0 && version.n > 0)
        buf_add_char(out, ' ');
    reply_text(out, slice_sub(version, 0, ID_DESCRIBED_OCTETS_MAX));
}

static bool is_background_event(struct slice event)
{
    static const char *const events[] = {"back-fill", "indexer", "periodic", "push"};

    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (slice_eq_nocase(event, slice_of_str(events[i])))
            return true;
    }
    return false;
}

bool id_is_background(const struct id_list *list)
{
    struct slice event = id_value(list, SLICE("event"));
    bool found = false;

    if (!slice_starts(id_value(list, SLICE("name")), SLICE("com.apple.")))
        return false;
    while (event.n > 0 && !found) {
        size_t n = slice_find(event, ',');

        found = is_background_event(slice_trim(slice_sub(event, 0, n)));
        event = slice_sub(event, n < event.n ? n + 1 : n, event.n);
    }
    return found;
}
