/* Newton's method that cannot be thrown off: in centred and scaled columns (see inner.h),
 * with the Hessian scaled to a unit diagonal, directions left out in which it is numerically
 * singular, and a line search that takes no step without a decrease.  Where the decrease drowns in
 * the objective's rounding, which is at half the digits of theta, full steps go on for as long as
 * the Newton decrement (the length of the step in the Hessian's metric) shrinks: so it ends at the
 * optimum to the last digits, not where the objective stops changing.
 *
 * Passes over the rows are what it costs.  Many rows are first looked at in part, which brings
 * theta to within the part's sampling error for a fraction of a pass; a step is tried together with
 * the derivatives that the next one needs; and steps go on with an older Hessian where that is the
 * cheaper way to the last digits (see newton_step.c). */
#include "newton.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "newton_step.h"
#include "scoreline/memory.h"
#include "scoreline/stop.h"

/* Of the objective: a decrease below this is not to be trusted. */
static const double objective_digits = 512.0 * DBL_EPSILON;

/* Of the objective: a sampled decrement below this says less than the sample's error. */
static const double sample_digits = 1e-5;

enum { SAMPLE_STRIDE = 16, SAMPLE_STEPS = 20, SAMPLE_ROWS_PER_THETA = 32 };
enum { SAMPLED_ROWS = 1 << 16 }; /* fewer are all looked at from the start */

static sl_status newton_init(struct sl_newton *s, struct sl_error *err);
static sl_status solve(struct sl_newton *s, const struct sl_newton_opts *opts, double *coef,
                       double *intercept, struct sl_newton_result *result, struct sl_error *err);
static void      start(struct sl_newton *s, const struct sl_newton_opts *opts, const double *coef,
                       const double *intercept);
static void      start_from_sample(struct sl_newton *s, int max_iter);
static void      recentre(struct sl_newton *s);
static int       descend(struct sl_newton *s, int max_iter, double digits);
static int       finish(struct sl_newton *s, double tol, int max_iter);
static int       polish(struct sl_newton *s, double cut, int max_iter);
static bool      is_optimum(struct sl_newton *s, double tol);
static sl_status report(struct sl_newton *s, const struct sl_newton_opts *opts, double *coef,
                        double *intercept, struct sl_newton_result *result, struct sl_error *err);

sl_status sl_newton_fit(const struct sl_problem *problem, const struct sl_newton_opts *opts,
                        double *coef, double *intercept, struct sl_newton_result *result,
                        struct sl_error *err)
{
    const bool       solves = sl_comm_rank(problem->comm) == 0;
    struct sl_newton s = {.bend = 1.0};
    int              n_threads = openblas_get_num_threads();
    sl_status        rc;

    openblas_set_num_threads(1); /* more of them would sum in another order */
    SL_TRY(sl_loss_init(&s.loss, problem, err));
    rc = solves ? newton_init(&s, err) : SL_OK;
    SL_TRY(sl_comm_agree(problem->comm, rc, err));
    if (solves)
        rc = solve(&s, opts, coef, intercept, result, err);
    else
        sl_loss_serve(&s.loss);
    rc = sl_comm_agree(problem->comm, rc, err);
out:
    sl_newton_release(&s);
    openblas_set_num_threads(n_threads);
    return rc;
}

/* Rank 0. */
static sl_status solve(struct sl_newton *s, const struct sl_newton_opts *opts, double *coef,
                       double *intercept, struct sl_newton_result *result, struct sl_error *err)
{
    sl_status rc;

    sl_loss_begin(&s->loss);
    s->enough = opts->ends_at_tol ? opts->tol : 0.0;
    start(s, opts, coef, intercept);
    result->n_iter = descend(s, opts->max_iter, objective_digits);
    recentre(s);
    result->n_iter += descend(s, opts->max_iter - result->n_iter, objective_digits);
    if (!s->is_unbounded)
        result->n_iter += finish(s, opts->tol, opts->max_iter - result->n_iter);
    rc = s->loss.is_quadratic ? sl_newton_settle_flat(s, opts->lessens, err) : SL_OK;
    if (rc == SL_OK)
        rc = report(s, opts, coef, intercept, result, err);
    sl_loss_dismiss(&s->loss);
    return rc;
}

