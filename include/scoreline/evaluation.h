/* How good predictions are in more detail than a few numbers say: by deciles, by probability, by
 * what a threshold makes of them. */
#ifndef SCORELINE_EVALUATION_H
#define SCORELINE_EVALUATION_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/metrics.h"

enum { SL_N_DECILES = 10, SL_N_BINS = 10 };

/* A tenth of the rows, the first one the most probable. */
struct sl_decile {
    int64_t n_rows;
    int64_t n_positive;
    double  mean_probability; /* NaN without rows, as all below */
    double  base_rate;        /* share of class 1 */
    double  lift;             /* base_rate over that of all rows; NaN if that is 0 */
    double  captured;         /* share of all positives in this decile and those before it */
};

/* Rows whose probability lies in (low, high]; the first bin has 0 too. */
struct sl_bin {
    double  low;
    double  high;
    int64_t n_rows;
    double  mean_probability;
    double  observed; /* share of class 1 */
};

/* Rows by label and by probability >= threshold. */
struct sl_confusion {
    double  threshold;
    int64_t n_true_positive;
    int64_t n_false_positive;
    int64_t n_true_negative;
    int64_t n_false_negative;
};

struct sl_evaluation {
    enum sl_metric_group group;  /* whose rows these are: SL_HELD_OUT or SL_ALL */
    int64_t              n_rows; /* scored, with a known label */
    struct sl_decile     deciles[SL_N_DECILES];
    struct sl_bin        bins[SL_N_BINS];
    struct sl_confusion  confusion;
};

/* Shares of a confusion matrix; NaN where nothing is shared out. */
struct sl_confusion_rates {
    double accuracy;
    double precision;
    double recall;
    double specificity;
    double f1;
};
struct sl_confusion_rates sl_confusion_rates(const struct sl_confusion *confusion);

struct sl_evaluator; /* a reading of rows under way */

/* What is to be evaluated: rows of two classes. */
struct sl_evaluation_spec {
    double threshold;
    void  *state;
    /* All rows by sl_evaluator_add(); asked for several times, for the same rows in one order. */
    sl_status (*give)(void *state, struct sl_evaluator *to, struct sl_error *err);
};

/** Add rows, within `give`; those not scored or without a label are passed over, as
 *  sl_metrics_add() does. */
void sl_evaluator_add(struct sl_evaluator *evaluator, const struct sl_scores *scores);

/**
 * Deciles, bins and confusion matrix of all rows; `group` is the caller's to set.
 *
 * Formula: decile d has the rows [d n / 10, (d + 1) n / 10) in descending order of probability;
 *          equal ones stay in the order they were added.
 * Errors:  those of `give`, SL_ENOMEM.
 * Ranks:   local.
 * Cost:    O(n), five readings; 5 MiB, whatever the number of rows.
 */
SL_MUST_CHECK sl_status sl_evaluation_make(const struct sl_evaluation_spec *spec,
                                           struct sl_evaluation *out, struct sl_error *err);

#endif
