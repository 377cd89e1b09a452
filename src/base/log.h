/* base/log.h -- the structured log: one line an event on standard error, key=value pairs.
 *
 *     2026-01-31T12:00:00Z roost[gate] info: login account=anna peer=192.0.2.7
 *
 * Values that come from outside are passed as slices through LOG_S, which cuts them to 200
 * octets and replaces what is not printable ASCII, so a log line is always one line.
 */
#ifndef ROOST_BASE_LOG_H
#define ROOST_BASE_LOG_H

#include "base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Names this process in every line ("gate", "auth", "store", "supervisor", or a verb of the
 * command line). `least` is the lowest level written. Borrowed for the life of the process. */
void log_init(const char *process, enum log_level least);

/* One line, written by a single write(2), cut at 1,000 octets. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)

/* A printable rendering of `s` in `out` (NUL-terminated); returns out. */
struct log_text {
    char text[204];
};
const char *log_slice(struct log_text *out, struct slice s);
/* For use as an argument of log_*: log_info("login account=%s", LOG_S(name)). */
#define LOG_S(s) log_slice(&(struct log_text){{0}}, (s))

#endif
