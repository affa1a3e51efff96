/* Proximal Newton, for penalties of absolute values and coefficients that are not to be less than
 * 0: in each step the losses are replaced by a parabola and the penalty is kept as it is; the
 * minimum of both is where the step goes, shortened if the objective does not fall.  Of squares the
 * parabola is the loss itself, and the first step is the solution: those behind it mend its last
 * digits, with a gradient that has twice of them. */
#include "prox.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lasso_step.h"
#include "newton_step.h"
#include "scoreline/memory.h"
#include "scoreline/stop.h"

enum { MOST_HALVINGS = 60 };

/* Of the objective: a decrease below this is not to be trusted. */
static const double objective_digits = 512.0 * DBL_EPSILON;

struct prox {
    struct sl_newton     s;         /* its objective is that of the smooth part */
    struct sl_lasso_step step;      /* from theta to step.z */
    double              *l1;        /* [n] by unit of theta */
    bool                *positive;  /* [n] */
    double               worth;     /* what the step promises, at least 0 */
    bool                 is_solved; /* the step goes to the minimum of what it is made for */
};

static sl_status prox_init(struct prox *p, const struct sl_problem *problem, struct sl_error *err)
{
    struct sl_newton *s = &p->s;
    sl_status         rc;

    s->n = s->loss.n_theta;
    SL_TRY(sl_system_init(&s->system, s->n, s->loss.n_outputs, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->theta, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->gradient, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->step, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->trial, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->trial_gradient, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &p->l1, err));
    SL_TRY(sl_alloc_array(s->n, sizeof *p->positive, &p->positive, err));
    SL_TRY(sl_lasso_step_init(&p->step, s->n, s->system.factor, err));
    p->step.hessian = s->system.hessian;
    p->step.gradient = s->gradient;
    p->step.at = s->theta;
    p->step.l1 = p->l1;
    p->step.positive = p->positive;
    for (size_t j = 0; j < s->n; j++) {
        const size_t column = j % s->loss.inner.n_columns;

        if (s->loss.inner.model_column[column] < 0)
            continue;
        p->l1[j] = problem->l1 * sl_inner_scale(&s->loss.inner, column);
        p->positive[j] = problem->is_positive;
    }
out:
    return rc;
}

static void prox_release(struct prox *p)
{
    sl_lasso_step_release(&p->step);
    free(p->l1);
    free(p->positive);
    sl_newton_release(&p->s);
}

static double penalty(const struct prox *p, const double *theta)
{
    double sum = 0.0;

    for (size_t j = 0; j < p->s.n; j++)
        sum += p->l1[j] * fabs(theta[j]);
    return sum;
}

/* Along the gauge the intercepts of several outputs have no curvature, and need none. */
static void bend_gauge(struct prox *p)
{
    const size_t n_columns = p->s.loss.inner.n_columns;
    const size_t one = p->s.loss.inner.n_numeric;
    const size_t k = p->s.loss.n_outputs;
    double      *hessian = p->s.system.hessian;
    double       mean = 0.0;

    if (k == 1 || !p->s.loss.problem->fit_intercept)
        return;
    for (size_t a = 0; a < k; a++)
        mean += hessian[(a * n_columns + one) * (p->s.n + 1)] / (double)k;
    for (size_t a = 0; a < k; a++)
        for (size_t b = a; b < k; b++)
            hessian[(a * n_columns + one) * p->s.n + b * n_columns + one] += mean / (double)k;
}

static void mirror(double *matrix, size_t n)
{
    for (size_t j = 0; j < n; j++)
        for (size_t i = j + 1; i < n; i++)
            matrix[i * n + j] = matrix[j * n + i];
}

/* The smooth part at a place, with gradient and Hessian; returns the objective. */
static double derive(struct prox *p, const double *theta, double *gradient)
{
    const bool   had_hessian = p->s.loss.is_quadratic && p->s.loss.has_hessian;
    const double smooth = sl_loss_derive(&p->s.loss, theta, gradient, p->s.system.hessian);

    if (!had_hessian) {
        bend_gauge(p);
        mirror(p->s.system.hessian, p->s.n);
    }
    return smooth + penalty(p, theta);
}

static void find_step(struct prox *p)
{
    const struct sl_newton *s = &p->s;
    double                  gain = 0.0;

    p->is_solved = sl_lasso_step_solve(&p->step);
    for (size_t j = 0; j < s->n; j++) {
        const double from = s->theta[j], to = p->step.z[j];

        gain -= s->gradient[j] * (to - from) + p->l1[j] * (fabs(to) - fabs(from));
    }
    p->worth = fmax(gain, 0.0);
}

static void go_to_trial(struct prox *p, double objective)
{
    memcpy(p->s.theta, p->s.trial, p->s.n * sizeof *p->s.theta);
    memcpy(p->s.gradient, p->s.trial_gradient, p->s.n * sizeof *p->s.gradient);
    p->s.objective = objective;
}

/* To a place on the way of the step that is lower by a share of what it promises. */
static bool search(struct prox *p)
{
    const double share = 1e-4;
    const double noise = sl_step_noise * fabs(p->s.objective);
    double       length = 1.0;

    for (int i = 0; i < MOST_HALVINGS; i++, length *= 0.5) {
        double objective;

        for (size_t j = 0; j < p->s.n; j++)
            p->s.trial[j] = length == 1.0 ? p->step.z[j]
                                          : p->s.theta[j] + length * (p->step.z[j] - p->s.theta[j]);
        objective = derive(p, p->s.trial, p->s.trial_gradient);
        if (objective <= p->s.objective - share * length * p->worth + noise) {
            go_to_trial(p, objective);
            return true;
        }
    }
    return false;
}

