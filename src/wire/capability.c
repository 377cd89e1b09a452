/* wire/capability.c -- see capability.h. */
#include "wire/capability.h"

const struct capability capabilities[] = {
#define X(name, phase, conditions, number, source, since)                                          \
    {{name, sizeof(name) - 1}, CAPABILITY_##phase, conditions, CAPABILITY_##number, source, since},
    CAPABILITY_TABLE(X)
#undef X
};
const size_t n_capabilities = sizeof(capabilities) / sizeof(capabilities[0]);

void capability_write(struct buf *out, enum capability_phase phase,
                      const struct capability_context *context)
{
    bool any = false;

    for (size_t i = 0; i < n_capabilities; i++) {
        const struct capability *c = &capabilities[i];

        if ((c->phases & phase) == 0 || (c->conditions & ~context->conditions) != 0)
            continue;
        if (any)
            buf_add_char(out, ' ');
        buf_add_slice(out, c->name);
        if (c->number != CAPABILITY_NO_NUMBER)
            buf_add_u64(out, context->number[c->number]);
        any = true;
    }
}
