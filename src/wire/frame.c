/* wire/frame.c -- see frame.h.
 *
 * One automaton reads every octet outside literals, in scanning and in draining alike, so the two
 * can never disagree about where a literal begins. It looks for a literal header at a line end:
 *
 *     TEXT --~--> TILDE --{--> BRACE --digit--> DIGITS --+--> PLUS --}--> CLOSED --CR--> CLOSED_CR
 *       \__________{___________^                 |_________}__________^
 *
 * Any other octet goes back to TEXT ("~" and "{" start afresh). LF ends the line: from CLOSED and
 * CLOSED_CR it announces a literal, from anywhere else it ends the command. A "{5}" at a line end
 * within a quoted string cannot occur: a quoted string holds no line end (RFC 9051 section 9).
 */
#include "wire/frame.h"

#include <assert.h>

enum { LIMIT_LEAST_OCTETS = 64 };

void frame_init(struct frame *f, size_t line_max_octets, size_t command_max_octets)
{
    assert(line_max_octets >= LIMIT_LEAST_OCTETS && command_max_octets >= LIMIT_LEAST_OCTETS);
    *f = (struct frame){.line_max_octets = line_max_octets,
                        .command_max_octets = command_max_octets};
}

void frame_reset(struct frame *f)
{
    frame_init(f, f->line_max_octets, f->command_max_octets);
}

static enum frame_phase open_brace(struct frame *f)
{
    f->header = (struct literal){.sync = true, .binary = f->phase == FRAME_TILDE};
    return FRAME_BRACE;
}

static enum frame_phase add_digit(struct frame *f, char c)
{
    uint64_t digit = (uint64_t)(c - '0');

    if (__builtin_mul_overflow(f->header.size, 10, &f->header.size) ||
        __builtin_add_overflow(f->header.size, digit, &f->header.size))
        f->header.size = UINT64_MAX; /* stays there: times ten overflows again */
    return FRAME_DIGITS;
}

static enum frame_phase plus_sign(struct frame *f)
{
    f->header.sync = false;
    return FRAME_PLUS;
}

/* The phase behind octet `c`, which is not LF. */
static enum frame_phase step(struct frame *f, char c)
{
    enum frame_phase now = f->phase;

    if (c == '{')
        return open_brace(f);
    if (c == '~')
        return FRAME_TILDE;
    if (ascii_is_digit(c) && (now == FRAME_BRACE || now == FRAME_DIGITS))
        return add_digit(f, c);
    if (c == '+' && now == FRAME_DIGITS)
        return plus_sign(f);
    if (c == '}' && (now == FRAME_DIGITS || now == FRAME_PLUS))
        return FRAME_CLOSED;
    if (c == '\r' && now == FRAME_CLOSED)
        return FRAME_CLOSED_CR;
    return FRAME_TEXT;
}

/* The line ended: does it announce a literal? */
static bool line_end(struct frame *f)
{
    bool announced = f->phase == FRAME_CLOSED || f->phase == FRAME_CLOSED_CR;

    f->phase = FRAME_TEXT;
    return announced;
}

static enum frame_status end_of_scanned_line(struct frame *f)
{
    if (!line_end(f)) {
        f->command_octets = f->at;
        return FRAME_COMPLETE;
    }
    f->prefix_octets = f->at;
    f->literal = f->header;
    f->at_literal = true;
    return FRAME_LITERAL;
}

enum frame_status frame_scan(struct frame *f, struct slice in)
{
    assert(!f->at_literal); /* the caller decided about the last one */
    while (f->at < in.n) {
        char c = in.p[f->at];

        if (f->at - f->line_at >= f->line_max_octets || f->at >= f->command_max_octets)
            return FRAME_TOOLONG;
        if (c == '\0')
            return FRAME_JUNK;
        f->at++;
        if (c == '\n')
            return end_of_scanned_line(f);
        f->phase = step(f, c);
    }
    return FRAME_MORE;
}

bool frame_literal_inline(struct frame *f)
{
    assert(f->at_literal);
    if (f->literal.size > f->command_max_octets ||
        f->literal.size >= f->command_max_octets - f->prefix_octets)
        return false;
    f->at = f->line_at = f->prefix_octets + (size_t)f->literal.size;
    f->at_literal = false;
    return true;
}

void frame_refuse(struct frame *f)
{
    if (f->at_literal && !f->literal.sync) {
        f->skip = f->literal.size;
        f->at_literal = false;
    }
}

/* Octets of `in` from `from` on that belong to a literal being dropped. */
static size_t skip_literal(struct frame *f, struct slice in, size_t from)
{
    size_t n = in.n - from;

    if (n > f->skip)
        n = (size_t)f->skip;
    f->skip -= n;
    return n;
}

static enum frame_status drained(struct frame *f, size_t at, size_t *drop)
{
    *drop = at;
    frame_reset(f);
    return FRAME_COMPLETE;
}

enum frame_status frame_drain(struct frame *f, struct slice in, size_t *drop)
{
    size_t at = f->at < in.n ? f->at : in.n;

    if (f->at_literal) /* the sender waits for a "+ " that does not come */
        return drained(f, at, drop);
    /* A scan may stand beyond the input, inside an inline literal: those octets go as well. */
    f->skip += f->at - at;
    for (;;) {
        at += skip_literal(f, in, at);
        if (at == in.n)
            break;
        if (in.p[at++] != '\n')
            f->phase = step(f, in.p[at - 1]);
        else if (!line_end(f) || f->header.sync)
            return drained(f, at, drop);
        else
            f->skip = f->header.size;
    }
    *drop = in.n;
    f->at = f->line_at = 0;
    return FRAME_MORE;
}
