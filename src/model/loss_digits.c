/* What keeps the digits of a fit, and what says how many there are: centres where the rows that
 * matter are, and a bound of the gradient's rounding. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "gram.h"
#include "loss.h"

/* Shift of centre j: the mean of its column by the Hessian's weights, of all outputs together. */
static double find_shift(const struct sl_loss *loss, const double *hessian, size_t j)
{
    const size_t n = loss->inner.n_columns;
    const size_t one = loss->inner.n_numeric;
    double       sum = 0.0, weight = 0.0;

    for (size_t k = 0; k < loss->n_outputs; k++) {
        sum += hessian[(k * n + j) * loss->n_theta + k * n + one];
        weight += hessian[(k * n + one) * loss->n_theta + k * n + one];
    }
    return weight > 0.0 ? sum / weight : 0.0;
}

static void move_centre(struct sl_loss *loss, size_t j, double shift, struct sl_sum *intercepts,
                        const double *theta)
{
    const double old = loss->inner.centre[j];

    loss->has_hessian = false;

    loss->inner.centre[j] += shift / loss->inner.scale[j];
    for (size_t k = 0; k < loss->n_outputs; k++) {
        double coef = theta[k * loss->inner.n_columns + j] * loss->inner.scale[j];

        sl_sum_add_product(&intercepts[k], -coef, old);
        sl_sum_add_product(&intercepts[k], coef, loss->inner.centre[j]);
    }
}

double sl_loss_recentre(struct sl_loss *loss, const double *hessian, double least, double *theta)
{
    const size_t   n = loss->inner.n_columns;
    const size_t   one = loss->inner.n_numeric;
    struct sl_sum *intercepts = loss->sum.sums; /* free between passes */
    double         most = 0.0;

    if (!loss->problem->fit_intercept)
        return 0.0;
    for (size_t j = 0; j < loss->inner.n_numeric; j++)
        most = fmax(most, fabs(find_shift(loss, hessian, j)));
    if (most < least)
        return most;
    for (size_t k = 0; k < loss->n_outputs; k++)
        intercepts[k] = (struct sl_sum){.high = theta[k * n + one]};
    for (size_t j = 0; j < loss->inner.n_numeric; j++)
        move_centre(loss, j, find_shift(loss, hessian, j), intercepts, theta);
    for (size_t k = 0; k < loss->n_outputs; k++)
        theta[k * n + one] = sl_sum_value(&intercepts[k]);
    return most;
}

/* What a margin's terms come to in absolute value says how many units its rounding is off, and with
 * it the residual; the largest of a row's outputs, into `loss`, which is free by now. */
static void find_margin_sizes(const struct sl_loss *loss, struct sl_loss_worker *w)
{
    const double base = w->link.kind == SL_LINK_LOG ? 1.0 : 0.0;
    double      *size = w->link.loss;

    for (size_t i = 0; i < w->batch.n; i++)
        size[i] = base;
    for (size_t k = 0; k < loss->n_outputs; k++) {
        const double *slots = loss->slots + k * loss->inner.n_slots;

        memset(w->root, 0, w->batch.n * sizeof *w->root);
        for (size_t j = 0; j < loss->inner.n_dense; j++)
            for (size_t i = 0; i < w->batch.n; i++)
                w->root[i] += fabs(slots[j] * w->batch.z[j * w->batch.ld + i]);
        for (size_t t = 0; t < loss->inner.n_coded; t++)
            for (size_t i = 0; i < w->batch.n; i++)
                w->root[i] += fabs(
                    slots[loss->inner.first_slot[t] + (size_t)w->batch.codes[t * w->batch.ld + i]]);
        for (size_t i = 0; i < w->batch.n; i++)
            size[i] = fmax(size[i], base + w->root[i]);
    }
}

void sl_loss_add_noise(const struct sl_loss *loss, struct sl_loss_worker *w)
{
    const size_t n = loss->inner.n_slots;

    find_margin_sizes(loss, w);
    for (size_t j = 0; j < loss->inner.n_dense * w->batch.ld; j++)
        w->batch.z[j] = fabs(w->batch.z[j]);
    for (size_t k = 0; k < loss->n_outputs; k++) {
        double *residual = w->link.residual + k * w->link.ld;

        sl_link_noise(&w->link, w->link.loss, residual);
        sl_gram_products(&loss->inner, &w->batch, residual, w->products);
        for (size_t j = 0; j < n; j++)
            sl_sum_add(&w->part.sums[k * n + j], w->products[j]);
    }
}

void sl_loss_gradient_noise(struct sl_loss *loss, const double *theta, double *noise)
{
    const double           units = 64.0; /* roundings of a term; a Newton step leaves several */
    const struct sl_inner *inner = &loss->inner;
    const struct sl_sum   *sums = loss->sum.sums;

    sl_loss_pass(loss, theta, SL_LOSS_NOISE);
    for (size_t j = 0; j < loss->n_theta; j++) {
        size_t column = j % inner->n_columns;
        double scale = sl_inner_scale(inner, column);
        size_t slot = j / inner->n_columns * inner->n_slots + inner->slot[column];
        double pull = sl_loss_pull(loss, column) * fabs(theta[j]) * scale * scale;

        noise[j] = (loss->C * sl_sum_value(&sums[slot]) + pull) * units * DBL_EPSILON;
    }
}
