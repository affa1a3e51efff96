/* The solver of problems with an l1 penalty, or with coefficients that are 0 or more.  Private to
 * the model module. */
#ifndef SCORELINE_MODEL_PROX_H
#define SCORELINE_MODEL_PROX_H

#include "newton.h"

/**
 * Minimise the problem's losses and penalties, with l1, over coef and intercept.
 *
 * Shapes, errors, ranks: those of sl_newton_fit().
 * Units:   gradient_norm is the max-norm of the least subgradient, per unit of coef and intercept.
 * Cost:    per step one pass over the rows that makes the Hessian, of squares in the first step
 *          alone; and coordinate descent on it: O(n_theta) for each coefficient that moves.
 */
SL_MUST_CHECK sl_status sl_prox_fit(const struct sl_problem     *problem,
                                    const struct sl_newton_opts *opts, double *coef,
                                    double *intercept, struct sl_newton_result *result,
                                    struct sl_error *err);

#endif