static sl_status newton_init(struct sl_newton *s, struct sl_error *err)
{
    sl_status rc;

    s->n = s->loss.n_theta;
    SL_TRY(sl_system_init(&s->system, s->n, s->loss.n_outputs, err));
    s->system.is_constant = s->loss.is_quadratic;
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->theta, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->gradient, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->step, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->trial, err));
    SL_TRY(sl_alloc_array(s->n, sizeof(double), &s->trial_gradient, err));
out:
    return rc;
}

void sl_newton_release(struct sl_newton *s)
{
    sl_loss_release(&s->loss);
    sl_system_release(&s->system);
    free(s->theta);
    free(s->gradient);
    free(s->step);
    free(s->trial);
    free(s->trial_gradient);
}

/* All of the step, or what of it is not rounding. */
static bool find_best_step(struct sl_newton *s, double cut)
{
    return sl_step_find(s, cut) || (cut == 0.0 && sl_step_find(s, sl_system_least_cut(&s->system)));
}

/* How many batches of rows go on one that is sampled; 1: none is left out. */
static size_t choose_stride(const struct sl_newton *s)
{
    size_t n_rows = s->loss.problem->parts.n_rows;
    size_t most = n_rows / (SAMPLE_ROWS_PER_THETA * s->n);

    if (s->loss.is_quadratic || n_rows < SAMPLED_ROWS || most < 4)
        return 1;
    return most < SAMPLE_STRIDE ? most : SAMPLE_STRIDE;
}

/* From what is given, else from the best model without features, or what a sample says unless that
 * is worse. */
static void start(struct sl_newton *s, const struct sl_newton_opts *opts, const double *coef,
                  const double *intercept)
{
    const int    max_iter = opts->max_iter;
    const double without = sl_loss_start(&s->loss, s->theta);
    const size_t stride = choose_stride(s);

    s->first_objective = without;
    if (opts->is_warm && !s->loss.is_quadratic) {
        sl_loss_wrap(&s->loss, coef, intercept, s->theta);
        sl_step_derive(s);
        if (s->objective <= without)
            return;
        sl_loss_start(&s->loss, s->theta);
    } else if (stride > 1 && sl_loss_sample(&s->loss, stride)) {
        start_from_sample(s, max_iter < SAMPLE_STEPS ? max_iter : SAMPLE_STEPS);
        if (s->objective <= without)
            return;
        sl_loss_start(&s->loss, s->theta);
    }
    sl_step_derive(s);
    s->first_objective = s->objective;
    if (s->loss.is_quadratic)
        s->rounding = DBL_EPSILON * s->objective;
}

/* The sample's Hessian serves for the first steps as well: it is off by the sampling error. */
static void start_from_sample(struct sl_newton *s, int max_iter)
{
    const double n_rows = (double)s->loss.problem->parts.n_rows / (double)s->loss.stride;

    sl_step_derive(s);
    descend(s, max_iter, sample_digits);
    recentre(s);
    if (!s->is_stale)
        sl_system_factor(&s->system);
    sl_loss_sample(&s->loss, 1);
    sl_step_derive_gradient(s);
    s->decrement = 0.0;
    s->fresh_size = 0.0;
    s->rate = 2.0 * sqrt((double)s->n / n_rows);
}

/* The centres of the start are those of all rows; near the end we know which rows matter. */
static void recentre(struct sl_newton *s)
{
    const double near = 0.5; /* a centre is good enough there, in units of about a deviation */

    if (sl_loss_recentre(&s->loss, s->system.hessian, near, s->theta) < near)
        return;
    sl_system_forget(&s->system);
    sl_step_derive(s);
}

/* Whether the objective, known to so many digits, can tell a step of that decrement. */
static bool is_visible(const struct sl_newton *s, double digits)
{
    return s->decrement > digits * (fabs(s->objective) + s->rounding);
}

