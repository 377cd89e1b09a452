/* wire/date.h -- dates as IMAP writes them: the date-time of APPEND and INTERNALDATE, and the
 * plain dates of SEARCH.
 *
 * Source: RFC 9051 section 9 (date, date-time, date-day-fixed, zone). Years 0000 to 9999 of
 * the Gregorian calendar; a day that its month does not have is a syntax error.
 */
#ifndef ROOST_WIRE_DATE_H
#define ROOST_WIRE_DATE_H

#include "base/buf.h"
#include "wire/lex.h"

struct date_time {
    int64_t seconds;      /* since 1970-01-01T00:00:00Z */
    int16_t zone_minutes; /* east of Greenwich; what the clock on the sender's wall showed */
};

/* "17-Jul-1996 02:44:25 -0700" in its quotes; a day below ten may have a space or a zero. */
must_use enum err date_time_parse(struct lex *in, struct date_time *out);

/* 1-Feb-1994, bare or quoted: *day = days since 1970-01-01 (negative before). */
must_use enum err date_parse(struct lex *in, int32_t *day);

/* The date-time in its quotes, day in two digits. A year outside 0000..9999 is written as the
 * nearest instant inside. */
void date_time_write(struct buf *out, struct date_time t);

/* Days since 1970-01-01 of a proleptic Gregorian date, month 1..12, day 1.., and back. */
int32_t date_day_number(int year, int month, int day);
void date_from_day_number(int32_t number, int *year, int *month, int *day);

#endif
