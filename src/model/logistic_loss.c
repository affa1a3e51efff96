/* Objective, gradient and Hessian of logistic regression, by blocks of rows.  A block of the raw
 * columns is centred and scaled into scratch, so that there never is a second copy of the data; the
 * Hessian is one rank-k update per block of columns scaled by the roots of the weights.  Blocks are
 * added in their order, objective and gradient in twice the digits. */
#include "logistic_loss.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

enum { ALIGNMENT = 64, LANES = 8 };

/* Squares of these stay within range. */
enum { MIN_EXPONENT = -500, MAX_EXPONENT = 1020 };

static void   measure_columns(struct sl_loss *loss);
static size_t load_block(struct sl_loss *loss, size_t first);
static void   find_margins(struct sl_loss *loss, size_t n, const double *theta);
static void   find_decays(struct sl_loss *loss, size_t n);
static void   find_losses(struct sl_loss *loss, size_t first, size_t n);
static void   find_residuals(struct sl_loss *loss, size_t first, size_t n);
static void   add_gradient(struct sl_loss *loss, size_t n);
static void   add_hessian(struct sl_loss *loss, size_t n, double *hessian);
static double finish_value(const struct sl_loss *loss, const struct sl_sum *sum,
                           const double *theta);

sl_status sl_loss_init(struct sl_loss *loss, const struct sl_matrix *x, const double *y,
                       const struct sl_newton_opts *opts, struct sl_error *err)
{
    size_t    n_cols = x->n_cols;
    size_t    n_theta = n_cols + opts->fit_intercept;
    double   *at;
    sl_status rc;

    *loss = (struct sl_loss){.x = x, .y = y, .C = opts->C, .n_columns = n_cols, .n_theta = n_theta};
    SL_TRY(sl_int_from_i64((int64_t)n_theta, "number of features", &loss->n_blas, err));
    SL_TRY(sl_alloc_array(n_cols, sizeof(double), &loss->centre, err));
    SL_TRY(sl_alloc_array(n_cols, sizeof(double), &loss->scale, err));
    SL_TRY(sl_alloc_array(n_theta, sizeof *loss->sums, &loss->sums, err));
    SL_TRY(sl_alloc_array(n_theta + 5, SL_LOSS_ROWS * sizeof(double), &loss->memory, err));
    at = loss->memory; /* one column more than is used leaves room to align the first */
    at += (ALIGNMENT - (uintptr_t)at % ALIGNMENT) % ALIGNMENT / sizeof *at;
    loss->block = at;
    loss->margin = at + n_theta * SL_LOSS_ROWS;
    loss->decay = loss->margin + SL_LOSS_ROWS;
    loss->residual = loss->decay + SL_LOSS_ROWS;
    loss->loss = loss->residual; /* never wanted together */
    measure_columns(loss);
out:
    if (rc != SL_OK)
        sl_loss_release(loss);
    return rc;
}

void sl_loss_release(struct sl_loss *loss)
{
    free(loss->centre);
    free(loss->scale);
    free(loss->sums);
    free(loss->memory);
    *loss = (struct sl_loss){0};
}

static bool has_intercept(const struct sl_loss *loss)
{
    return loss->n_theta > loss->n_columns;
}

/* Without an intercept there is nothing that could take up a shift: columns stay where they are. */
static void measure_columns(struct sl_loss *loss)
{
    for (size_t j = 0; j < loss->n_columns; j++) {
        struct sl_moments moments;
        double            width;
        int               e = 0;

        sl_moments(loss->x->data + j * loss->x->ld, loss->x->n_rows, &moments);
        loss->centre[j] = has_intercept(loss) ? moments.mean : 0.0;
        width = has_intercept(loss) ? moments.std : fmax(fabs(moments.mean), moments.std);
        if (width > 0.0)
            frexp(width, &e);
        e = e < MIN_EXPONENT ? MIN_EXPONENT : e;
        e = e > MAX_EXPONENT ? MAX_EXPONENT : e;
        loss->scale[j] = ldexp(1.0, -e);
    }
}

double sl_loss_value(struct sl_loss *loss, const double *theta)
{
    struct sl_sum sum = {0};

    for (size_t first = 0; first < loss->x->n_rows; first += SL_LOSS_ROWS) {
        size_t n = load_block(loss, first);

        find_margins(loss, n, theta);
        find_decays(loss, n);
        find_losses(loss, first, n);
        for (size_t i = 0; i < n; i++)
            sl_sum_add(&sum, loss->loss[i]);
    }
    return finish_value(loss, &sum, theta);
}

