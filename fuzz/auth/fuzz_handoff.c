/* fuzz/auth/fuzz_handoff.c -- what a gate, an auth or a store in a stranger's hands may send to the
 * others: the first octet says which message, the rest is its payload. Invariant: it is refused, or
 * it is exactly what the encoder makes of what was understood.
 */
#include <stdint.h>
#include <stdlib.h>

#include "auth/handoff.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Decode, and encode again. Returns whether it was understood. */
#define AGAIN(kind, in, out)                                                                       \
    do {                                                                                           \
        struct handoff_##kind m_;                                                                  \
                                                                                                   \
        if (handoff_##kind##_decode(in, &m_) != ERR_OK)                                            \
            return false;                                                                          \
        handoff_##kind##_encode(out, &m_);                                                         \
        return true;                                                                               \
    } while (0)

static bool again(unsigned type, struct slice in, struct buf *out)
{
    switch (type) {
    case HANDOFF_REQUEST:
        AGAIN(request, in, out);
    case HANDOFF_VERDICT:
        AGAIN(verdict, in, out);
    case HANDOFF_TICKET:
        AGAIN(ticket, in, out);
    case HANDOFF_SESSION:
        AGAIN(session, in, out);
    case HANDOFF_RETURN:
        AGAIN(return, in, out);
    default:
        return false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    struct buf out;

    if (size < 1)
        return 0;
    in = slice_sub(in, 1, SIZE_MAX);
    buf_init(&out, size);
    if (again(data[0], in, &out))
        must(!out.overflowed && slice_eq(buf_slice(&out), in));
    buf_release(&out);
    return 0;
}
