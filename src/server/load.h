/* server/load.h -- whether the store has more to do than it can: then background work may wait.
 *
 * Measured as Unix measures it: accounts that are being worked on or wait for a worker, averaged.
 * That sees a busy processor and a busy disk alike. Whoever is sent away by it comes back only
 * after a day (wire/id_list.h), so it is slow to rise, and has to fall well below to end.
 */
#ifndef ROOST_SERVER_LOAD_H
#define ROOST_SERVER_LOAD_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LOAD_SAMPLE_MS = 100,
    LOAD_SAMPLES = 64,   /* of the average: a step of the load is seen to 63% after so many */
    LOAD_BUSY_A_CPU = 2, /* accounts at work for each processor: above is busy, */
    LOAD_CALM_A_CPU = 1, /* and below is busy no more */
};

struct load {
    uint32_t average; /* of accounts at work, times 1,024 */
    bool busy;
};

/* One sample, every LOAD_SAMPLE_MS. */
void load_sample(struct load *l, unsigned at_work, unsigned cpus);

/* Processors this process may use. */
unsigned load_cpus(void);

#endif
