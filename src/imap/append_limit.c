/* imap/append_limit.c -- how large a message a mailbox takes.
 *
 * Source: RFC 7889. The settings limit every message; a mailbox may take less, which its metadata
 * entry /shared/vendor/vendor.roost/appendlimit says, a number of octets (RFC 5464). COPY and MOVE
 * are no uploads and are not limited.
 */
#include "imap/internal.h"

#define ENTRY SLICE("/vendor/vendor.roost/appendlimit")

uint64_t append_limit(struct imap_session *s, struct folder *f)
{
    uint64_t all = s->settings->append_octets_max, own;
    struct slice value;

    if (annotation_get(s->account, f, STORE_EVERYBODY, ENTRY, &value) != ERR_OK ||
        !slice_to_u64(value, UINT32_MAX, &own))
        return all; /* not a number: no limit of its own */
    return own < all ? own : all;
}

bool append_limit_varies(struct imap_session *s)
{
    return s->account != NULL && annotation_any(s->account, STORE_EVERYBODY, ENTRY) == ERR_OK;
}
