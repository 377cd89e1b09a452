/* server/load.c -- see load.h. */
#include "server/load.h"

#include <sched.h>

enum { ONE = 1024, AT_WORK_MAX = 1 << 20 };

void load_sample(struct load *l, unsigned at_work, unsigned cpus)
{
    uint32_t now = (at_work < AT_WORK_MAX ? at_work : AT_WORK_MAX) * ONE;

    l->average = (uint32_t)(((uint64_t)l->average * (LOAD_SAMPLES - 1) + now) / LOAD_SAMPLES);
    if (l->average > cpus * LOAD_BUSY_A_CPU * ONE)
        l->busy = true;
    else if (l->average < cpus * LOAD_CALM_A_CPU * ONE)
        l->busy = false;
}

unsigned load_cpus(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return n > 0 ? (unsigned)n : 1;
}
