/* mime/cte.h -- Content-Transfer-Encoding, RFC 2045 section 6. */
#ifndef ROOST_MIME_CTE_H
#define ROOST_MIME_CTE_H

#include "base/slice.h"

/* Stored on disk in part tables: never renumber. */
enum mime_cte {
    MIME_CTE_7BIT = 0, /* also when the field is absent */
    MIME_CTE_8BIT = 1,
    MIME_CTE_BINARY = 2,
    MIME_CTE_QP = 3,
    MIME_CTE_BASE64 = 4,
    MIME_CTE_UNKNOWN = 5, /* a name we do not know: never decoded (RFC 9051: UNKNOWN-CTE) */
};

/* The encoding a field value names (its first token, any case; comments are skipped); an empty
 * value is 7BIT. */
enum mime_cte mime_cte_parse(struct slice value);

#endif
