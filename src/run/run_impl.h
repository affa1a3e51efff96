/* What one rank carries through a run, for the files of this module alone.  Each stage fills its
 * part and reads those above it. */
#ifndef SCORELINE_RUN_IMPL_H
#define SCORELINE_RUN_IMPL_H

#include "scoreline/bundle.h"
#include "scoreline/comm.h"
#include "scoreline/job.h"
#include "scoreline/journal.h"
#include "scoreline/json.h"
#include "scoreline/parts.h"
#include "scoreline/plan.h"
#include "scoreline/report.h"
#include "scoreline/rows.h"
#include "scoreline/run.h"
#include "scoreline/sched.h"
#include "scoreline/sink.h"
#include "scoreline/source.h"
#include "scoreline/stopwatch.h"

/* What was scored of a partition, which a shard may have a part of only. */
struct run_extent {
    int64_t first_record;
    int64_t first_byte; /* both of its files laid end to end */
    int64_t end_byte;
    int32_t lacks; /* the label's request that a file of it lacks, -1 if none does */
};

/* timing.c: what this rank did of each partition and in all, without what was taken up from an
 * earlier run; what was done twice counts twice. */
struct run_pace {
    int      n_partitions;
    double  *seconds; /* [n_partitions]; NULL: nothing was begun */
    int64_t *bytes;   /* [n_partitions] */
    int64_t  n_chunks;
    int64_t  n_bytes;
    int64_t  n_rows;
};

/* What such a command has to tell at its end, rank 0. */
struct run_told {
    void *state;
    bool  is_done; /* it has its result */
    /* its counts, as far as it came, to the summary; SL_ENOMEM */
    sl_status (*add)(const void *state, struct sl_json *to, struct sl_error *err);
};

struct run {
    const struct sl_comm     *comm;
    const struct sl_run_opts *opts;
    double                    began;    /* sl_clock_now() */
    char                      date[32]; /* when that was, in UTC */
    bool                      trains_only;
    double                    stage_s; /* that the last stage took */
    const struct run_told    *told;    /* of a command that neither scores nor only trains */
    struct sl_stopwatch      *watch;
    struct run_progress      *progress; /* progress.h; rank 0 */

    /* plan.c */
    struct sl_job             *job;
    const struct sl_model_ops *estimator;
    double                    *params;
    struct sl_plan             training; /* partitions trained on; of a given model their names
                                            alone; rank 0 */
    struct sl_plan plan;                 /* partitions scored, and their chunks */
    const char    *output;
    const char    *save_model; /* where the model is to be left, NULL: nowhere */
    struct run_fingerprints {  /* rank 0 */
        char job[17];          /* of that what the job says, whatever its inputs are */
        char run[17];          /* what must be equal for two runs to give the same datasets */
        char training[17];     /* for two trainings to give the same model */
        char scoring[17];      /* beside model and inputs, for a row to be the same */
        char model[17];        /* what the model says of a row; also set by train.c */
    } fingerprint;
    int n_left_out; /* columns that a group of features does not take; rank 0 */
    struct run_left_out {
        char       *column;
        const char *why; /* static */
    } * left_out;
    char                  run_id[17];
    struct sl_parts      *parts;       /* resume.c: beside the output, rank 0 */
    struct sl_journal_old old;         /* what earlier runs left there */
    bool                  is_fitted;   /* the model was fitted by one of them */
    bool                  is_complete; /* the output is there already: nothing to do */
    bool plans_training; /* rank 0: what is trained on is in `training`, files and all */
    bool plans_scoring;  /* rank 0: and what is scored in `plan` */

    /* train.c; of a given model: model.c, on rank 0 */
    char            *model_text; /* the model file, as it was broadcast */
    size_t           model_bytes;
    struct sl_bundle bundle;
    int64_t          n_training_records; /* rank 0; those left out are counted too */
    bool             is_trained;         /* the model was fitted by this run */

    /* score.c */
    struct sl_rows         rows; /* of the chunk under way; behind scoring, of those read back */
    char                  *journal_path;
    struct sl_journal     *journal; /* all chunks that this rank did */
    struct sl_sched_result sched;
    struct run_pace        pace; /* where nothing is scored, of what is trained on */
    double                 work_s; /* of scoring or reading what is trained on, as a whole */

