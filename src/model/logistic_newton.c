/* Newton's method that cannot be thrown off: in centred and scaled columns (see logistic_loss.h),
 * with the Hessian scaled to a unit diagonal, directions left out in which it is numerically
 * singular, and a line search that takes no step without a decrease.  Where the decrease drowns in
 * the objective's rounding, which is at half the digits of theta, full steps go on for as long as
 * the Newton decrement (the length of the step in the Hessian's metric) shrinks: so it ends at the
 * optimum to the last digits, not where the objective stops changing. */
#include "logistic_newton.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "logistic_loss.h"
#include "scoreline/memory.h"

/* LAPACK as OpenBLAS has it; Fortran passes the lengths of texts behind the other arguments. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t n_uplo);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda,
             double *b, const int *ldb, int *info, size_t n_uplo);
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
            double *work, const int *lwork, int *info, size_t n_jobz, size_t n_uplo);

/* Of the objective: a decrease below the first is not to be seen in it, one below the second is not
 * to be trusted. */
static const double objective_noise = 4.0 * DBL_EPSILON;
static const double objective_digits = 512.0 * DBL_EPSILON;

enum { MAX_HALVINGS = 60 };
enum { EIGEN_WORK = 34 }; /* numbers per column that dsyev wants to work in blocks */

struct newton {
    struct sl_loss loss;
    double         objective;
    double        *theta;       /* [n] where we are */
    double        *gradient;    /* [n] there */
    double        *hessian;     /* [n, n] there, lower triangle */
    double        *factor;      /* [n, n] */
    double        *jacobi;      /* [n] 1 / root of the Hessian's diagonal */
    double        *step;        /* [n] */
    double        *trial;       /* [n]; where we were, while polishing */
    double        *eigenvalues; /* [n] */
    double        *work;        /* [EIGEN_WORK * n] */
    double         decrement;   /* squared: how far the last Newton step went */
};

static sl_status newton_init(struct newton *s, const struct sl_matrix *x, const double *y,
                             const struct sl_newton_opts *opts, struct sl_error *err);
static void      newton_release(struct newton *s);
static void      start(struct newton *s);
static void      recentre(struct newton *s);
static int       descend(struct newton *s, int max_iter);
static int       finish(struct newton *s, double tol, int max_iter);
static int       polish(struct newton *s, double cut, int max_iter);
static double    least_cut(const struct newton *s);
static bool      find_step(struct newton *s, double cut);
static bool      search_line(struct newton *s);
static void      derive(struct newton *s);
static double    gradient_norm(const struct newton *s);
static bool      is_optimum(struct newton *s, double tol);
static sl_status report(struct newton *s, const struct sl_newton_opts *opts, double *coef,
                        double *intercept, struct sl_newton_result *result, struct sl_error *err);

sl_status sl_newton_fit(const struct sl_matrix *x, const double *y,
                        const struct sl_newton_opts *opts, double *coef, double *intercept,
                        struct sl_newton_result *result, struct sl_error *err)
{
    struct newton s = {0};
    int           n_threads = openblas_get_num_threads();
    sl_status     rc;

    openblas_set_num_threads(1); /* more of them would sum in another order */
    SL_TRY(newton_init(&s, x, y, opts, err));
    start(&s);
    result->n_iter = descend(&s, opts->max_iter);
    recentre(&s);
    result->n_iter += descend(&s, opts->max_iter - result->n_iter);
    result->n_iter += finish(&s, opts->tol, opts->max_iter - result->n_iter);
    SL_TRY(report(&s, opts, coef, intercept, result, err));
out:
    newton_release(&s);
    openblas_set_num_threads(n_threads);
    return rc;
}

static sl_status newton_init(struct newton *s, const struct sl_matrix *x, const double *y,
                             const struct sl_newton_opts *opts, struct sl_error *err)
{
    size_t    n;
    sl_status rc;

    SL_TRY(sl_loss_init(&s->loss, x, y, opts, err));
    n = s->loss.n_theta;
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->theta, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->gradient, err));
    SL_TRY(sl_alloc_array(n, n * sizeof(double), &s->hessian, err));
    SL_TRY(sl_alloc_array(n, n * sizeof(double), &s->factor, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->jacobi, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->step, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->trial, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->eigenvalues, err));
    SL_TRY(sl_alloc_array(n, EIGEN_WORK * sizeof(double), &s->work, err));
out:
    return rc;
}

static void newton_release(struct newton *s)
{
    sl_loss_release(&s->loss);
    free(s->theta);
    free(s->gradient);
    free(s->hessian);
    free(s->factor);
    free(s->jacobi);
    free(s->step);
    free(s->trial);
    free(s->eigenvalues);
    free(s->work);
}

