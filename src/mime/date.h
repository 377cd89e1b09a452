/* mime/date.h -- the Date field, RFC 5322 section 3.3 with the obsolete forms of 4.3, and the
 * forms archives hold beside them: no day name, two-digit years, asctime, ISO 8601, zone names.
 */
#ifndef ROOST_MIME_DATE_H
#define ROOST_MIME_DATE_H

#include "base/slice.h"

struct mime_date {
    int64_t instant; /* seconds since 1970-01-01T00:00:00Z */
    int32_t day;     /* the day as written, zone ignored, in days since 1970-01-01 */
};

/* False, *out untouched, if there is no day, month and year to be found. A missing time is
 * midnight, a missing or unknown zone is +0000. Years 1 to 9999. */
must_use bool mime_date_parse(struct slice value, struct mime_date *out);

#endif
