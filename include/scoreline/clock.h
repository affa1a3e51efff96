/* Time: seconds that only go forward, and the date for provenance. */
#ifndef SCORELINE_CLOCK_H
#define SCORELINE_CLOCK_H

#include <stddef.h>

/** Seconds since some fixed moment; monotonic. */
double sl_clock_now(void);

/** Do nothing for so many seconds; a signal may end it sooner. */
void sl_clock_sleep(double seconds);

/**
 * Between two looks for what another process does: at first no rest at all, as that may be there at
 * once; 50 microseconds later sleeps, which leave the processor to whoever has work.
 *
 * since  in, out: when the first look was; 0 before that.
 */
void sl_clock_rest(double *since);

/** The moment in UTC as "2015-11-22T10:00:00Z". */
void sl_clock_date(char *out, size_t out_bytes);

#endif
