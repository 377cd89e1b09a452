/* base/log.c -- see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_OCTETS_MAX = 1000, VALUE_OCTETS_MAX = 200 };

static const char *log_process = "roost";
static enum log_level log_least = LOG_LEVEL_INFO;
static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_init(const char *process, enum log_level least)
{
    log_process = process;
    log_least = least;
}

void log_line(enum log_level level, const char *format, ...)
{
    char line[LINE_OCTETS_MAX + 1];
    time_t now = time(NULL);
    struct tm tm;
    size_t n;
    va_list args;
    int k;

    if (level < log_least)
        return;
    gmtime_r(&now, &tm);
    /* Not strftime, which looks for the time zone's file each time. */
    n = (size_t)snprintf(line, sizeof(line),
                         "%04d-%02d-%02dT%02d:%02d:%02dZ roost[%.32s] %s: ", tm.tm_year + 1900,
                         tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, log_process,
                         level_names[level]);
    va_start(args, format);
    k = vsnprintf(line + n, sizeof(line) - n, format, args);
    va_end(args);
    if (k > 0)
        n += (size_t)k;
    if (n > sizeof(line) - 1)
        n = sizeof(line) - 1;
    line[n++] = '\n';
    (void)!write(STDERR_FILENO, line, n);
}

const char *log_slice(struct log_text *out, struct slice s)
{
    size_t n = s.n < VALUE_OCTETS_MAX ? s.n : VALUE_OCTETS_MAX;

    for (size_t i = 0; i < n; i++)
        out->text[i] = (s.p[i] >= 0x20 && s.p[i] < 0x7f) ? s.p[i] : '?';
    memcpy(out->text + n, n < s.n ? "..." : "", n < s.n ? 4 : 1);
    return out->text;
}
