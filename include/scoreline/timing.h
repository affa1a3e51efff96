/* Where the time of a run went, and how evenly over its ranks: as a table, and as JSON. */
#ifndef SCORELINE_TIMING_H
#define SCORELINE_TIMING_H

#include <stdint.h>
#include <stdio.h>

#include "scoreline/error.h"
#include "scoreline/json.h"
#include "scoreline/stopwatch.h"

struct sl_spread {
    double min;
    double avg;
    double max;
};

/* Over all ranks. */
struct sl_timing {
    struct sl_spread seconds[SL_N_PHASES];
    struct sl_spread total_s; /* a rank's seconds add up to its total */

    struct {
        int    rank;
        char   host[256];
        double busy_s;     /* its total without START and WAIT: no rank has more */
        double avg_busy_s; /* over all ranks */
    } slowest;

    struct {
        const char *name; /* NULL: nothing is known of any; borrowed */
        double      seconds; /* of all ranks; no partition took more */
        int64_t     n_bytes;
    } partition;

    double  work_s; /* that scoring, reading what is trained on, or combining took, as a whole */
    int64_t n_bytes; /* of that, without what an earlier run did */
    int64_t n_rows;
    struct {
        int     rank;
        int64_t n_bytes; /* no rank has had more */
    } memory;
};

/** Rates of the work; 0 where nothing was done. */
double sl_timing_bytes_per_s(const struct sl_timing *timing);
double sl_timing_rows_per_s(const struct sl_timing *timing);

/** Section, min, avg, max over ranks, % of the total and imbalance, max/avg - 1; sections that took
 *  no time on any rank are left out.  Then the slowest rank and partition, rates and memory. */
void sl_report_timing(FILE *to, const struct sl_timing *timing);

/** The same into an object, as docs/summary.md says; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_timing_to_json(const struct sl_timing *timing, struct sl_json *to,
                                          struct sl_error *err);

#endif
