/* wire/uid_batches.c -- see uid_batches.h. */
#include "wire/uid_batches.h"

enum err uid_batches_parse(struct lex *in, struct uid_batches_args *out)
{
    struct uid_batches_args got = {.first = 1, .last = UINT32_MAX};

    TRY(lex_nz_number(in, &got.size));
    if (lex_accept(in, ' ')) {
        TRY(lex_nz_number(in, &got.first));
        TRY(lex_expect(in, ':'));
        TRY(lex_nz_number(in, &got.last));
    }
    *out = got;
    return ERR_OK;
}
