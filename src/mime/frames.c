/* mime/frames.c -- see frames.h. */
#include "mime/frames.h"

#include <assert.h>

static char without_nul(char c)
{
    return c != '\0' ? c : (char)0x80;
}

struct frame *frames_push(struct frames *f, struct slice boundary)
{
    struct frame *top = &f->frame[f->n++];

    assert(f->n <= MIME_DEPTH_MAX);
    boundary = slice_sub(boundary, 0, BOUNDARY_OCTETS_MAX);
    top->node = top->children = 0;
    top->is_digest = false;
    top->boundary_n = (uint16_t)boundary.n;
    top->is_closed = boundary.n == 0;
    for (size_t i = 0; i < boundary.n; i++)
        top->boundary[i] = without_nul(boundary.p[i]);
    f->open += !top->is_closed;
    return top;
}

struct frame *frames_pop(struct frames *f)
{
    struct frame *top = frames_top(f);

    f->n--;
    f->open -= !top->is_closed;
    return top;
}

void frames_close_top(struct frames *f)
{
    struct frame *top = frames_top(f);

    f->open -= !top->is_closed;
    top->is_closed = true;
}

/* The open multipart whose boundary the line is, behind its "--": the longest that fits, so that
 * one boundary may be the beginning of another, and the innermost of equals. False if there is
 * none. */
static bool find_boundary(const struct frames *f, struct slice line, unsigned *frame)
{
    unsigned longest = 0;

    for (unsigned i = 0; i < f->n; i++) {
        const struct frame *at = &f->frame[i];

        if (at->is_closed || at->boundary_n < longest || line.n < at->boundary_n ||
            memcmp(line.p, at->boundary, at->boundary_n) != 0)
            continue;
        longest = at->boundary_n;
        *frame = i;
    }
    return longest > 0;
}

static bool is_boundary(const struct frames *f, struct slice head, unsigned *frame)
{
    char line[HEAD_OCTETS_MAX];

    if (!slice_starts(head, SLICE("--")))
        return false;
    head = slice_sub(head, 2, head.n);
    for (size_t i = 0; i < head.n; i++)
        line[i] = without_nul(head.p[i]);
    return find_boundary(f, slice_of(line, head.n), frame);
}

enum line_verdict frames_judge(const struct frames *f, bool in_header, struct slice head, bool ends,
                               unsigned *frame)
{
    char first = head.p[0], last = head.p[head.n - 1];
    bool whole = ends || last == '\n' || head.n == HEAD_OCTETS_MAX;

    if (in_header && first == '\n')
        return LINE_EMPTY;
    if (in_header && first == '\r') {
        if (head.n == 1)
            return ends ? LINE_PLAIN : LINE_UNDECIDED;
        return last == '\n' ? LINE_EMPTY : LINE_PLAIN;
    }
    if (first != '-' || f->open == 0 || (head.n > 1 && head.p[1] != '-'))
        return LINE_PLAIN;
    if (!whole)
        return LINE_UNDECIDED;
    return is_boundary(f, head, frame) ? LINE_BOUNDARY : LINE_PLAIN;
}

bool frame_is_closed_by(const struct frame *f, struct slice head)
{
    return slice_starts(slice_sub(head, 2 + (size_t)f->boundary_n, 2), SLICE("--"));
}
