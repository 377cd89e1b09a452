/* Dates of APPEND, INTERNALDATE and SEARCH, both ways; the C library is the witness. */
#include <time.h>

#include "../test.h"

#include "wire/date.h"

static const struct {
    const char *in;
    bool ok;
    int64_t seconds;
    int zone;
    size_t at;
} date_times[] = {
    {"\"17-Jul-1996 02:44:25 -0700\"", true, 837596665, -420, 28},
    {"\" 1-jan-1970 00:00:00 +0000\"", true, 0, 0, 28},
    {"\"01-Jan-1970 05:30:00 +0530\"", true, 0, 330, 28},
    {"\"31-Dec-1969 23:59:59 +0000\"", true, -1, 0, 28},
    {"\"29-Feb-2000 00:00:00 +0000\"", true, 951782400, 0, 28},
    {"\"01-Jan-0000 00:00:00 +0000\"", true, -62167219200, 0, 28},
    {"\"31-Dec-9999 23:59:60 +0000\"", true, 253402300799, 0, 28},
    {"\"29-Feb-1900 00:00:00 +0000\"", false, 0, 0, 2},
    {"\"31-Apr-2001 00:00:00 +0000\"", false, 0, 0, 2},
    {"\"00-Apr-2001 00:00:00 +0000\"", false, 0, 0, 2},
    {"\"1-Apr-2001 00:00:00 +0000\"", false, 0, 0, 2},
    {"\"01-Apx-2001 00:00:00 +0000\"", false, 0, 0, 4},
    {"\"01-Apr-201 00:00:00 +0000\"", false, 0, 0, 11},
    {"\"01-Apr-2001 24:00:00 +0000\"", false, 0, 0, 13},
    {"\"01-Apr-2001 00:60:00 +0000\"", false, 0, 0, 16},
    {"\"01-Apr-2001 00:00:61 +0000\"", false, 0, 0, 19},
    {"\"01-Apr-2001 00:00:00 0000\"", false, 0, 0, 22},
    {"\"01-Apr-2001 00:00:00 +0060\"", false, 0, 0, 25},
    {"\"01-Apr-2001 00:00:00 +2400\"", false, 0, 0, 23},
    {"\"01-Apr-2001 00:00:00 +0000", false, 0, 0, 27},
    {"01-Apr-2001 00:00:00 +0000", false, 0, 0, 0},
};

static void test_date_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(date_times) / sizeof(date_times[0]); i++) {
        struct lex in = lex_of(slice_of_str(date_times[i].in), false);
        struct date_time t = {77, 77};
        bool ok = date_time_parse(&in, &t) == ERR_OK;

        assert_int_equal(ok, date_times[i].ok);
        assert_int_equal(in.at, date_times[i].at);
        assert_int_equal(t.seconds, ok ? date_times[i].seconds : 77);
        assert_int_equal(t.zone_minutes, ok ? date_times[i].zone : 77);
    }
}

static void test_dates(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        int32_t day;
    } cases[] = {
        {"1-Jan-1970", true, 0},    {"01-Jan-1970", true, 0},   {"\"2-jan-1970\"", true, 1},
        {"31-DEC-1969", true, -1},  {"1-Feb-1994", true, 8797}, {"31-Feb-1994", false, 0},
        {"\"1-Feb-1994", false, 0}, {"1-Feb-94", false, 0},     {" 1-Feb-1994", false, 0},
        {"1-Feb", false, 0},        {"123-Feb-1994", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].in), false);
        int32_t day = 77;
        bool ok = date_parse(&in, &day) == ERR_OK;

        assert_int_equal(ok, cases[i].ok);
        assert_int_equal(day, ok ? cases[i].day : 77);
    }
}

static void test_calendar_against_the_library(void **state)
{
    (void)state;
    for (int32_t day = -719528; day < 2932897; day += 97) {
        time_t when = (time_t)day * 86400;
        struct tm tm;
        int y, m, d;

        assert_non_null(gmtime_r(&when, &tm));
        date_from_day_number(day, &y, &m, &d);
        assert_true(y == tm.tm_year + 1900 && m == tm.tm_mon + 1 && d == tm.tm_mday);
        assert_int_equal(date_day_number(y, m, d), day);
    }
}

static void check_write(struct date_time t, struct slice want)
{
    struct buf out;

    buf_init(&out, 100);
    date_time_write(&out, t);
    assert_slice(buf_slice(&out), want);
    buf_release(&out);
}

static void test_writing(void **state)
{
    (void)state;
    check_write((struct date_time){837596665, -420}, SLICE("\"17-Jul-1996 02:44:25 -0700\""));
    check_write((struct date_time){0, 330}, SLICE("\"01-Jan-1970 05:30:00 +0530\""));
    check_write((struct date_time){-1, 0}, SLICE("\"31-Dec-1969 23:59:59 +0000\""));
    check_write((struct date_time){0, -1}, SLICE("\"31-Dec-1969 23:59:00 -0001\""));
    check_write((struct date_time){INT64_MAX, 60}, SLICE("\"31-Dec-9999 23:59:59 +0100\""));
    check_write((struct date_time){INT64_MIN, 60}, SLICE("\"01-Jan-0000 00:00:00 +0100\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date_times),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_calendar_against_the_library),
        cmocka_unit_test(test_writing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
