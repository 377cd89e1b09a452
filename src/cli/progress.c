/* cli/progress.c -- see progress.h. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { DRAW_MS = 100, BAR_CELLS = 24 };

void progress_begin(struct progress *p)
{
    *p = (struct progress){.terminal = isatty(STDERR_FILENO) == 1, .began_ms = clock_mono_ms()};
}

uint64_t progress_ms(const struct progress *p)
{
    uint64_t ms = clock_mono_ms() - p->began_ms;

    return ms > 0 ? ms : 1;
}

void progress_clear(struct progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    p->drawn = false;
}

static void draw(const struct import_counts *c, uint64_t ms)
{
    uint64_t messages = c->imported + c->known + c->skipped;
    uint64_t done = c->done < c->total ? c->done : c->total;
    uint64_t left_s =
        done > 0 ? (uint64_t)((double)ms * (double)(c->total - done) / (double)done / 1000.0) : 0;
    unsigned cells = (unsigned)(done * BAR_CELLS / c->total);
    char bar[BAR_CELLS + 1];

    memset(bar, ' ', BAR_CELLS);
    memset(bar, '#', cells);
    bar[BAR_CELLS] = '\0';
    fprintf(stderr, "\r[%s] %3llu%%  %llu messages  %llu/s  %llu:%02llu left\033[K", bar,
            (unsigned long long)(done * 100 / c->total), (unsigned long long)messages,
            (unsigned long long)(messages * 1000 / ms), (unsigned long long)(left_s / 60),
            (unsigned long long)(left_s % 60));
}

void progress_show(struct progress *p, const struct import_counts *c)
{
    uint64_t now_ms = clock_mono_ms();

    if (!p->terminal || c->total == 0 || (p->drawn && now_ms - p->drew_ms < DRAW_MS))
        return;
    draw(c, progress_ms(p));
    p->drawn = true;
    p->drew_ms = now_ms;
}
