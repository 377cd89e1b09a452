/* auth/sasl.c -- SASL PLAIN, RFC 4616 section 2. */
#include "auth/sasl.h"

#include "base/utf8.h"

enum err sasl_plain_parse(struct slice in, struct sasl_plain *out)
{
    size_t first = slice_find(in, '\0');
    if (first == in.n)
        return ERR_SYNTAX;
    struct slice rest = slice_sub(in, first + 1, SIZE_MAX);
    size_t second = slice_find(rest, '\0');
    if (second == rest.n)
        return ERR_SYNTAX;
    struct sasl_plain got = {
        .authzid = slice_sub(in, 0, first),
        .authcid = slice_sub(rest, 0, second),
        .password = slice_sub(rest, second + 1, SIZE_MAX),
    };
    if (got.authcid.n == 0 || got.password.n == 0 || !utf8_valid(in) ||
        slice_find(got.password, '\0') != got.password.n)
        return ERR_SYNTAX;
    *out = got;
    return ERR_OK;
}
