/* Least squares of columns that are collinear, or nearly.  A Gram matrix in doubles knows nothing
 * of directions whose curvature is less than its rounding.  How bent these are is found anew, from
 * gradients far out along each, which have the rows' own digits; so it is told which of them are
 * bent, and how far to go there, and which are flat.  Of the many solutions that differ along flat
 * ones that of the least coefficients is taken. */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "newton_step.h"
#include "scoreline/memory.h"

void dgels_(const char *trans, const int *m, const int *n, const int *nrhs, double *a,
            const int *lda, double *b, const int *ldb, double *work, const int *lwork, int *info,
            size_t n_trans);
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
            double *work, const int *lwork, int *info, size_t n_jobz, size_t n_uplo);

/* More weak directions than that are taken for flat: there are more columns than rows, most likely.
 */
enum { WORK_BLOCK = 64, MOST_BENT = 64, ROUNDS = 3, LESSENINGS = 2 };

/* Directions of next to no curvature, and room for what is found of them. */
struct weak {
    size_t  n;      /* of theta */
    size_t  n_weak; /* directions */
    size_t  n_flat; /* of them, which come first */
    double *basis;  /* [n_weak][n] as theta has them, the less bent first */
    double *in_raw; /* [n_weak][n] scratch: per unit of the raw columns, the intercept left out */
    double *bend;   /* [n_weak] curvature along each */
    double *cross;  /* [n_weak][n_weak] between them */
    double *target; /* [n] coefficients, then how far to go */
    double *work;   /* [n_weak * (WORK_BLOCK + 1)] */
};

static sl_status weak_init(struct weak *w, size_t n, size_t n_weak, struct sl_error *err)
{
    sl_status rc;

    *w = (struct weak){.n = n, .n_weak = n_weak, .n_flat = n_weak};
    SL_TRY(sl_alloc_array(n_weak, n * sizeof(double), &w->basis, err));
    SL_TRY(sl_alloc_array(n_weak, n * sizeof(double), &w->in_raw, err));
    SL_TRY(sl_alloc_array(n_weak, sizeof(double), &w->bend, err));
    SL_TRY(
        sl_alloc_array(n_weak <= MOST_BENT ? n_weak : 0, n_weak * sizeof(double), &w->cross, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &w->target, err));
    SL_TRY(sl_alloc_array(n_weak * (WORK_BLOCK + 1), sizeof(double), &w->work, err));
out:
    return rc;
}

static void weak_release(struct weak *w)
{
    free(w->basis);
    free(w->in_raw);
    free(w->bend);
    free(w->cross);
    free(w->target);
    free(w->work);
}

/* --- how bent they are ------------------------------------------------------------------------ */

/* So far out that what a flat direction leaves of the margins by rounding is as large as the
 * errors: nearer by, the rounding of the errors' own sums is taken for a bend. */
static double choose_distance(const struct sl_newton *s)
{
    return sqrt(s->objective + 1e-6 * s->first_objective) / DBL_EPSILON;
}

static void find_cross(struct sl_newton *s, struct weak *w, double distance)
{
    const int n = (int)w->n;

    for (size_t i = 0; i < w->n_weak; i++) {
        memcpy(s->trial, s->theta, w->n * sizeof *s->trial);
        cblas_daxpy(n, distance, w->basis + i * w->n, 1, s->trial, 1);
        sl_loss_derive(&s->loss, s->trial, s->trial_gradient, NULL);
        cblas_daxpy(n, -1.0, s->gradient, 1, s->trial_gradient, 1);
        for (size_t j = 0; j < w->n_weak; j++)
            w->cross[i * w->n_weak + j] =
                cblas_ddot(n, w->basis + j * w->n, 1, s->trial_gradient, 1) / distance;
    }
    for (size_t i = 0; i < w->n_weak; i++)
        for (size_t j = i; j < w->n_weak; j++)
            w->cross[i * w->n_weak + j] =
                0.5 * (w->cross[i * w->n_weak + j] + w->cross[j * w->n_weak + i]);
}

/* To directions that have nothing to do with each other; false if it fails. */
static bool turn(struct weak *w)
{
    const int n = (int)w->n, n_weak = (int)w->n_weak;
    const int n_work = n_weak * (WORK_BLOCK + 1);
    int       info;

    dsyev_("V", "L", &n_weak, w->cross, &n_weak, w->bend, w->work, &n_work, &info, 1, 1);
    if (info != 0)
        return false;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n_weak, n_weak, 1.0, w->basis, n,
                w->cross, n_weak, 0.0, w->in_raw, n);
    memcpy(w->basis, w->in_raw, w->n * w->n_weak * sizeof *w->basis);
    return true;
}

