/* The commands' work: the whole data path, top-down. */
#ifndef SCORELINE_RUN_H
#define SCORELINE_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/progress.h"
#include "scoreline/stopwatch.h"

enum sl_resume { SL_RESUME_AUTO, SL_RESUME_NEVER, SL_RESUME_REQUIRE };
enum sl_if_exists { SL_IF_EXISTS_FAIL, SL_IF_EXISTS_REPLACE };

/* One of n even shares of the bytes; i from 1 to n. */
struct sl_shard {
    int64_t i;
    int64_t n; /* 0: no share, all of it */
};

struct sl_run_opts {
    const char           *job_file;
    int                   n_sets;
    const char *const    *sets;
    const char           *output;     /* NULL: as the job says */
    const char           *model;      /* model or output file to score with; NULL: train */
    const char           *save_model; /* NULL: nowhere */
    int                   n_only;
    const char *const    *only;    /* "year=2003,2004": what to score of the job's partitions */
    struct sl_shard       shard;   /* and which share of that */
    const char           *summary; /* NULL: no JSON summary */
    const char           *command; /* the command line, for provenance */
    enum sl_if_exists     if_exists;
    enum sl_resume        resume;     /* what an earlier run of the job left */
    double                max_time_s; /* of the whole run, from its beginning; negative: no end */
    enum sl_progress_form progress;   /* on notes; AUTO is PLAIN */
    double                progress_s; /* from line to line of PLAIN */
    bool                  verbose;
    bool                  dry_run; /* check everything, say what would be done, do nothing */
    bool                  as_json; /* say it as JSON */
    FILE                 *results; /* NULL on ranks that do not speak */
    FILE                 *notes;   /* likewise */
    struct sl_stopwatch  *watch;   /* started when the process was; NULL: it starts now */
};

/**
 * Train (or read the model that is given), broadcast, score, combine, publish.
 *
 * Owner:   borrows opts.
 * Errors:  any status of design.md's table; the same on every rank.
 * Ranks:   collective on comm.
 */
SL_MUST_CHECK sl_status sl_run(const struct sl_comm *comm, const struct sl_run_opts *opts,
                               struct sl_error *err);

/**
 * Train and leave the model file opts->output, which must be named.  A model that is there already
 * and was trained by the same job on the same inputs is left as it is.
 *
 * Owner:   borrows opts; what is for scoring in it is not looked at.
 * Errors:  any status of design.md's table; the same on every rank.
 * Ranks:   collective on comm; rank 0 trains, the others wait.
 */
SL_MUST_CHECK sl_status sl_train(const struct sl_comm *comm, const struct sl_run_opts *opts,
                                 struct sl_error *err);

/* A command that is refused before it begins. */
struct sl_refusal {
    const char                *summary; /* where it is to be said, too */
    const char                *command;
    int                        n_ranks;
    const struct sl_stopwatch *watch;
};

/**
 * Leave the summary of such a command.
 *
 * Returns: rc, with which it is refused and *err says why; *err also says so where the summary
 *          cannot be written.
 * Ranks:   rank 0.
 */
sl_status sl_refuse(const struct sl_refusal *refusal, sl_status rc, struct sl_error *err);

/**
 * Tell where the ranks run: host, cores that each may use, whether they are more than those; the
 * threads that fitting takes; and all that this program sets for itself, `environment` being what
 * it put into its environment before.
 *
 * Owner:   notes is NULL on ranks that do not speak.
 * Errors:  SL_ENOMEM.
 * Ranks:   collective on comm.
 */
SL_MUST_CHECK sl_status sl_tell_placement(const struct sl_comm *comm, const char *environment,
                                          FILE *notes, struct sl_error *err);
/**
 * Find out by cross-validation which of many models is best, as the job's section `search` says;
 * its result goes to opts->output (NULL: is printed only), the best, fitted to all rows, to
 * opts->save_model.
 *
 * Owner:   borrows opts; what is for scoring in it is not looked at.
 * Errors:  any status of design.md's table; the same on every rank.
 * Ranks:   collective on comm; all of them read and fit.  The same result for any number of them.
 */
SL_MUST_CHECK sl_status sl_search(const struct sl_comm *comm, const struct sl_run_opts *opts,
                                  struct sl_error *err);

/* What a learning curve is asked for: how the score grows with the rows trained on. */
struct sl_learning_curve_opts {
    struct sl_run_opts run; /* job, progress, limits; its output is not looked at */
    int                n_outputs;
    const char *const *outputs; /* files of the result: the ending says as what: .json, .h5, .svg */
};

/**
 * Fit to more and more rows, judge each fit by rows it has not seen, say where the curve flattens
 * and whether what the job trains on is enough.
 *
 * Owner:   borrows opts.
 * Errors:  any status of design.md's table; the same on every rank.
 * Ranks:   collective on comm; fits are dealt to all, and the result does not depend on them.
 */
SL_MUST_CHECK sl_status sl_learning_curve(const struct sl_comm                *comm,
                                          const struct sl_learning_curve_opts *opts,
                                          struct sl_error                     *err);

#endif
