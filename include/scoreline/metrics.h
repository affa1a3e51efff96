/* How good predictions are, in sums that do not depend on grouping: every term is rounded once to
 * fixed point and added as an integer; AUC counts pairs as integers. */
#ifndef SCORELINE_METRICS_H
#define SCORELINE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/table.h"

/* A sum of real numbers in units of 2^-56, 128 bits wide. */
struct sl_fixed {
    int64_t  high;
    uint64_t low;
};
void   sl_fixed_add(struct sl_fixed *sum, double term); /* |term| < 64 */
void   sl_fixed_add_many(struct sl_fixed *sum, const double *terms, size_t n);
void   sl_fixed_merge(struct sl_fixed *sum, const struct sl_fixed *other);
double sl_fixed_value(const struct sl_fixed *sum);

/* What is added up, per partition. */
struct sl_tally {
    int64_t         n_rows;     /* scored rows whose label is known and among the classes */
    int64_t         n_positive; /* of class 1 */
    int64_t         n_correct;
    struct sl_fixed log_loss;
    struct sl_fixed brier;
};

/* The metrics of one group of rows; NaN where undefined: no rows; for roc_auc, also rows of one
 * class only, or none of some class. */
struct sl_metric_values {
    int64_t n_rows;
    double  accuracy;
    double log_loss; /* natural log; probabilities clipped to [2^-52, 1 - 2^-52], as scikit-learn */
    double roc_auc;  /* ties count one half; beyond two classes the mean over classes, each against
                        all others */
    double roc_auc_error; /* by how much that can be wrong: 0 where it is exact */
    double brier;     /* mean squared error of the probability of class 1; beyond two classes the
                         mean over rows of the sum of squares over classes */
    double base_rate; /* share of class 1; NaN beyond two classes */
};

/* The same of numbers. */
struct sl_number_values {
    int64_t n_rows;
    double  r2;       /* NaN where all labels are equal */
    double  rmse;     /* root of the mean squared error */
    double  mae;      /* mean absolute error */
    double  deviance; /* mean over rows */
};

/* Of one class in one group of rows; NaN where undefined. */
struct sl_class_values {
    int64_t n_rows;      /* labelled so */
    int64_t n_predicted; /* of the rows with a label */
    int64_t n_correct;   /* both */
    double  precision;
    double  recall;
    double  roc_auc; /* against all others; of two classes the same for both */
    double  roc_auc_error;
};

/* Groups: the first three, then one per partition. */
enum sl_metric_group { SL_HELD_OUT, SL_TRAINED_ON, SL_ALL, SL_FIRST_PARTITION };

extern const char *const sl_metric_group_names[SL_FIRST_PARTITION]; /* "held_out", ... */

/* All that is measured; classes only in the first three groups. */
struct sl_measured {
    int                      n_classes;
    int                      n_partitions;
    struct sl_metric_values *values;    /* [SL_FIRST_PARTITION + n_partitions] */
    struct sl_number_values *numbers;   /* as long; where there are no classes, else NULL */
    struct sl_class_values  *classes;   /* [SL_FIRST_PARTITION][n_classes] */
    int64_t                 *confusion; /* rows, [SL_FIRST_PARTITION][label][predicted] */
};
void sl_measured_release(struct sl_measured *measured);

/* Rows [at, at + n_rows) of predictions, as far as metrics look at them. */
struct sl_scores {
    const struct sl_table_column *probability; /* of class 1, or an item for each class; a value */
    const struct sl_table_column *predicted;   /* a class; NULL of numbers */
    const struct sl_table_column *label;       /* a class; negative: passed over; a number; NaN */
    const struct sl_table_column *status;      /* not SL_ROW_SCORED: passed over */
    size_t                        at;
    size_t                        n_rows;
};

struct sl_metrics; /* a reading of rows under way */

enum { SL_METRICS_MEMORY = 36 << 20, SL_METRICS_EXACT_ROWS = 100000000 };

