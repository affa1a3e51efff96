/* A learning curve: fits to more and more rows, each judged by rows that it has not seen.  For the
 * files of this room alone.
 *
 * In every repeat the rows that judge are dealt to folds.  A fit belongs to a size, a repeat and a
 * fold: it is made to so many rows, drawn for that repeat and fold, that are not in the fold, and
 * judged by the fold.  The rows of one size are among those of the next. */
#ifndef SCORELINE_RUN_LEARNING_CURVE_CURVE_H
#define SCORELINE_RUN_LEARNING_CURVE_CURVE_H

#include "../trials/trials.h"

/* --- draw.c: which rows ----------------------------------------------------------------------- */

/* What rows are for; a row may be for several. */
enum curve_role {
    CURVE_POOL = 1,      /* sizes are drawn from these */
    CURVE_VALIDATED = 2, /* these judge */
    CURVE_OF_JOB = 4,    /* the job trains on these */
};

/* Rows and how they are drawn. */
struct curve_rows {
    size_t               n;
    const uint64_t      *keys;  /* [n] an order of their own */
    const unsigned char *roles; /* [n] */
    int                  n_splits;
    int                  n_repeats;
    int64_t              random_state;
};

/** Where a row stands in a drawing: a hash of random_state, repeat, drawing and key.  Drawing 0
 * deals rows to folds, drawing k + 1 is the order in which fold k trains on them. */
uint64_t curve_key(int64_t random_state, int repeat, int drawing, uint64_t key);

/** How many rows of a role there are. */
size_t curve_count(const struct curve_rows *rows, enum curve_role role);

/** The most rows that every fold can be trained on. */
size_t curve_most(const struct curve_rows *rows);

/* Rows to train on and rows to judge by, in the order they were read; one block of memory. */
struct curve_draw {
    size_t             *numbers; /* freed by curve_draw_release() */
    struct trial_subset train;
    struct trial_subset test;
};

/**
 * Draw for a repeat and a fold: `size` rows of the pool, or with size 0 all rows of the job, less
 * those of the fold.
 *
 * Formula: rows that judge, in ascending order of their keys of drawing 0, are dealt to the folds
 * in turn; of the others those train whose keys of drawing fold + 1 are smallest.  Of equal keys
 * the row read first comes first. Errors:  SL_ENOMEM. Ranks:   local; the same on every rank. Cost:
 * O(n log n).
 */
SL_MUST_CHECK sl_status curve_draw(const struct curve_rows *rows, int repeat, int fold, size_t size,
                                   struct curve_draw *draw, struct sl_error *err);
void                    curve_draw_release(struct curve_draw *draw);

/* --- sizes.c ---------------------------------------------------------------------------------- */

/**
 * Sizes in ascending order, each once: fractions (up to 1) of the most that can be trained on,
 * rounded down but at least 1, and numbers of rows.  None given: halves, from the most downwards.
 *
 * Owner:   *sizes [*n] is freed with free().
 * Errors:  SL_EJOB where a number of rows is more than there are; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status curve_sizes(const double *given, int n_given, size_t most, size_t **sizes,
                                    int *n, struct sl_error *err);

/* --- summary.c: what many fits say together ------------------------------------------------------
 */

/* What one fit was worth. */
struct curve_fit {
    double  training; /* scores; NaN: it could not be made or judged */
    double  validation;
    int64_t n_train;
    bool    is_failed;
    bool    is_converged;
};

/* Scores of several fits, those that are NaN left out. */
struct curve_spread {
    int64_t n;
    double  mean, std, min, max; /* std of the population; NaN where n is 0 */
};

/* All fits of a size. */
struct curve_point {
    double              train_size; /* the mean, where it is not the same in all */
    int64_t             n_fits, n_failed, n_not_converged;
    struct curve_spread training, validation;
};

/** Sum up the fits [n] of a size. */
struct curve_point curve_sum_up(const struct curve_fit *fits, size_t n);

