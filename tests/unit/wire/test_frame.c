/* The framer finds the same commands however the input is split, and drains what it refused. */
#include "../test.h"

#include "base/buf.h"
#include "wire/frame.h"

/* SLICE for tables, where a compound literal is no constant. */
#define S(lit)                                                                                     \
    {                                                                                              \
        lit, sizeof(lit) - 1                                                                       \
    }

enum { LINE_MAX_OCTETS = 64, COMMAND_MAX_OCTETS = 160 };

/* What to do with literals. */
enum policy { INLINE, DIVERT, REFUSE };

/* Drives a framer the way its header says, noting what happened: "C<octets>" a command,
 * "L<size><flags>" a literal, "T" too long, "J" junk, "D" drained. */
struct driver {
    struct frame frame;
    enum policy policy;
    struct slice all;
    size_t from;     /* octets consumed */
    size_t seen;     /* octets that have arrived */
    uint64_t divert; /* octets still to take off the stream */
    bool draining;
    struct buf log;
};

static void note_literal(struct driver *d)
{
    buf_addf(&d->log, "L%llu%s%s ", (unsigned long long)d->frame.literal.size,
             d->frame.literal.sync ? "" : "+", d->frame.literal.binary ? "~" : "");
    if (d->policy == DIVERT) {
        d->from += d->frame.prefix_octets;
        d->divert = d->frame.literal.size;
        frame_reset(&d->frame);
    } else if (d->policy == REFUSE || !frame_literal_inline(&d->frame)) {
        frame_refuse(&d->frame);
        d->draining = true;
    }
}

static bool drain_step(struct driver *d, struct slice in)
{
    size_t drop = 0;
    enum frame_status status = frame_drain(&d->frame, in, &drop);

    assert_true(drop <= in.n);
    d->from += drop;
    if (status == FRAME_MORE)
        return false;
    buf_add_str(&d->log, "D ");
    d->draining = false;
    return true;
}

/* False when more input is needed. */
static bool driver_step(struct driver *d)
{
    struct slice in = slice_sub(d->all, d->from, d->seen - d->from);
    enum frame_status status;

    if (d->divert > 0) {
        size_t n = in.n < d->divert ? in.n : (size_t)d->divert;

        d->divert -= n;
        d->from += n;
        return d->divert == 0;
    }
    if (d->draining)
        return drain_step(d, in);
    status = frame_scan(&d->frame, in);
    if (status == FRAME_MORE)
        return false;
    if (status == FRAME_LITERAL) {
        note_literal(d);
    } else if (status == FRAME_COMPLETE) {
        buf_addf(&d->log, "C%zu ", d->frame.command_octets);
        d->from += d->frame.command_octets;
        frame_reset(&d->frame);
    } else {
        buf_add_str(&d->log, status == FRAME_TOOLONG ? "T " : "J ");
        frame_refuse(&d->frame);
        d->draining = true;
    }
    return true;
}