/* From the best model without features. */
static void start(struct newton *s)
{
    size_t n_rows = s->loss.x->n_rows;
    double n_ones = 0.0;

    for (size_t i = 0; i < n_rows; i++)
        n_ones += s->loss.y[i] != 0.0;
    if (s->loss.n_theta > s->loss.n_columns)
        s->theta[s->loss.n_columns] = log(n_ones) - log((double)n_rows - n_ones);
    derive(s);
}

/* The centres of the start are those of all rows; near the end we know which rows matter. */
static void recentre(struct newton *s)
{
    sl_loss_recentre(&s->loss, s->hessian, s->theta);
    derive(s);
}

static void derive(struct newton *s)
{
    s->objective = sl_loss_derive(&s->loss, s->theta, s->gradient, s->hessian);
}

/* Whether the objective can tell a step of that decrement. */
static bool is_visible(const struct newton *s)
{
    return s->decrement > objective_digits * fabs(s->objective);
}

/* Steps with line search while the objective shows that they are good ones; returns their number.
 */
static int descend(struct newton *s, int max_iter)
{
    for (int n_iter = 0; n_iter < max_iter; n_iter++) {
        double cut = 0.0;

        for (;;) {
            bool found = find_step(s, cut);

            if (found && !is_visible(s))
                return n_iter;
            if (found && search_line(s))
                break;
            cut = cut == 0.0 ? least_cut(s) : cut * 100.0;
            if (cut >= 1.0)
                return n_iter;
        }
        memcpy(s->theta, s->trial, s->loss.n_theta * sizeof *s->theta);
        derive(s);
    }
    return max_iter;
}

/* An eigenvalue of the scaled Hessian, relative to the largest, that is rounding and no more. */
static double least_cut(const struct newton *s)
{
    return 32.0 * DBL_EPSILON * (double)s->loss.n_theta;
}

/* The Hessian scaled to a unit diagonal, into `factor`: units of the columns do not matter then. */
static void scale_hessian(struct newton *s)
{
    size_t n = s->loss.n_theta;

    for (size_t j = 0; j < n; j++) {
        double diagonal = s->hessian[j * n + j];

        s->jacobi[j] = diagonal > 0.0 ? 1.0 / sqrt(diagonal) : 1.0;
    }
    for (size_t j = 0; j < n; j++) {
        for (size_t i = j; i < n; i++)
            s->factor[j * n + i] = s->hessian[j * n + i] * s->jacobi[i] * s->jacobi[j];
    }
}

/* Turns `step` from b into H^-1 b by a Cholesky factor; false if H is numerically singular. */
static bool solve_directly(struct newton *s)
{
    int       n = s->loss.n_blas;
    const int one = 1;
    int       info;

    dpotrf_("L", &n, s->factor, &n, &info, 1);
    for (size_t j = 0; info == 0 && j < s->loss.n_theta; j++) {
        double pivot = s->factor[j * s->loss.n_theta + j];

        if (!(pivot * pivot > least_cut(s)))
            return false;
    }
    if (info != 0)
        return false;
    dpotrs_("L", &n, &one, s->factor, &n, s->step, &n, &info, 1);
    return info == 0;
}

/* The same in the space of the eigenvectors whose values are above cut times the largest: along the
 * others, such as a difference of two equal columns, the Hessian knows nothing and we do not move.
 */
static bool solve_by_eigenvectors(struct newton *s, double cut)
{
    int           n = s->loss.n_blas;
    const int     n_work = EIGEN_WORK * n;
    const double *values = s->eigenvalues;
    int           info;

    dsyev_("V", "L", &n, s->factor, &n, s->eigenvalues, s->work, &n_work, &info, 1, 1);
    if (info != 0)
        return false;
    memcpy(s->work, s->step, s->loss.n_theta * sizeof *s->work);
    memset(s->step, 0, s->loss.n_theta * sizeof *s->step);
    for (int k = n - 1; k >= 0 && values[k] > cut * values[n - 1]; k--) {
        const double *vector = s->factor + (size_t)k * s->loss.n_theta;
        double        share = cblas_ddot(n, vector, 1, s->work, 1) / values[k];

        cblas_daxpy(n, share, vector, 1, s->step, 1);
    }
    return true;
}

/* The Newton step -H^-1 g and its decrement; false where there is none to be had.  cut = 0 wants
 * all of it, more than that leaves out the directions of least curvature. */
static bool find_step(struct newton *s, double cut)
{
    size_t n = s->loss.n_theta;
    double slope = 0.0;

    scale_hessian(s);
    for (size_t j = 0; j < n; j++)
        s->step[j] = -s->gradient[j] * s->jacobi[j];
    if (!(cut == 0.0 ? solve_directly(s) : solve_by_eigenvectors(s, cut)))
        return false;
    for (size_t j = 0; j < n; j++) {
        s->step[j] *= s->jacobi[j];
        slope += s->step[j] * s->gradient[j];
    }
    s->decrement = -slope;
    return isfinite(slope) && slope <= 0.0;
}

