/* fuzz/auth/fuzz_login.c -- who somebody says to be: a PLAIN response, and names of accounts.
 * Invariants: the parts of a response lie in it, one behind the other; a folded name is fit for a
 * directory, and folds to itself.
 */
#include <stdint.h>
#include <stdlib.h>

#include "auth/name.h"
#include "auth/sasl.h"
#include "base/utf8.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_name(struct slice in)
{
    struct auth_name once, twice;
    struct slice name;

    if (auth_name_fold(in, &once) != ERR_OK)
        return;
    name = auth_name_slice(&once);
    must(name.n > 0 && name.n <= AUTH_NAME_OCTETS_MAX && name.p[name.n] == '\0');
    must(utf8_valid(name) && name.p[0] != '.');
    must(slice_find(name, '/') == name.n && slice_find(name, '\0') == name.n);
    must(auth_name_fold(name, &twice) == ERR_OK);
    must(slice_eq(auth_name_slice(&twice), name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    struct sasl_plain p;

    check_name(in);
    if (sasl_plain_parse(in, &p) != ERR_OK)
        return 0;
    must(p.authzid.n + 1 + p.authcid.n + 1 + p.password.n == in.n);
    must(p.authcid.p == in.p + p.authzid.n + 1 && p.password.p == p.authcid.p + p.authcid.n + 1);
    check_name(p.authzid);
    check_name(p.authcid);
    return 0;
}
