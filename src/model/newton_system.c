/* Newton steps by a Cholesky factor, or in the space of eigenvectors where there is none. */
#include "newton_system.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

/* LAPACK as OpenBLAS has it; Fortran passes the lengths of texts behind the other arguments. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t n_uplo);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda,
             double *b, const int *ldb, int *info, size_t n_uplo);
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
            double *work, const int *lwork, int *info, size_t n_jobz, size_t n_uplo);

enum { EIGEN_WORK = 34 }; /* numbers per column that dsyev wants to work in blocks */

sl_status sl_system_init(struct sl_system *system, size_t n, size_t n_outputs, struct sl_error *err)
{
    sl_status rc;

    *system = (struct sl_system){.n = n, .n_outputs = n_outputs};
    SL_TRY(sl_int_from_i64((int64_t)n, "number of coefficients", &system->n_blas, err));
    SL_TRY(sl_alloc_array(n, n * sizeof(double), &system->hessian, err));
    SL_TRY(sl_alloc_array(n, n * sizeof(double), &system->factor, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &system->jacobi, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &system->eigenvalues, err));
    SL_TRY(sl_alloc_array(n, EIGEN_WORK * sizeof(double), &system->work, err));
out:
    if (rc != SL_OK)
        sl_system_release(system);
    return rc;
}

void sl_system_release(struct sl_system *system)
{
    free(system->hessian);
    free(system->factor);
    free(system->jacobi);
    free(system->eigenvalues);
    free(system->work);
    *system = (struct sl_system){0};
}

double sl_system_least_cut(const struct sl_system *system)
{
    return 32.0 * DBL_EPSILON * (double)system->n;
}

/* The curvature that a column is given along the gauge: without effect on the step, which has no
 * part in it as the gradient has none, but the matrix is regular. */
static double gauge_curvature(const struct sl_system *s, size_t j)
{
    const size_t n_columns = s->n / s->n_outputs;
    double       sum = 0.0;

    for (size_t k = 0; k < s->n_outputs; k++)
        sum += s->hessian[(k * n_columns + j) * (s->n + 1)];
    return sum / (double)(s->n_outputs * s->n_outputs);
}

static void add_gauge(struct sl_system *s)
{
    const size_t n_columns = s->n / s->n_outputs;

    for (size_t j = 0; s->n_outputs > 1 && j < n_columns; j++) {
        double curvature = gauge_curvature(s, j);

        for (size_t a = 0; a < s->n_outputs; a++)
            for (size_t b = a; b < s->n_outputs; b++)
                s->factor[(a * n_columns + j) * s->n + b * n_columns + j] += curvature;
    }
}

/* Into `factor`. */
static void scale_hessian(struct sl_system *s)
{
    const size_t n = s->n;

    memcpy(s->factor, s->hessian, n * n * sizeof *s->factor);
    add_gauge(s);
    for (size_t j = 0; j < n; j++) {
        double diagonal = s->factor[j * n + j];

        s->jacobi[j] = diagonal > 0.0 ? 1.0 / sqrt(diagonal) : 1.0;
    }
    for (size_t j = 0; j < n; j++) {
        for (size_t i = j; i < n; i++)
            s->factor[j * n + i] = s->factor[j * n + i] * s->jacobi[i] * s->jacobi[j];
    }
}

bool sl_system_factor(struct sl_system *s)
{
    int info;

    if (s->is_constant && (s->is_factored || s->has_eigen))
        return s->is_factored;
    scale_hessian(s);
    s->is_factored = false;
    dpotrf_("L", &s->n_blas, s->factor, &s->n_blas, &info, 1);
    if (info != 0)
        return false;
    for (size_t j = 0; j < s->n; j++) {
        double pivot = s->factor[j * s->n + j];

        if (!(pivot * pivot > sl_system_least_cut(s)))
            return false;
    }
    s->is_factored = true;
    return true;
}

void sl_system_forget(struct sl_system *s)
{
    s->is_factored = false;
    s->has_eigen = false;
}

bool sl_system_solve(struct sl_system *s, const double *gradient, double *step)
{
    const int one = 1;
    int       info;

    for (size_t j = 0; j < s->n; j++)
        step[j] = -gradient[j] * s->jacobi[j];
    dpotrs_("L", &s->n_blas, &one, s->factor, &s->n_blas, step, &s->n_blas, &info, 1);
    for (size_t j = 0; j < s->n; j++)
        step[j] *= s->jacobi[j];
    return info == 0;
}

static bool find_eigenvectors(struct sl_system *s)
{
    const int n_work = EIGEN_WORK * s->n_blas;
    int       info;

    if (s->is_constant && s->has_eigen)
        return true;
    scale_hessian(s);
    s->is_factored = false;
    dsyev_("V", "L", &s->n_blas, s->factor, &s->n_blas, s->eigenvalues, s->work, &n_work, &info, 1,
           1);
    s->has_eigen = info == 0;
    return s->has_eigen;
}

/* Along the directions left out, such as a difference of two equal columns, the Hessian knows
 * nothing and we do not move. */
bool sl_system_solve_cut(struct sl_system *s, double cut, const double *gradient, double *step)
{
    const double *values = s->eigenvalues;

    if (!find_eigenvectors(s))
        return false;
    for (size_t j = 0; j < s->n; j++)
        s->work[j] = -gradient[j] * s->jacobi[j];
    memset(step, 0, s->n * sizeof *step);
    for (int k = s->n_blas - 1; k >= 0 && values[k] > cut * values[s->n - 1]; k--) {
        const double *vector = s->factor + (size_t)k * s->n;
        double        share = cblas_ddot(s->n_blas, vector, 1, s->work, 1) / values[k];

        cblas_daxpy(s->n_blas, share, vector, 1, step, 1);
    }
    for (size_t j = 0; j < s->n; j++)
        step[j] *= s->jacobi[j];
    return true;
}

size_t sl_system_count_weak(struct sl_system *s, double *cut)
{
    const double known = 32.0; /* times what is rounding */
    size_t       n = 0;

    *cut = known * sl_system_least_cut(s);
    if (sl_system_factor(s) || !find_eigenvectors(s))
        return 0;
    while (n < s->n && s->eigenvalues[n] <= *cut * s->eigenvalues[s->n - 1])
        n++;
    return n;
}

void sl_system_weak(const struct sl_system *s, size_t n_weak, double *basis)
{
    for (size_t k = 0; k < n_weak; k++)
        for (size_t j = 0; j < s->n; j++)
            basis[k * s->n + j] = s->factor[k * s->n + j] * s->jacobi[j];
}

double sl_system_size(const struct sl_system *s, const double *vector)
{
    double squares = 0.0;

    for (size_t j = 0; j < s->n; j++)
        squares += vector[j] / s->jacobi[j] * (vector[j] / s->jacobi[j]);
    return sqrt(squares);
}
