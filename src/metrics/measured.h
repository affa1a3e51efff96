/* What becomes of counts and sums. */
#ifndef SCORELINE_METRICS_MEASURED_H
#define SCORELINE_METRICS_MEASURED_H

#include "scoreline/metrics.h"

/** All zero; released by sl_measured_release(), also where this fails; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_measured_init(struct sl_measured *out, int n_classes, int n_partitions,
                                         struct sl_error *err);

/** How many groups there are. */
size_t sl_measured_groups(const struct sl_measured *measured);

/** Values of groups and classes from the tallies [groups] of all ranks, the matrices of held out
 * and trained on, and roc_auc and its error, which so far are sums over classes. */
void sl_measured_fill(struct sl_measured *out, const struct sl_tally *tallies);

#endif
