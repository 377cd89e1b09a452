/* cli/progress.h -- a line that says how far a long piece of work is, on a terminal. */
#ifndef ROOST_CLI_PROGRESS_H
#define ROOST_CLI_PROGRESS_H

#include "migrate/import.h"

struct progress {
    bool terminal; /* standard error is one: draw */
    bool drawn;    /* a line stands there that has to be wiped before other output */
    uint64_t began_ms;
    uint64_t drew_ms;
};

void progress_begin(struct progress *p);
/* Draws at most ten times a second. */
void progress_show(struct progress *p, const struct import_counts *c);
/* Wipes the line, so that something else can be printed. */
void progress_clear(struct progress *p);
/* Milliseconds since progress_begin, at least 1. */
uint64_t progress_ms(const struct progress *p);

#endif
