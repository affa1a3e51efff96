/* The commands' work: the whole data path, top-down. */
#ifndef SCORELINE_RUN_H
#define SCORELINE_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"

enum sl_if_exists { SL_IF_EXISTS_FAIL, SL_IF_EXISTS_REPLACE };

struct sl_run_opts {
    const char        *job_file;
    int                n_sets;
    const char *const *sets;
    const char        *output;     /* NULL: as the job says */
    const char        *save_model; /* NULL: nowhere */
    const char        *summary;    /* NULL: no JSON summary */
    const char        *command;    /* the command line, for provenance */
    enum sl_if_exists  if_exists;
    bool               verbose;
    FILE              *results; /* NULL on ranks that do not speak */
    FILE              *notes;   /* likewise */
};

/**
 * Train, broadcast, score, combine, publish.
 *
 * Owner:   borrows opts.
 * Errors:  any status of design.md's table; the same on every rank.
 * Ranks:   collective on comm.
 */
SL_MUST_CHECK sl_status sl_run(const struct sl_comm *comm, const struct sl_run_opts *opts,
                               struct sl_error *err);

#endif
