/* client/response.c -- cutting what the server sends into responses and reading their frame.
 *
 * Source: RFC 9051 sections 2.2.2, 7 and 9 (response, resp-cond-state, resp-text). A response is
 * framed exactly as a command is, so wire/frame cuts both.
 */
#include <assert.h>

#include "client/internal.h"
#include "wire/lex.h"

/* ---- one response ---------------------------------------------------------------------------- */

static enum client_condition take_condition(struct lex *in)
{
    static const struct {
        const char *name;
        enum client_condition condition;
    } table[] = {{"OK", CLIENT_OK},
                 {"NO", CLIENT_NO},
                 {"BAD", CLIENT_BAD},
                 {"BYE", CLIENT_BYE},
                 {"PREAUTH", CLIENT_PREAUTH}};

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        if (lex_accept_atom(in, slice_of_str(table[i].name)))
            return table[i].condition;
    }
    return CLIENT_DATA;
}

static struct slice without_line_end(struct slice line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\n')
        line.n--;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* The text behind a condition: "[CODE args] words". */
static void take_text(struct lex *in, struct client_response *r)
{
    struct slice rest = lex_rest(in);
    size_t end = slice_find(rest, ']');

    r->code = SLICE_NULL;
    if (rest.n > 0 && rest.p[0] == '[' && end < rest.n && end <= CLIENT_CODE_OCTETS_MAX) {
        r->code = slice_sub(rest, 1, end - 1);
        rest = slice_trim(slice_sub(rest, end + 1, rest.n));
    }
    r->text = rest;
}

static enum err take_tag(struct lex *in, struct client_response *r)
{
    struct slice tag;
    uint64_t number;

    TRY(lex_tag(in, &tag));
    if (tag.p[0] != 'r' || !slice_to_u64(slice_sub(tag, 1, tag.n), UINT32_MAX, &number))
        return ERR_SYNTAX;
    r->kind = CLIENT_TAGGED;
    r->tag = (uint32_t)number;
    return lex_space(in);
}

enum err client_response_parse(struct slice line, struct client_response *out)
{
    struct lex in = lex_of(without_line_end(line), true);
    struct client_response r = {0};

    if (lex_accept(&in, '+')) {
        r.kind = CLIENT_CONTINUE;
        (void)lex_accept(&in, ' '); /* left out by some */
    } else if (lex_accept(&in, '*')) {
        r.kind = CLIENT_UNTAGGED;
        TRY(lex_space(&in));
    } else {
        TRY(take_tag(&in, &r));
    }
    if (r.kind != CLIENT_CONTINUE)
        r.condition = take_condition(&in);
    if (r.kind == CLIENT_TAGGED && r.condition == CLIENT_DATA)
        return ERR_SYNTAX;
    if (r.condition != CLIENT_DATA) {
        (void)lex_accept(&in, ' ');
        take_text(&in, &r);
    } else {
        r.text = lex_rest(&in);
    }
    *out = r;
    return ERR_OK;
}

/* ---- the stream ------------------------------------------------------------------------------ */

/* Forget the response that was given out last. */
void client_drop_taken(struct client *c)
{
    if (c->taken == 0)
        return;
    buf_consume(&c->stream.in, c->taken);
    frame_reset(&c->frame);
    c->taken = 0;
}

/* ERR_MORE: no whole response is in the buffer. */
static enum err scan(struct client *c, struct client_response *out)
{
    for (;;) {
        switch (frame_scan(&c->frame, buf_slice(&c->stream.in))) {
        case FRAME_MORE:
            return ERR_MORE;
        case FRAME_COMPLETE:
            c->taken = c->frame.command_octets;
            TRY(client_response_parse(slice_sub(buf_slice(&c->stream.in), 0, c->taken), out));
            if (out->kind == CLIENT_UNTAGGED && out->condition == CLIENT_BYE)
                c->bye = client_result(out);
            return ERR_OK;
        case FRAME_LITERAL:
            if (!frame_literal_inline(&c->frame))
                return ERR_LIMIT;
            continue;
        case FRAME_TOOLONG:
            return ERR_LIMIT;
        case FRAME_JUNK:
            return ERR_SYNTAX;
        }
    }
}

/* A connection that ends says why before (RFC 9051 section 7.1.5). */
static enum err read_one(struct client *c, int timeout_ms, struct client_response *out)
{
    enum err e;

    while ((e = scan(c, out)) == ERR_MORE) {
        e = client_stream_read(&c->stream, timeout_ms);
        if (e == ERR_UNAVAILABLE && c->bye != ERR_OK)
            return c->bye;
        TRY(e);
    }
    return e;
}

enum err client_read(struct client *c, struct client_response *out)
{
    enum err e;

    client_drop_taken(c);
    e = client_flush(c);
    if (e != ERR_OK && e != ERR_UNAVAILABLE)
        return e;
    return read_one(c, c->timeout_ms, out); /* what it said before it hung up is still there */
}

enum err client_read_now(struct client *c, struct client_response *out)
{
    client_drop_taken(c);
    return read_one(c, 0, out);
}

enum err client_wait(struct client *c, uint32_t tag, client_untagged *each, void *ctx,
                     struct client_response *out)
{
    assert(tag != 0 && tag <= c->tag);
    for (;;) {
        TRY(client_read(c, out));
        if (out->kind == CLIENT_TAGGED && out->tag == tag)
            return ERR_OK;
        if (out->kind == CLIENT_TAGGED && out->tag > tag)
            return ERR_SYNTAX; /* answers come in order to commands that change something */
        if (out->kind == CLIENT_UNTAGGED && each != NULL)
            TRY(each(ctx, out));
    }
}

/* ---- what it means --------------------------------------------------------------------------- */

/* The response code of a row of the error table: "TRYCREATE" of "NO [TRYCREATE] ...". */
static struct slice code_of(enum err e)
{
    struct slice wire = slice_of_str(err_wire(e));
    size_t from = slice_find(wire, '['), to = slice_find(wire, ']');

    return from < to ? slice_sub(wire, from + 1, to - from - 1) : SLICE_NULL;
}

/* Whether the human text is that of this row: several rows share one code. */
static bool is_text_of(enum err e, struct slice text)
{
    struct slice wire = slice_of_str(err_wire(e));
    size_t end = slice_find(wire, ']');

    return end < wire.n && slice_eq(slice_trim(slice_sub(wire, end + 1, wire.n)), text);
}

/* With our own server the text decides; with any other the code. */
static enum err error_of_code(const struct client_response *r)
{
    struct slice code = slice_sub(r->code, 0, slice_find(r->code, ' '));
    enum err found = ERR_CANNOT;

    if (slice_eq_nocase(code, SLICE("UNAVAILABLE")))
        found = ERR_UNAVAILABLE;
    for (enum err e = ERR_OK; e < ERR_COUNT; e++) {
        if (!slice_eq_nocase(code, code_of(e)))
            continue;
        if (is_text_of(e, r->text))
            return e;
        if (found == ERR_CANNOT)
            found = e;
    }
    return found;
}

enum err client_result(const struct client_response *r)
{
    switch (r->condition) {
    case CLIENT_OK:
    case CLIENT_PREAUTH:
        return ERR_OK;
    case CLIENT_BAD:
        return ERR_SYNTAX;
    case CLIENT_BYE:
        return r->code.p != NULL ? error_of_code(r) : ERR_UNAVAILABLE;
    case CLIENT_NO:
        return r->code.p != NULL ? error_of_code(r) : ERR_CANNOT;
    case CLIENT_DATA:
        break;
    }
    return ERR_SYNTAX;
}
