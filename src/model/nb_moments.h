/* Weighted means and variances of all columns in the rows of each class.  Private to the model
 * module. */
#ifndef SCORELINE_MODEL_NB_MOMENTS_H
#define SCORELINE_MODEL_NB_MOMENTS_H

#include "fit_rows.h"
#include "parts.h"

/* Of each class, and behind them of all rows, which count alike there. */
struct sl_nb_moments {
    size_t  n_groups;  /* classes and 1 */
    size_t  n_columns; /* of the model */
    double *weight;    /* [n_groups] */
    double *mean;      /* [n_groups][n_columns] */
    double *variance;  /* [n_groups][n_columns] */
};

/** How many doubles are summed of a part. */
double sl_nb_doubles(const struct sl_terms *terms, int n_classes);

/**
 * Sum up the used rows of all ranks, in two passes.
 *
 * Owner:   released by sl_nb_moments_release(), also after a failure.
 * Errors:  SL_ENOMEM.
 * Ranks:   collective on in->comm, with rows lying as the parts say; every rank gets all of it, the
 *          same bits for any number of ranks and threads.
 */
SL_MUST_CHECK sl_status sl_nb_moments_find(const struct sl_fit_in   *in,
                                           const struct sl_fit_rows *rows,
                                           const struct sl_parts *parts, struct sl_nb_moments *out,
                                           struct sl_error *err);
void                    sl_nb_moments_release(struct sl_nb_moments *moments);

#endif