/* All of the step, or what of it is not rounding. */
static bool find_best_step(struct newton *s, double cut)
{
    return find_step(s, cut) || (cut == 0.0 && find_step(s, least_cut(s)));
}

/* The shorter step to try after `length` gave `objective`: the least of the parabola through what
 * is known, but within reason.  An objective that overflowed says only that it was far too long. */
static double shorten(const struct newton *s, double length, double objective)
{
    double rise = objective - s->objective + length * s->decrement;
    double best = 0.5 * length * length * s->decrement / rise;

    if (!isfinite(objective) || !(best > 0.1 * length))
        return 0.1 * length;
    return best < 0.5 * length ? best : 0.5 * length;
}

/* Leaves in `trial` a point that is lower by a share of what the slope promises. */
static bool search_line(struct newton *s)
{
    const double share = 1e-4;
    double       noise = objective_noise * fabs(s->objective);
    double       length = 1.0;

    for (int i = 0; i < MAX_HALVINGS; i++) {
        double objective;

        for (size_t j = 0; j < s->loss.n_theta; j++)
            s->trial[j] = s->theta[j] + length * s->step[j];
        objective = sl_loss_value(&s->loss, s->trial);
        if (objective <= s->objective - share * length * s->decrement + noise)
            return objective < s->objective;
        length = shorten(s, length, objective);
    }
    return false;
}

static void take_step(struct newton *s)
{
    memcpy(s->trial, s->theta, s->loss.n_theta * sizeof *s->trial);
    for (size_t j = 0; j < s->loss.n_theta; j++)
        s->theta[j] += s->step[j];
    derive(s);
}

/* Steps along directions of next to no curvature are mostly rounding, and long: they spoil what the
 * others have reached.  Where the gradient says so these are left out of more steps. */
static int finish(struct newton *s, double tol, int max_iter)
{
    int n_iter = polish(s, 0.0, max_iter);

    for (double cut = 1e-12; cut < 1e-3 && !is_optimum(s, tol); cut *= 1000.0)
        n_iter += polish(s, cut, max_iter - n_iter);
    return n_iter;
}

/* Full steps while each is to be followed by a much shorter one; returns the number of those taken.
 * The step that turns out to lead away is taken back. */
static int polish(struct newton *s, double cut, int max_iter)
{
    const double gain = 0.5; /* of the decrement, which is squared */

    if (!find_best_step(s, cut) || is_visible(s))
        return 0;
    for (int n_iter = 0; n_iter < max_iter; n_iter++) {
        double limit = s->objective + objective_noise * fabs(s->objective);
        double last = s->decrement;

        if (last == 0.0)
            return n_iter;
        take_step(s);
        if (!(s->objective <= limit) || !find_best_step(s, cut) || s->decrement >= last) {
            memcpy(s->theta, s->trial, s->loss.n_theta * sizeof *s->theta);
            derive(s);
            return n_iter;
        }
        if (s->decrement > gain * last)
            return n_iter + 1;
    }
    return max_iter;
}

static double gradient_norm(const struct newton *s)
{
    double norm = 0.0;

    for (size_t j = 0; j < s->loss.n_theta; j++)
        norm = fmax(norm, fabs(sl_loss_outer_gradient(&s->loss, s->gradient, j)));
    return fmin(norm, DBL_MAX);
}

/* Whether the gradient is within tol, or no more than rounding: with columns in large units no
 * theta makes it smaller than a tol that takes no account of them.  Compared in the units of the
 * scaled Hessian, in which all columns are alike.  The factor serves as scratch. */
static bool is_optimum(struct newton *s, double tol)
{
    double *noise = s->factor;
    double  most = 0.0;

    if (gradient_norm(s) <= tol)
        return true;
    sl_loss_gradient_noise(&s->loss, s->theta, noise);
    for (size_t j = 0; j < s->loss.n_theta; j++)
        most = fmax(most, noise[j] * s->jacobi[j]);
    for (size_t j = 0; j < s->loss.n_theta; j++) {
        if (!(fabs(s->gradient[j]) * s->jacobi[j] <= most))
            return false;
    }
    return true;
}

static sl_status report(struct newton *s, const struct sl_newton_opts *opts, double *coef,
                        double *intercept, struct sl_newton_result *result, struct sl_error *err)
{
    bool fits;

    result->objective = s->objective;
    result->gradient_norm = gradient_norm(s);
    result->converged = is_optimum(s, opts->tol);
    sl_loss_unwrap(&s->loss, s->theta, coef, intercept);
    fits = isfinite(s->objective) && isfinite(*intercept);
    for (size_t j = 0; j < s->loss.n_columns; j++)
        fits = fits && isfinite(coef[j]);
    if (!fits)
        return sl_fail(err, SL_EINPUT,
                       "the features are too large or too small for a fit in "
                       "double precision, scale them");
    return SL_OK;
}
