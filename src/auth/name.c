/* auth/name.c -- folding account names with utf8proc; see name.h. */
#include "auth/name.h"

#include <utf8proc.h>

#include "base/mem.h"
#include "base/utf8.h"

static bool name_is_safe(struct slice s)
{
    if (s.n == 0 || s.n > AUTH_NAME_OCTETS_MAX || s.p[0] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7f || c == '/' || c == '\\')
            return false;
        if (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0)
            return false; /* C1 controls, U+0080..U+009F */
    }
    return true;
}

enum err auth_name_fold(struct slice in, struct auth_name *out)
{
    if (in.n == 0 || in.n > AUTH_NAME_OCTETS_MAX || !utf8_valid(in))
        return ERR_SYNTAX;
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)in.p, (utf8proc_ssize_t)in.n, &made,
                     (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
    scoped_free utf8proc_uint8_t *owned = made;
    if (n < 0 || !name_is_safe(slice_of(owned, (size_t)n)))
        return ERR_SYNTAX;
    memcpy(out->p, owned, (size_t)n);
    out->p[n] = '\0';
    out->n = (size_t)n;
    return ERR_OK;
}
