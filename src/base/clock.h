/* base/clock.h -- time: monotonic for deadlines, wall for dates. */
#ifndef ROOST_BASE_CLOCK_H
#define ROOST_BASE_CLOCK_H

#include <stdint.h>

/* Microseconds and milliseconds since some fixed moment; never goes back. */
uint64_t clock_mono_us(void);
uint64_t clock_mono_ms(void);

/* Microseconds of CPU this thread has used. */
uint64_t clock_thread_us(void);

/* Seconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_s(void);

#endif
