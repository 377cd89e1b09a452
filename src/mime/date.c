/* mime/date.c -- see date.h. */
#include "mime/date.h"

#include "mime/token.h"

struct reading {
    struct slice in;
    unsigned day, month, year; /* month 1..12; 0: not yet seen */
    unsigned hour, minute, second;
    int zone_minutes; /* east of Greenwich */
};

static void skip_separators(struct slice *in)
{
    do {
        token_skip_cfws(in, NULL);
    } while (token_take(in, ',') || token_take(in, '.') || token_take(in, '/') ||
             token_take(in, '-'));
}

/* 1 to max_digits digits; how many were there in *digits (0: none, nothing taken). */
static unsigned take_number(struct slice *in, unsigned max_digits, unsigned *digits)
{
    unsigned v = 0;

    for (*digits = 0; *digits < max_digits && in->n > 0 && ascii_is_digit(in->p[0]); ++*digits) {
        v = v * 10 + (unsigned)(in->p[0] - '0');
        *in = slice_sub(*in, 1, in->n);
    }
    return v;
}

static struct slice take_word(struct slice *in)
{
    struct slice word = *in;

    word.n = 0;
    while (word.n < in->n && ascii_lower(in->p[word.n]) >= 'a' && ascii_lower(in->p[word.n]) <= 'z')
        word.n++;
    *in = slice_sub(*in, word.n, in->n);
    return word;
}

static unsigned month_of(struct slice word)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    if (word.n < 3)
        return 0;
    for (unsigned i = 0; i < 12; i++) {
        if (slice_eq_nocase(slice_sub(word, 0, 3), slice_of(names + i * 3, 3)))
            return i + 1;
    }
    return 0;
}

/* RFC 5322 section 4.3: two digits 00-49 are 20xx, 50-99 and three digits count from 1900. */
static unsigned full_year(unsigned v, unsigned digits)
{
    if (digits == 3 || (digits == 2 && v >= 50))
        return v + 1900;
    return digits == 2 ? v + 2000 : v;
}

static bool take_year(struct reading *r)
{
    unsigned digits;
    unsigned v;

    skip_separators(&r->in);
    v = take_number(&r->in, 4, &digits);
    r->year = full_year(v, digits);
    return digits >= 2 && r->year > 0;
}

/* HH:MM[:SS[.fraction]], also with dots. Nothing is taken if there is none. */
static void take_time(struct reading *r)
{
    struct slice in = r->in, unused;
    unsigned digits, h, m, s = 0;

    token_skip_cfws(&in, NULL);
    if (!token_take(&in, 'T'))
        token_take(&in, 't');
    h = take_number(&in, 2, &digits);
    token_skip_cfws(&in, NULL);
    if (digits == 0 || !(token_take(&in, ':') || token_take(&in, '.')))
        return;
    token_skip_cfws(&in, NULL);
    m = take_number(&in, 2, &digits);
    token_skip_cfws(&in, NULL);
    if (token_take(&in, ':') || token_take(&in, '.')) {
        token_skip_cfws(&in, NULL);
        s = take_number(&in, 2, &digits);
        unused = in;
        if (token_take(&unused, '.')) {
            in = unused;
            take_number(&in, 9, &digits);
        }
    }
    if (h > 23 || m > 59 || s > 60)
        return;
    r->hour = h;
    r->minute = m;
    r->second = s < 60 ? s : 59; /* a leap second is not a time of its own */
    r->in = in;
}

/* RFC 5322 section 4.3; single letters and names not listed are +0000 there. */
static int zone_of_name(struct slice word)
{
    static const struct {
        char name[4];
        int minutes;
    } zones[] = {{"EST", -300}, {"EDT", -240}, {"CST", -360}, {"CDT", -300},
                 {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420}};

    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        if (slice_eq_nocase(word, slice_of(zones[i].name, 3)))
            return zones[i].minutes;
    }
    return 0;
}

/* +hhmm, +hh:mm, a name, or a name followed by one of the former. */
static void take_zone(struct reading *r)
{
    unsigned digits, hours, minutes, more;
    struct slice word;
    bool east;

    token_skip_cfws(&r->in, NULL);
    word = take_word(&r->in);
    if (word.n > 0)
        r->zone_minutes = zone_of_name(word);
    token_skip_cfws(&r->in, NULL);
    east = token_take(&r->in, '+');
    if (!east && !token_take(&r->in, '-'))
        return;
    hours = take_number(&r->in, 2, &digits);
    token_take(&r->in, ':');
    minutes = take_number(&r->in, 2, &more);
    if (digits != 2 || hours > 24 || minutes > 59)
        return;
    r->zone_minutes = (int)(hours * 60 + minutes) * (east ? 1 : -1);
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970-01-01, in the Gregorian calendar carried back to year 1. */
static int32_t day_number(unsigned year, unsigned month, unsigned day)
{
    unsigned y = month > 2 ? year : year - 1; /* years begin in March: the leap day is last */
    unsigned m = month > 2 ? month - 3 : month + 9;

    return (int32_t)(365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1) - 719468;
}

/* 2026-11-21: `digits` were taken already and are the year. */
static bool take_iso_rest(struct reading *r, unsigned year)
{
    unsigned digits;

    r->year = year;
    skip_separators(&r->in);
    r->month = take_number(&r->in, 2, &digits);
    skip_separators(&r->in);
    r->day = take_number(&r->in, 2, &digits);
    return year > 0;
}

/* Day, month and year in whichever order; asctime has its time before the year. */
static bool take_day(struct reading *r)
{
    unsigned digits;
    struct slice word;

    skip_separators(&r->in);
    word = take_word(&r->in);
    r->month = month_of(word);
    skip_separators(&r->in);
    if (r->month == 0 && word.n > 0) {
        word = take_word(&r->in);
        r->month = month_of(word);
        skip_separators(&r->in);
    }
    r->day = take_number(&r->in, 4, &digits);
    if (r->month == 0 && digits == 4)
        return take_iso_rest(r, r->day);
    if (r->month != 0) {
        take_time(r);
        if (r->in.n > 0 && !ascii_is_digit(r->in.p[0]))
            take_zone(r);
    } else {
        skip_separators(&r->in);
        r->month = month_of(take_word(&r->in));
    }
    return take_year(r);
}

bool mime_date_parse(struct slice value, struct mime_date *out)
{
    struct reading r = {.in = value};
    int64_t seconds;

    if (!take_day(&r) || r.month < 1 || r.month > 12 || r.day < 1 ||
        r.day > days_in_month(r.year, r.month))
        return false;
    token_skip_cfws(&r.in, NULL);
    token_take(&r.in, ',');
    take_time(&r);
    take_zone(&r);
    seconds = (int64_t)r.hour * 3600 + r.minute * 60 + r.second;
    out->day = day_number(r.year, r.month, r.day);
    out->instant = (int64_t)out->day * 86400 + seconds - (int64_t)r.zone_minutes * 60;
    return true;
}
