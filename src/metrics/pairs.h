/* Pairs of a positive and a negative row, for the area under the ROC curve. */
#ifndef SCORELINE_METRICS_PAIRS_H
#define SCORELINE_METRICS_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"

/* Rows of one partition that have the same probability; `key` is its bits, which sort as it does.
 */
struct sl_tie {
    uint64_t key;
    int64_t  partition;
    int64_t  n_negative;
    int64_t  n_positive;
};

/* The ties of a rank, in ascending order of key. */
struct sl_ties {
    size_t         n;
    struct sl_tie *items; /* freed with free() */
};

/**
 * Move ties so that equal keys are on one rank and lower ranks have lower keys.
 *
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_ties_spread(const struct sl_comm *comm, struct sl_ties *ties,
                                       struct sl_error *err);

/* Counts of one group.  `twice_won` is 2 for each pair whose positive has the greater probability
 * and 1 for each tied pair; it fits as long as the group has fewer than 2^32 rows. */
struct sl_pairs {
    int64_t twice_won;
    int64_t n_negative;
    int64_t n_positive;
    int64_t n_tied; /* negatives at the key in hand */
};

/**
 * Count pairs of all groups over ties that sl_ties_spread() has spread.
 *
 * Shapes:  trained_on [n_partitions]; pairs [SL_FIRST_PARTITION + n_partitions], the same on every
 *          rank.
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.  Cost: O(ties) and sums of n_partitions * ranks integers.
 */
SL_MUST_CHECK sl_status sl_pairs_count(const struct sl_comm *comm, const struct sl_ties *ties,
                                       int n_partitions, const bool *trained_on,
                                       struct sl_pairs *pairs, struct sl_error *err);

#endif
