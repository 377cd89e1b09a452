/* tests/unit/base/test_compress.c -- what one side compresses the other expands, however it is cut,
 * whether the states rest in between or not; what is no deflate stream is refused.
 */
#include "../test.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/compress.h"
#include "base/mem.h"

enum { TEXT_MAX = 4 << 20 };

static uint32_t random_state;

static uint32_t dice(void)
{
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

struct pair {
    struct compressor c;
    struct expander e;
    struct buf wire, text;
};

static void pair_init(struct pair *p)
{
    *p = (struct pair){0};
    buf_init(&p->wire, TEXT_MAX);
    buf_init(&p->text, TEXT_MAX);
}

static void pair_release(struct pair *p)
{
    compress_release(&p->c);
    expand_release(&p->e);
    buf_release(&p->wire);
    buf_release(&p->text);
}

/* Expand all of `wire`; how it ended. */
static enum expanded take(struct pair *p)
{
    enum expanded how;

    do {
        assert_int_equal(expand(&p->e, &p->wire, &p->text, TEXT_MAX, &how), ERR_OK);
    } while (how == EXPAND_BORDER);
    return how;
}

static void send_text(struct pair *p, struct slice text)
{
    while (text.n > 0) {
        struct slice piece = slice_sub(text, 0, COMPRESS_PIECE_OCTETS);

        compress_add(&p->c, piece, &p->wire);
        text = slice_sub(text, piece.n, text.n);
    }
    compress_flush(&p->c, &p->wire);
}

static void test_there_and_back(void **state)
{
    struct slice line = SLICE("* 17 FETCH (UID 4711 FLAGS (\\Seen))\r\n");
    struct pair p;

    (void)state;
    for (int rest = 0; rest < 2; rest++) {
        size_t first = 0, later = 0;

        pair_init(&p);
        for (int i = 0; i < 50; i++) {
            send_text(&p, line);
            if (i == 0)
                first = p.wire.n;
            later = p.wire.n;
            assert_int_equal(take(&p), EXPAND_MORE);
            assert_false(p.e.inside);
            assert_slice(buf_slice(&p.text), line);
            buf_clear(&p.text);
            if (rest == 1) {
                compress_rest(&p.c);
                expand_rest(&p.e);
                assert_null(p.c.stream);
                assert_null(p.e.stream);
                assert_true(p.c.n_tail <= COMPRESS_TAIL_OCTETS);
            }
        }
        assert_true(later < first / 2); /* it refers to what was sent before the rest */
        pair_release(&p);
    }
}

static void test_tail_is_what_was_said(void **state)
{
    struct pair p;

    (void)state;
    pair_init(&p);
    send_text(&p, SLICE("a1 NOOP\r\n"));
    assert_int_equal(take(&p), EXPAND_MORE);
    expand_rest(&p.e);
    assert_int_equal(p.e.n_tail, 9);
    assert_memory_equal(p.e.tail, "a1 NOOP\r\n", 9);
    pair_release(&p);
}

static void test_nothing_costs_nothing(void **state)
{
    struct pair p;
    enum expanded how;

    (void)state;
    pair_init(&p);
    compress_add(&p.c, SLICE(""), &p.wire);
    compress_flush(&p.c, &p.wire);
    assert_int_equal(p.wire.n, 0);
    assert_null(p.c.stream);
    assert_int_equal(expand(&p.e, &p.wire, &p.text, TEXT_MAX, &how), ERR_OK);
    assert_int_equal(how, EXPAND_MORE);
    assert_null(p.e.stream);
    pair_release(&p);
}

/* Large, partly incompressible, both cut at random places. */
static void test_large(void **state)
{
    struct buf all;
    struct pair p;
    struct slice rest;

    (void)state;
    pair_init(&p);
    buf_init(&all, TEXT_MAX);
    random_state = 7;
    while (all.n < TEXT_MAX / 2) {
        if (dice() % 3 == 0)
            for (int i = 0; i < 3000; i++)
                buf_add_char(&all, (char)dice());
        else
            buf_addf(&all, "line %d of many, much like the others\r\n", dice() % 100);
    }
    for (rest = buf_slice(&all); rest.n > 0;) {
        struct slice piece = slice_sub(rest, 0, (size_t)(dice() % COMPRESS_PIECE_OCTETS));

        compress_add(&p.c, piece, &p.wire);
        rest = slice_sub(rest, piece.n, rest.n);
        if (dice() % 4 > 0)
            continue;
        compress_flush(&p.c, &p.wire);
        compress_rest(&p.c);
        assert_int_equal(take(&p), EXPAND_MORE);
        expand_rest(&p.e);
        assert_null(p.e.stream);
    }
    compress_flush(&p.c, &p.wire);
    assert_int_equal(take(&p), EXPAND_MORE);
    assert_int_equal(p.text.n, all.n);
    assert_memory_equal(buf_slice(&p.text).p, buf_slice(&all).p, all.n);
    buf_release(&all);
    pair_release(&p);
}

static void test_octet_by_octet(void **state)
{
    struct pair p;
    struct buf in;
    enum expanded how = EXPAND_MORE;

    (void)state;
    pair_init(&p);
    buf_init(&in, 100);
    send_text(&p, SLICE("a1 LOGOUT\r\n"));
    for (size_t i = 0; i < p.wire.n; i++) {
        buf_add(&in, buf_slice(&p.wire).p + i, 1);
        assert_int_equal(expand(&p.e, &in, &p.text, TEXT_MAX, &how), ERR_OK);
        assert_int_equal(in.n, 0);
        expand_rest(&p.e);
    }
    assert_int_equal(how, EXPAND_BORDER);
    assert_null(p.e.stream);
    assert_slice(buf_slice(&p.text), SLICE("a1 LOGOUT\r\n"));
    buf_release(&in);
    pair_release(&p);
}

/* What stands behind a border or the end is not touched. */
static void test_stops(void **state)
{
    struct pair p;
    enum expanded how;

    (void)state;
    pair_init(&p);
    send_text(&p, SLICE("first\r\n"));
    buf_add_str(&p.wire, "not compressed");
    do {
        assert_int_equal(expand(&p.e, &p.wire, &p.text, TEXT_MAX, &how), ERR_OK);
        assert_int_equal(how, EXPAND_BORDER);
    } while (p.wire.n > 14);
    assert_slice(buf_slice(&p.text), SLICE("first\r\n"));
    assert_slice(buf_slice(&p.wire), SLICE("not compressed"));
    pair_release(&p);

    pair_init(&p);
    compress_add(&p.c, SLICE("last\r\n"), &p.wire);
    compress_end(&p.c, &p.wire);
    buf_add_str(&p.wire, "not compressed");
    assert_int_equal(take(&p), EXPAND_END);
    assert_slice(buf_slice(&p.text), SLICE("last\r\n"));
    assert_slice(buf_slice(&p.wire), SLICE("not compressed"));
    pair_release(&p);
}

/* The end is told with its last octet, also when the state could rest there. */
static void test_end_in_time(void **state)
{
    static const struct {
        const char *octets;
        size_t n;
    } ends[] = {{"\x01\x00\x00\xff\xff", 5}, {"\x03\x00", 2}};
    enum expanded how;

    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct pair p;

        pair_init(&p);
        for (size_t k = 0; k < ends[i].n; k++) {
            buf_add(&p.wire, ends[i].octets + k, 1);
            assert_int_equal(expand(&p.e, &p.wire, &p.text, TEXT_MAX, &how), ERR_OK);
            assert_int_equal(how == EXPAND_END, k + 1 == ends[i].n);
            expand_rest(&p.e);
        }
        assert_int_equal(p.text.n, 0);
        pair_release(&p);
    }
}

