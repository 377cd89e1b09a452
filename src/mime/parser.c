/* mime/parser.c -- the push parser; see mime.h for what it promises.
 *
 * The message is read line by line, and no line is ever held: only its first octets are, while
 * they may still turn out to be a boundary (RFC 2046 section 5.1.1) or the empty line that ends
 * a header. The line break before a boundary belongs to the boundary, so a line break of a body
 * is held until the next line has shown what it is.
 *
 * States of a line, and the function that makes each transition:
 *
 *     LINE_START   the head of the line is gathered      start_line
 *     LINE_HEADER  rest of a header line                 begin_plain_line -> here -> end_line
 *     LINE_BODY    rest of a body line                   begin_plain_line -> here -> end_line
 *     LINE_SKIP    rest of a boundary or empty line      meet_boundary    -> here -> end_line
 *
 * Open multiparts and messages are frames (frames.h). Invariants: a frame's node comes before that
 * of the frame above it; while in_header nothing is read as a body; the `pending_n` octets directly
 * before the current line belong to no body yet.
 */
#include "mime/parser.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "mime/envelope.h"

static struct node *node_of(struct mime_parser *p, uint32_t index)
{
    return &p->tree.node[index];
}

/* ---- bodies ---- */

static void begin_body(struct mime_parser *p, uint32_t index)
{
    struct node *node = node_of(p, index);

    node->header_n = p->pos - node->header_at;
    node->body_at = p->pos;
    node->lines_before = p->line_ends;
}

/* Where the bodies that a boundary or the end of the message closes end. */
struct body_end {
    uint64_t at;
    uint64_t line_ends; /* of the message before it */
};

static void end_node(struct mime_parser *p, uint32_t index, struct body_end end)
{
    struct node *node = node_of(p, index);

    node->body_n = end.at - node->body_at;
    node->lines = end.line_ends - node->lines_before;
    node->end = p->tree.n;
}

static void begin_leaf(struct mime_parser *p, uint32_t index)
{
    const struct node *node = node_of(p, index);
    bool preview = results_wants_preview(&p->results, node);

    if (!node->has_encoding && !preview)
        return;
    p->leaf_node = index;
    leaf_reader_begin(&p->leaf, node, preview);
}

static void end_leaf(struct mime_parser *p)
{
    if (p->leaf_node == NO_NODE)
        return;
    leaf_reader_finish(&p->leaf, &p->results.preview);
    node_of(p, p->leaf_node)->decoded_octets = p->leaf.decoded_octets;
    node_of(p, p->leaf_node)->is_undecodable |= p->leaf.failed;
    p->leaf_node = NO_NODE;
}

static void body_octets(struct mime_parser *p, struct slice piece)
{
    if (p->leaf_node != NO_NODE && piece.n > 0)
        leaf_reader_push(&p->leaf, piece, &p->results.preview);
}

/* The held line break turned out to be text. */
static void release_pending(struct mime_parser *p)
{
    static const char line_end[2] = {'\r', '\n'};
    body_octets(p, slice_of(line_end + 2 - p->pending_n, p->pending_n));
    p->pending_n = 0;
}

/* ---- headers end, parts begin ---- */

static void begin_header(struct mime_parser *p, uint32_t index, bool whole_message)
{
    p->header_node = index;
    p->in_header = true;
    p->pending_n = 0;
    collect_begin(&p->fields, whole_message);
}

static void write_envelope(struct mime_parser *p, uint32_t index)
{
    struct slice kept;

    buf_clear(&p->scratch);
    envelope_write(&p->fields, &p->scratch);
    if (index == 0)
        results_read_header(&p->results, &p->fields, buf_slice(&p->scratch));
    else if (!p->scratch.overflowed && arena_copy(&p->texts, buf_slice(&p->scratch), &kept))
        node_of(p, index)->envelope = kept;
}

static bool may_nest(const struct mime_parser *p)
{
    return frames_may_push(&p->frames) && p->tree.n < MIME_PARTS_MAX;
}

static bool in_digest(struct mime_parser *p, uint32_t index)
{
    const struct node *node = node_of(p, index);

    return node->number > 0 && node_of(p, node->parent)->is_digest;
}

/* What a message/rfc822 part holds. If its own encoding hides that (RFC 2046 section 5.2.1
 * forbids it), the message inside is one text without a header. */
static void begin_message(struct mime_parser *p, uint32_t index)
{
    uint32_t inner;

    frames_push(&p->frames, SLICE_NULL)->node = index;
    inner = tree_add(&p->tree, index, 0, p->pos);
    if (!node_of(p, index)->has_encoding) {
        begin_header(p, inner, true);
        return;
    }
    begin_body(p, inner);
    node_of(p, inner)->is_text = true;
    p->open_node = inner;
    begin_leaf(p, index);
}