    /* collect.c */
    struct run_totals {
        int64_t              *first_row; /* [n_chunks + 1] of each chunk in the output */
        int64_t              *mine;      /* [n_chunks] its record in the journal, -1: another's */
        struct sl_row_counts *counts;    /* [n_partitions] */
        struct run_extent    *extents;   /* [n_partitions] */
        int64_t               n_skipped; /* partitions */
        bool                 *skipped;   /* [n_partitions] which; NULL: the job lets none be */
        char                **reasons;   /* [n_partitions] why, rank 0 */
        struct sl_measured    measured;
        size_t                n_rejects;
        struct sl_reject     *rejects; /* rank 0: in order, settled, at most max_rejects */
        int64_t               n_nonfinite;
        int64_t               n_chunks_resumed; /* that an earlier run did */
        int64_t               n_rows_resumed;
        int64_t              *drift; /* [n_partitions][run_n_counts()] */
    } totals;
    bool is_collected; /* counts of rows are known */

    /* combine.c */
    bool is_written; /* the output is there */

    /* score.c: what is done of the plan's chunks, an earlier run's share included; rank 0 */
    struct run_done {
        int64_t n_chunks;
        int64_t n_chunks_resumed;
        int64_t n_rows;
        int64_t n_rows_resumed;
    } done;
};

/* run.c: word to stop is to come in time for opts->max_time_s: so long before that, and more_s, that
 * what is in memory reaches the disk, by what syncs took so far. */
void run_limit_time(const struct run *run, double more_s);

/* run.c: what all commands that go through stages have in common.  The clock, `own` unless the
 * command line has one, and word to stop in time for opts->max_time_s; then progress (collective).
 * A stage is entered by the name it is told of, and the phase its time is of until it goes over to
 * another.  The end, on every way out, is collective: the same status on every rank; the run is
 * released. */
void                    run_begin(struct run *run, struct sl_stopwatch *own);
SL_MUST_CHECK sl_status run_begin_progress(struct run *run, struct sl_error *err);
void                    run_enter(struct run *run, const char *name, enum sl_phase phase);
SL_MUST_CHECK sl_status run_end(struct run *run, sl_status rc, struct sl_error *err);

