/* Pairs of a positive and a negative row, for the area under the ROC curve. */
#ifndef SCORELINE_METRICS_PAIRS_H
#define SCORELINE_METRICS_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "ties.h"

/* Counts of one group.  `twice_won` is 2 for each pair whose positive has the greater probability
 * and 1 for each tied pair; it fits as long as the group has fewer than 2^32 rows. */
struct sl_pairs {
    int64_t twice_won;
    int64_t n_negative;
    int64_t n_positive;
    int64_t n_tied; /* negatives at the key in hand */
};

/**
 * Count the pairs that sorted ties make among themselves and with those that were added before,
 * whose keys are all lower.
 *
 * Shapes:  trained_on [n_partitions]; pairs [SL_FIRST_PARTITION + n_partitions].
 * Ranks:   local.
 */
void sl_pairs_add(struct sl_pairs *pairs, const struct sl_tie *ties, size_t n,
                  const bool *trained_on);

/**
 * Add what all ranks counted to `all`, with the pairs that are of two ranks or of `own` and `all`:
 * keys of `all` are below those of any rank, those of lower ranks below those of higher ones.
 *
 * Shapes:  own, all [n_groups]; own is overwritten, all the same on every rank.
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_pairs_join(const struct sl_comm *comm, struct sl_pairs *own,
                                      struct sl_pairs *all, size_t n_groups, struct sl_error *err);

#endif
