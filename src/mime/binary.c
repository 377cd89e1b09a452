/* mime/binary.c -- see binary.h.
 *
 * Read line by line as the parser does (parser.c), on octets that are not canonical yet: a line
 * ends with LF, whatever stands before it. No line is held, only its head, while it may still be a
 * boundary or the empty line that ends a header.
 *
 * What is being read, and the function that makes each transition:
 *
 *     READ_HEADER  held, while it fits    end_header  -> READ_HEADER (of a message inside),
 *                                                        READ_PLAIN or READ_BINARY
 *     READ_PLAIN   passes                 meet_boundary -> READ_HEADER, READ_PLAIN
 *     READ_BINARY  is encoded             meet_boundary -> READ_HEADER, READ_PLAIN
 *
 * Invariants: `held` is empty unless in READ_HEADER; the octets of `line_break` stand directly
 * before the current one and are neither in the output nor in the encoder, and there are none
 * unless in READ_BINARY: before a boundary they belong to it (RFC 2046 section 5.1.1).
 */
#include "mime/binary.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mime/base64_lines.h"
#include "mime/content.h"
#include "mime/cte.h"
#include "mime/frames.h"
#include "mime/header.h"
#include "mime/token.h"

enum reading { READ_HEADER, READ_PLAIN, READ_BINARY };

struct binary_filter {
    struct buf *out; /* of the call */
    struct frames frames;
    struct collect fields;
    struct buf held; /* the header so far */
    struct base64_lines base64;
    enum reading reading;
    bool in_line;     /* the head of the line has been judged */
    bool opens_part;  /* the line is a boundary after which a part begins */
    bool in_digest;   /* READ_HEADER: of a part of a multipart/digest */
    bool is_too_long; /* READ_HEADER: it is not held any more, but has gone out */
    bool held_cr;     /* READ_HEADER: the line's last octet was CR and is not yet collected */
    struct slice line_break;
    size_t head_n;
    char head[HEAD_OCTETS_MAX];
};

/* ---- headers ---- */

static void begin_header(struct binary_filter *f, bool in_digest, bool whole_message)
{
    f->reading = READ_HEADER;
    f->in_digest = in_digest;
    f->is_too_long = false;
    f->held_cr = false;
    collect_begin(&f->fields, whole_message);
}

static void give_out_held(struct binary_filter *f)
{
    buf_add_slice(f->out, buf_slice(&f->held));
    buf_clear(&f->held);
}

static void hold(struct binary_filter *f, struct slice octets)
{
    if (!f->is_too_long && f->held.n + octets.n > BINARY_HEADER_OCTETS_MAX) {
        f->is_too_long = true;
        give_out_held(f);
    }
    buf_add_slice(f->is_too_long ? f->out : &f->held, octets);
}

/* Octets of a header line, without its LF. */
static void collect_header(struct binary_filter *f, struct slice piece, bool line_ends)
{
    if (f->held_cr && piece.n > 0)
        collect_octets(&f->fields, SLICE("\r"));
    if (piece.n > 0) {
        f->held_cr = piece.p[piece.n - 1] == '\r';
        collect_octets(&f->fields, slice_sub(piece, 0, piece.n - f->held_cr));
    }
    if (line_ends)
        f->held_cr = false;
}

/* Where the field names the encoding "binary"; false if it does not. */
static bool find_binary_word(const struct header_field *field, struct slice *word)
{
    struct slice in = field->value;

    if (!slice_eq_nocase(field->name, SLICE("content-transfer-encoding")))
        return false;
    token_skip_cfws(&in, NULL);
    *word = token_mime_word(&in);
    return slice_eq_nocase(*word, SLICE("binary"));
}

