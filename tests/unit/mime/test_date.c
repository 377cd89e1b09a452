/* tests/unit/mime/test_date.c -- RFC 5322 sections 3.3, 4.3, appendix A.5; and what archives hold.
 */
#include "../test.h"
#include "lit.h"

#include "mime/date.h"

static const struct {
    struct slice in;
    int64_t instant;
    int32_t day;
} good[] = {
    {LIT("Thu, 01 Jan 1970 00:00:00 +0000"), 0, 0},
    {LIT("Mon, 7 Feb 1994 21:52:25 -0800 (PST)"), 760686745, 8803},
    {LIT("7 Feb 1994 21:52 PST"), 760686720, 8803},
    {LIT("Thu,\r\n 13\r\n Feb\r\n 1969\r\n 23:32\r\n -0330 (Newfoundland Time)"), -27723480, -322},
    {LIT("21 Nov 97 09:55:06 GMT"), 880106106, 10186},
    {LIT("Fri, 21 Nov 1997 09(comment): 55 : 06 -0600"), 880127706, 10186},
    {LIT("Sat Nov 21 02:31:30 2026"), 1795228290, 20778},
    {LIT("Sat Nov 21 02:31:30 EST 2026"), 1795246290, 20778},
    {LIT("2026-11-21T02:31:30Z"), 1795228290, 20778},
    {LIT("2026-11-21 02:31:30.25+01:00"), 1795224690, 20778},
    {LIT("29 Feb 2000 12:00:00 +0000"), 951825600, 11016},
    {LIT("1 Jan 2020"), 1577836800, 18262},
    {LIT("31 Dec 1999 23:59:60 +0000"), 946684799, 10956},
    {LIT("1 Jan 00 00:00:00 Z"), 946684800, 10957},
    {LIT("Wed, 01 Jan 2020 00:30:00 +0100"), 1577835000, 18262},
    {LIT("Wednesday, 01-January-2020 25:99:00"), 1577836800, 18262},
};

static const struct slice bad[] = {
    LIT(""),           LIT("garbage"),     LIT("Mon"),        LIT("31 Feb 2020 00:00:00 +0000"),
    LIT("0 Jan 2020"), LIT("29 Feb 1900"), LIT("1 Foo 2020"), LIT("1 Jan"),
    LIT("1 Jan 0000"), LIT("2026-13-01"),  LIT("((((((("),
};

static void test_dates(void **state)
{
    struct mime_date d;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!mime_date_parse(good[i].in, &d))
            fail_msg("not parsed: %.*s", SLICE_ARG(good[i].in));
        if (d.instant != good[i].instant || d.day != good[i].day)
            fail_msg("%.*s: %lld %d", SLICE_ARG(good[i].in), (long long)d.instant, d.day);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (mime_date_parse(bad[i], &d))
            fail_msg("parsed: %.*s", SLICE_ARG(bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dates)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
