/* wire/section.c -- see section.h. */
#include "wire/section.h"

#include "wire/grow.h"
#include "wire/reply.h"

static const struct {
    struct slice name;
    enum section_text text;
} texts[] = {
    {{"HEADER", 6}, SECTION_HEADER},
    {{"HEADER.FIELDS", 13}, SECTION_HEADER_FIELDS},
    {{"HEADER.FIELDS.NOT", 17}, SECTION_HEADER_FIELDS_NOT},
    {{"TEXT", 4}, SECTION_TEXT},
    {{"MIME", 4}, SECTION_MIME},
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static bool at_digit(const struct lex *in)
{
    int c = lex_peek(in);

    return c >= '0' && c <= '9';
}

/* section-part, and whether a "." with a word is to follow. */
static enum err parse_part(struct lex *in, struct arena *a, struct section *s, bool *more)
{
    size_t cap = 0;

    *more = true; /* as good as a "." when there is no number at all */
    while (*more && at_digit(in)) {
        void *part = s->part;

        TRY(grow_array(a, &part, s->parts, &cap, sizeof(*s->part), SECTION_PARTS_MAX));
        s->part = part;
        TRY(lex_nz_number(in, &s->part[s->parts]));
        s->parts++;
        *more = lex_accept(in, '.');
    }
    return ERR_OK;
}

/* header-list: "(" astring *(SP astring) ")" */
static enum err parse_fields(struct lex *in, struct arena *a, struct section *s)
{
    size_t cap = 0;

    TRY(lex_space(in));
    TRY(lex_expect(in, '('));
    do {
        void *field = s->field;

        TRY(grow_array(a, &field, s->fields, &cap, sizeof(*s->field), FETCH_FIELDS_MAX));
        s->field = field;
        TRY(lex_astring(in, a, FETCH_FIELD_OCTETS_MAX, &s->field[s->fields]));
        s->fields++;
    } while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

/* section-text; MIME needs a part to be the MIME header of. */
static enum err parse_text(struct lex *in, struct arena *a, struct section *s)
{
    size_t start = in->at;
    struct slice word;

    TRY(lex_word(in, SIZE_MAX, &word));
    for (size_t i = 0; i < TEXTS; i++) {
        if (slice_eq_nocase(word, texts[i].name))
            s->text = texts[i].text;
    }
    if (s->text == SECTION_ALL || (s->text == SECTION_MIME && s->parts == 0)) {
        in->at = start;
        return ERR_SYNTAX;
    }
    if (s->text == SECTION_HEADER_FIELDS || s->text == SECTION_HEADER_FIELDS_NOT)
        return parse_fields(in, a, s);
    return ERR_OK;
}

static enum err parse_brackets(struct lex *in, struct arena *a, bool text_allowed,
                               struct section *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct section got = {0};
    bool more;

    TRY(lex_expect(in, '['));
    TRY(parse_part(in, a, &got, &more));
    if (more && (got.parts > 0 || lex_peek(in) != ']'))
        TRY(text_allowed ? parse_text(in, a, &got) : ERR_SYNTAX);
    TRY(lex_expect(in, ']'));
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

enum err section_parse(struct lex *in, struct arena *a, struct section *out)
{
    return parse_brackets(in, a, true, out);
}

enum err section_parse_part(struct lex *in, struct arena *a, struct section *out)
{
    return parse_brackets(in, a, false, out);
}

static void write_text(struct buf *out, const struct section *section)
{
    for (size_t i = 0; i < TEXTS; i++) {
        if (texts[i].text == section->text)
            buf_add_slice(out, texts[i].name);
    }
    for (size_t i = 0; i < section->fields; i++) {
        buf_add_str(out, i == 0 ? " (" : " ");
        reply_astring(out, section->field[i]);
    }
    if (section->fields > 0)
        buf_add_char(out, ')');
}

void section_write(struct buf *out, const struct section *section)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < section->parts; i++) {
        if (i > 0)
            buf_add_char(out, '.');
        buf_add_u64(out, section->part[i]);
    }
    if (section->parts > 0 && section->text != SECTION_ALL)
        buf_add_char(out, '.');
    write_text(out, section);
    buf_add_char(out, ']');
}
