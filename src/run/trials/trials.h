/* Many fits to the same rows, dealt to ranks: what `search` and the like are made of.
 *
 * All ranks hold all rows, as they were read: evaluated, neither filled nor scaled (trial_rows).  A
 * fold fits a recipe of some of their features to some of the rows and makes others ready with it,
 * so that nothing of those leaks (trial_fold); estimators are fitted to the one and judged by the
 * other.  Work is cut into units that do not depend on the number of ranks; each is done by one
 * rank alone, and what it finds is a few bytes (trial_deal).  So results do not depend on ranks
 * either. */
#ifndef SCORELINE_RUN_TRIALS_H
#define SCORELINE_RUN_TRIALS_H

#include "../run_impl.h"
#include "scoreline/block.h"
#include "scoreline/metrics.h"
#include "scoreline/model.h"
#include "scoreline/recipe.h"

/* --- rows.c: the rows ------------------------------------------------------------------------- */

/* The same on every rank, in the order they were read: that of partitions, then of records. */
struct trial_rows {
    struct sl_recipe *recipe; /* of all features of the job; took up levels and classes, and is
                                 never fitted */
    struct sl_design design;  /* codes and labels number levels and classes as they were met */
    size_t           n;
    uint64_t        *keys;       /* [n] training_key(): an order that depends on nothing but rows */
    int32_t         *partitions; /* [n] of run->training */
};

/**
 * Read what the job trains on, once: each rank its share, and all get all.
 *
 * A row counts that can be trained on with all features of the job, and that is in its sample.
 *
 * Owner:   freed by trial_rows_release(), also after a failure.  run->training is rank 0's plan,
 *          and is on every rank afterwards.
 * Errors:  those of training: SL_EINPUT, SL_EBADROWS, SL_ESTOPPED, ...
 * Ranks:   collective on run->comm.
 */
SL_MUST_CHECK sl_status trial_rows_read(struct run *run, struct trial_rows *rows,
                                        struct sl_error *err);
void                    trial_rows_release(struct trial_rows *rows);

/** How many rows that will be, and how much memory many fits to them take, as JSON: `rows`,
 *  `rows_are_exact`, `memory_bytes`.  SL_EINPUT naming a column that a file lacks; SL_ENOMEM.  Rank 0.
 */
SL_MUST_CHECK sl_status trial_rows_describe(struct run *run, struct sl_json *to,
                                            struct sl_error *err);

/* --- fold.c: rows made ready ------------------------------------------------------------------ */

/* Some features of the rows. */
struct trial_variant {
    const char           *name;     /* borrowed */
    struct sl_recipe_spec spec;     /* the job's, with these features: all texts are the job's */
    int                  *features; /* [spec.n_features] their numbers in the job */
};

/** The features of a job with these numbers [n]; texts are borrowed from it; freed by
 *  trial_variant_release(). */
SL_MUST_CHECK sl_status trial_variant_init(struct trial_variant *variant, const char *name,
                                           const struct sl_job *job, const int *features, int n,
                                           struct sl_error *err);
void                    trial_variant_release(struct trial_variant *variant);

/* Rows of a trial_rows, by their numbers. */
struct trial_subset {
    size_t        n;
    const size_t *rows; /* [n] */
};

struct trial_fold {
    struct sl_recipe *recipe;    /* fitted */
    int               n_classes; /* 0: the label is a number */
    struct sl_design  train;
    struct sl_design  test;
};

/**
 * Fit a recipe to some rows and make others ready with it.
 *
 * Owner:   freed by trial_fold_release(), also after a failure.
 * Errors:  SL_EINPUT where these rows cannot be learned from (one class only, a feature without a
 *          value), or `test` has a level that may not be unknown: an answer, as far as
 * cross-validation goes.  SL_ENOMEM. Ranks:   local.
 */
