/* The solver of smooth problems: no l1.  Private to the model module. */
#ifndef SCORELINE_MODEL_NEWTON_H
#define SCORELINE_MODEL_NEWTON_H

#include <stdbool.h>

#include "inner.h"
#include "scoreline/error.h"

struct sl_newton_opts {
    double tol;         /* max-norm of the gradient */
    int    max_iter;    /* Newton steps over all rows */
    bool   ends_at_tol; /* not at the last digits */
    bool   is_warm;     /* begins at the coef and intercept that are given, not at 0 */
    bool   lessens; /* of many solutions that of the least coefficients, of a quadratic problem */
};

struct sl_newton_result {
    int    n_iter;
    double objective;
    double gradient_norm;
    bool   converged;
    bool   is_unbounded; /* coefficients grow without end: there is no optimum */
};

/**
 * Minimise the problem's losses and penalties, without l1, over coef and intercept.
 *
 * Shapes:  all numbers of the problem finite, all classes present, n_theta > 0.
 *          coef [n_outputs][n_columns of the model], intercept [n_outputs]: see
 *          sl_problem_n_outputs().  Where opts say is_warm they hold on rank 0 where to begin.
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