/* Without a penalty there may be no optimum: where classes can be told apart without error the
 * objective falls to 0 as coefficients grow; where they can in part, or a level has no counts,
 * steps stay long that the objective cannot tell any more. */
static bool is_free(const struct sl_newton *s)
{
    return !(s->loss.problem->l2 > 0.0) && !s->loss.is_quadratic;
}

static bool is_vanishing(const struct sl_newton *s)
{
    const double share = 1e-9;

    return is_free(s) && s->loss.problem->kind == SL_LINK_LOG &&
           s->objective < share * s->first_objective;
}

static bool is_step_long(const struct sl_newton *s)
{
    const double share = 1e-3; /* in units of about a deviation */
    double       most = 1.0, step = 0.0;

    for (size_t j = 0; j < s->n; j++) {
        most = fmax(most, fabs(s->theta[j]));
        step = fmax(step, fabs(s->step[j]));
    }
    return is_free(s) && step > share * most;
}

static double gradient_norm(const struct sl_newton *s)
{
    double norm = 0.0;

    for (size_t j = 0; j < s->n; j++)
        norm = fmax(norm, fabs(sl_loss_outer_gradient(&s->loss, s->gradient, j)));
    return fmin(norm, DBL_MAX);
}

static bool is_near_enough(const struct sl_newton *s)
{
    return s->enough > 0.0 && s->loss.stride == 1 && gradient_norm(s) <= s->enough;
}

/* Steps with line search while the objective shows that they are good ones; returns their number.
 */
static int descend(struct sl_newton *s, int max_iter, double digits)
{
    for (int n_iter = 0; n_iter < max_iter && !sl_stop_asked(); n_iter++) {
        double cut = 0.0;

        s->is_unbounded = is_vanishing(s);
        if (s->is_unbounded || is_near_enough(s))
            return n_iter;
        for (;;) {
            bool found = sl_step_find(s, cut);
            bool is_old = s->is_stale; /* the Hessian that made the step */

            if (found && !is_visible(s, digits))
                return n_iter;
            if (found && sl_step_search(s))
                break;
            if (is_old) {
                sl_step_derive(s);
                continue;
            }
            cut = cut == 0.0 ? sl_system_least_cut(&s->system) : cut * 100.0;
            if (cut >= 1.0)
                return n_iter;
        }
        memcpy(s->theta, s->trial, s->n * sizeof *s->theta);
        memcpy(s->gradient, s->trial_gradient, s->n * sizeof *s->gradient);
        s->has_step = false;
    }
    return max_iter;
}

/* Steps along directions of next to no curvature are mostly rounding, and long: they spoil what the
 * others have reached.  Where the gradient says so these are left out of more steps. */
static int finish(struct sl_newton *s, double tol, int max_iter)
{
    int n_iter = polish(s, 0.0, max_iter);

    for (double cut = 1e-12; cut < 1e-3 && !is_optimum(s, tol); cut *= 1000.0)
        n_iter += polish(s, cut, max_iter - n_iter);
    return n_iter;
}

static void take_step(struct sl_newton *s)
{
    const bool is_cheap = sl_step_is_next_cheap(s);

    memcpy(s->trial, s->theta, s->n * sizeof *s->trial);
    memcpy(s->trial_gradient, s->gradient, s->n * sizeof *s->trial_gradient);
    for (size_t j = 0; j < s->n; j++)
        s->theta[j] += s->step[j];
    sl_loss_settle(&s->loss, s->theta);
    if (is_cheap)
        sl_step_derive_gradient(s);
    else
        sl_step_derive(s);
}

static void take_back(struct sl_newton *s, double objective)
{
    memcpy(s->theta, s->trial, s->n * sizeof *s->theta);
    memcpy(s->gradient, s->trial_gradient, s->n * sizeof *s->gradient);
    s->objective = objective;
    s->is_stale = true;
    s->has_step = false;
    s->system.is_factored = false;
}

/* Of squares, whether the step that is left is rounding of theta or of the errors: it goes to the
 * optimum, so that no more is to be asked. */
