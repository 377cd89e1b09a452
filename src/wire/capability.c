/* wire/capability.c -- see capability.h. */
#include "wire/capability.h"

static const struct {
    struct slice name;
    unsigned phases;
    unsigned conditions;
} rows[] = {
#define X(name, phase, conditions) {{name, sizeof(name) - 1}, CAPABILITY_##phase, conditions},
    CAPABILITY_TABLE(X)
#undef X
};

void capability_write(struct buf *out, enum capability_phase phase, unsigned conditions)
{
    bool any = false;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((rows[i].phases & phase) == 0 || (rows[i].conditions & ~conditions) != 0)
            continue;
        if (any)
            buf_add_char(out, ' ');
        buf_add_slice(out, rows[i].name);
        any = true;
    }
}
