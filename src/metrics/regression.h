/* Metrics of numbers: how far they are from their labels.  Private to the metrics module. */
#ifndef SCORELINE_METRICS_REGRESSION_H
#define SCORELINE_METRICS_REGRESSION_H

#include "scoreline/metrics.h"

struct sl_numbers; /* sums by partition */

/** No rows yet; freed by sl_numbers_free(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_numbers_create(int n_partitions, enum sl_deviance deviance,
                                          struct sl_numbers **out, struct sl_error *err);
void                    sl_numbers_free(struct sl_numbers *numbers);

/** Add rows of one partition; SL_ENOMEM.  Rank-local. */
SL_MUST_CHECK sl_status sl_numbers_add(struct sl_numbers *numbers, int partition,
                                       const struct sl_scores *scores, struct sl_error *err);

/** The metrics of all ranks' rows, into `numbers` of *out.  Collective; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_numbers_finish(const struct sl_comm *comm, struct sl_numbers *numbers,
                                          const bool *trained_on, struct sl_measured *out,
                                          struct sl_error *err);

#endif