static void drive(struct slice all, enum policy policy, size_t split, struct slice want)
{
    struct driver d = {.policy = policy, .all = all};

    frame_init(&d.frame, LINE_MAX_OCTETS, COMMAND_MAX_OCTETS);
    buf_init(&d.log, 4096);
    while (d.seen < all.n) {
        d.seen = d.seen + split < all.n ? d.seen + split : all.n;
        while (driver_step(&d)) {
        }
    }
    assert_slice(buf_slice(&d.log), want);
    buf_release(&d.log);
}

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    struct slice in;
    enum policy policy;
    struct slice want;
} cases[] = {
    {S("a NOOP\r\nb NOOP\n\r\n"), INLINE, S("C8 C7 C2 ")},
    {S("a L {3}\r\nabc {2+}\r\n\r\n x\r\n"), INLINE, S("L3 L2+ C25 ")},
    {S("a L {3}\nabc\n"), INLINE, S("L3 C12 ")},
    {S("a L ~{3}\r\na\0c\r\n"), INLINE, S("L3~ C15 ")},
    {S("a L {0}\r\n\r\n"), INLINE, S("L0 C11 ")},
    /* Near misses are text. */
    {S("a {}\r\n{+}\r\n{3-}\r\n{3 }\r\n{3}x\r\n{3++}\r\n"), INLINE, S("C6 C5 C6 C6 C6 C7 ")},
    {S("a {3}\r\r\n"), INLINE, S("C8 ")},
    {S("a {{3}\r\nabc\r\n"), INLINE, S("L3 C13 ")},
    {S("a ~x{3}\r\nabc\r\n"), INLINE, S("L3 C14 ")},
    {S("a {4{3}\r\nabc\r\n"), INLINE, S("L3 C14 ")},
    /* Diverted literals leave the rest of the command as a scan of its own. */
    {S("a APPEND x {5}\r\nhe\nlo {3+}\r\nabc\r\nb X\r\n"), DIVERT, S("L5 L3+ C2 C5 ")},
    /* Refused: a waiting sender sends nothing more, the other one everything. */
    {S("a X {5}\r\nb NOOP\r\n"), REFUSE, S("L5 D C8 ")},
    {S("a X {5+}\r\nb NO\n {3}\r\nb NOOP\r\n"), REFUSE, S("L5+ D C8 ")},
    {S("a X {5+}\r\nb NO\n {2+}\r\n\r\n\r\nb NOOP\r\n"), REFUSE, S("L5+ D C8 ")},
    /* Limits. 64 octets are a line, 65 are not. */
    {S("a bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\nb\r\n"), INLINE,
     S("C64 C3 ")},
    {S(A64 "\nb\r\n"), INLINE, S("T D C3 ")},
    {S(A64 A64 " {4+}\r\n\r\n\r\n x\r\nb\r\n"), INLINE, S("T D C3 ")},
    {S("a {150}\r\nb\r\n"), INLINE, S("L150 ")}, /* waits for the 150 octets */
    {S("a {151}\r\nb\r\n"), INLINE, S("L151 D C3 ")},
    {S("a {99999999999999999999999}\r\nb\r\n"), INLINE, S("L18446744073709551615 D C3 ")},
    {S("a {18446744073709551616}\r\nb\r\n"), INLINE, S("L18446744073709551615 D C3 ")},
    {S("a {60+}\r\n" A64 " {60+}\r\n" A64 " {60}\r\nb\r\n"), INLINE, S("L60+ L60+ L60 D C3 ")},
    {S("a\0b\r\nc\r\n"), INLINE, S("J D C3 ")},
    {S("a\0b {3+}\r\nabc\r\nc\r\n"), INLINE, S("J D C3 ")},
};

static void test_commands_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t split = 1; split <= cases[i].in.n; split++)
            drive(cases[i].in, cases[i].policy, split, cases[i].want);
    }
}

static void test_state_is_not_lost_between_calls(void **state)
{
    struct frame f;
    struct slice in = SLICE("a LOGIN {4}\r\nanna {5}\r\nsecre\r\n");

    (void)state;
    frame_init(&f, 64, 64);
    assert_int_equal(frame_scan(&f, slice_sub(in, 0, 5)), FRAME_MORE);
    assert_int_equal(f.at, 5);
    assert_int_equal(frame_scan(&f, in), FRAME_LITERAL);
    assert_int_equal(f.prefix_octets, 13);
    assert_true(frame_literal_inline(&f));
    assert_int_equal(f.at, 17);
    assert_int_equal(frame_scan(&f, in), FRAME_LITERAL);
    assert_true(frame_literal_inline(&f));
    assert_int_equal(frame_scan(&f, slice_sub(in, 0, 25)), FRAME_MORE);
    assert_int_equal(frame_scan(&f, in), FRAME_COMPLETE);
    assert_int_equal(f.command_octets, in.n);
}

/* The caller changes its mind while the octets it has asked for are on their way. */
static void test_refused_within_an_inline_literal(void **state)
{
    struct slice in = SLICE("a X {5}\r\nb\nc\nd rest\r\n");
    struct frame f;
    size_t drop;

    (void)state;
    frame_init(&f, 64, 64);
    assert_int_equal(frame_scan(&f, slice_sub(in, 0, 9)), FRAME_LITERAL);
    assert_true(frame_literal_inline(&f));
    assert_int_equal(frame_scan(&f, slice_sub(in, 0, 11)), FRAME_MORE);
    frame_refuse(&f);
    assert_int_equal(frame_drain(&f, slice_sub(in, 0, 11), &drop), FRAME_MORE);
    assert_int_equal(drop, 11);
    assert_int_equal(frame_drain(&f, slice_sub(in, 11, in.n), &drop), FRAME_COMPLETE);
    assert_int_equal(drop, in.n - 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_at_every_split),
        cmocka_unit_test(test_state_is_not_lost_between_calls),
        cmocka_unit_test(test_refused_within_an_inline_literal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
