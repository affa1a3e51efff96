/* The solver of smooth problems that are too wide for a Hessian.  Private to the model module. */
#ifndef SCORELINE_MODEL_LBFGS_H
#define SCORELINE_MODEL_LBFGS_H

#include "newton.h"

/**
 * Minimise the problem's losses and penalties, without l1, over coef and intercept.
 *
 * Shapes, errors, ranks: those of sl_newton_fit(), but the problem is_wide.
 * Cost:    per step a pass over the rows that makes a gradient, and 2 * 20 vectors of coefficients.
 */
SL_MUST_CHECK sl_status sl_lbfgs_fit(const struct sl_problem     *problem,
                                     const struct sl_newton_opts *opts, double *coef,
                                     double *intercept, struct sl_newton_result *result,
                                     struct sl_error *err);

#endif