SL_MUST_CHECK sl_status trial_fold_make(const struct trial_rows    *rows,
                                        const struct trial_variant *variant,
                                        struct trial_subset train, struct trial_subset test,
                                        struct trial_fold *fold, struct sl_error *err);
void                    trial_fold_release(struct trial_fold *fold);

/* What is fitted. */
struct trial_estimator {
    const struct sl_model_ops *ops;
    const double              *params; /* in the order of its table */
    bool                       is_weighted;
    double                     threshold;     /* of two classes, the job's decision_threshold */
    bool                       without_curve; /* nobody asks for roc_auc */
};

/**
 * Fit an estimator to a fold's training rows, from the coefficients of `start` on, if that is
 * given.
 *
 * Owner:   *model is handed over, sl_model_free() frees it.
 * Errors:  SL_EINPUT, as of a fold; SL_ESTOPPED where word came meanwhile: the solver took that for
 *          the end.  SL_ENOMEM.
 */
SL_MUST_CHECK sl_status trial_fit(const struct trial_fold *fold, const struct trial_estimator *what,
                                  const struct sl_model *start, struct sl_model **model,
                                  struct sl_fit_report *report, struct sl_error *err);

/** Judge a model by rows of the fold, `train` or `test`; SL_ENOMEM. */
SL_MUST_CHECK sl_status trial_judge(const struct trial_fold      *fold,
                                    const struct trial_estimator *what,
                                    const struct sl_model *model, const struct sl_design *rows,
                                    struct sl_weighed *out, struct sl_error *err);

/* --- scoring.c: what models are judged by --------------------------------------------------------
 */

/**
 * The score that the `scoring` of a section of the job asks for, never SL_SCORING_DEFAULT.
 *
 * Errors:  SL_EJOB, without the job's name: it does not suit the estimator.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status trial_scoring(const struct run *run, const char *section,
                                      enum sl_scoring asked, enum sl_scoring *scoring,
                                      struct sl_error *err);

/** A score among what was measured: the greater, the better; NaN where it is not defined.  And the
 *  greatest there can be. */
double trial_score(const struct sl_weighed *judged, enum sl_scoring scoring);
double trial_best_score(enum sl_scoring scoring);

/* --- deal.c: units of work -------------------------------------------------------------------- */

struct trial_work {
    const char *phase; /* of progress: "search" */
    const char *what;  /* is counted there: "fits" */
    int64_t     n_units;
    /** How much of that a unit is, at least 1. */
    int64_t (*size)(const void *state, int64_t unit);
    /**
     * Do a unit, and append what is found, which depends on the unit alone.  Polls `sched` between
     * fits, and leaves with *is_done false where that says that its work is not wanted.
     *
     * Errors:  what ends the whole run; SL_ESTOPPED is no error here, the unit is to be done again.
     * Ranks:   local.
     */
    sl_status (*run)(void *state, int64_t unit, struct sl_sched *sched, struct sl_text *result,
                     bool *is_done, struct sl_error *err);
    void *state;
};

/* What was found, on every rank. */
struct trial_results {
    int64_t          n_units;
    int64_t          n_resumed; /* units that an earlier run did */
    struct sl_slice *of;        /* [n_units] */
    void            *bytes;     /* they lie in there */
};

/**
 * Do all units on all ranks.
 *
 * Where run->parts is there (see run_open_parts()), results are kept there from the job's
 * output.journal_after on, and those of an earlier run with the same run->fingerprint.run are taken
 * up.
 *
 * Owner:   results are freed by trial_results_release(), also after a failure.
 * Errors:  what a unit returned; SL_ESTOPPED saying how far it got, everything being kept;
 *          SL_EOUTPUT; the same on every rank.
 * Ranks:   collective on run->comm.
 */
SL_MUST_CHECK sl_status trial_deal(struct run *run, const struct trial_work *work,
                                   struct trial_results *results, struct sl_error *err);
void                    trial_results_release(struct trial_results *results);

#endif
