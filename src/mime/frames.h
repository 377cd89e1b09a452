/* mime/frames.h -- the open multiparts and messages around what is being read, and which lines end
 * them: RFC 2046 section 5.1.1. Internal to the room; parser.c and binary.c read the same
 * structure because both ask here.
 */
#ifndef ROOST_MIME_FRAMES_H
#define ROOST_MIME_FRAMES_H

#include "mime/mime.h"

enum {
    /* RFC 2046 allows 70. Longer ones are cut, and found by what is left of them. */
    BOUNDARY_OCTETS_MAX = 200,
    /* A body line that begins with what may be a boundary is held up to this many octets. */
    HEAD_OCTETS_MAX = 2 + BOUNDARY_OCTETS_MAX + 2,
};

struct frame {
    uint32_t node;       /* the caller's */
    uint32_t children;   /* the caller's */
    uint16_t boundary_n; /* 0: a message */
    bool is_closed;      /* no further boundary counts: a message, or "--boundary--" was seen */
    bool is_digest;      /* the caller's */
    char boundary[BOUNDARY_OCTETS_MAX];
};

struct frames {
    unsigned n;
    unsigned open; /* frames that are not closed */
    struct frame frame[MIME_DEPTH_MAX];
};

/* There is room for another one. */
static inline bool frames_may_push(const struct frames *f)
{
    return f->n < MIME_DEPTH_MAX;
}

/* The innermost; there is one. */
static inline struct frame *frames_top(struct frames *f)
{
    return &f->frame[f->n - 1];
}

/* A new innermost frame; there must be room. `boundary` absent: a message. */
struct frame *frames_push(struct frames *f, struct slice boundary);

/* The innermost one is no more; what it was stays readable until the next push. */
struct frame *frames_pop(struct frames *f);

/* No further boundary of the innermost one counts. */
void frames_close_top(struct frames *f);

/* What a line is, as far as its head tells. */
enum line_verdict { LINE_UNDECIDED, LINE_PLAIN, LINE_EMPTY, LINE_BOUNDARY };

/* Judge the line that begins with `head` (1 to HEAD_OCTETS_MAX octets, no LF but the last one).
 * `ends`: no more octets will come. Only in a header a line can be empty, which ends it. *frame is
 * set for LINE_BOUNDARY: the index of the multipart it belongs to. NUL counts as 0x80, which is
 * what the canonicaliser makes of it. */
enum line_verdict frames_judge(const struct frames *f, bool in_header, struct slice head, bool ends,
                               unsigned *frame);

/* The boundary line with this head closes its multipart; otherwise another part begins. */
bool frame_is_closed_by(const struct frame *f, struct slice head);

#endif
