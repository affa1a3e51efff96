/* An output file as the commands on outputs read it: its partitions, and its rows in blocks that
 * are cut where a partition ends. */
#ifndef SCORELINE_RUN_SCORED_ROWS_H
#define SCORELINE_RUN_SCORED_ROWS_H

#include "scoreline/plan.h"
#include "scoreline/report.h"
#include "scoreline/scored.h"

enum { SCORED_BLOCK_ROWS = 64 << 10 };

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

/** Start a walk over all rows and the named columns (NULL: all); scored_walk_end() frees it. */
SL_MUST_CHECK sl_status scored_walk_begin(const struct sl_scored         *scored,
                                          const struct scored_partitions *partitions,
                                          const char *const *names, int n_names,
                                          struct scored_walk *walk, struct sl_error *err);
void                    scored_walk_end(struct scored_walk *walk);

/** The next run; n_rows = 0 at the end.  Its rows live until the call after. */
SL_MUST_CHECK sl_status scored_walk_next(struct scored_walk *walk, struct scored_run *run,
                                         struct sl_error *err);

#endif
