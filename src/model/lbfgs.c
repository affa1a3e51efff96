/* Limited-memory BFGS in columns that are scaled to about the same curvature: rare levels have
 * little of it, which would cost many steps.  The line search goes by slopes where the objective
 * cannot tell any more, so that it ends where the gradient is rounding.
 *
 * Source: Liu and Nocedal, On the limited memory BFGS method, Math. Programming 45, 1989. */
#include "lbfgs.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "newton_step.h"
#include "scoreline/memory.h"
#include "scoreline/stop.h"

enum { HISTORY = 20, MOST_TRIALS = 40, CHECK_EVERY = 25 };

struct lbfgs {
    struct sl_newton s; /* where it is; without a system */
    int              n_blas;
    double          *scale;            /* [n] of theta: 1 / root of its curvature at the start */
    double          *steps;            /* [HISTORY][n] in theta / scale */
    double          *bends;            /* [HISTORY][n] what they changed of the gradient * scale */
    double           inverse[HISTORY]; /* 1 / product of both */
    int              n_kept;
    int              newest;
    double           slope; /* of the objective along the step */
};

static sl_status lbfgs_init(struct lbfgs *l, struct sl_error *err)
{
    struct sl_newton *s = &l->s;
    sl_status         rc;

    s->n = s->loss.n_theta;
    SL_TRY(sl_int_from_i64((int64_t)s->n, "number of coefficients", &l->n_blas, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->theta, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->gradient, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->step, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->trial, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->trial_gradient, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &l->scale, err));
    SL_TRY(sl_alloc_array(s->n, HISTORY * sizeof(double), &l->steps, err));
    SL_TRY(sl_alloc_array(s->n, HISTORY * sizeof(double), &l->bends, err));
out:
    return rc;
}

static void lbfgs_release(struct lbfgs *l)
{
    free(l->scale);
    free(l->steps);
    free(l->bends);
    sl_newton_release(&l->s);
}

static void find_scale(struct lbfgs *l)
{
    sl_loss_bend(&l->s.loss, l->s.theta, l->scale);
    for (size_t j = 0; j < l->s.n; j++)
        l->scale[j] = l->scale[j] > 0.0 ? 1.0 / sqrt(l->scale[j]) : 1.0;
}

/* Minus the inverse Hessian times the gradient, as far as the last steps tell. */
static void find_step(struct lbfgs *l)
{
    double *step = l->s.step;
    double  share[HISTORY];

    for (size_t j = 0; j < l->s.n; j++)
        step[j] = -l->s.gradient[j] * l->scale[j];
    for (int i = 0; i < l->n_kept; i++) {
        const size_t k = (size_t)((l->newest - i + HISTORY) % HISTORY);

        share[i] = l->inverse[k] * cblas_ddot(l->n_blas, l->steps + k * l->s.n, 1, step, 1);
        cblas_daxpy(l->n_blas, -share[i], l->bends + k * l->s.n, 1, step, 1);
    }
    if (l->n_kept > 0) {
        const double *bend = l->bends + (size_t)l->newest * l->s.n;

        cblas_dscal(l->n_blas,
                    1.0 / (l->inverse[l->newest] * cblas_ddot(l->n_blas, bend, 1, bend, 1)), step,
                    1);
    }
    for (int i = l->n_kept - 1; i >= 0; i--) {
        const size_t k = (size_t)((l->newest - i + HISTORY) % HISTORY);
        const double back =
            l->inverse[k] * cblas_ddot(l->n_blas, l->bends + k * l->s.n, 1, step, 1);

        cblas_daxpy(l->n_blas, share[i] - back, l->steps + k * l->s.n, 1, step, 1);
    }
    for (size_t j = 0; j < l->s.n; j++)
        step[j] *= l->scale[j];
    l->slope = cblas_ddot(l->n_blas, step, 1, l->s.gradient, 1);
}

/* What the way to the trial tells of the curvature. */
static void remember(struct lbfgs *l)
{
    const int at = (l->newest + 1) % HISTORY;
    double   *step = l->steps + (size_t)at * l->s.n, *bend = l->bends + (size_t)at * l->s.n;
    double    product;

    for (size_t j = 0; j < l->s.n; j++) {
        step[j] = (l->s.trial[j] - l->s.theta[j]) / l->scale[j];
        bend[j] = (l->s.trial_gradient[j] - l->s.gradient[j]) * l->scale[j];
    }
    product = cblas_ddot(l->n_blas, step, 1, bend, 1);
    if (!(product > DBL_EPSILON * cblas_ddot(l->n_blas, bend, 1, bend, 1)))
        return;
    l->inverse[at] = 1.0 / product;
    l->newest = at;
    l->n_kept = l->n_kept < HISTORY ? l->n_kept + 1 : HISTORY;
}

/* Between the lengths too short and too long: the least of the parabola by both slopes, but within
 * reason. */
static double choose_length(double low, double high, double slope_low, double slope_high)
{
    double length = low - slope_low * (high - low) / (slope_high - slope_low);

    if (!isfinite(high))
        return 4.0 * fmax(low, 0.25);
    if (!isfinite(length) || length < low + 0.1 * (high - low) ||
        length > high - 0.1 * (high - low))
        length = 0.5 * (low + high);
    return length;
}

