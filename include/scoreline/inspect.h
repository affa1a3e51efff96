/* Saying what a file is: a job, a model or an output. */
#ifndef SCORELINE_INSPECT_H
#define SCORELINE_INSPECT_H

#include <stdbool.h>
#include <stdio.h>

#include "scoreline/error.h"

struct sl_inspect_opts {
    const char        *file;
    int                n_sets; /* for a job */
    const char *const *sets;
    const char        *model; /* likewise; NULL: it trains its own, or leaves that open */
    bool               as_json;
    FILE              *results;
};

/**
 * Validate a file wholly and print what it holds.  Of a job that is what a run checks before it
 * reads data, and the headers of all files; of a model, that it gives the scores it gave when it
 * was made; of an output, that it is complete and its tables fit together.
 *
 * Errors:  SL_EJOB for a job or model that is absent or wrong; SL_EINPUT for the inputs of a job,
 *          or an output; SL_EUSAGE for sets or model without a job; SL_ENOMEM.
 * Ranks:   local; needs no MPI_Init.
 * Cost:    reads headers and the first records of some files; of an output its small tables.
 */
SL_MUST_CHECK sl_status sl_inspect(const struct sl_inspect_opts *opts, struct sl_error *err);

#endif
