/* Minimum of a quadratic function with an l1 penalty, or over what is not less than 0.  Private to
 * the model module. */
#ifndef SCORELINE_MODEL_LASSO_STEP_H
#define SCORELINE_MODEL_LASSO_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "scoreline/error.h"

/* g'(z - at) + (z - at)' H (z - at) / 2 + sum(l1 |z|), over z. */
struct sl_lasso_step {
    size_t        n;
    const double *hessian;  /* [n, n] both triangles; the caller's */
    const double *gradient; /* [n] at `at`; the caller's */
    const double *at;       /* [n] the caller's */
    const double *l1;       /* [n] 0: no penalty; the caller's */
    const bool   *positive; /* [n] whose z is 0 or more, as `at` is; the caller's */
    double       *z;        /* [n] the solution */
    double       *slope;    /* [n] of the quadratic part at z */
    size_t       *active;   /* [n] */
    double       *factor;   /* [n, n] scratch */
    double       *move;     /* [n] scratch */
};

/** Room; `factor` [n, n] is borrowed.  Released by sl_lasso_step_release(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_lasso_step_init(struct sl_lasso_step *step, size_t n, double *factor,
                                           struct sl_error *err);
void                    sl_lasso_step_release(struct sl_lasso_step *step);

/**
 * Solve from `at` on: coordinate descent finds which z are not 0, and their signs; where these are
 * known the rest is a linear system.
 *
 * Returns: whether z is the minimum as far as rounding shows.
 */
bool sl_lasso_step_solve(struct sl_lasso_step *step);

/** The least of the subgradients by coordinate j, at z [n] where the quadratic part has the slope
 *  [n]. */
double sl_lasso_subgradient(const struct sl_lasso_step *step, const double *slope, const double *z,
                            size_t j);

#endif
