/* base/err.c -- the strings of the error table. */
#include "base/err.h"

static const struct {
    const char *name, *wire, *text;
} table[ERR_COUNT] = {
#define X(name, wire, text) {#name, wire, text},
    ERR_TABLE(X)
#undef X
};

const char *err_wire(enum err e)
{
    return table[(unsigned)e < ERR_COUNT ? e : ERR_BUG].wire;
}

const char *err_text(enum err e)
{
    return table[(unsigned)e < ERR_COUNT ? e : ERR_BUG].text;
}

const char *err_name(enum err e)
{
    return table[(unsigned)e < ERR_COUNT ? e : ERR_BUG].name;
}