/* Give the held header out with "base64" for "binary"; false if it does not hold that. */
static bool give_out_rewritten(struct binary_filter *f)
{
    struct slice rest = buf_slice(&f->held), word;
    const char *done = rest.p, *end = rest.p + rest.n;
    struct header_field field;
    bool changed = false;

    while (header_next(&rest, &field)) {
        if (!find_binary_word(&field, &word))
            continue;
        buf_add(f->out, done, (size_t)(word.p - done));
        buf_add_str(f->out, "base64");
        done = word.p + word.n;
        changed = true;
    }
    buf_add(f->out, done, (size_t)(end - done));
    buf_clear(&f->held);
    return changed;
}

static void begin_leaf(struct binary_filter *f, enum mime_cte cte)
{
    f->reading = READ_PLAIN;
    if (cte == MIME_CTE_BINARY && !f->is_too_long && give_out_rewritten(f)) {
        f->reading = READ_BINARY;
        base64_lines_init(&f->base64);
    }
    give_out_held(f);
}

/* A message inside a part. If the part's own encoding hides it (RFC 2046 section 5.2.1 forbids
 * that) there is nothing to be read in it. */
static void begin_message(struct binary_filter *f, enum mime_cte cte)
{
    give_out_held(f);
    frames_push(&f->frames, SLICE_NULL);
    if (cte == MIME_CTE_BASE64 || cte == MIME_CTE_QP)
        f->reading = READ_PLAIN;
    else
        begin_header(f, false, true);
}

static void end_header(struct binary_filter *f)
{
    enum mime_cte cte = mime_cte_parse(collect_value(&f->fields, FIELD_CONTENT_ENCODING));
    struct content content;
    struct slice boundary;

    content_parse(&f->fields, f->in_digest, &content);
    switch (content_kind(&content, frames_may_push(&f->frames), &boundary)) {
    case NODE_MULTIPART:
        give_out_held(f);
        frames_push(&f->frames, boundary)->is_digest =
            content_is(&content, SLICE("multipart"), SLICE("digest"));
        f->reading = READ_PLAIN;
        break;
    case NODE_MESSAGE:
        begin_message(f, cte);
        break;
    case NODE_LEAF:
        begin_leaf(f, cte);
        break;
    }
    content_release(&content);
}

/* ---- bodies ---- */

static void encode_line_break(struct binary_filter *f)
{
    base64_lines_push(&f->base64, f->line_break, f->out);
    f->line_break = SLICE("");
}

/* Octets of a line of a binary body, without its LF. */
static void encode_line(struct binary_filter *f, struct slice piece, bool line_ends)
{
    bool cr = piece.n > 0 && piece.p[piece.n - 1] == '\r';

    if (piece.n > 0)
        encode_line_break(f);
    else
        cr = f->line_break.n > 0; /* the CR before this piece */
    base64_lines_push(&f->base64, slice_sub(piece, 0, piece.n - (cr && piece.n > 0)), f->out);
    if (line_ends)
        f->line_break = cr ? SLICE("\r\n") : SLICE("\n");
    else
        f->line_break = cr ? SLICE("\r") : SLICE("");
}

/* Everything below the frame `keep` - 1 ends before the current line, or with the message. True if
 * a body was encoded. */
static bool end_parts(struct binary_filter *f, unsigned keep)
{
    bool encoded = false;

    while (f->reading == READ_HEADER)
        end_header(f);
    if (f->reading == READ_BINARY)
        encoded = base64_lines_finish(&f->base64, f->out);
    f->reading = READ_PLAIN;
    while (f->frames.n > keep)
        frames_pop(&f->frames);
    return encoded;
}

/* ---- lines ---- */

static void meet_boundary(struct binary_filter *f, unsigned frame, struct slice head)
{
    end_parts(f, frame + 1);
    buf_add_slice(f->out, f->line_break);
    f->line_break = SLICE("");
    f->opens_part = !frame_is_closed_by(frames_top(&f->frames), head);
    if (!f->opens_part)
        frames_close_top(&f->frames);
}