double sl_loss_derive(struct sl_loss *loss, const double *theta, double *gradient, double *hessian)
{
    struct sl_sum sum = {0};
    size_t        n_theta = loss->n_theta;

    memset(loss->sums, 0, n_theta * sizeof *loss->sums);
    memset(hessian, 0, n_theta * n_theta * sizeof *hessian);
    for (size_t first = 0; first < loss->x->n_rows; first += SL_LOSS_ROWS) {
        size_t n = load_block(loss, first);

        find_margins(loss, n, theta);
        find_decays(loss, n);
        find_losses(loss, first, n);
        for (size_t i = 0; i < n; i++)
            sl_sum_add(&sum, loss->loss[i]);
        find_residuals(loss, first, n);
        add_gradient(loss, n);
        add_hessian(loss, n, hessian);
    }
    for (size_t j = 0; j < n_theta; j++)
        gradient[j] = loss->C * sl_sum_value(&loss->sums[j]);
    for (size_t j = 0; j < loss->n_columns; j++) {
        gradient[j] += theta[j] * loss->scale[j] * loss->scale[j];
        hessian[j * n_theta + j] += loss->scale[j] * loss->scale[j];
    }
    return finish_value(loss, &sum, theta);
}

/* The scale goes in before the centre is taken off: both products are exact and neither overflows.
 */
static size_t load_block(struct sl_loss *loss, size_t first)
{
    size_t left = loss->x->n_rows - first;
    size_t n = left < SL_LOSS_ROWS ? left : SL_LOSS_ROWS;

    for (size_t j = 0; j < loss->n_columns; j++) {
        const double *x = loss->x->data + j * loss->x->ld + first;
        double       *z = loss->block + j * SL_LOSS_ROWS;
        double        scale = loss->scale[j];
        double        centre = loss->centre[j] * scale;

        for (size_t i = 0; i < n; i++)
            z[i] = x[i] * scale - centre;
    }
    for (size_t i = 0; has_intercept(loss) && i < n; i++)
        loss->block[loss->n_columns * SL_LOSS_ROWS + i] = 1.0;
    return n;
}

/* Column after column: the sums of a row have one order, whatever the processor. */
static void find_margins(struct sl_loss *loss, size_t n, const double *theta)
{
    double *margin = loss->margin;

    memset(margin, 0, n * sizeof *margin);
    for (size_t j = 0; j < loss->n_theta; j++) {
        const double *z = loss->block + j * SL_LOSS_ROWS;

        for (size_t i = 0; i < n; i++)
            margin[i] += theta[j] * z[i];
    }
}

static void find_decays(struct sl_loss *loss, size_t n)
{
    for (size_t i = 0; i < n; i++)
        loss->decay[i] = -fabs(loss->margin[i]);
    sl_exp_many(loss->decay, n, loss->decay);
}

/* log(1 + exp(-m)) for the margin m towards the row's class, without overflow. */
static void find_losses(struct sl_loss *loss, size_t first, size_t n)
{
    sl_log1p_many(loss->decay, n, loss->loss);
    for (size_t i = 0; i < n; i++) {
        double wrong = loss->y[first + i] != 0.0 ? -loss->margin[i] : loss->margin[i];

        loss->loss[i] += wrong > 0.0 ? wrong : 0.0;
    }
}

/* Probability less label, each small one computed as such and not as a difference. */
static void find_residuals(struct sl_loss *loss, size_t first, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double e = loss->decay[i];
        double sign = loss->y[first + i] != 0.0 ? -1.0 : 1.0;
        bool   wrong = sign * loss->margin[i] > 0.0;

        loss->residual[i] = sign * (wrong ? 1.0 : e) / (1.0 + e);
    }
}

/* Not a BLAS call: equal columns are to get equal sums, wherever they stand. */
static double dot(const double *a, const double *b, size_t n)
{
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (size_t k = 0; k < LANES; k++)
            lane[k] += a[i + k] * b[i + k];
    }
    for (; i < n; i++)
        lane[0] += a[i] * b[i];
    return ((lane[0] + lane[4]) + (lane[1] + lane[5])) +
           ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

static void add_gradient(struct sl_loss *loss, size_t n)
{
    for (size_t j = 0; j < loss->n_theta; j++)
        sl_sum_add(&loss->sums[j], dot(loss->residual, loss->block + j * SL_LOSS_ROWS, n));
}

