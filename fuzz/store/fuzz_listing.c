/* fuzz/store/fuzz_listing.c -- a listing from a damaged disk. Invariants: what it gives of a body
 * lies inside the row, and what is chosen of that is as long as it was said to be.
 */
#include "account.h"
#include "mime/usual.h"

enum { BODIES = 32 };

static void choose(struct slice packed, struct buf *out)
{
    static const struct slice names[] = {{"Subject", 7}, {"from", 4}, {"To", 2}};
    struct usual_choice choice;

    for (size_t n = 1; n <= 3; n++) {
        buf_clear(out);
        if (!usual_choose(packed, usual_mask(names, n), &choice))
            continue;
        usual_write(&choice, out);
        must(!out->overflowed && out->n == choice.n && out->n <= packed.n + 2);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct account *a = fuzz_account();
    struct slice packed;
    struct buf out;

    must(change_begin(a) == ERR_OK);
    must(sql_run(a, LISTING_SET, I(0), B(slice_of(data, size))) == ERR_OK);
    buf_init(&out, size + 2);
    for (uint64_t body = 0; body < BODIES + 1; body++) {
        must(body_usual(a, body, &packed) == ERR_OK);
        must(packed.n <= size);
        must(body > 0 || packed.n == 0); /* a row is not read for one body */
        choose(packed, &out);
    }
    buf_release(&out);
    reading_end(a);
    must(change_end(a, sql_run(a, LISTING_DELETE, I(0))) == ERR_OK);
    return 0;
}