static void begin_plain_line(struct binary_filter *f, char first)
{
    if (f->reading == READ_HEADER)
        collect_line(&f->fields, first == ' ' || first == '\t');
    else if (f->reading == READ_BINARY)
        encode_line_break(f);
}

static void end_line(struct binary_filter *f)
{
    f->in_line = false;
    if (f->opens_part)
        begin_header(f, frames_top(&f->frames)->is_digest, false);
    f->opens_part = false;
}

/* The octets of `in` up to the first LF belong to the current line; how many those are. */
static size_t feed_line(struct binary_filter *f, struct slice in)
{
    const char *lf = memchr(in.p, '\n', in.n);
    struct slice piece = slice_sub(in, 0, lf != NULL ? (size_t)(lf - in.p) : in.n);
    struct slice whole = slice_sub(in, 0, piece.n + (lf != NULL));

    switch (f->reading) {
    case READ_HEADER:
        hold(f, whole);
        collect_header(f, piece, lf != NULL);
        break;
    case READ_PLAIN:
        buf_add_slice(f->out, whole);
        break;
    case READ_BINARY:
        encode_line(f, piece, lf != NULL);
        break;
    }
    if (lf != NULL)
        end_line(f);
    return whole.n;
}

/* Act on the verdict; the head becomes part of the line. */
static void decide_line(struct binary_filter *f, enum line_verdict verdict, unsigned frame)
{
    struct slice head = slice_of(f->head, f->head_n);

    f->head_n = 0;
    if (verdict == LINE_EMPTY) {
        hold(f, head);
        end_header(f);
        return;
    }
    if (verdict == LINE_BOUNDARY)
        meet_boundary(f, frame, head);
    else
        begin_plain_line(f, head.p[0]);
    f->in_line = true;
    feed_line(f, head);
}

static enum line_verdict judge(const struct binary_filter *f, bool ends, unsigned *frame)
{
    return frames_judge(&f->frames, f->reading == READ_HEADER, slice_of(f->head, f->head_n), ends,
                        frame);
}

/* Gather the head until it is clear what the line is; how many octets it took. */
static size_t start_line(struct binary_filter *f, struct slice in)
{
    for (size_t i = 0; i < in.n; i++) {
        enum line_verdict verdict;
        unsigned frame = 0;

        f->head[f->head_n++] = in.p[i];
        verdict = judge(f, false, &frame);
        if (verdict == LINE_UNDECIDED)
            continue;
        decide_line(f, verdict, frame);
        return i + 1;
    }
    return in.n;
}

/* ---- the filter ---- */

struct binary_filter *binary_filter_new(void)
{
    struct binary_filter *f = mem_new(struct binary_filter);

    collect_init(&f->fields);
    buf_init(&f->held, BINARY_HEADER_OCTETS_MAX);
    f->line_break = SLICE("");
    begin_header(f, false, true);
    return f;
}

void binary_filter_push(struct binary_filter *f, struct slice in, struct buf *out)
{
    f->out = out;
    while (in.n > 0) {
        size_t n = f->in_line ? feed_line(f, in) : start_line(f, in);

        in = slice_sub(in, n, in.n);
    }
}

void binary_filter_finish(struct binary_filter *f, struct buf *out)
{
    f->out = out;
    if (f->head_n > 0) {
        unsigned frame = 0;
        enum line_verdict verdict = judge(f, true, &frame);

        decide_line(f, verdict, frame);
    }
    if (f->held_cr)
        collect_octets(&f->fields, SLICE("\r"));
    if (f->reading == READ_BINARY)
        encode_line_break(f);
    if (end_parts(f, 0)) /* the message ends with a whole line */
        buf_add_str(out, "\r\n");
}

void binary_filter_free(struct binary_filter **fp)
{
    struct binary_filter *f = *fp;

    if (f == NULL)
        return;
    collect_release(&f->fields);
    buf_release(&f->held);
    free(f);
    *fp = NULL;
}