/* 1 MiB of one octet is a kilobyte: it comes in pieces of what there is room for. */
static void test_bomb(void **state)
{
    char *zeros = mem_calloc(1, 1 << 20);
    struct pair p;
    enum expanded how;
    size_t sum = 0;

    (void)state;
    pair_init(&p);
    send_text(&p, slice_of(zeros, 1 << 20));
    assert_true(p.wire.n < 8192);
    while (sum < 1 << 20) {
        assert_int_equal(expand(&p.e, &p.wire, &p.text, 70000, &how), ERR_OK);
        assert_true(p.text.n <= 70000);
        assert_true(p.text.cap <= 140000);
        sum += p.text.n;
        buf_clear(&p.text);
    }
    assert_int_equal(sum, 1 << 20);
    assert_int_equal(take(&p), EXPAND_MORE);
    assert_int_equal(p.text.n, 0);
    free(zeros);
    pair_release(&p);
}

/* A peer that flushes by Z_PARTIAL_FLUSH stops within an octet: its state stays. */
static void test_no_border_no_rest(void **state)
{
    z_stream z = {0};
    char wire[200];
    struct pair p;

    (void)state;
    pair_init(&p);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    for (int i = 0; i < 20; i++) {
        z.next_in = (Bytef *)"a1 NOOP\r\n";
        z.avail_in = 9;
        z.next_out = (Bytef *)wire;
        z.avail_out = sizeof(wire);
        assert_int_equal(deflate(&z, Z_PARTIAL_FLUSH), Z_OK);
        buf_add(&p.wire, wire, sizeof(wire) - z.avail_out);
        assert_int_equal(take(&p), EXPAND_MORE);
        assert_slice(buf_slice(&p.text), SLICE("a1 NOOP\r\n"));
        buf_clear(&p.text);
        expand_rest(&p.e);
    }
    deflateEnd(&z);
    pair_release(&p);
}

static void test_damage(void **state)
{
    struct pair p;
    enum expanded how;

    (void)state;
    pair_init(&p);
    buf_add_str(&p.wire, "a1 NOOP\r\n"); /* 'a' begins a stored block, and its length is wrong */
    assert_int_equal(expand(&p.e, &p.wire, &p.text, TEXT_MAX, &how), ERR_SYNTAX);
    assert_int_equal(p.text.n, 0);
    pair_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),        cmocka_unit_test(test_tail_is_what_was_said),
        cmocka_unit_test(test_nothing_costs_nothing), cmocka_unit_test(test_large),
        cmocka_unit_test(test_octet_by_octet),        cmocka_unit_test(test_stops),
        cmocka_unit_test(test_end_in_time),           cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_no_border_no_rest),     cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
