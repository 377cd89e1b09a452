/* fuzz/server/fuzz_settings.c -- any text as the administrator's file. Invariants: it is taken, or
 * refused in one sentence and nothing has changed.
 */
#include <stdint.h>
#include <stdlib.h>

#include "server/settings.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s, before;
    struct buf why;

    buf_init(&why, 4096);
    memset(&s, 0, sizeof(s));
    must(settings_init(&s, &why) == ERR_OK);
    memcpy(&before, &s, sizeof(s));
    if (settings_parse(&s, slice_of(data, size), "roost.conf", &why) == ERR_OK) {
        must(why.n == 0);
        must(s.n_listen <= SETTINGS_LISTEN_MAX && s.port_imap < 65536 && s.port_imaps < 65536);
    } else {
        must(why.n > 0 && !why.overflowed);
        must(slice_find(buf_slice(&why), '\n') == why.n);
        must(memcmp(&before, &s, sizeof(s)) == 0);
    }
    buf_release(&why);
    return 0;
}
