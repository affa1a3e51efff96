/* Sums by partition, of one rank and of all. */
#ifndef SCORELINE_METRICS_TALLY_H
#define SCORELINE_METRICS_TALLY_H

#include "scoreline/metrics.h"

/**
 * The tallies of all ranks, by group.
 *
 * Shapes:  own, trained_on [n_partitions]; all [SL_FIRST_PARTITION + n_partitions], zero before.
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_tallies_sum(const struct sl_comm *comm, const struct sl_tally *own,
                                       int n_partitions, const bool *trained_on,
                                       struct sl_tally *all, struct sl_error *err);

#endif
