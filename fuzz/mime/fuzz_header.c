/* fuzz/mime/fuzz_header.c -- header selection, header text and the decoders over any octets.
 * Invariants: select and its complement hold each octet of the header once; decoded text is UTF-8;
 * what is chosen from packed fields is what is chosen from the header; a decoder gives the same
 * however its input is cut; folding twice changes nothing more.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "mime/decode.h"
#include "mime/fold.h"
#include "mime/header.h"
#include "mime/usual.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_select(struct slice in)
{
    const struct slice names[] = {SLICE("subject"), SLICE("From"), SLICE("x")};
    struct slice rest = in;
    struct header_names set;
    struct header_field f;
    struct arena arena;
    struct buf yes, no;
    size_t octets = 0;

    buf_init(&yes, in.n + 8);
    buf_init(&no, in.n + 8);
    while (header_next(&rest, &f)) {
        must(f.whole.n > 0);
        octets += f.whole.n;
    }
    arena_init(&arena, 4096);
    must(header_names_make(&set, names, 3, &arena));
    must(header_fields_select(in, &set, false, &yes) == (rest.n > 0));
    must(header_fields_select(in, &set, true, &no) == (rest.n > 0));
    arena_clear(&arena);
    must(!yes.overflowed && !no.overflowed);
    must(yes.n + no.n >= octets + 4 && yes.n + no.n <= octets + 6);
    buf_release(&yes);
    buf_release(&no);
}

/* `packed` may be anything; if it is the header's, the answer is the header's. */
static void check_usual(struct slice in)
{
    static const struct slice names[] = {
        {"Subject", 7}, {"FROM", 4}, {"to", 2}, {"content-type", 12}, {"List-Id", 7}};
    struct usual_choice choice;
    struct header_names set;
    struct buf packed, want, got;
    struct arena arena;

    buf_init(&packed, USUAL_OCTETS_MAX);
    buf_init(&want, in.n + 8);
    buf_init(&got, in.n + 8);
    arena_init(&arena, 4096);
    if (usual_choose(in, UINT64_MAX >> (in.n % 64), &choice)) {
        usual_write(&choice, &got);
        must(!got.overflowed && got.n == choice.n);
    }
    for (size_t n = 1; usual_pack(in, true, &packed) && n <= 5; n++) {
        buf_clear(&want);
        buf_clear(&got);
        must(header_names_make(&set, names, n, &arena));
        (void)header_fields_select(in, &set, false, &want);
        must(usual_choose(buf_slice(&packed), usual_mask(names, n), &choice));
        usual_write(&choice, &got);
        must(choice.n == got.n && slice_eq(buf_slice(&want), buf_slice(&got)));
        buf_clear(&packed);
    }
    arena_clear(&arena);
    buf_release(&packed);
    buf_release(&want);
    buf_release(&got);
}

static void decode(struct slice in, enum mime_cte cte, struct slice charset, size_t step,
                   struct buf *out)
{
    struct mime_decoder d;

    mime_decoder_init(&d, cte, &charset, false);
    for (size_t i = 0; i < in.n; i += step)
        must(mime_decoder_push(&d, slice_sub(in, i, step), out) == ERR_OK);
    must(mime_decoder_finish(&d, out) == ERR_OK);
    mime_decoder_release(&d);
}

static void check_decoder(struct slice in, enum mime_cte cte, struct slice charset)
{
    struct buf a, b;

    buf_init(&a, in.n * 4 + 4096);
    buf_init(&b, in.n * 4 + 4096);
    decode(in, cte, charset, in.n + 1, &a);
    decode(in, cte, charset, 1, &b);
    must(!a.overflowed && slice_eq(buf_slice(&a), buf_slice(&b)));
    must(utf8_valid(buf_slice(&a)));
    buf_release(&a);
    buf_release(&b);
}

static void check_text(struct slice in)
{
    struct buf text, once, twice;
    struct text_folder f;

    buf_init(&text, in.n * 4 + 64);
    buf_init(&once, in.n * 80 + 1000);
    buf_init(&twice, in.n * 80 + 1000);
    header_decode(in, &text);
    must(!text.overflowed && utf8_valid(buf_slice(&text)));
    text_fold(COLLATION_UNICODE, in, &once);
    text_folder_init(&f, COLLATION_UNICODE);
    for (size_t i = 0; i < in.n; i++)
        text_folder_push(&f, slice_sub(in, i, 1), &twice);
    text_folder_finish(&f, &twice);
    must(slice_eq(buf_slice(&once), buf_slice(&twice)));
    buf_release(&text);
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *name;
    } charsets[] = {{""}, {"utf-8"}, {"iso-8859-1"}, {"iso-2022-jp"}, {"gb18030"}, {"x-no"}};
    struct slice in = slice_of(data, size);

    check_select(in);
    check_usual(in);
    check_text(in);
    for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
        check_decoder(in, (enum mime_cte)(i % 6), slice_of_str(charsets[i].name));
    check_decoder(in, MIME_CTE_QP, SLICE("utf-8"));
    check_decoder(in, MIME_CTE_BASE64, SLICE(""));
    return 0;
}