/* The stages, in order.  Collective. */
SL_MUST_CHECK sl_status run_plan(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_plan_training(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_train(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_score(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_collect(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_combine(struct run *run, struct sl_error *err);
/* What is said at the end, on every way out: tables, notes, summary.  Returns rc, with which the
 * run ended and *err says why, or why something could not be said. */
SL_MUST_CHECK sl_status run_report(struct run *run, sl_status rc, struct sl_error *err);
/* report.c: results (NULL: nobody speaks) that cannot be had by who reads them: SL_EOUTPUT. */
SL_MUST_CHECK sl_status run_flush(FILE *results, struct sl_error *err);
void                    run_totals_release(struct run_totals *totals, int n_partitions);
void                    run_release(struct run *run);

/* plan.c: rank 0's plan to all ranks.  Collective. */
SL_MUST_CHECK sl_status run_share_plan(const struct sl_comm *comm, struct sl_plan *plan,
                                       struct sl_error *err);

/* plan.c: the pieces that other plans are made of.  The job, on every rank (collective); on rank 0
 * what is to be trained on, and what is to become of an output of which `state` says what there is,
 * its fingerprint being `found`: run->is_complete where it is ours. */
SL_MUST_CHECK sl_status run_share_job(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_list_training(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_check_output(struct run *run, enum sl_output_state state,
                                         const char *found, const char *wanted,
                                         struct sl_error *err);
/* All ranks learn what rank 0 found out of is_complete and is_fitted; it says so.  Collective. */
void run_share_complete(struct run *run);

/* plan.c: as far as run_plan() goes without looking at the output.  A job that leaves its recipe to
 * a model, and none is given, is planned as far as that goes.  Collective; the plan is rank 0's. */
SL_MUST_CHECK sl_status run_plan_inputs(struct run *run, struct sl_error *err);

/* rehearse.c: in the place of all stages behind run_plan() or run_plan_training(): tell what they
 * would do, and end with the fault they would end with.  Collective. */
SL_MUST_CHECK sl_status run_rehearse(struct run *run, struct sl_error *err);

/* score.c: the chunks that a rank of so many is dealt in advance.  Rank-local. */
struct sl_sched_share run_share(struct run *run, int n_ranks, int rank);

/* model.c: whether the job's decision threshold has a meaning for so many classes; SL_EJOB. */
/* model.c: the estimator that the job names, and what it says of the label. */
SL_MUST_CHECK sl_status run_take_estimator(struct run *run, struct sl_error *err);

SL_MUST_CHECK sl_status run_check_threshold(const struct sl_job *job, int n_classes,
                                            struct sl_error *err);

/* share_training.c: to all ranks what it takes to train.  Collective. */
SL_MUST_CHECK sl_status run_share_training(struct run *run, struct sl_error *err);

/* read_training.c: the rows to train on, those of each rank of comm, in the order of ranks; their recipe,
 * the bundle's, took up their levels and classes.  The set is released by the caller, also after a
 * failure.  Collective on comm. */
struct training_set;
SL_MUST_CHECK sl_status run_read_training(struct run *run, const struct sl_comm *comm,
                                          struct training_set *set, struct sl_error *err);
/* The rank that reads a partition of n_bytes with n_before in front of it: ranks have runs of them,
 * of about as many bytes. */
int run_training_reader(const struct sl_plan *training, int n_ranks, int64_t n_before,
                        int64_t n_bytes);

/* fit.c: recipe and estimator from the rows of the ranks of comm, which are spread anew and
 * transformed.  The bundle is whole on rank 0 of comm only.  Collective on comm. */
SL_MUST_CHECK sl_status run_fit(struct run *run, const struct sl_comm *comm,
                                struct training_set *set, struct sl_error *err);

/* training_bytes.c: SL_EINPUT where so many rows on a rank take more memory than train.max_bytes. */
SL_MUST_CHECK sl_status run_check_training_rows(const struct run *run, size_t n_rows, int n_columns,
                                                int n_outputs, struct sl_error *err);

/* training_bytes.c: memory that training takes at its peak. */
int64_t run_training_bytes(const struct run *run, int64_t n_rows, int n_columns, int n_outputs);
/** The same on the rank that takes most, where n_rows are trained on by whoever the job says; as
 * far as can be told before levels and classes are known. */
int64_t run_training_rank_bytes(const struct run *run, int64_t n_rows);
/** The most columns that a recipe trained by the job may have, as far as can be told before its
 *  levels are known: every indicator counted, a categorical feature as one. */
int run_most_columns(const struct run *run);

/* expand.c: features that are all columns but some become a list of them, from the headers and
 * values of what is trained on; nothing to do where the job lists its features.  Rank 0. */
SL_MUST_CHECK sl_status run_expand_features(struct run *run, struct sl_error *err);

/* model.c: the model that is given, read and held against the job; what it was trained on goes to
 * run->training.  And what provenance says for that.  Rank 0. */
SL_MUST_CHECK sl_status run_read_model(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_tell_training(const struct run *run, struct sl_json *provenance,
                                          struct sl_error *err);

/* What stands at a path where a model is to be left; of a whole one the fingerprint of its
 * training.
 */
enum sl_output_state run_look_at_model(const char *path, char *fingerprint, size_t out_bytes);

enum {
    RUN_JOURNAL_BYTES = 8 << 20, /* of chunks that are done, in memory */
    RUN_SYNC_S = 3,              /* that getting them to the disk takes at most, unless it was seen to */
};

/* resume.c: lock what is beside the output, and say whether an earlier run of the job left it; what
 * another one left is refused, what is new gets this run's manifest.  Rank 0. */
SL_MUST_CHECK sl_status run_open_parts(struct run *run, bool *is_ours, struct sl_error *err);
/* The same, and take from it what an earlier run did.  Rank 0. */
SL_MUST_CHECK sl_status run_look_for_journal(struct run *run, struct sl_error *err);
/* The output is complete: what a run that died at its very end left of this job goes.  Rank 0. */
void run_forget_journal(struct run *run);
/* Write down whose the journal is, and which partitions were skipped.  Rank 0. */
SL_MUST_CHECK sl_status run_save_manifest(struct run *run, struct sl_error *err);
/* Keep a model that was fitted, for the next run.  Rank 0. */
SL_MUST_CHECK sl_status run_keep_fitted(struct run *run, struct sl_error *err);
/* What was found, to all ranks.  Collective. */
SL_MUST_CHECK sl_status run_share_old(struct run *run, struct sl_error *err);
/* An empty journal for run->rows.  All ranks call it; what it returns is the rank's own. */
SL_MUST_CHECK sl_status run_open_journal(struct run *run, struct sl_error *err);
void                    run_identify(const struct run *run, struct sl_journal_identity *identity);
void                    run_old_release(struct sl_journal_old *old);

/* resume.c: end because word came to stop, saying how far it got.  Collective. */
SL_MUST_CHECK sl_status run_stop(struct run *run, struct sl_error *err);
/* The same if it did on any rank. */
SL_MUST_CHECK sl_status run_check_stop(struct run *run, struct sl_error *err);

/* timing.c: nothing done so far, SL_ENOMEM; a chunk or file more; where the time of all ranks went,
 * up to now: returns the partition that took most, whose name is not in *out, -1 if none did
 * anything.  The last is collective, may be called once, and changes the pace. */
SL_MUST_CHECK sl_status run_pace_init(struct run_pace *pace, int n_partitions,
                                      struct sl_error *err);
void                    run_pace_release(struct run_pace *pace);
void run_pace_add(struct run_pace *pace, int32_t partition, double seconds, int64_t n_bytes,
                  int64_t n_rows);
struct sl_timing;
int run_time(const struct sl_comm *comm, const struct sl_stopwatch *watch, struct run_pace *pace,
             double work_s, struct sl_timing *out);

/* profile_table.c: /profile as it is now, rows on rank 0; SL_ENOMEM; only then is it collective to
 * its end.  And its numbers anew.  Collective. */
SL_MUST_CHECK sl_status run_make_profile(const struct sl_comm      *comm,
                                         const struct sl_stopwatch *watch,
                                         const struct run_pace *pace, struct sl_table *table,
                                         struct sl_error *err);
SL_MUST_CHECK sl_status run_update_profile(const struct sl_comm      *comm,
                                           const struct sl_stopwatch *watch,
                                           const struct run_pace *pace, struct sl_table *table,
                                           struct sl_error *err);

/* fingerprint.c: a hash in digits. */
void run_print_hash(uint64_t hash, char out[17]);

/* fingerprint.c: each fills its part of run->fingerprint, the first two also `input` of the
 * partitions of their plan.  Rank 0. */
SL_MUST_CHECK sl_status run_fingerprint(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_fingerprint_training(struct run *run, struct sl_error *err);
/* And of a command that fits many models as a section of the job says: `job` and `run`, from that of
 * the training.  Rank 0. */
SL_MUST_CHECK sl_status run_fingerprint_trials(struct run *run, const char *section,
                                               struct sl_error *err);
SL_MUST_CHECK sl_status run_fingerprint_model(struct run *run, struct sl_error *err);

/* append.c: one predicted block becomes rows of the chunk under way.  Rank-local. */
SL_MUST_CHECK sl_status run_append(struct run *run, const struct sl_source *source,
                                   const struct sl_column_block *block,
                                   const struct sl_design *design, const struct sl_matrix *scores,
                                   struct sl_error *err);

/* collect.c: what this rank knows of a chunk that is its own to give, else NULL. */
const struct sl_rows_chunk *run_mine(const struct run *run, int64_t chunk);

/* skip.c: whether partitions at fault are left out; which are, settled between the ranks, their
 * chunks being nobody's any more; and the end of a run that left some out: SL_EBADROWS. */
bool                    run_skips(const struct run *run);
SL_MUST_CHECK sl_status run_find_skipped(struct run *run, struct sl_error *err);
SL_MUST_CHECK sl_status run_check_skipped(const struct run *run, struct sl_error *err);

/* drift.c: counts of values as they came, of all features and of the score. */
size_t run_n_counts(const struct sl_bundle *bundle);
/* Profile j of run_n_profiles(): those of the features, then that of the score. */
struct run_profile {
    const struct sl_profile *profile;
    const char              *name;
    size_t                   first_count; /* where its counts are among the run_n_counts() */
};
int                run_n_profiles(const struct sl_bundle *bundle);
struct run_profile run_profile_at(const struct sl_bundle *bundle, int j);
/* Those of all ranks' chunks, by partition, into totals.drift.  Collective. */
SL_MUST_CHECK sl_status run_collect_drift(struct run *run, struct sl_error *err);
/* /drift from counts [n_partitions][run_n_counts()]; its rows where `fill` is set. */
SL_MUST_CHECK sl_status run_drift_table(const struct sl_bundle *bundle, int n_partitions,
                                        const int64_t *counts, bool fill, struct sl_table *table,
                                        struct sl_error *err);
/* Levels that training had not. */
struct run_unknown {
    int32_t     partition;
    const char *feature; /* borrowed from the recipe */
    int64_t     n_rows;
};
/* Those that were met, in order of partition and feature: *out [*n] is freed with free(). */
SL_MUST_CHECK sl_status run_find_unknown(const struct run *run, struct run_unknown **out, size_t *n,
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

/* paths.c: an output that is also another output or an input is SL_EUSAGE.  Rank-local. */
bool                    run_same_file(const char *a, const char *b);
SL_MUST_CHECK sl_status run_check_paths(const struct run *run, struct sl_error *err);
/* Whether a summary would harm nothing that is written or read, as far as that is known. */
bool run_summary_is_apart(const struct run *run);

/* tables.c: the small tables of the output, from what rank 0 knows.  Rank-local but for the
 * profile, which gathers. */
enum {
    RUN_TABLE_CLASSES, /* metric_tables.c has these, in this order */
    RUN_TABLE_METRICS,
    RUN_TABLE_CLASS_METRICS,
    RUN_TABLE_CONFUSION,
    RUN_N_METRIC_TABLES,
    RUN_TABLE_PARTITIONS = RUN_N_METRIC_TABLES,
    RUN_TABLE_REJECTS,
    RUN_TABLE_DRIFT,
    RUN_TABLE_PROFILE,
    RUN_N_TABLES
};
SL_MUST_CHECK sl_status run_tables(const struct run *run, struct sl_table tables[RUN_N_TABLES],
                                   struct sl_error *err);

/* metric_tables.c: the classes' names [measured->n_classes], and what was measured; rows where
 * `fill` is set.  Rank-local. */
SL_MUST_CHECK sl_status run_metric_tables(const struct sl_plan     *plan,
                                          const struct sl_slice    *classes,
                                          const struct sl_measured *measured, bool fill,
                                          struct sl_table  tables[RUN_N_METRIC_TABLES],
                                          struct sl_error *err);

/* requests.c: what a chunk is asked for: the recipe's columns (NULL: none), then the kept ones.
 * *out [*n] is freed with free(); names are borrowed from recipe and job.  And where: a whole file
 * of a partition, texts borrowed from the plan. */
SL_MUST_CHECK sl_status run_requests(const struct sl_recipe      *recipe,
                                     const struct sl_output_spec *output,
                                     struct sl_column_request **out, int *n, struct sl_error *err);
struct sl_source_range  run_range(const struct sl_plan *plan, int32_t partition, int32_t file);
/* The bytes of a chunk that are scored: none of one that is only scanned. */
int64_t run_chunk_bytes(const struct sl_chunk *chunk);

/* needs.c: what a run will take, from the sizes of its files and the first records of some. */
struct run_needs {
    int64_t n_training_rows;
    int64_t training_bytes; /* of memory, on rank 0 or the rank that takes most */
    int64_t n_rows;         /* to be scored */
    bool    is_counted;     /* those numbers are exact: all there is to read is in the samples */
    int64_t buffer_bytes;   /* of memory, on every rank */
    int64_t result_bytes;   /* of memory, on the rank that has most to do */
    int64_t output_bytes;   /* on disk */
};
SL_MUST_CHECK sl_status run_find_needs(struct run *run, const struct sl_recipe *recipe,
                                       struct run_needs *needs, struct sl_error *err);
/** SL_EINPUT where training would not fit train.max_bytes; looks at nothing if there is no limit.
 */
SL_MUST_CHECK sl_status run_check_training_size(const struct run *run, struct sl_error *err);

/* columns.c: the headers of all files against what is asked for, recipe NULL asking for nothing; no
 * rows are read.  SL_EINPUT naming partition, file and column. */
SL_MUST_CHECK sl_status run_check_columns(const struct run *run, const struct sl_recipe *recipe,
                                          struct sl_error *err);

/* describe.c: job, plan and needs as JSON, from which all that is told of them comes.  A column
 * that a file lacks is told as "fault", and then returned.  Rank 0. */
SL_MUST_CHECK sl_status run_describe(struct run *run, struct sl_json *to, struct sl_error *err);

#endif
