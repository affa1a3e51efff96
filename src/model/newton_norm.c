/* Of many best solutions the one with the least coefficients.  Along directions in which columns
 * are collinear the objective is flat; what of the coefficients lies in these is taken off. */
#include <stdlib.h>

#include <cblas.h>

#include "newton_step.h"
#include "scoreline/memory.h"

void dgels_(const char *trans, const int *m, const int *n, const int *nrhs, double *a,
            const int *lda, double *b, const int *ldb, double *work, const int *lwork, int *info,
            size_t n_trans);

enum { WORK_BLOCK = 64 };

/* Flat directions as theta has them, as the coefficients have them, and room for the least squares
 * that tell how far to go along each. */
struct flat {
    size_t  n; /* of theta */
    size_t  n_flat;
    double *basis;  /* [n_flat][n] */
    double *in_raw; /* the same per unit of the raw columns, the intercept left out */
    double *target; /* [n] coefficients, then how far to go */
    double *work;
};

static sl_status flat_init(struct flat *f, size_t n, size_t n_flat, struct sl_error *err)
{
    sl_status rc;

    *f = (struct flat){.n = n, .n_flat = n_flat};
    SL_TRY(sl_alloc_array(n_flat, n * sizeof(double), &f->basis, err));
    SL_TRY(sl_alloc_array(n_flat, n * sizeof(double), &f->in_raw, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &f->target, err));
    SL_TRY(sl_alloc_array(n_flat * (WORK_BLOCK + 1), sizeof(double), &f->work, err));
out:
    return rc;
}

static void flat_release(struct flat *f)
{
    free(f->basis);
    free(f->in_raw);
    free(f->target);
    free(f->work);
}

static double raw_scale(const struct sl_loss *loss, size_t j)
{
    return loss->inner.model_column[j] < 0 ? 0.0 : sl_inner_scale(&loss->inner, j);
}

static bool find_lengths(struct flat *f)
{
    const int n = (int)f->n, n_flat = (int)f->n_flat, one = 1;
    const int n_work = n_flat * (WORK_BLOCK + 1);
    int       info;

    dgels_("N", &n, &n_flat, &one, f->in_raw, &n, f->target, &n, f->work, &n_work, &info, 1);
    return info == 0;
}

sl_status sl_newton_lessen(struct sl_newton *s, struct sl_error *err)
{
    const size_t n = s->n;
    const size_t n_flat = sl_system_count_flat(&s->system);
    struct flat  f = {0};
    sl_status    rc = SL_OK;

    if (n_flat == 0)
        return SL_OK;
    SL_TRY(flat_init(&f, n, n_flat, err));
    sl_system_flat(&s->system, n_flat, f.basis);
    for (size_t j = 0; j < n; j++) {
        const double scale = raw_scale(&s->loss, j);

        f.target[j] = s->theta[j] * scale;
        for (size_t k = 0; k < n_flat; k++)
            f.in_raw[k * n + j] = f.basis[k * n + j] * scale;
    }
    if (!find_lengths(&f))
        goto out;
    for (size_t k = 0; k < n_flat; k++)
        cblas_daxpy((int)n, -f.target[k], f.basis + k * n, 1, s->theta, 1);
    sl_step_derive_gradient(s);
out:
    flat_release(&f);
    return rc;
}