/* A place on the way where the objective has fallen, or cannot tell, and is less steep. */
static bool search(struct lbfgs *l)
{
    const double share = 1e-4, steep = 0.9;
    const double noise = sl_step_noise * fabs(l->s.objective);
    double       low = 0.0, high = INFINITY, slope_low = l->slope, slope_high = (double)NAN;
    double       length = 1.0;

    for (int i = 0; i < MOST_TRIALS; i++) {
        double objective, slope;

        for (size_t j = 0; j < l->s.n; j++)
            l->s.trial[j] = l->s.theta[j] + length * l->s.step[j];
        objective = sl_loss_derive(&l->s.loss, l->s.trial, l->s.trial_gradient, NULL);
        slope = cblas_ddot(l->n_blas, l->s.step, 1, l->s.trial_gradient, 1);
        if (!(objective <= l->s.objective + share * length * l->slope + noise) ||
            slope > -steep * l->slope) {
            high = length;
            slope_high = slope;
        } else if (slope < steep * l->slope) {
            low = length;
            slope_low = slope;
        } else {
            l->s.objective = objective;
            return true;
        }
        length = choose_length(low, high, slope_low, slope_high);
    }
    return false;
}

static double gradient_norm(const struct lbfgs *l)
{
    double norm = 0.0;

    for (size_t j = 0; j < l->s.n; j++)
        norm = fmax(norm, fabs(sl_loss_outer_gradient(&l->s.loss, l->s.gradient, j)));
    return fmin(norm, DBL_MAX);
}

/* Whether the gradient is no more than rounding; the step serves as scratch. */
static bool is_rounding(struct lbfgs *l)
{
    double *noise = l->s.step;
    double  most = 0.0;

    sl_loss_gradient_noise(&l->s.loss, l->s.theta, noise);
    for (size_t j = 0; j < l->s.n; j++)
        most = fmax(most, noise[j] * l->scale[j]);
    for (size_t j = 0; j < l->s.n; j++)
        if (!(fabs(l->s.gradient[j]) * l->scale[j] <= most))
            return false;
    return true;
}

static void take_trial(struct lbfgs *l)
{
    remember(l);
    memcpy(l->s.theta, l->s.trial, l->s.n * sizeof *l->s.theta);
    memcpy(l->s.gradient, l->s.trial_gradient, l->s.n * sizeof *l->s.gradient);
}

static bool is_vanishing(const struct lbfgs *l)
{
    const struct sl_problem *p = l->s.loss.problem;

    return p->kind == SL_LINK_LOG && !(p->l2 > 0.0) && l->s.objective < 1e-9 * l->s.first_objective;
}

/* Returns the number of steps. */
static int descend(struct lbfgs *l, double tol, int max_iter)
{
    for (int n_iter = 0; n_iter < max_iter && !sl_stop_asked(); n_iter++) {
        l->s.is_unbounded = is_vanishing(l);
        if (l->s.is_unbounded || gradient_norm(l) <= tol ||
            (n_iter % CHECK_EVERY == CHECK_EVERY - 1 && is_rounding(l)))
            return n_iter;
        find_step(l);
        if (l->slope < 0.0 && search(l)) {
            take_trial(l);
            continue;
        }
        if (l->n_kept == 0)
            return n_iter;
        l->n_kept = 0; /* what was learned on the way misleads */
        find_scale(l);
    }
    return max_iter;
}

/* Rank 0. */
static sl_status solve(struct lbfgs *l, const struct sl_newton_opts *opts, double *coef,
                       double *intercept, struct sl_newton_result *result, struct sl_error *err)
{
    struct sl_newton *s = &l->s;
    double            without;

    sl_loss_begin(&s->loss);
    without = sl_loss_start(&s->loss, s->theta);
    if (opts->is_warm)
        sl_loss_wrap(&s->loss, coef, intercept, s->theta);
    find_scale(l);
    s->objective = sl_loss_derive(&s->loss, s->theta, s->gradient, NULL);
    s->first_objective = isfinite(without) ? without : s->objective;
    result->n_iter = descend(l, opts->tol, opts->max_iter);
    result->objective = s->objective;
    result->gradient_norm = gradient_norm(l);
    result->is_unbounded = s->is_unbounded;
    result->converged = !s->is_unbounded && (result->gradient_norm <= opts->tol || is_rounding(l));
    sl_loss_unwrap(&s->loss, s->theta, coef, intercept);
    sl_loss_dismiss(&s->loss);
    return sl_newton_check(s, coef, intercept, err);
}

sl_status sl_lbfgs_fit(const struct sl_problem *problem, const struct sl_newton_opts *opts,
                       double *coef, double *intercept, struct sl_newton_result *result,
                       struct sl_error *err)
{
    const bool   solves = sl_comm_rank(problem->comm) == 0;
    struct lbfgs l = {.newest = HISTORY - 1};
    int          n_threads = openblas_get_num_threads();
    sl_status    rc;

    openblas_set_num_threads(1); /* more of them would sum in another order */
    SL_TRY(sl_loss_init(&l.s.loss, problem, err));
    rc = solves ? lbfgs_init(&l, err) : SL_OK;
    SL_TRY(sl_comm_agree(problem->comm, rc, err));
    if (solves)
        rc = solve(&l, opts, coef, intercept, result, err);
    else
        sl_loss_serve(&l.s.loss);
    rc = sl_comm_agree(problem->comm, rc, err);
out:
    lbfgs_release(&l);
    openblas_set_num_threads(n_threads);
    return rc;
}
