/* Objective, gradient and Hessian of logistic regression.  Private to the model module. */
#ifndef SCORELINE_MODEL_LOGISTIC_LOSS_H
#define SCORELINE_MODEL_LOGISTIC_LOSS_H

#include <stddef.h>

#include "logistic_newton.h"
#include "scoreline/block.h"
#include "scoreline/error.h"
#include "scoreline/numeric.h"

/* The problem in inner units: column j is z = (x - centre[j]) * scale[j] and theta[j] the weight of
 * z, theta[n_columns] the intercept if there is one.  The scales are powers of two, so that nothing
 * is rounded but the difference to the centre: raw columns of any unit and origin become alike. */
struct sl_loss {
    const struct sl_matrix *x;
    const double           *y;
    double                  C;
    size_t                  n_columns;
    size_t                  n_theta;
    int                     n_blas; /* n_theta, as BLAS and LAPACK count */
    double                 *centre; /* [n_columns]; 0 without intercept */
    double                 *scale;  /* [n_columns] */
    void                   *memory; /* of the scratch below, which is aligned in it */
    double                 *block;  /* [n_theta][SL_LOSS_ROWS] */
    double                 *margin; /* [SL_LOSS_ROWS], as the next three */
    double                 *decay;  /* exp(-|margin|) */
    double                 *residual;
    double                 *loss;
    struct sl_sum          *sums; /* [n_theta] */
};

enum { SL_LOSS_ROWS = 1024 }; /* rows of a block; part of the results' last bits */

/** Measure the columns and make scratch; freed by sl_loss_release(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_loss_init(struct sl_loss *loss, const struct sl_matrix *x,
                                     const double *y, const struct sl_newton_opts *opts,
                                     struct sl_error *err);
void                    sl_loss_release(struct sl_loss *loss);

/** The objective at theta; infinite or NaN where it overflows. */
double sl_loss_value(struct sl_loss *loss, const double *theta);

/** The objective at theta, its gradient [n_theta], and the lower triangle of its Hessian [n_theta,
 *  n_theta], column-major. */
double sl_loss_derive(struct sl_loss *loss, const double *theta, double *gradient, double *hessian);

/**
 * Move the centres to the means weighted by the Hessian's weights, and theta with them.
 *
 * The rows that say where the boundary is may lie far from the mean of all: their margins would be
 * small differences of large numbers, and intercept and coefficients nearly collinear.
 */
void sl_loss_recentre(struct sl_loss *loss, const double *hessian, double *theta);

/** A bound of the rounding error of each item of the gradient. */
void sl_loss_gradient_noise(struct sl_loss *loss, const double *theta, double *noise);

/** Item j of a gradient, per unit of coefficient j instead of theta[j]. */
double sl_loss_outer_gradient(const struct sl_loss *loss, const double *gradient, size_t j);

/** Coefficients and intercept of the raw columns from theta. */
void sl_loss_unwrap(const struct sl_loss *loss, const double *theta, double *coef,
                    double *intercept);

#endif
