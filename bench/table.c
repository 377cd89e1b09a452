/* bench/table.c -- see bench.h. */
#include <stdarg.h>

#include "base/clock.h"
#include "bench.h"

void bench_print(const char *what, double value, const char *unit, const char *goal)
{
    printf("%-66s %10.*f %-8s %s\n", what,
           value < 10     ? 3
           : value < 1000 ? 1
                          : 0,
           value, unit, goal);
    fflush(stdout);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_median(double *value, size_t n)
{
    qsort(value, n, sizeof(*value), by_value);
    return n % 2 == 1 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

double bench_now(void)
{
    return (double)clock_mono_us() / 1e6;
}

void bench_die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void bench_must(enum err e, const char *what)
{
    if (e != ERR_OK)
        bench_die("%s: %s", what, err_text(e));
}
