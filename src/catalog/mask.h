/* A selection as one flag for each value, so that ten thousand partitions are asked for cheaply.
 * Private to catalog. */
#ifndef SCORELINE_CATALOG_MASK_H
#define SCORELINE_CATALOG_MASK_H

#include "discover.h"
#include "scoreline/job.h"

struct sl_mask {
    int    n_given; /* keys that the job gives values for: the first ones */
    bool **given;   /* [n_given][n_values] */
    bool  *found;   /* [n] of the combinations */
};

/**
 * The flags of a selection; without keys all are set.
 *
 * Owner:   *mask is released by sl_mask_release(), also after an error.
 * Errors:  SL_EJOB for an unknown key, or value of a key that the job lists values for; SL_EINPUT
 *          for a value that no file has, unless holes are skipped; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_mask_init(struct sl_mask *mask, const struct sl_input_spec *spec,
                                     const struct sl_combinations *found,
                                     const struct sl_selection *selection, struct sl_error *err);
void                    sl_mask_release(struct sl_mask *mask);

/** Whether a partition is taken: choice [n_given + 1] of its values, last its combination. */
bool sl_mask_takes(const struct sl_mask *mask, const int *choice);

#endif