/* Spoils the block: its columns are multiplied by the roots of the weights. */
static void add_hessian(struct sl_loss *loss, size_t n, double *hessian)
{
    double *root = loss->margin;
    int     n_theta = loss->n_blas;

    for (size_t i = 0; i < n; i++)
        root[i] = sqrt(loss->decay[i]) / (1.0 + loss->decay[i]);
    for (size_t j = 0; j < loss->n_theta; j++) {
        double *z = loss->block + j * SL_LOSS_ROWS;

        for (size_t i = 0; i < n; i++)
            z[i] *= root[i];
    }
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, n_theta, (int)n, loss->C, loss->block,
                SL_LOSS_ROWS, 1.0, hessian, n_theta);
}

static double finish_value(const struct sl_loss *loss, const struct sl_sum *sum,
                           const double *theta)
{
    double squares = 0.0;

    for (size_t j = 0; j < loss->n_columns; j++) {
        double coef = theta[j] * loss->scale[j];

        squares += coef * coef;
    }
    return loss->C * sl_sum_value(sum) + 0.5 * squares;
}

void sl_loss_recentre(struct sl_loss *loss, const double *hessian, double *theta)
{
    size_t        n = loss->n_columns;
    struct sl_sum sum = {0};

    if (!has_intercept(loss) || !(hessian[n * loss->n_theta + n] > 0.0))
        return;
    sum.high = theta[n];
    for (size_t j = 0; j < n; j++) {
        double shift = hessian[j * loss->n_theta + n] / hessian[n * loss->n_theta + n];
        double coef = theta[j] * loss->scale[j];

        sl_sum_add_product(&sum, -coef, loss->centre[j]);
        loss->centre[j] += shift / loss->scale[j];
        sl_sum_add_product(&sum, coef, loss->centre[j]);
    }
    theta[n] = sl_sum_value(&sum);
}

/* What a margin's terms come to in absolute value says how many units its rounding is off, and with
 * it the residual; `decay` is free once residuals are made. */
static void find_margin_sizes(struct sl_loss *loss, size_t n, const double *theta)
{
    for (size_t i = 0; i < n; i++)
        loss->decay[i] = 1.0;
    for (size_t j = 0; j < loss->n_theta; j++) {
        const double *z = loss->block + j * SL_LOSS_ROWS;

        for (size_t i = 0; i < n; i++)
            loss->decay[i] += fabs(theta[j] * z[i]);
    }
}

void sl_loss_gradient_noise(struct sl_loss *loss, const double *theta, double *noise)
{
    const double units = 64.0; /* roundings of a term, by and large; a Newton step leaves several */

    memset(noise, 0, loss->n_theta * sizeof *noise);
    for (size_t first = 0; first < loss->x->n_rows; first += SL_LOSS_ROWS) {
        size_t n = load_block(loss, first);

        find_margins(loss, n, theta);
        find_decays(loss, n);
        find_residuals(loss, first, n);
        find_margin_sizes(loss, n, theta);
        for (size_t j = 0; j < loss->n_theta; j++) {
            const double *z = loss->block + j * SL_LOSS_ROWS;

            for (size_t i = 0; i < n; i++)
                noise[j] += fabs(loss->residual[i] * z[i]) * loss->decay[i];
        }
    }
    for (size_t j = 0; j < loss->n_theta; j++)
        noise[j] *= loss->C * units * DBL_EPSILON;
    for (size_t j = 0; j < loss->n_columns; j++)
        noise[j] += fabs(theta[j]) * loss->scale[j] * loss->scale[j] * units * DBL_EPSILON;
}

double sl_loss_outer_gradient(const struct sl_loss *loss, const double *gradient, size_t j)
{
    return j < loss->n_columns ? gradient[j] / loss->scale[j] : gradient[j];
}

void sl_loss_unwrap(const struct sl_loss *loss, const double *theta, double *coef,
                    double *intercept)
{
    struct sl_sum sum = {0};

    if (has_intercept(loss))
        sum.high = theta[loss->n_columns];
    for (size_t j = 0; j < loss->n_columns; j++) {
        coef[j] = theta[j] * loss->scale[j];
        sl_sum_add_product(&sum, -coef[j], loss->centre[j]);
    }
    *intercept = sl_sum_value(&sum);
}
