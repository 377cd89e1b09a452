/* fuzz/mime/fuzz_binary.c -- any octets arrive as literal8. Invariants: cut anywhere, the output is
 * the same and within its bound; what is stored has no leaf left that says "binary" (its header
 * being short enough), and would pass the filter unchanged.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mime/binary.h"
#include "mime/canon.h"
#include "mime/mime.h"
#include "mime/part.h"

enum { OUT_OCTETS_MAX = 16 << 20 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void filter(struct slice in, size_t step, struct buf *out)
{
    struct binary_filter *f = binary_filter_new();
    size_t before;

    buf_init(out, OUT_OCTETS_MAX);
    for (size_t i = 0; i < in.n; i += step) {
        struct slice piece = slice_sub(in, i, step);

        before = out->n;
        binary_filter_push(f, piece, out);
        must(out->n - before <= 2 * piece.n + BINARY_HELD_OCTETS_MAX);
    }
    before = out->n;
    binary_filter_finish(f, out);
    must(!out->overflowed && out->n - before <= BINARY_HELD_OCTETS_MAX);
    binary_filter_free(&f);
}

static void must_be_same(struct slice in, size_t step, struct slice want)
{
    struct buf out;

    filter(in, step, &out);
    must(slice_eq(buf_slice(&out), want));
    buf_release(&out);
}

static void must_have_no_binary_leaf(struct slice message)
{
    struct mime_parser *p = mime_parser_new();
    struct mime_result r;
    struct mime_part part;
    uint32_t n;

    mime_parser_push(p, message);
    mime_parser_finish(p, &r);
    must(mime_parts_count(r.parts, &n) == ERR_OK);
    for (uint32_t i = 0; i < n && n < MIME_PARTS_MAX; i++) {
        must(mime_part_at(r.parts, i, &part) == ERR_OK);
        must(part.cte != MIME_CTE_BINARY || part.is_multipart || part.is_message ||
             part.header_n > BINARY_HEADER_OCTETS_MAX);
    }
    mime_parser_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    struct buf whole, stored;
    struct canon canon;

    filter(in, size + 1, &whole);
    must_be_same(in, 1, buf_slice(&whole));
    must_be_same(in, 7, buf_slice(&whole));

    buf_init(&stored, 2 * OUT_OCTETS_MAX);
    canon_init(&canon);
    canon_push(&canon, buf_slice(&whole), &stored);
    must_have_no_binary_leaf(buf_slice(&stored));
    must_be_same(buf_slice(&stored), 11, buf_slice(&stored));
    buf_release(&whole);
    buf_release(&stored);
    return 0;
}
