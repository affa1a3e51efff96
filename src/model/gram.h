/* Sums over the rows of a batch of products of inner columns: what gradients, margins and Hessians
 * of linear models are made of, one-hot columns never written out.  Private to the model module. */
#ifndef SCORELINE_MODEL_GRAM_H
#define SCORELINE_MODEL_GRAM_H

#include "inner.h"

/** margin [n] = the columns times `slots` [n_slots]; a row's sum has one order. */
void sl_gram_margins(const struct sl_inner *inner, const struct sl_batch *batch,
                     const double *slots, double *margin);

/** out [n_slots] = the columns' products with v [n]. */
void sl_gram_products(const struct sl_inner *inner, const struct sl_batch *batch, const double *v,
                      double *out);

/**
 * Add Z' diag(root^2) Z to the lower triangle of gram [n_slots, n_slots], column-major.
 *
 * Formula: dense by dense columns are a rank-k update, dense by levels go to the row of their code,
 *          levels of two terms into a table of both codes, of one term on the diagonal.
 * Owner:   rooted [n_dense][batch->ld] is scratch.
 */
void sl_gram_add(const struct sl_inner *inner, const struct sl_batch *batch, const double *root,
                 double *rooted, double *gram);

#endif