/* Of squares, whether the step that is left is rounding of theta or of the errors. */
static bool is_settled(const struct prox *p)
{
    const double digits = 16.0 * DBL_EPSILON;
    double       size = 0.0; /* squared, in the Hessian's units */

    for (size_t j = 0; j < p->s.n; j++)
        size += p->s.system.hessian[j * (p->s.n + 1)] * p->s.theta[j] * p->s.theta[j];
    return p->s.loss.is_quadratic && p->is_solved &&
           p->worth <= digits * digits * (p->s.objective + size);
}

/* Steps that the objective cannot tell, for as long as each promises much less than the one before.
 */
static int polish(struct prox *p, int max_iter)
{
    const double gain = 0.25;

    for (int n_iter = 0; n_iter < max_iter && !sl_stop_asked(); n_iter++) {
        const double before = p->worth;
        const double objective = p->s.objective;
        double      *theta = p->s.step, *gradient = p->s.trial_gradient;

        if (before == 0.0 || is_settled(p))
            return n_iter;
        memcpy(theta, p->s.theta, p->s.n * sizeof *theta);
        memcpy(gradient, p->s.gradient, p->s.n * sizeof *gradient);
        memcpy(p->s.theta, p->step.z, p->s.n * sizeof *p->s.theta);
        p->s.objective = derive(p, p->s.theta, p->s.gradient);
        find_step(p);
        if (p->worth <= gain * before)
            continue;
        if (p->worth <= before)
            return n_iter + 1;
        memcpy(p->s.theta, theta, p->s.n * sizeof *theta);
        memcpy(p->s.gradient, gradient, p->s.n * sizeof *gradient);
        p->s.objective = objective;
        return n_iter;
    }
    return max_iter;
}

static double subgradient(const struct prox *p, size_t j)
{
    return sl_lasso_subgradient(&p->step, p->s.gradient, p->s.theta, j);
}

/* Whether the subgradient is within tol, or no more than rounding; see newton.c. */
static bool is_optimum(struct prox *p, double tol, double *norm)
{
    const struct sl_inner *inner = &p->s.loss.inner;
    double                *noise = p->s.step;
    double                 most = 0.0;

    *norm = 0.0;
    for (size_t j = 0; j < p->s.n; j++)
        *norm = fmax(*norm, fabs(subgradient(p, j)) / sl_inner_scale(inner, j % inner->n_columns));
    if (*norm <= tol || is_settled(p))
        return true;
    sl_loss_gradient_noise(&p->s.loss, p->s.theta, noise);
    for (size_t j = 0; j < p->s.n; j++) {
        const double bend = p->s.system.hessian[j * (p->s.n + 1)];

        noise[j] += p->l1[j] * DBL_EPSILON;
        most = fmax(most, bend > 0.0 ? noise[j] / sqrt(bend) : 0.0);
    }
    for (size_t j = 0; j < p->s.n; j++) {
        const double bend = p->s.system.hessian[j * (p->s.n + 1)];

        if (bend > 0.0 && !(fabs(subgradient(p, j)) / sqrt(bend) <= most))
            return false;
    }
    return true;
}

/* Rank 0. */
static sl_status solve(struct prox *p, const struct sl_newton_opts *opts, double *coef,
                       double *intercept, struct sl_newton_result *result, struct sl_error *err)
{
    struct sl_newton *s = &p->s;
    int               n_iter = 0;
    double            rounding;

    sl_loss_begin(&s->loss);
    sl_loss_start(&s->loss, s->theta);
    if (opts->is_warm)
        sl_loss_wrap(&s->loss, coef, intercept, s->theta);
    for (size_t j = 0; j < s->n; j++)
        if (p->positive[j] && s->theta[j] < 0.0)
            s->theta[j] = 0.0;
    s->objective = derive(p, s->theta, s->gradient);
    rounding = s->loss.is_quadratic ? DBL_EPSILON * s->objective : 0.0;
    find_step(p);
    while (n_iter < opts->max_iter && !sl_stop_asked() &&
           p->worth > objective_digits * (fabs(s->objective) + rounding) && search(p)) {
        find_step(p);
        n_iter++;
    }
    n_iter += polish(p, opts->max_iter - n_iter);
    result->n_iter = n_iter;
    result->objective = s->objective;
    result->converged = is_optimum(p, opts->tol, &result->gradient_norm);
    sl_loss_unwrap(&s->loss, s->theta, coef, intercept);
    sl_loss_dismiss(&s->loss);
    return sl_newton_check(s, coef, intercept, err);
}

sl_status sl_prox_fit(const struct sl_problem *problem, const struct sl_newton_opts *opts,
                      double *coef, double *intercept, struct sl_newton_result *result,
                      struct sl_error *err)
{
    const bool  solves = sl_comm_rank(problem->comm) == 0;
    struct prox p = {.worth = 0.0};
    int         n_threads = openblas_get_num_threads();
    sl_status   rc;

    openblas_set_num_threads(1); /* more of them would sum in another order */
    SL_TRY(sl_loss_init(&p.s.loss, problem, err));
    rc = solves ? prox_init(&p, problem, err) : SL_OK;
    SL_TRY(sl_comm_agree(problem->comm, rc, err));
    if (solves)
        rc = solve(&p, opts, coef, intercept, result, err);
    else
        sl_loss_serve(&p.s.loss);
    rc = sl_comm_agree(problem->comm, rc, err);
out:
    prox_release(&p);
    openblas_set_num_threads(n_threads);
    return rc;
}