/* What is to be measured. */
struct sl_metrics_spec {
    int              n_classes; /* at least 2; 0: values are numbers */
    enum sl_deviance deviance;  /* of numbers */
    int              n_partitions;
    const bool      *trained_on; /* [n_partitions] */
    int64_t          n_rows;     /* at most, that this rank gives */
    size_t           memory; /* of a rank for scores, whatever their number; 0: SL_METRICS_MEMORY */
    int64_t          exact_rows; /* the most that count for which roc_auc is exact, below 2^32; 0:
                                    SL_METRICS_EXACT_ROWS */
    void *state;
    /* All of this rank's rows by sl_metrics_add(), in any pieces and order, on its own; asked for
     * again, for the same rows, until all scores have had their turn. */
    sl_status (*give)(void *state, struct sl_metrics *to, struct sl_error *err);
};

/**
 * Add rows of one partition, within `give`.
 *
 * Errors:  SL_ENOMEM; SL_EBUG where a probability is outside [0, 1], a class is none, or the
 *          columns do not suit the number of classes.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_metrics_add(struct sl_metrics *metrics, int partition,
                                       const struct sl_scores *scores, struct sl_error *err);

/**
 * The metrics of all ranks' rows.
 *
 * Owner:   *out is written on every rank; sl_measured_release() frees it.
 * Errors:  those of `give`, SL_ENOMEM; the same on every rank.
 * Ranks:   collective.  The same bits however rows are spread over ranks.
 * Cost:    O(n) for each reading.  Of two classes there is one reading, where the scores of every
 *          rank fit in `memory` (16 bytes a row, equal scores of a partition as one); else one more
 *          for each time that the scores of some rank fill it; beyond exact_rows two, and another
 *          for each further 20 partitions or so.  Beyond two classes those of a class take their
 *          turn one after the other, or, where they fit, together.  Scores are exchanged so that
 *          equal ones meet.  Memory besides: 1 MiB; n_classes^2 counts.
 *          Of numbers there is one reading; memory: of exact sums, 3 KiB a partition.
 * Source:  AUC is the Mann-Whitney U statistic over n_positive * n_negative; beyond two classes
 *          as scikit-learn's roc_auc_score(multi_class="ovr", average="macro").
 *          Of numbers the metrics are scikit-learn's r2_score, mean_absolute_error,
 *          root_mean_squared_error and mean_squared_error or mean_poisson_deviance, to the last
 *          digits.
 */
SL_MUST_CHECK sl_status sl_metrics_measure(const struct sl_comm         *comm,
                                           const struct sl_metrics_spec *spec,
                                           struct sl_measured *out, struct sl_error *err);

/* Rows in memory, all of them on this rank, each of which counts as much as its weight. */
struct sl_weighed_rows {
    int                     n_classes; /* at least 2; 0: numbers */
    enum sl_deviance        deviance;  /* of numbers */
    double                  threshold; /* of two classes: class 1 is predicted from here on */
    const struct sl_design *rows;      /* label, status, and weight */
    bool                    is_weighted; /* else each counts as 1 */
    const struct sl_matrix *scores; /* of those rows, as sl_model_predict() leaves them */
    bool                    without_curve; /* nobody asks for roc_auc, which rows are sorted for */
};

/* What is known of them; the members of `classes` or of `numbers` that are of no meaning are NaN.
 * n_rows counts rows, whatever they weigh. */
struct sl_weighed {
    struct sl_metric_values classes;
    struct sl_number_values numbers;
};

/**
 * The same metrics of weighted rows.
 *
 * Formula: as scikit-learn's with sample_weight; a row whose label is none of the classes is told
 *          wrong, and leaves no log_loss, roc_auc and brier to be had.
 * Errors:  SL_ENOMEM.
 * Ranks:   local.  Sums go by the order of rows.
 * Cost:    O(n), with roc_auc O(n log n).
 */
SL_MUST_CHECK sl_status sl_metrics_weigh(const struct sl_weighed_rows *rows, struct sl_weighed *out,
                                         struct sl_error *err);

#endif
