/* fuzz/base/fuzz_compress.c -- octets that claim to be a deflate stream, in pieces, the state
 * resting wherever it can: the text is the same as without, its maximum is kept, and what is
 * damaged stays an error and nothing worse.
 */
#include <assert.h>
#include <stdint.h>

#include "base/compress.h"

enum { TEXT_MAX = 1 << 16, CALLS_MAX = 1 << 16 };

/* Expand all of `in`, in pieces of `piece` octets (0: at once), into text. */
static enum err expand_pieces(struct slice in, size_t piece, bool rest, struct buf *text)
{
    struct expander e = {0};
    struct buf raw;
    enum err result = ERR_OK;
    enum expanded how = EXPAND_MORE;

    buf_init(&raw, TEXT_MAX);
    for (unsigned calls = 0; result == ERR_OK && how != EXPAND_END && how != EXPAND_FULL; calls++) {
        struct slice part = slice_sub(in, 0, piece > 0 ? piece : in.n);

        assert(calls < CALLS_MAX);
        if (raw.n == 0 && in.n == 0 && how == EXPAND_MORE && calls > 0)
            break;
        buf_add_slice(&raw, part);
        in = slice_sub(in, part.n, in.n);
        result = expand(&e, &raw, text, TEXT_MAX, &how);
        assert(text->n <= TEXT_MAX && !text->overflowed);
        if (rest)
            expand_rest(&e);
    }
    buf_release(&raw);
    expand_release(&e);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    struct buf whole, parts;

    if (size < 1 || size > 4096)
        return 0;
    buf_init(&whole, TEXT_MAX);
    buf_init(&parts, TEXT_MAX);
    in = slice_sub(in, 1, in.n);
    enum err a = expand_pieces(in, 0, false, &whole);
    enum err b = expand_pieces(in, (size_t)data[0] + 1, true, &parts);

    /* A damaged block may give some text before it is found out: how much depends on the pieces. */
    if (a == ERR_OK) {
        assert(b == ERR_OK && whole.n == parts.n);
        assert(memcmp(buf_slice(&whole).p, buf_slice(&parts).p, whole.n) == 0);
    }
    buf_release(&whole);
    buf_release(&parts);
    return 0;
}
