/* Scores of one class, and the area under the ROC curve that they make. */
#ifndef SCORELINE_METRICS_CURVE_H
#define SCORELINE_METRICS_CURVE_H

#include "radix.h"
#include "scoreline/metrics.h"

struct sl_score_list {
    size_t           n;
    size_t           capacity;
    struct sl_keyed *items; /* bits of the probability; 2 * partition + whether it is the class's */
};

/** Room for n_more rows; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_scores_reserve(struct sl_score_list *list, size_t n_more,
                                          struct sl_error *err);
/** Add a row that there is room for. */
void sl_scores_add(struct sl_score_list *list, double probability, int partition, bool is_positive);

/**
 * The area of every group, over the scores of all ranks; the list is sorted.
 *
 * Shapes:  trained_on [n_partitions]; areas [SL_FIRST_PARTITION + n_partitions], NaN where
 *          undefined.
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.  Memory: 48 bytes a score besides the list.
 */
SL_MUST_CHECK sl_status sl_curve_areas(const struct sl_comm *comm, struct sl_score_list *list,
                                       int n_partitions, const bool *trained_on, double *areas,
                                       struct sl_error *err);

#endif