/* The header of header_node ends here; its body, if any, begins. */
static void end_header(struct mime_parser *p)
{
    uint32_t index = p->header_node;
    struct slice boundary;

    p->in_header = false;
    begin_body(p, index);
    if (node_of(p, index)->number == 0)
        write_envelope(p, index);
    tree_describe(&p->tree, index, &p->fields, in_digest(p, index), may_nest(p), &p->scratch,
                  &boundary);
    p->results.has_global |= node_of(p, index)->is_global;
    switch (node_of(p, index)->kind) {
    case NODE_MULTIPART:
        frames_push(&p->frames, boundary)->node = index;
        break;
    case NODE_MESSAGE:
        begin_message(p, index);
        break;
    case NODE_LEAF:
        p->open_node = index;
        begin_leaf(p, index);
        break;
    }
}

/* ---- parts end ---- */

/* A multipart without a single part gets one, without a header and as long as itself:
 * BODYSTRUCTURE must name one, and whatever stands there can so be fetched. */
static void add_missing_part(struct mime_parser *p, uint32_t index, struct body_end end)
{
    uint64_t at = node_of(p, index)->body_at;
    uint32_t child = tree_add(&p->tree, index, 1, at);

    node_of(p, child)->lines_before = node_of(p, index)->lines_before;
    node_of(p, child)->is_text = true;
    end_node(p, child, end);
}

/* Ends the leaf being read, and the frames down to the lowest `keep`. */
static void end_parts(struct mime_parser *p, unsigned keep, struct body_end end)
{
    while (p->in_header) /* without its empty line; what it opens has an empty header too */
        end_header(p);
    end_leaf(p);
    if (p->open_node != NO_NODE)
        end_node(p, p->open_node, end);
    p->open_node = NO_NODE;
    while (p->frames.n > keep) {
        const struct frame *f = frames_pop(&p->frames);

        if (f->boundary_n > 0 && f->children == 0)
            add_missing_part(p, f->node, end);
        end_node(p, f->node, end);
    }
}

/* The boundary line of the top frame has ended: a part begins. */
static void open_part(struct mime_parser *p)
{
    struct frame *f = frames_top(&p->frames);

    p->opens_part = false;
    begin_header(p, tree_add(&p->tree, f->node, ++f->children, p->pos), false);
}

/* ---- lines ---- */

static void begin_plain_line(struct mime_parser *p)
{
    if (p->in_header) {
        collect_line(&p->fields, p->head[0] == ' ' || p->head[0] == '\t');
        p->state = LINE_HEADER;
    } else {
        release_pending(p);
        p->state = LINE_BODY;
    }
}

static struct slice head_of(const struct mime_parser *p)
{
    return slice_of(p->head, p->head_n);
}

static void meet_boundary(struct mime_parser *p, unsigned frame)
{
    bool closes = frame_is_closed_by(&p->frames.frame[frame], head_of(p));
    struct body_end end = {p->pos - p->pending_n, p->line_ends - (p->pending_n > 0)};

    end_parts(p, frame + 1, end);
    p->pending_n = 0;
    p->state = LINE_SKIP;
    p->opens_part = !closes && p->tree.n < MIME_PARTS_MAX;
    if (!p->opens_part)
        frames_close_top(&p->frames);
}

static void line_content(struct mime_parser *p, struct slice piece)
{
    if (p->state == LINE_HEADER)
        collect_octets(&p->fields, piece);
    else if (p->state == LINE_BODY)
        body_octets(p, piece);
}

/* The LF has been counted in pos and line_ends. */
static void end_line(struct mime_parser *p)
{
    bool crlf = p->held_cr;
    bool body = p->state == LINE_BODY;

    p->held_cr = false;
    if (p->opens_part)
        open_part(p);
    else if (body || (p->state == LINE_SKIP && !p->in_header))
        p->pending_n = crlf ? 2 : 1;
    p->state = LINE_START;
}

/* The octets of `in` up to the first line end belong to the current line; how many those are.
 * A CR at the end is held: it may be half of the line end. */
static size_t feed_line(struct mime_parser *p, struct slice in)
{
    const char *lf = memchr(in.p, '\n', in.n);
    struct slice piece = slice_sub(in, 0, lf != NULL ? (size_t)(lf - in.p) : in.n);
    size_t n = piece.n + (lf != NULL);

    if (p->held_cr && piece.n > 0) {
        line_content(p, SLICE("\r"));
        p->held_cr = false;
    }
    if (piece.n > 0 && piece.p[piece.n - 1] == '\r') {
        p->held_cr = true;
        piece.n--;
    }
    line_content(p, piece);
    p->pos += n;
    if (lf != NULL) {
        p->line_ends++;
        end_line(p);
    }
    return n;
}

/* Act on the verdict; the head becomes part of the line. */
static void decide_line(struct mime_parser *p, enum line_verdict verdict, unsigned frame)
{
    size_t n = p->head_n;

    if (verdict == LINE_EMPTY) {
        p->pos += n;
        p->line_ends++;
        p->head_n = 0;
        end_header(p);
        return;
    }
    if (verdict == LINE_BOUNDARY)
        meet_boundary(p, frame);
    else
        begin_plain_line(p);
    p->head_n = 0;
    feed_line(p, slice_of(p->head, n));
}

