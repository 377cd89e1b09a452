/* wire/date.c -- see date.h.
 *
 * Days are counted from 0000-03-01, so that the leap day is the last of its year and the months
 * before it have lengths that repeat every five (153 days).
 */
#include "wire/date.h"

enum {
    EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
    CYCLE_DAYS = 146097, /* 400 years */
    DAY_SECONDS = 86400,
};

static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

int32_t date_day_number(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1;
    int m = month > 2 ? month - 3 : month + 9;
    int cycle = (y >= 0 ? y : y - 399) / 400;
    int of_cycle = y - cycle * 400;
    int of_year = (153 * m + 2) / 5 + day - 1;

    return cycle * CYCLE_DAYS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year -
           EPOCH_DAYS;
}

void date_from_day_number(int32_t number, int *year, int *month, int *day)
{
    int64_t z = (int64_t)number + EPOCH_DAYS;
    int64_t cycle = (z >= 0 ? z : z - (CYCLE_DAYS - 1)) / CYCLE_DAYS;
    int of_cycle = (int)(z - cycle * CYCLE_DAYS);
    int y = (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
    int of_year = of_cycle - (365 * y + y / 4 - y / 100);
    int m = (5 * of_year + 2) / 153;

    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = (int)(y + cycle * 400) + (*month <= 2);
}

static int month_length(int year, int month)
{
    static const int length[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : length[month - 1];
}

/* Exactly `digits` digits. */
static enum err parse_digits(struct lex *in, int digits, int *out)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        int c = lex_peek(in);

        if (c < '0' || c > '9')
            return ERR_SYNTAX;
        value = value * 10 + (c - '0');
        in->at++;
    }
    *out = value;
    return ERR_OK;
}

static enum err parse_month(struct lex *in, int *month)
{
    struct slice name = slice_sub(in->in, in->at, 3);

    for (int i = 0; i < 12; i++) {
        if (!slice_eq_nocase(name, slice_of(month_names[i], 3)))
            continue;
        *month = i + 1;
        in->at += 3;
        return ERR_OK;
    }
    return ERR_SYNTAX;
}

/* "-" date-month "-" date-year, behind the day. */
static enum err parse_month_year(struct lex *in, int day, int32_t *out)
{
    size_t start = in->at;
    int month, year;

    TRY(lex_expect(in, '-'));
    TRY(parse_month(in, &month));
    TRY(lex_expect(in, '-'));
    TRY(parse_digits(in, 4, &year));
    if (day < 1 || day > month_length(year, month)) {
        in->at = start - 1;
        return ERR_SYNTAX;
    }
    *out = date_day_number(year, month, day);
    return ERR_OK;
}

/* date-day: one or two digits. */
static enum err parse_day(struct lex *in, int *day)
{
    int tens = 0;

    TRY(parse_digits(in, 1, day));
    if (lex_peek(in) < '0' || lex_peek(in) > '9')
        return ERR_OK;
    tens = *day;
    TRY(parse_digits(in, 1, day));
    *day += tens * 10;
    return ERR_OK;
}

enum err date_parse(struct lex *in, int32_t *day)
{
    bool quoted = lex_accept(in, '"');
    int32_t got;
    int of_month;

    TRY(parse_day(in, &of_month));
    TRY(parse_month_year(in, of_month, &got));
    if (quoted)
        TRY(lex_expect(in, '"'));
    *day = got;
    return ERR_OK;
}

/* Two digits, at most `max`, with `before` in front of them. */
static enum err parse_two(struct lex *in, char before, int max, int *out)
{
    size_t start;

    TRY(lex_expect(in, before));
    start = in->at;
    TRY(parse_digits(in, 2, out));
    if (*out <= max)
        return ERR_OK;
    in->at = start;
    return ERR_SYNTAX;
}

/* SP 2DIGIT ":" 2DIGIT ":" 2DIGIT; a leap second is the last second of its minute. */
static enum err parse_time(struct lex *in, int *seconds)
{
    int hour, minute, second;

    TRY(parse_two(in, ' ', 23, &hour));
    TRY(parse_two(in, ':', 59, &minute));
    TRY(parse_two(in, ':', 60, &second));
    *seconds = (hour * 60 + minute) * 60 + (second < 60 ? second : 59);
    return ERR_OK;
}

/* SP ("+" / "-") 4DIGIT */
static enum err parse_zone(struct lex *in, int *minutes)
{
    int hour, minute;
    size_t start;
    bool west;

    TRY(lex_space(in));
    west = lex_peek(in) == '-';
    TRY(parse_two(in, west ? '-' : '+', 23, &hour));
    start = in->at;
    TRY(parse_digits(in, 2, &minute));
    if (minute > 59) {
        in->at = start;
        return ERR_SYNTAX;
    }
    *minutes = (hour * 60 + minute) * (west ? -1 : 1);
    return ERR_OK;
}

enum err date_time_parse(struct lex *in, struct date_time *out)
{
    int of_month, seconds, zone;
    int32_t day;

    TRY(lex_expect(in, '"'));
    TRY(parse_digits(in, lex_accept(in, ' ') ? 1 : 2, &of_month));
    TRY(parse_month_year(in, of_month, &day));
    TRY(parse_time(in, &seconds));
    TRY(parse_zone(in, &zone));
    TRY(lex_expect(in, '"'));
    out->seconds = (int64_t)day * DAY_SECONDS + seconds - (int64_t)zone * 60;
    out->zone_minutes = (int16_t)zone;
    return ERR_OK;
}

static char *put_two(char *p, int value)
{
    p[0] = (char)('0' + value / 10 % 10);
    p[1] = (char)('0' + value % 10);
    return p + 2;
}

/* Seconds on the wall clock of the zone, inside the years a date-time can say. */
static int64_t wall_seconds(struct date_time t)
{
    int64_t least = (int64_t)date_day_number(0, 1, 1) * DAY_SECONDS;
    int64_t most = (int64_t)date_day_number(9999, 12, 31) * DAY_SECONDS + DAY_SECONDS - 1;
    int64_t zone = (int64_t)t.zone_minutes * 60;

    if (t.seconds < least - zone)
        return least;
    if (t.seconds > most - zone)
        return most;
    return t.seconds + zone;
}

static char *put_date(char *p, int32_t day)
{
    int year, month, of_month;

    date_from_day_number(day, &year, &month, &of_month);
    p = put_two(p, of_month);
    *p++ = '-';
    memcpy(p, month_names[month - 1], 3);
    p += 3;
    *p++ = '-';
    return put_two(put_two(p, year / 100), year % 100);
}

static char *put_time(char *p, int seconds)
{
    *p++ = ' ';
    p = put_two(p, seconds / 3600);
    *p++ = ':';
    p = put_two(p, seconds / 60 % 60);
    *p++ = ':';
    return put_two(p, seconds % 60);
}

static char *put_zone(char *p, int minutes)
{
    *p++ = ' ';
    *p++ = minutes < 0 ? '-' : '+';
    minutes = minutes < 0 ? -minutes : minutes;
    return put_two(put_two(p, minutes / 60), minutes % 60);
}

void date_time_write(struct buf *out, struct date_time t)
{
    char text[32];
    char *p = text;
    int64_t wall = wall_seconds(t);
    int64_t day = (wall >= 0 ? wall : wall - (DAY_SECONDS - 1)) / DAY_SECONDS;

    *p++ = '"';
    p = put_date(p, (int32_t)day);
    p = put_time(p, (int)(wall - day * DAY_SECONDS));
    p = put_zone(p, t.zone_minutes);
    *p++ = '"';
    buf_add(out, text, (size_t)(p - text));
}