static bool is_settled(const struct sl_newton *s)
{
    const double digits = 16.0 * DBL_EPSILON;
    double       size;

    if (!s->loss.is_quadratic || !s->has_step)
        return false;
    size = sl_system_size(&s->system, s->theta);
    return s->decrement <= digits * digits * (s->objective + size * size);
}

/* Whether the step is no more than theta's own rounding. */
static bool is_rounding(const struct sl_newton *s)
{
    return sl_system_size(&s->system, s->step) <=
           DBL_EPSILON * sl_system_size(&s->system, s->theta);
}

/* Full steps while each is to be followed by a much shorter one; returns the number of those taken.
 * The step that turns out to lead away is taken back.  Where margins are large the objective may
 * seem to rise by their rounding: a much shorter step to follow says more. */
static int polish(struct sl_newton *s, double cut, int max_iter)
{
    const double gain = 0.5, good_gain = 0.01; /* of the decrement, which is squared */
    const double margin_noise = 1e-9;          /* of the objective, where terms are huge */

    if (is_near_enough(s) || !find_best_step(s, cut) || is_visible(s, objective_digits))
        return 0;
    for (int n_iter = 0; n_iter < max_iter && !sl_stop_asked(); n_iter++) {
        double before = s->objective;
        double last = s->decrement;
        double rise;
        bool   found;

        s->is_unbounded = is_step_long(s);
        if (last == 0.0 || s->is_unbounded || is_rounding(s) || is_settled(s) || is_near_enough(s))
            return n_iter;
        take_step(s);
        if (is_near_enough(s))
            return n_iter + 1;
        found = find_best_step(s, cut);
        rise = found && s->decrement < good_gain * last ? margin_noise : sl_step_noise;
        if (!(s->objective <= before + rise * fabs(before)) || !found || s->decrement >= last) {
            take_back(s, before);
            return n_iter;
        }
        if (s->decrement > gain * last)
            return n_iter + 1;
    }
    return max_iter;
}

/* Whether the gradient is within tol, or no more than rounding: with columns in large units no
 * theta makes it smaller than a tol that takes no account of them.  Compared in the units of the
 * scaled Hessian, in which all columns are alike.  The step serves as scratch. */
static bool is_optimum(struct sl_newton *s, double tol)
{
    const double *jacobi = s->system.jacobi;
    double       *noise = s->step;
    double        most = 0.0;

    if (gradient_norm(s) <= tol || is_settled(s))
        return true;
    s->has_step = false;
    sl_loss_gradient_noise(&s->loss, s->theta, noise);
    for (size_t j = 0; j < s->n; j++)
        most = fmax(most, noise[j] * jacobi[j]);
    for (size_t j = 0; j < s->n; j++) {
        if (!(fabs(s->gradient[j]) * jacobi[j] <= most))
            return false;
    }
    return true;
}

sl_status sl_newton_check(const struct sl_newton *s, const double *coef, const double *intercept,
                          struct sl_error *err)
{
    const size_t n_coef = s->loss.n_outputs * (size_t)s->loss.problem->terms->n_columns;
    bool         fits = isfinite(s->objective);

    for (size_t k = 0; k < s->loss.n_outputs; k++)
        fits = fits && isfinite(intercept[k]);
    for (size_t j = 0; j < n_coef; j++)
        fits = fits && isfinite(coef[j]);
    if (!fits)
        return sl_fail(err, SL_EINPUT,
                       "the features are too large or too small for a fit in "
                       "double precision, scale them");
    return SL_OK;
}

static sl_status report(struct sl_newton *s, const struct sl_newton_opts *opts, double *coef,
                        double *intercept, struct sl_newton_result *result, struct sl_error *err)
{
    result->objective = s->objective;
    result->gradient_norm = gradient_norm(s);
    result->converged = is_optimum(s, opts->tol) && !s->is_unbounded;
    result->is_unbounded = s->is_unbounded;
    sl_loss_unwrap(&s->loss, s->theta, coef, intercept);
    return sl_newton_check(s, coef, intercept, err);
}
