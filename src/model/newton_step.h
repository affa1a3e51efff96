/* Steps of the solver: with which Hessian they are made, and how far they go.  Private to the model
 * module. */
#ifndef SCORELINE_MODEL_NEWTON_STEP_H
#define SCORELINE_MODEL_NEWTON_STEP_H

#include <stdbool.h>

#include "loss.h"
#include "newton_system.h"

/* The solver: where it is, and what it knows of the way. */
struct sl_newton {
    struct sl_loss   loss;
    struct sl_system system;
    size_t           n; /* of theta */
    double           objective;
    double           rounding;       /* of an objective that may fall to 0 */
    double          *theta;          /* [n] where we are */
    double          *gradient;       /* [n] there */
    double          *step;           /* [n] */
    double          *trial;          /* [n]; where we were, while polishing */
    double          *trial_gradient; /* [n] */
    double           decrement;      /* squared: how far the last Newton step went; 0: not known */
    double           rate;           /* of the next step's length to that of this one */
    double           fresh_size; /* of the step that the factor was made for; 0: others followed */
    double           bend;       /* how much faster the Hessian changes than steps are long */
    bool             has_step;   /* `step` is that from theta, nothing left out */
    double           first_objective; /* where it started */
    double           enough;       /* norm of the gradient at which to end; 0: as far as it goes */
    bool             is_unbounded; /* there is no optimum, as far as can be seen */
    bool             is_stale;     /* the Hessian is that of a place other than theta */
};

extern const double
    sl_step_noise; /* of the objective: a smaller decrease is not to be seen in it */

/** Free what the solver holds. */
void sl_newton_release(struct sl_newton *s);
/** Whether a solution is made of numbers; SL_EINPUT. */
SL_MUST_CHECK sl_status sl_newton_check(const struct sl_newton *s, const double *coef,
                                        const double *intercept, struct sl_error *err);

/** Objective, gradient and Hessian at theta. */
void sl_step_derive(struct sl_newton *s);
/** The same without the Hessian, which stays that of another place. */
void sl_step_derive_gradient(struct sl_newton *s);

/**
 * The Newton step -H^-1 g and its decrement, perhaps with the factor of another place, which leaves
 * is_stale set; a Hessian that is wanted is made.
 *
 * Returns: false where there is none to be had.  cut = 0 wants all of it, more than that leaves out
 *          the directions of least curvature.
 */
bool sl_step_find(struct sl_newton *s, double cut);

/** Whether, after the step, the next one may do with the factor that made this one. */
bool sl_step_is_next_cheap(const struct sl_newton *s);

/** Leave in `trial` a point on the way of the step that is lower by a share of what the slope
 *  promises, with gradient and objective, and with a Hessian unless is_stale.  False if there is
 *  none: the Hessian is spoilt then. */
bool sl_step_search(struct sl_newton *s);

/** Of squares, at what Newton's method has found: go on along directions that the Hessian's
 * rounding hides, and where columns are collinear take the least coefficients if that is wanted;
 * SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_newton_settle_flat(struct sl_newton *s, bool lessens,
                                              struct sl_error *err);

#endif
