/* auth/name.h -- the names of accounts: one person, one name, however the phone spells it.
 *
 * A name from outside is folded before anything is looked up or created: Unicode case folding
 * and NFC, so that "Anna", "ANNA" and "anna" are one account and a decomposed umlaut is the
 * composed one. What the store sees, and what the directory is called, is the folded name.
 */
#ifndef ROOST_AUTH_NAME_H
#define ROOST_AUTH_NAME_H

#include "base/buf.h"
#include "base/err.h"

enum { AUTH_NAME_OCTETS_MAX = 255 };

/* A folded account name; NUL-terminated, n octets. */
struct auth_name {
    char p[AUTH_NAME_OCTETS_MAX + 1];
    size_t n;
};
static inline struct slice auth_name_slice(const struct auth_name *a)
{
    return slice_of(a->p, a->n);
}

/* Fold `in`. ERR_SYNTAX unless the result is 1..255 octets of UTF-8 without control characters,
 * '/', '\\', or a leading '.' (it becomes the name of a directory). */
must_use enum err auth_name_fold(struct slice in, struct auth_name *out);

#endif
