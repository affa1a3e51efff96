/* The solver of logistic regression.  Private to the model module. */
#ifndef SCORELINE_MODEL_LOGISTIC_NEWTON_H
#define SCORELINE_MODEL_LOGISTIC_NEWTON_H

#include <stdbool.h>

#include "scoreline/block.h"
#include "scoreline/error.h"

struct sl_newton_opts {
    double C;             /* weight of the loss against the penalty, > 0 */
    double tol;           /* max-norm of the gradient */
    int    max_iter;      /* Newton steps */
    bool   fit_intercept; /* else it is 0 */
};

struct sl_newton_result {
    int    n_iter;
    double objective;
    double gradient_norm;
    bool   converged;
};

/**
 * Minimise C * sum(log-loss) + 0.5 * ||coef||^2 over coef and, unpenalised, intercept.
 *
 * Shapes:  x [n_rows, n_columns], all finite, n_rows and n_columns > 0; y [n_rows] 0 or 1, both
 *          present; coef [n_columns].
 * Units:   gradient_norm is the max-norm of the objective's gradient per unit of coef and
 * intercept, the columns counted from a centre near the decision boundary (see logistic_loss.h),
 * where rounding hides least of it. Errors:  SL_ENOMEM; SL_EINPUT where the optimum is beyond the
 * range of doubles. Cost:    per step O(n_rows * n_columns^2) in BLAS-3; x is not copied. Ranks:
 * local.  The same bits for any number of BLAS threads.
 */
SL_MUST_CHECK sl_status sl_newton_fit(const struct sl_matrix *x, const double *y,
                                      const struct sl_newton_opts *opts, double *coef,
                                      double *intercept, struct sl_newton_result *result,
                                      struct sl_error *err);

#endif