/* LINE_START: gather the head until it is clear what the line is; how many octets it took. */
static size_t start_line(struct mime_parser *p, struct slice in)
{
    for (size_t i = 0; i < in.n; i++) {
        enum line_verdict verdict;
        unsigned frame = 0;

        p->head[p->head_n++] = in.p[i];
        verdict = frames_judge(&p->frames, p->in_header, head_of(p), false, &frame);
        if (verdict == LINE_UNDECIDED)
            continue;
        decide_line(p, verdict, frame);
        return i + 1;
    }
    return in.n;
}

/* Nothing can end what is being read but the end of the message. */
static bool is_last_body(const struct mime_parser *p)
{
    return !p->in_header && !p->opens_part && p->frames.open == 0 && p->head_n == 0;
}

static void feed_last_body(struct mime_parser *p, struct slice in)
{
    const char *at = in.p, *end = in.p + in.n;

    release_pending(p);
    if (p->held_cr && p->state == LINE_BODY)
        body_octets(p, SLICE("\r"));
    p->held_cr = false;
    p->state = LINE_BODY;
    body_octets(p, in);
    p->pos += in.n;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        p->line_ends++;
        at++;
    }
}

void mime_parser_push(struct mime_parser *p, struct slice in)
{
    while (in.n > 0) {
        size_t n = in.n;

        if (is_last_body(p))
            feed_last_body(p, in);
        else if (p->state == LINE_START)
            n = start_line(p, in);
        else
            n = feed_line(p, in);
        in = slice_sub(in, n, in.n);
    }
}

static void end_message(struct mime_parser *p)
{
    unsigned frame = 0;

    if (p->head_n > 0) {
        enum line_verdict verdict =
            frames_judge(&p->frames, p->in_header, head_of(p), true, &frame);

        decide_line(p, verdict, frame);
    }
    if (p->held_cr)
        line_content(p, SLICE("\r"));
    if (p->opens_part)
        open_part(p);
    release_pending(p);
    end_parts(p, 0, (struct body_end){p->pos, p->line_ends});
}

void mime_parser_finish(struct mime_parser *p, struct mime_result *out)
{
    end_message(p);
    results_finish(&p->results, &p->tree, out);
    out->size_octets = p->pos;
}

/* ---- its memory ---- */

/* A parser is large and has forty buffers, and most messages are small: to make all that anew for
 * each took as long as to read one. So some parsers are put by. */
enum { SPARES = 4, SPARE_BUF_OCTETS = 4096 };

static _Atomic(struct mime_parser *) spare[SPARES];

static struct mime_parser *take_spare(void)
{
    struct mime_parser *p = NULL;

    for (size_t i = 0; i < SPARES && p == NULL; i++)
        if (atomic_load_explicit(&spare[i], memory_order_relaxed) != NULL)
            p = atomic_exchange(&spare[i], NULL);
    return p;
}

static bool keep_spare(struct mime_parser *p)
{
    for (size_t i = 0; i < SPARES; i++) {
        struct mime_parser *none = NULL;

        if (atomic_compare_exchange_strong(&spare[i], &none, p))
            return true;
    }
    return false;
}

static struct mime_parser *make(void)
{
    struct mime_parser *p = mem_new(struct mime_parser);

    arena_init(&p->texts, MIME_TEXTS_OCTETS_MAX);
    tree_init(&p->tree, &p->texts);
    collect_init(&p->fields);
    buf_init(&p->scratch, SCRATCH_OCTETS_MAX);
    leaf_reader_init(&p->leaf);
    results_init(&p->results);
    return p;
}

/* What make has made, without what was read since. */
static void forget_message(struct mime_parser *p)
{
    results_put_by(&p->results, SPARE_BUF_OCTETS);
    leaf_reader_put_by(&p->leaf, SPARE_BUF_OCTETS);
    buf_put_by(&p->scratch, SPARE_BUF_OCTETS);
    collect_put_by(&p->fields, SPARE_BUF_OCTETS);
    tree_release(&p->tree);
    arena_clear(&p->texts);
    p->pos = p->line_ends = 0;
    p->state = LINE_START;
    p->opens_part = p->held_cr = false;
    p->frames.n = p->frames.open = 0;
    p->head_n = 0;
}

static void release(struct mime_parser *p)
{
    results_release(&p->results);
    leaf_reader_release(&p->leaf);
    buf_release(&p->scratch);
    collect_release(&p->fields);
    tree_release(&p->tree);
    arena_clear(&p->texts);
    free(p);
}

struct mime_parser *mime_parser_new(void)
{
    struct mime_parser *p = take_spare();

    if (p == NULL)
        p = make();
    p->open_node = p->leaf_node = NO_NODE;
    begin_header(p, tree_add(&p->tree, 0, 0, 0), true);
    return p;
}

void mime_parser_free(struct mime_parser **pp)
{
    struct mime_parser *p = *pp;

    *pp = NULL;
    if (p == NULL)
        return;
    forget_message(p);
    if (!keep_spare(p))
        release(p);
}

void mime_trim(void)
{
    struct mime_parser *p;

    while ((p = take_spare()) != NULL)
        release(p);
}
