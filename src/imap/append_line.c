/* imap/append_line.c -- the lines of an APPEND: what stands between its literals.
 *
 * Source: RFC 9051 section 9 (append), RFC 3502, RFC 4469 section 5, RFC 8508 section 5. The
 * elements are those of wire/append.h; here are the spaces, parentheses and ends between them.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/append.h"

/* ---- from the stream ------------------------------------------------------------------------ */

/* The line of n octets at the front of the input becomes the one that is read. */
static void begin_line(struct imap_session *s, struct append_job *a, size_t n, bool open)
{
    free(a->line_text);
    a->line_text = mem_dup_slice(slice_sub(buf_slice(&s->in), 0, n));
    a->line = lex_of(slice_of(a->line_text, n), true);
    a->open = open;
    if (open)
        a->tail = s->frame.literal;
    buf_consume(&s->in, n);
    frame_reset(&s->frame);
    s->batch.invited = false;
    a->stage = APPEND_PARSE;
}

enum err append_take_line(struct imap_session *s, struct job *j, struct append_job *a)
{
    switch (frame_scan(&s->frame, buf_slice(&s->in))) {
    case FRAME_MORE:
        j->wants_input = true;
        return ERR_MORE;
    case FRAME_COMPLETE:
        begin_line(s, a, s->frame.command_octets, false);
        return ERR_OK;
    case FRAME_LITERAL:
        begin_line(s, a, s->frame.prefix_octets, true);
        return ERR_OK;
    case FRAME_TOOLONG:
    case FRAME_JUNK:
        break;
    }
    return ERR_SYNTAX;
}

/* ---- elements ------------------------------------------------------------------------------- */

/* Keywords borrow from the line, which goes when the next one comes. */
static enum err keep_flags(struct arena *arena, struct flag_list *flags)
{
    for (size_t i = 0; i < flags->n; i++) {
        if (!arena_copy(arena, flags->keyword[i], &flags->keyword[i]))
            return ERR_NOMEM;
    }
    return ERR_OK;
}

static void begin_literal(struct imap_session *s, struct append_job *a,
                          const struct append_data *data, enum append_expect then)
{
    a->literal = data->literal;
    a->is_url = data->element == APPEND_URL_LITERAL;
    a->expect = then;
    append_literal_begin(s, a);
}

/* A message, or what it is made of, up to the octets. */
static enum err parse_data(struct imap_session *s, struct job *j, struct append_job *a)
{
    struct append_data data;

    TRY(append_data_parse(&a->line, &data));
    if (data.element == APPEND_CATENATE) {
        a->catenate = true;
        a->expect = EXPECT_PART;
        return ERR_OK;
    }
    if (data.literal.size == 0) {
        j->refusal = "NO Empty message";
        return ERR_CANNOT;
    }
    TRY(append_announce(s, a, data.literal.size));
    begin_literal(s, a, &data, data.element == APPEND_UTF8 ? EXPECT_UTF8_END : EXPECT_MESSAGE_END);
    return ERR_OK;
}

static enum err parse_message(struct imap_session *s, struct job *j, struct append_job *a)
{
    struct append_options *o;

    TRY(append_message_begin(s, j, a));
    o = &a->item[a->n - 1].options;
    TRY(append_options_parse(&a->line, &j->arena, o));
    if ((o->flags.system & FLAG_RECENT) != 0) {
        j->refusal = "BAD \\Recent cannot be given";
        return ERR_SYNTAX;
    }
    TRY(keep_flags(&j->arena, &o->flags));
    return parse_data(s, j, a);
}

static enum err parse_part(struct imap_session *s, struct job *j, struct append_job *a)
{
    struct append_data data;

    TRY(append_part_parse(&a->line, &j->arena, &data));
    if (data.element == APPEND_URL) {
        a->expect = EXPECT_PART_END;
        return append_url_begin(s, j, a, data.url);
    }
    if (data.element != APPEND_URL_LITERAL)
        TRY(append_announce(s, a, data.literal.size));
    else if (data.literal.size > APPEND_URL_OCTETS_MAX)
        return ERR_LIMIT;
    buf_release(&a->url);
    buf_init(&a->url, APPEND_URL_OCTETS_MAX);
    begin_literal(s, a, &data,
                  data.element == APPEND_UTF8 ? EXPECT_UTF8_PART_END : EXPECT_PART_END);
    return ERR_OK;
}

static enum err parse_part_end(struct append_job *a)
{
    if (lex_accept(&a->line, ' ')) {
        a->expect = EXPECT_PART;
        return ERR_OK;
    }
    a->expect = EXPECT_MESSAGE_END;
    return lex_expect(&a->line, ')');
}

static enum err parse_message_end(struct imap_session *s, struct job *j, struct append_job *a)
{
    TRY(append_message_end(s, j, a));
    if (a->single || !lex_accept(&a->line, ' ')) {
        TRY(lex_end(&a->line));
        a->stage = APPEND_END;
        return ERR_OK;
    }
    a->expect = EXPECT_MESSAGE;
    return append_message_wait(a);
}

static enum err parse_utf8_end(struct append_job *a, enum append_expect then)
{
    a->expect = then;
    return lex_expect(&a->line, ')');
}

enum err append_parse_element(struct imap_session *s, struct job *j, struct append_job *a)
{
    switch (a->expect) {
    case EXPECT_MESSAGE:
        return parse_message(s, j, a);
    case EXPECT_MESSAGE_END:
        return parse_message_end(s, j, a);
    case EXPECT_PART:
        return parse_part(s, j, a);
    case EXPECT_PART_END:
        return parse_part_end(a);
    case EXPECT_UTF8_END:
        return parse_utf8_end(a, EXPECT_MESSAGE_END);
    case EXPECT_UTF8_PART_END:
        return parse_utf8_end(a, EXPECT_PART_END);
    }
    return ERR_BUG;
}