/* What the points say. */
struct curve_answer {
    int    flat_from;      /* point from which on the curve is flat, -1: it cannot be told */
    double standard_error; /* of the validation score at the largest size; NaN */
    double threshold;      /* what is within it; NaN */
    bool   is_best;        /* the largest size leaves nothing to gain */
    enum curve_enough { CURVE_NOT_ENOUGH, CURVE_ENOUGH, CURVE_UNDECIDED } enough;
};

/**
 * Where the curve flattens, and whether the job's rows are enough.
 *
 * Formula: the standard error is the sample standard deviation over all fits of the largest size
 *          divided by the root of the number of folds: repeats make a mean steadier, but bring no
 *          rows to judge by.  The curve is flat from the smallest size on from which on no mean is
 *          worse than that of the largest size by more than it.  The job's rows are enough if their
 *          mean is not either, and the curve is flat before its largest size, or as high there as
 *          can be.
 * Source:  the one standard error rule of Breiman, Friedman, Olshen and Stone, "Classification and
 *          Regression Trees" (1984), 3.4.3.
 *
 * Shapes:  points [n], ascending; of_job NULL: not asked for; best: no score is more.
 */
struct curve_answer curve_answer_of(const struct curve_point *points, int n, int n_splits,
                                    double best, const struct curve_point *of_job);

/* --- the command ------------------------------------------------------------------------------ */

/* What a result says that it is; in a picture its fingerprint follows. */
#define CURVE_FORMAT "scoreline-learning-curve"

/* What one rank carries through it.  The run stands first, so that its stages find the rest. */
struct curve {
    struct run                           run;
    const struct sl_learning_curve_opts *opts;

    /* plan.c */
    unsigned char      *roles; /* [run.training.n_partitions] behind curve_read() on every rank */
    struct sl_json_doc *found; /* the result, by an earlier run; rank 0 */
    bool                is_found;
    bool                is_done; /* the result was told */

    /* measure.c */
    struct trial_rows      rows;
    unsigned char         *row_roles; /* [rows.n] */
    struct curve_rows      drawn;
    struct trial_variant   features;
    struct trial_estimator estimator;
    enum sl_scoring        scoring;
    int                    n_sizes;
    size_t                *sizes;
    struct trial_results   results;
    struct curve_fit      *fits; /* [n_repeats][n_splits][n_sizes + 1], the last one that of
                                    the job's rows */
    const char *failure;         /* why the first that failed did; NULL: none */
};

static inline struct curve *curve_of(struct run *run)
{
    return (struct curve *)(void *)run;
}

/* What a file of the result is, by its ending. */
enum curve_form { CURVE_JSON, CURVE_HDF5, CURVE_SVG, CURVE_N_FORMS };
enum curve_form curve_form_of(const char *path); /* CURVE_N_FORMS: none of them */

/** tables.c: a result as HDF5; SL_EOUTPUT, SL_ENOMEM.  Rank 0. */
SL_MUST_CHECK sl_status curve_write_tables(const char *path, const char *job,
                                           const struct sl_json *result, struct sl_error *err);

/** rehearse.c: what would be done, or the fault it would end with.  Collective. */
SL_MUST_CHECK sl_status curve_rehearse(struct curve *curve, struct sl_error *err);

/** result.c: names of the partitions with a role; SL_ENOMEM. */
SL_MUST_CHECK sl_status curve_add_partitions(const struct curve *curve, enum curve_role role,
                                             const char *key, struct sl_json *to,
                                             struct sl_error *err);

/* The stages, in order.  Collective. */
SL_MUST_CHECK sl_status curve_plan(struct run *run, struct sl_error *err);    /* plan.c */
SL_MUST_CHECK sl_status curve_read(struct run *run, struct sl_error *err);    /* measure.c */
SL_MUST_CHECK sl_status curve_measure(struct run *run, struct sl_error *err); /* measure.c */

/** result.c: all that is told of it, as JSON: *doc is closed with sl_json_close().  Rank 0. */
SL_MUST_CHECK sl_status curve_tell(const struct curve *curve, struct sl_json_doc **doc,
                                   struct sl_error *err);

#endif
