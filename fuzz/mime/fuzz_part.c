/* fuzz/mime/fuzz_part.c -- a part table from a damaged disk. Invariants: nothing is read outside
 * it; what mime_parts_check accepts lies inside the message, part by part.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mime/part.h"

enum { MESSAGE_OCTETS = 1 << 16 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice table = slice_of(data, size);
    bool ok = mime_parts_check(table, MESSAGE_OCTETS) == ERR_OK;
    struct mime_part part;
    uint32_t n = 0;

    if (mime_parts_count(table, &n) != ERR_OK)
        must(!ok);
    for (uint32_t i = 0; i < n && i < 1000; i++) {
        enum err e = mime_part_at(table, i, &part);

        must(!ok || e == ERR_OK);
        if (ok)
            must(part.body_at + part.body_n <= MESSAGE_OCTETS &&
                 part.header_at + part.header_n <= MESSAGE_OCTETS);
        if (ok && part.is_message)
            must(part.msg_body_at + part.msg_body_n <= MESSAGE_OCTETS);
    }
    for (uint32_t a = 0; a < 4; a++) {
        for (uint32_t b = 0; b < 4; b++) {
            enum err e = mime_part_find(table, (uint32_t[]){a, b, 1}, 3, &part);

            must(!ok || e == ERR_OK || e == ERR_NOTFOUND);
        }
    }
    return 0;
}
