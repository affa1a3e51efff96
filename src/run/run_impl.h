/* What one rank carries through a run, for the files of this module alone.  Each stage fills its
 * part and reads those above it. */
#ifndef SCORELINE_RUN_IMPL_H
#define SCORELINE_RUN_IMPL_H

#include "scoreline/bundle.h"
#include "scoreline/comm.h"
#include "scoreline/job.h"
#include "scoreline/plan.h"
#include "scoreline/report.h"
#include "scoreline/rows.h"
#include "scoreline/run.h"
#include "scoreline/sched.h"
#include "scoreline/source.h"

struct run {
    const struct sl_comm     *comm;
    const struct sl_run_opts *opts;

    /* plan.c */
    struct sl_job             *job;
    const struct sl_model_ops *estimator;
    double                    *params;
    struct sl_plan             training; /* partitions trained on; rank 0 */
    struct sl_plan             plan;     /* partitions scored, and their chunks */
    const char                *output;
    char                       fingerprint[17]; /* rank 0 */
    bool                       is_complete;     /* the output is there already: nothing to do */

    /* train.c */
    char            *model_text; /* the model file, as it was broadcast */
    size_t           model_bytes;
    struct sl_bundle bundle;

    /* score.c */
    struct sl_rows         rows;
    struct sl_sched_result sched;

    /* collect.c */
    struct run_totals {
        int64_t                     *first_row; /* [n_chunks + 1] of each chunk in the output */
        const struct sl_rows_chunk **mine;      /* [n_chunks] this rank's, NULL where another's */
        struct sl_row_counts        *counts;    /* [n_partitions] */
        struct sl_metric_values     *values;    /* [SL_FIRST_PARTITION + n_partitions] */
        size_t                       n_rejects;
        struct sl_reject            *rejects; /* rank 0: in order, settled, at most max_rejects */
        int64_t                      n_nonfinite;
    } totals;

    double seconds[SL_N_PHASES];
};

/* The stages, in order.  Collective. */
SL_MUST_CHECK sl_status run_plan(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_train(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_score(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_collect(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_combine(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_report(struct run *run, double total_s, struct sl_error *err);
void                    run_totals_release(struct run_totals *totals);

/* fingerprint.c: what must be equal for two runs to give the same datasets.  Rank-local. */
SL_MUST_CHECK sl_status run_fingerprint(const struct sl_job *job, const struct sl_plan *training,
                                        const struct sl_plan *plan, char out[17],
                                        struct sl_error *err);

/* append.c: one predicted block becomes rows of the chunk under way.  Rank-local. */
SL_MUST_CHECK sl_status run_append(struct run *run, const struct sl_chunk *chunk,
                                   const struct sl_source       *source,
                                   const struct sl_column_block *block,
                                   const struct sl_design *design, const struct sl_matrix *scores,
                                   struct sl_error *err);

/* rejects.c: own rejects to rank 0, kept there in order; then whether they are more than the job
 * allows, which leaves PATH.rejects.csv behind.  Collective. */
SL_MUST_CHECK sl_status run_gather_rejects(struct run *run, const struct sl_reject *own,
                                           size_t n_own, struct sl_error *err);
SL_MUST_CHECK sl_status run_check_rejects(struct run *run, struct sl_error *err);
/* The column at fault, "" if none is. */
const char *run_reject_column(const struct run *run, int32_t request);
/* What is wrong with a rejected row, in words: "not a number in column 'x': 'abc'". */
void run_describe_reject(const struct run *run, const struct sl_source *source,
                         const struct sl_column_block *block, size_t row, char *out,
                         size_t out_bytes);

/* tables.c: the small tables of the output, from what rank 0 knows.  Rank-local but for the
 * profile, which gathers. */
enum {
    RUN_TABLE_PARTITIONS,
    RUN_TABLE_METRICS,
    RUN_TABLE_REJECTS,
    RUN_TABLE_PROFILE,
    RUN_N_TABLES
};
SL_MUST_CHECK sl_status run_tables(const struct run *run, struct sl_table tables[RUN_N_TABLES],
                                   struct sl_error *err);

/* requests.c: what a chunk is asked for: the recipe's columns, then the kept ones.  *out [*n] is
 * freed with free(); names are borrowed from recipe and job.  And where: a whole file of a partition,
 * texts borrowed from the plan. */
SL_MUST_CHECK sl_status run_requests(const struct sl_recipe      *recipe,
                                     const struct sl_output_spec *output,
                                     struct sl_column_request **out, int *n, struct sl_error *err);
struct sl_source_range run_range(const struct sl_plan *plan, int32_t partition, int32_t file);

#endif
