/* Objective, gradient and Hessian of a linear model.  Private to the model module. */
#ifndef SCORELINE_MODEL_LOSS_H
#define SCORELINE_MODEL_LOSS_H

#include <stdbool.h>
#include <stddef.h>

#include "inner.h"
#include "link.h"
#include "scoreline/block.h"
#include "scoreline/error.h"
#include "scoreline/numeric.h"

/* What is summed over rows: of a part, or of all. */
struct sl_loss_sums {
    struct sl_sum  value;
    struct sl_sum *sums; /* [n_outputs][n_slots] */
    double        *gram; /* [n_pairs][n_slots, n_slots], lower triangles */
};

/* What one thread works with, and what it has summed over a part of the rows. */
struct sl_loss_worker {
    void           *memory; /* of the batch, which is aligned in it */
    struct sl_batch batch;
    struct sl_link  link;
    double         *rooted;   /* [n_dense][ld] */
    double         *root;     /* [ld] */
    double         *products; /* [n_slots] */

    struct sl_loss_sums part;
};

/* What a pass over the rows is to find; each but the last two with what stands before it. */
enum sl_loss_depth {
    SL_LOSS_VALUE,
    SL_LOSS_GRADIENT,
    SL_LOSS_HESSIAN,
    SL_LOSS_NOISE,
    SL_LOSS_BEND
};

/* More than two classes have an output each, all else has one; theta [n_outputs][inner.n_columns].
 *
 * With several outputs the objective does not change where all outputs' intercepts are raised alike
 * (the gauge), and the penalty wants coefficients whose sum over the outputs is 0.  The solution is
 * the one whose intercepts sum to 0 as well: it is where solvers end that start from 0 and add up
 * gradients, such as scikit-learn's lbfgs.  theta is kept there by sl_loss_settle().
 *
 * Rank 0 solves; the others sum over their rows what it asks for, see sl_loss_serve(). */
struct sl_loss {
    struct sl_inner          inner;
    const struct sl_problem *problem;
    size_t                   n_outputs;
    size_t                   n_theta;
    size_t                   n_pairs;      /* of classes; see sl_link_root() */
    bool                     is_quadratic; /* one Hessian does for all theta */
    bool                     has_hessian;  /* and has been made */
    double                   all_C;        /* weight of the losses' sum over all rows; rank 0 */
    double                   C;            /* the same, or what makes up for rows left out */
    size_t                   stride;       /* every stride-th batch is looked at */
    size_t                   first_part;   /* of this rank */
    size_t                   n_parts;      /* of this rank */
    size_t                   n_totals;     /* classes; 2 where the label is a number */
    double                  *totals;       /* [n_totals] weight of all rows, by class; of numbers
                                              weight, and weight times label */
    double                *sampled;        /* [n_totals] of those looked at last */
    double                *slots;          /* [n_outputs][n_slots] theta */
    struct sl_loss_sums    sum;            /* of all parts; rank 0 */
    struct sl_loss_sums   *kept;           /* [n_parts] until they are sent; other ranks */
    int                    n_workers;
    struct sl_loss_worker *workers;
};

/** Measure the columns and make scratch; freed by sl_loss_release(); SL_ENOMEM.  Collective; what
 *  is below, but for sl_loss_serve(), is for rank 0. */
SL_MUST_CHECK sl_status sl_loss_init(struct sl_loss *loss, const struct sl_problem *problem,
                                     struct sl_error *err);
void                    sl_loss_release(struct sl_loss *loss);

/** Do what rank 0 asks for until it calls sl_loss_dismiss().  All ranks but 0. */
void sl_loss_serve(struct sl_loss *loss);
void sl_loss_dismiss(const struct sl_loss *loss); /* rank 0 */

/** Sum over the rows of all ranks at theta, into `sum`. */
void sl_loss_pass(struct sl_loss *loss, const double *theta, enum sl_loss_depth depth);
/** Sum over those of this rank; `sum`, or what is kept. */
void sl_loss_pass_here(struct sl_loss *loss, enum sl_loss_depth depth);
/** Add the sums of a part to those of all. */
void sl_loss_merge(struct sl_loss *loss, enum sl_loss_depth depth, const struct sl_loss_sums *part);
/** Weights in every stride-th batch of all ranks. */
void sl_loss_add_totals(struct sl_loss *loss, size_t stride, double *totals);

/** Those of all rows, and what follows from them: the first thing to ask for. */
void sl_loss_begin(struct sl_loss *loss);

/** Absolute residuals times margins' rounding, times columns: into a part's sums.  Spoils the
 *  batch. */
void sl_loss_add_noise(const struct sl_loss *loss, struct sl_loss_worker *w);

/** Second derivatives by each column of theta alone: into a part's sums.  Spoils the batch. */
void sl_loss_add_bend(const struct sl_loss *loss, struct sl_loss_worker *w);

/** Look at every stride-th batch of rows, with a C that makes up for the others.  False if a class
 *  is missing there: all are looked at then, as with a stride of 1. */
bool sl_loss_sample(struct sl_loss *loss, size_t stride);

/** The best theta without features, or near it; returns the objective there over all rows, or
 *  infinity where it is not known without looking at them. */
double sl_loss_start(const struct sl_loss *loss, double *theta);

/** Take the outputs' mean off theta, or off a step: without effect but in rounding, and on the
 *  gauge. */
void sl_loss_settle(const struct sl_loss *loss, double *theta);

/**
 * The objective at theta; infinite or NaN where it overflows.
 *
 * Shapes:  gradient [n_theta], hessian [n_theta, n_theta] its lower triangle, column-major; either
 *          may be NULL, a Hessian goes with a gradient.
 * Cost:    one pass over the rows: O(n_theta) a row, with a Hessian n_pairs * O(n_slots^2).
 */
double sl_loss_derive(struct sl_loss *loss, const double *theta, double *gradient, double *hessian);

/**
 * Move the centres to the means weighted by the Hessian's weights, and theta with them; returns how
 * far the one moved that moved most, in inner units.  Moves nothing if that is less than `least`.
 *
 * The rows that say where the boundary is may lie far from the mean of all: their margins would be
 * small differences of large numbers, and intercept and coefficients nearly collinear.
 */
double sl_loss_recentre(struct sl_loss *loss, const double *hessian, double least, double *theta);

/** The factor of the square of coefficient j in the penalty, doubled; of one output's columns. */
double sl_loss_pull(const struct sl_loss *loss, size_t j);
/** The intercept of raw columns of one output's theta. */
double sl_loss_intercept(const struct sl_loss *loss, const double *theta);

/** The diagonal of the Hessian. */
void sl_loss_bend(struct sl_loss *loss, const double *theta, double *bend);

/** A bound of the rounding error of each item of the gradient. */
void sl_loss_gradient_noise(struct sl_loss *loss, const double *theta, double *noise);

/** Item j of a gradient, per unit of coefficient j instead of theta[j]. */
double sl_loss_outer_gradient(const struct sl_loss *loss, const double *gradient, size_t j);

/** Theta from coefficients and intercepts as sl_loss_unwrap() makes them. */
void sl_loss_wrap(const struct sl_loss *loss, const double *coef, const double *intercept,
                  double *theta);

/** Coefficients [n_outputs][n_columns of the model] and intercepts [n_outputs] of raw columns. */
void sl_loss_unwrap(const struct sl_loss *loss, const double *theta, double *coef,
                    double *intercept);

#endif