/* Columns whose combination is constant to their last digits leave the squares of these.  The Gram
 * matrix's rounding has turned the directions towards others, the more so the less bent these are:
 * by its digits over their bend, of which they have the square; what is constant to within 1e-9
 * alone is bent all the same. */
static void count_flat(const struct sl_newton *s, struct weak *w)
{
    const double *values = s->system.eigenvalues;
    const double  digits = 8.0 * DBL_EPSILON * (double)w->n;
    const double  turned = 8.0 * DBL_EPSILON;
    const double  next = w->n_weak < w->n ? values[w->n_weak] : 1.0;
    const double  most = fmax(digits * digits, fmin(turned * turned * (double)w->n / next, 1e-19));

    for (w->n_flat = 0; w->n_flat < w->n_weak; w->n_flat++)
        if (w->bend[w->n_flat] > most)
            return;
}

/* --- solving ---------------------------------------------------------------------------------- */

/* Along the weak directions that are bent, then along all others; false where that was no way down.
 */
static bool improve(struct sl_newton *s, const struct weak *w, double cut)
{
    const double before = s->objective;
    const int    n = (int)w->n;

    memcpy(s->trial, s->theta, w->n * sizeof *s->trial);
    for (size_t i = w->n_flat; i < w->n_weak; i++) {
        const double *direction = w->basis + i * w->n;

        cblas_daxpy(n, -cblas_ddot(n, direction, 1, s->gradient, 1) / w->bend[i], direction, 1,
                    s->theta, 1);
    }
    sl_step_derive_gradient(s);
    if (sl_system_solve_cut(&s->system, cut, s->gradient, s->step) &&
        sl_system_size(&s->system, s->step) >
            DBL_EPSILON * sl_system_size(&s->system, s->theta)) { /* else it is rounding */
        cblas_daxpy(n, 1.0, s->step, 1, s->theta, 1);
        sl_step_derive_gradient(s);
    }
    if (s->objective <= before + sl_step_noise * fabs(before))
        return true;
    memcpy(s->theta, s->trial, w->n * sizeof *s->theta);
    sl_step_derive_gradient(s);
    return false;
}

/* The basis becomes the flat directions. */
static void bend_weak(struct sl_newton *s, struct weak *w, double cut)
{
    const double distance = choose_distance(s);

    if (!(distance > 0.0) || w->cross == NULL || w->n_weak > MOST_BENT)
        return;
    sl_step_derive_gradient(s);
    find_cross(s, w, distance);
    if (!turn(w))
        return;
    count_flat(s, w);
    for (int i = 0; i < ROUNDS && w->n_flat < w->n_weak && improve(s, w, cut); i++)
        ;
}

/* --- the least coefficients ------------------------------------------------------------------- */

static double raw_scale(const struct sl_loss *loss, size_t j)
{
    return loss->inner.model_column[j] < 0 ? 0.0 : sl_inner_scale(&loss->inner, j);
}

static bool find_lengths(struct weak *w)
{
    const int n = (int)w->n, n_flat = (int)w->n_flat, one = 1;
    const int n_work = n_flat * (WORK_BLOCK + 1);
    int       info;

    dgels_("N", &n, &n_flat, &one, w->in_raw, &n, w->target, &n, w->work, &n_work, &info, 1);
    return info == 0;
}

static void lessen(struct sl_newton *s, struct weak *w, double cut)
{
    const size_t n = w->n;

    for (size_t j = 0; j < n; j++) {
        const double scale = raw_scale(&s->loss, j);

        w->target[j] = s->theta[j] * scale;
        for (size_t k = 0; k < w->n_flat; k++)
            w->in_raw[k * n + j] = w->basis[k * n + j] * scale;
    }
    if (!find_lengths(w))
        return;
    for (size_t k = 0; k < w->n_flat; k++)
        cblas_daxpy((int)n, -w->target[k], w->basis + k * n, 1, s->theta, 1);
    sl_step_derive_gradient(s);
    improve(s, w, cut); /* what flat directions had of others */
}

sl_status sl_newton_settle_flat(struct sl_newton *s, bool lessens, struct sl_error *err)
{
    double       cut;
    const size_t n_weak = sl_system_count_weak(&s->system, &cut);
    struct weak  w = {0};
    sl_status    rc = SL_OK;

    if (n_weak == 0)
        return SL_OK;
    SL_TRY(weak_init(&w, s->n, n_weak, err));
    sl_system_weak(&s->system, n_weak, w.basis);
    bend_weak(s, &w, cut);
    for (int i = 0; i < LESSENINGS && lessens && w.n_flat > 0; i++)
        lessen(s, &w, cut);
out:
    weak_release(&w);
    return rc;
}
