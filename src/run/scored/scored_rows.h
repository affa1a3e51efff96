/* An output file as the commands on outputs read it: its partitions, and its rows in blocks that
 * are cut where a partition ends. */
#ifndef SCORELINE_RUN_SCORED_ROWS_H
#define SCORELINE_RUN_SCORED_ROWS_H

#include "scoreline/block.h"
#include "scoreline/json.h"
#include "scoreline/metrics.h"
#include "scoreline/plan.h"
#include "scoreline/report.h"
#include "scoreline/scored.h"

/** Rows that are read at once, where a row has so many probabilities. */
size_t scored_block_rows(size_t n_items);

struct scored_partitions {
    struct sl_table       table;     /* /partitions, all of it */
    struct sl_plan        plan;      /* names and trained_on alone */
    struct sl_row_counts *counts;    /* [n_partitions] */
    const int64_t        *first_row; /* [n_partitions], one partition after the other */
};

/** Read /partitions and check that it covers /predictions row by row; SL_EINPUT, SL_ENOMEM.
 *  Released by scored_partitions_release(), before `scored` is closed. */
SL_MUST_CHECK sl_status scored_partitions_read(struct sl_scored         *scored,
                                               struct scored_partitions *out, struct sl_error *err);
void                    scored_partitions_release(struct scored_partitions *partitions);

/* The classes that predictions and labels are indices of. */
struct scored_classes {
    struct sl_table  table; /* /classes */
    int              n;
    struct sl_slice *names; /* [n] borrowed from the table */
};

/** None where numbers were predicted.  SL_EINPUT: one, or more than any output has; SL_ENOMEM.
 * Released by scored_classes_release(), before `scored` is closed. */
SL_MUST_CHECK sl_status scored_classes_read(struct sl_scored *scored, struct scored_classes *out,
                                            struct sl_error *err);
void                    scored_classes_release(struct scored_classes *classes);

/** How numbers were judged: as the estimator of the file's model says; SL_EINPUT, SL_ENOMEM. */
SL_MUST_CHECK sl_status scored_deviance(const struct sl_scored *scored, enum sl_deviance *out,
                                        struct sl_error *err);

/* A walk over the rows [next_row, end_row) of a file. */
struct scored_walk {
    const struct sl_scored         *scored;
    const struct scored_partitions *partitions;
    struct sl_table                 rows; /* the block at hand: of sl_scored_select() */
    int64_t                         first_row;
    int64_t                         next_row;
    int64_t                         end_row;
    int                             partition; /* of next_row, or before it */
};

/* Neighbouring rows of one partition within the block. */
struct scored_run {
    int     partition;
    size_t  at; /* first one in walk->rows */
    size_t  n_rows;
    int64_t first_row; /* the same in the file */
};

/** Start a walk over all rows; walk->rows is then the caller's to make, of the columns it wants,
 * and scored_walk_end() frees it. */
void scored_walk_begin(const struct sl_scored *scored, const struct scored_partitions *partitions,
                       struct scored_walk *walk);
void scored_walk_end(struct scored_walk *walk);

/** The next run; n_rows = 0 at the end.  Its rows live until the call after. */
SL_MUST_CHECK sl_status scored_walk_next(struct scored_walk *walk, struct scored_run *run,
                                         struct sl_error *err);

/** An empty table of just the columns that metrics are made of, for scored_scores_at(); SL_EINPUT:
 * one does not suit so many classes. */
SL_MUST_CHECK sl_status scored_select_scores(const struct sl_scored *scored, int n_classes,
                                             struct sl_table *rows, struct sl_error *err);

/** The scores of rows [at, at + n_rows) of that table, which are `first_row` and on in the file;
 *  SL_EINPUT: a scored row whose probabilities are none, or a class that is none. */
SL_MUST_CHECK sl_status scored_scores_at(const struct sl_scored *scored, int n_classes,
                                         const struct sl_table *rows, size_t at, size_t n_rows,
                                         int64_t first_row, struct sl_scores *out,
                                         struct sl_error *err);

/** A number of the job that is in the file, `otherwise` where it says nothing; SL_EINPUT. */
SL_MUST_CHECK sl_status scored_job_number(const struct sl_scored *scored, const char *object,
                                          const char *key, double otherwise, double *out,
                                          struct sl_error *err);

/** The job's metrics.exact_rows, or the default where it says nothing that could be it; SL_EINPUT.
 */
SL_MUST_CHECK sl_status scored_exact_rows(const struct sl_scored *scored, int64_t *out,
                                          struct sl_error *err);

/** A text of the file in JSON, as far as its first NUL; SL_ENOMEM. */
SL_MUST_CHECK sl_status scored_add_text(struct sl_json *to, const char *key, struct sl_slice text,
                                        struct sl_error *err);

#endif
