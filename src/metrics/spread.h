/* Ties to the ranks that their keys belong to. */
#ifndef SCORELINE_METRICS_SPREAD_H
#define SCORELINE_METRICS_SPREAD_H

#include <stdint.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "ties.h"

/* Keys are dealt to the ranks in ascending order, and move a slice of every rank's at a time, so
 * that little room is needed besides the ties themselves. */
enum { SL_N_SLICES = 4 };

struct sl_spread {
    const struct sl_tie *ties; /* borrowed */
    size_t               n;
    uint64_t            *first_keys; /* [ranks * SL_N_SLICES + 1]: where slices begin and end */
};

/**
 * Agree on whose keys are whose.
 *
 * Shapes:  ties [n], sorted, those of this rank.
 * Owner:   borrows ties until sl_spread_release(), which is to be called also where this fails.
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_spread_init(struct sl_spread *spread, const struct sl_comm *comm,
                                       const struct sl_tie *ties, size_t n, struct sl_error *err);
void                    sl_spread_release(struct sl_spread *spread);

/**
 * The ties of all ranks in slice `slice` of this rank's keys, sorted, above those of the slices
 * before; no key is in two slices, and lower ranks have lower keys.
 *
 * Owner:   *taken is handed over, freed with free().
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_spread_take(const struct sl_spread *spread, const struct sl_comm *comm,
                                       int slice, struct sl_tie **taken, size_t *n_taken,
                                       struct sl_error *err);

#endif
