/* Commands on outputs: judge one, turn one into CSV, make one of several. */
#ifndef SCORELINE_OUTPUT_H
#define SCORELINE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/run.h"

struct sl_evaluate_opts {
    const char *file;
    double      threshold; /* of the confusion matrix; NaN: the job's decision_threshold */
    bool        as_json;
    FILE       *results;
    FILE       *notes;
};

/**
 * The metrics of an output, computed again from its rows: the bits that the run stored; deciles,
 * calibration and confusion matrix of the held out rows, or of all if none is held out.
 *
 * Errors:  SL_EINPUT naming the file; SL_ENOMEM.
 * Ranks:   local.
 * Cost:    reads the rows twice; at its peak 64 bytes of memory for each row with a label.
 */
SL_MUST_CHECK sl_status sl_evaluate(const struct sl_evaluate_opts *opts, struct sl_error *err);

struct sl_export_opts {
    const char       *file;
    const char       *output; /* a file, or a directory where it ends in '/' or is one */
    enum sl_if_exists if_exists;
    FILE             *notes; /* NULL: say nothing */
};

/**
 * The rows of an output as CSV, in one file or in one for each partition.
 *
 * Errors:  SL_EINPUT naming the file; SL_EOUTPUT naming what cannot be written or exists;
 * SL_ENOMEM. Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_export(const struct sl_export_opts *opts, struct sl_error *err);

struct sl_combine_opts {
    int                n_files;
    const char *const *files; /* in any order */
    const char        *output;
    const char        *command; /* the command line, for provenance */
    const char        *summary; /* NULL: no JSON summary */
    bool               allow_missing;
    enum sl_if_exists  if_exists;

    enum sl_progress_form progress; /* on notes */
    double                progress_s;
    FILE                 *results; /* NULL on ranks that do not speak */
    FILE                 *notes;   /* likewise */
    struct sl_stopwatch  *watch;   /* started when the process was; NULL: it starts now */
};

/**
 * Stitch scored pieces into one output, whose datasets are those of a run that was never cut.
 *
 * Errors:  SL_EINPUT naming the pieces that do not fit, or what is missing; SL_EOUTPUT; SL_ENOMEM.
 * Ranks:   collective.  Memory of a rank does not grow with the rows, but for the metrics.
 */
SL_MUST_CHECK sl_status sl_combine(const struct sl_comm *comm, const struct sl_combine_opts *opts,
                                   struct sl_error *err);

#endif
