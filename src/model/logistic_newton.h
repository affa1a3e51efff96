/* The solver of logistic regression.  Private to the model module. */
#ifndef SCORELINE_MODEL_LOGISTIC_NEWTON_H
#define SCORELINE_MODEL_LOGISTIC_NEWTON_H

#include <stdbool.h>

#include "logistic_inner.h"
#include "scoreline/error.h"

struct sl_newton_opts {
    double tol;      /* max-norm of the gradient */
    int    max_iter; /* Newton steps over all rows */
};

struct sl_newton_result {
    int    n_iter;
    double objective;
    double gradient_norm;
    bool   converged;
};

/**
 * Minimise C * sum(weight * log-loss) + 0.5 * ||coef||^2 over coef and, unpenalised, intercept.
 *
 * Shapes:  all numbers of the problem finite, all classes present, n_theta > 0.
 *          coef [n_outputs][n_columns of the model], intercept [n_outputs]: 1 output of two
 *          classes, else one for each.
 * Units:   gradient_norm is the max-norm of the objective's gradient per unit of coef and
 *          intercept, with columns counted from a centre near the decision boundary, where
 *          rounding hides least of it: see sl_loss_recentre().
 * Errors:  SL_ENOMEM; SL_EINPUT where the optimum is beyond the range of doubles.
 * Cost:    per step O(n_rows * n_columns^2) in BLAS-3 for each pair of classes, and
 *          O((n_columns * n_outputs)^3); the rows are not copied.
 * Ranks:   collective on the problem's comm, its rows lying as its parts say.  Rank 0 alone gets
 *          coef, intercept and result; others write nothing.  The same bits for any number of
 *          ranks and of threads, ours and BLAS's.
 */
SL_MUST_CHECK sl_status sl_newton_fit(const struct sl_problem     *problem,
                                      const struct sl_newton_opts *opts, double *coef,
                                      double *intercept, struct sl_newton_result *result,
                                      struct sl_error *err);

#endif
