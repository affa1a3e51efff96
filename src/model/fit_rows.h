/* Which rows a linear model learns from, and how much each of them counts.  Private to the model
 * module. */
#ifndef SCORELINE_MODEL_FIT_ROWS_H
#define SCORELINE_MODEL_FIT_ROWS_H

#include <stdbool.h>

#include "parts.h"
#include "scoreline/model.h"

struct sl_fit_rows {
    size_t  n;            /* rows used */
    size_t  n_all;        /* of all ranks */
    size_t *rows;         /* [n] those of positive weight; NULL: all */
    double *class_weight; /* [n_classes]; NULL: all 1 */
};

/**
 * Of the rows of all ranks, check labels and weights, and find the rows of positive weight: those
 * of weight 0 drop out as if they were not there.
 *
 * Formula: a balanced weight is n_rows / (n_classes * rows of the class), of all rows whatever
 *          their weight, as in scikit-learn's compute_class_weight().
 * Ranks:   collective on in->comm.
 * Owner:   freed by sl_fit_rows_release().
 * Errors:  SL_EINPUT where nothing can be learned; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_fit_rows_init(struct sl_fit_rows *rows, const struct sl_fit_in *in,
                                         bool is_balanced, struct sl_error *err);
void                    sl_fit_rows_release(struct sl_fit_rows *rows);

/** Whether each rank has the rows that the parts give it; SL_EBUG.  Collective. */
SL_MUST_CHECK sl_status sl_fit_rows_check(const struct sl_fit_rows *rows,
                                          const struct sl_fit_in *in, const struct sl_parts *parts,
                                          struct sl_error *err);

#endif
