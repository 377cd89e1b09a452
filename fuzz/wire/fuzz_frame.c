/* fuzz/wire/fuzz_frame.c -- the framer gives the same commands however its input is split, drops
 * the same octets, and never looks beyond what is there.
 *
 * The first octet chooses what is done with literals and the size of the pieces; the rest is the
 * stream. It is run once in one piece and once in many, and the two transcripts must be equal.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE_MAX_OCTETS = 100, COMMAND_MAX_OCTETS = 300, TRANSCRIPT_OCTETS_MAX = 1 << 24 };
enum policy { INLINE, DIVERT, REFUSE, BY_SIZE };

struct run {
    struct frame frame;
    enum policy policy;
    struct slice all;
    size_t from, seen;
    uint64_t divert;
    bool draining;
    struct buf log;
};

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static enum policy decide(const struct run *r)
{
    if (r->policy != BY_SIZE)
        return r->policy;
    return (enum policy)(r->frame.literal.size % 3);
}

static void refuse(struct run *r)
{
    frame_refuse(&r->frame);
    r->draining = true;
}

static void on_literal(struct run *r, struct slice in)
{
    enum policy policy = decide(r);

    CHECK(r->frame.prefix_octets <= in.n && in.p[r->frame.prefix_octets - 1] == '\n');
    buf_addf(&r->log, "L%zu,%llu,%d,%d ", r->frame.prefix_octets,
             (unsigned long long)r->frame.literal.size, r->frame.literal.sync,
             r->frame.literal.binary);
    if (policy == DIVERT) {
        r->from += r->frame.prefix_octets;
        r->divert = r->frame.literal.size;
        frame_reset(&r->frame);
    } else if (policy == REFUSE || !frame_literal_inline(&r->frame)) {
        refuse(r);
    }
}

static bool take_diverted(struct run *r, struct slice in)
{
    size_t n = in.n < r->divert ? in.n : (size_t)r->divert;

    r->divert -= n;
    r->from += n;
    return r->divert == 0;
}

static bool drain(struct run *r, struct slice in)
{
    size_t drop = SIZE_MAX;
    enum frame_status status = frame_drain(&r->frame, in, &drop);

    CHECK(status == FRAME_MORE || status == FRAME_COMPLETE);
    CHECK(drop <= in.n);
    CHECK(status == FRAME_COMPLETE || drop == in.n);
    r->from += drop;
    if (status == FRAME_MORE)
        return false;
    buf_addf(&r->log, "D@%zu ", r->from);
    r->draining = false;
    return true;
}

static bool step(struct run *r)
{
    struct slice in = slice_sub(r->all, r->from, r->seen - r->from);
    enum frame_status status;

    if (r->divert > 0)
        return take_diverted(r, in);
    if (r->draining)
        return drain(r, in);
    status = frame_scan(&r->frame, in);
    switch (status) {
    case FRAME_MORE:
        return false;
    case FRAME_LITERAL:
        on_literal(r, in);
        return true;
    case FRAME_COMPLETE:
        CHECK(r->frame.command_octets <= in.n && r->frame.command_octets <= COMMAND_MAX_OCTETS);
        CHECK(in.p[r->frame.command_octets - 1] == '\n');
        buf_addf(&r->log, "C%zu ", r->frame.command_octets);
        r->from += r->frame.command_octets;
        frame_reset(&r->frame);
        return true;
    case FRAME_TOOLONG:
    case FRAME_JUNK:
        buf_addf(&r->log, "%c@%zu ", status == FRAME_JUNK ? 'J' : 'T', r->frame.at);
        refuse(r);
        return true;
    }
    abort();
}

static void run(struct run *r, struct slice all, enum policy policy, size_t piece)
{
    *r = (struct run){.policy = policy, .all = all};
    frame_init(&r->frame, LINE_MAX_OCTETS, COMMAND_MAX_OCTETS);
    buf_init(&r->log, TRANSCRIPT_OCTETS_MAX);
    while (r->seen < all.n) {
        r->seen += all.n - r->seen < piece ? all.n - r->seen : piece;
        while (step(r)) {
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run whole, pieces;
    struct slice all;

    if (size < 2)
        return 0;
    all = slice_of(data + 1, size - 1);
    run(&whole, all, (enum policy)(data[0] & 3), all.n);
    run(&pieces, all, (enum policy)(data[0] & 3), (data[0] >> 2) % 16 + 1);
    CHECK(slice_eq(buf_slice(&whole.log), buf_slice(&pieces.log)));
    CHECK(whole.from == pieces.from);
    CHECK(!whole.log.overflowed);
    buf_release(&whole.log);
    buf_release(&pieces.log);
    return 0;
}
