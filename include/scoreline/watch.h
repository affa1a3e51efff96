/* A run, seen from another process through what it leaves beside its output. */
#ifndef SCORELINE_WATCH_H
#define SCORELINE_WATCH_H

#include <stdbool.h>
#include <stdio.h>

#include "scoreline/error.h"
#include "scoreline/progress.h"

struct sl_watch_opts {
    const char           *output;
    enum sl_progress_form form; /* a bar, a line whenever there is news, or nothing but the end */
    bool                  once; /* say how it is now, and end */
    FILE                 *results;
};

/**
 * Show how far the run that makes an output is, until it ends.  Nothing is written.
 *
 * Returns: SL_OK when the output is complete, also if it was from the beginning.
 * Errors:  what the run ended with, if it left word of that; SL_EOUTPUT where it ended without, and
 *          where it has not been heard of for some seconds; SL_EINPUT: there is neither an output
 *          nor a run.
 * Ranks:   local; needs no MPI_Init.
 */
SL_MUST_CHECK sl_status sl_watch(const struct sl_watch_opts *opts, struct sl_error *err);

#endif
