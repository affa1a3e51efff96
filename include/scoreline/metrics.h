/* How good predictions are, in sums that do not depend on grouping: every term is rounded once to
 * fixed point and added as an integer; AUC counts pairs as integers. */
#ifndef SCORELINE_METRICS_H
#define SCORELINE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"

/* A sum of real numbers in units of 2^-56, 128 bits wide. */
struct sl_fixed {
    int64_t  high;
    uint64_t low;
};
void   sl_fixed_add(struct sl_fixed *sum, double term); /* |term| < 64 */
void   sl_fixed_merge(struct sl_fixed *sum, const struct sl_fixed *other);
double sl_fixed_value(const struct sl_fixed *sum);

/* What is added up, per partition. */
struct sl_tally {
    int64_t         n_rows; /* scored rows whose label is known and among the classes */
    int64_t         n_positive;
    int64_t         n_correct;
    struct sl_fixed log_loss;
    struct sl_fixed brier;
};

/* The metrics of one group of rows; NaN where undefined (no rows; one class only for auc). */
struct sl_metric_values {
    int64_t n_rows;
    double  accuracy;
    double  log_loss; /* natural log; probabilities clipped to [2^-52, 1 - 2^-52], as scikit-learn */
    double  roc_auc;  /* ties count one half; NaN beyond 2^32 rows, where pairs overflow */
    double  brier;    /* mean squared error of the probability */
    double  base_rate; /* share of class 1 */
};

/* Groups: the first three, then one per partition. */
enum sl_metric_group { SL_HELD_OUT, SL_TRAINED_ON, SL_ALL, SL_FIRST_PARTITION };

struct sl_metrics; /* tallies and scores of the rows this rank holds */

/** trained_on [n_partitions] is copied; *out is freed by sl_metrics_free(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_metrics_create(int n_partitions, const bool *trained_on,
                                          struct sl_metrics **out, struct sl_error *err);
void                    sl_metrics_free(struct sl_metrics *metrics);

/**
 * Add rows of one partition.
 *
 * Shapes:  probability, predicted, label, status [n_rows]; rows not scored or without a label in
 *          {0, 1} are passed over.
 * Ranks:   local.  Errors: SL_ENOMEM; SL_EBUG where a probability is outside [0, 1].
 */
SL_MUST_CHECK sl_status sl_metrics_add(struct sl_metrics *metrics, int partition, size_t n_rows,
                                       const double *probability, const int8_t *predicted,
                                       const int8_t *label, const uint8_t *status,
                                       struct sl_error *err);

/**
 * The metrics of all ranks' rows.
 *
 * Shapes:  values [SL_FIRST_PARTITION + n_partitions], written on every rank.
 * Ranks:   collective.  The same bits however rows are spread over ranks.
 * Cost:    O(n log n) in a rank's own rows; scores are exchanged once so that equal ones meet.
 * Source:  AUC is the Mann-Whitney U statistic over n_positive * n_negative.
 */
SL_MUST_CHECK sl_status sl_metrics_reduce(const struct sl_comm *comm, struct sl_metrics *metrics,
                                          struct sl_metric_values *values, struct sl_error *err);

#endif
