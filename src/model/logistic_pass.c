/* Passes over the rows: batch by batch in parts that threads share, each part with sums of its own
 * that are added in the order of parts.  The parts depend on the number of rows alone, so that
 * results do not depend on the number of threads.  Objective and gradient are summed in twice the
 * digits. */
#include <string.h>

#include "logistic_gram.h"
#include "logistic_loss.h"
#include "workers.h"

enum depth { VALUE, GRADIENT, HESSIAN };

struct pass {
    struct sl_loss *loss;
    enum depth      depth;
};

static void   run_part(void *context, int worker, size_t part);
static void   merge_part(void *context, int worker, size_t part);
static void   finish_gradient(const struct sl_loss *loss, const double *theta, double *gradient);
static void   finish_hessian(const struct sl_loss *loss, double *hessian);
static double finish_value(const struct sl_loss *loss, const double *theta);

static void spread_theta(struct sl_loss *loss, const double *theta)
{
    for (size_t k = 0; k < loss->n_outputs; k++)
        sl_inner_spread(&loss->inner, theta + k * loss->inner.n_columns,
                        loss->slots + k * loss->inner.n_slots);
}

static void clear(const struct sl_loss *loss, struct sl_loss_worker *w, enum depth depth)
{
    const size_t n = loss->inner.n_slots;

    w->value = (struct sl_sum){0};
    if (depth >= GRADIENT)
        memset(w->sums, 0, loss->n_outputs * n * sizeof *w->sums);
    if (depth >= HESSIAN)
        memset(w->gram, 0, loss->n_pairs * n * n * sizeof *w->gram);
}

double sl_loss_derive(struct sl_loss *loss, const double *theta, double *gradient, double *hessian)
{
    const enum depth     depth = gradient == NULL ? VALUE : hessian == NULL ? GRADIENT : HESSIAN;
    struct pass          pass = {.loss = loss, .depth = depth};
    const struct sl_work work = {.n_parts = (loss->n_batches + loss->part_batches - 1) /
                                            loss->part_batches,
                                 .run = run_part,
                                 .merge = merge_part,
                                 .context = &pass};

    spread_theta(loss, theta);
    clear(loss, &loss->sum, depth);
    sl_workers_run(&work, loss->n_workers);
    if (gradient != NULL)
        finish_gradient(loss, theta, gradient);
    if (gradient != NULL && hessian != NULL)
        finish_hessian(loss, hessian);
    return finish_value(loss, theta);
}

static void find_margins(const struct sl_loss *loss, struct sl_loss_worker *w)
{
    w->link.n = w->batch.n;
    for (size_t k = 0; k < loss->n_outputs; k++)
        sl_gram_margins(&loss->inner, &w->batch, loss->slots + k * loss->inner.n_slots,
                        w->link.margin + k * w->link.ld);
}

static void add_gradient(const struct sl_loss *loss, struct sl_loss_worker *w)
{
    const size_t n = loss->inner.n_slots;

    for (size_t k = 0; k < loss->n_outputs; k++) {
        sl_gram_products(&loss->inner, &w->batch, w->link.residual + k * w->link.ld, w->products);
        for (size_t j = 0; j < n; j++)
            sl_sum_add(&w->sums[k * n + j], w->products[j]);
    }
}

static void add_hessian(const struct sl_loss *loss, struct sl_loss_worker *w)
{
    const size_t n = loss->inner.n_slots;
    double      *gram = w->gram;

    for (size_t b = 1; b < (size_t)loss->problem->n_classes; b++) {
        for (size_t a = 0; a < b; a++, gram += n * n) {
            sl_link_root(&w->link, a, b, w->root);
            sl_gram_add(&loss->inner, &w->batch, w->root, w->rooted, gram);
        }
    }
}

static void run_part(void *context, int worker, size_t part)
{
    const struct pass     *pass = context;
    const struct sl_loss  *loss = pass->loss;
    struct sl_loss_worker *w = &pass->loss->workers[worker];
    const size_t           begin = part * loss->part_batches;

    clear(loss, w, pass->depth);
    for (size_t i = begin; i < begin + loss->part_batches && i < loss->n_batches; i++) {
        sl_inner_load(&loss->inner, i * loss->stride * loss->inner.batch_rows, &w->batch);
        find_margins(loss, w);
        sl_link_losses(&w->link);
        for (size_t r = 0; r < w->batch.n; r++)
            sl_sum_add(&w->value, w->link.loss[r]);
        if (pass->depth >= GRADIENT) {
            sl_link_residuals(&w->link);
            add_gradient(loss, w);
        }
        if (pass->depth >= HESSIAN)
            add_hessian(loss, w);
    }
}

static void add_sum(struct sl_sum *to, const struct sl_sum *from)
{
    sl_sum_add(to, from->high);
    to->low += from->low;
}

static void merge_part(void *context, int worker, size_t part)
{
    const struct pass           *pass = context;
    const struct sl_loss        *loss = pass->loss;
    const struct sl_loss_worker *w = &loss->workers[worker];
    struct sl_loss_worker       *sum = &pass->loss->sum;
    const size_t                 n = loss->inner.n_slots;

    (void)part;
    add_sum(&sum->value, &w->value);
    for (size_t j = 0; pass->depth >= GRADIENT && j < loss->n_outputs * n; j++)
        add_sum(&sum->sums[j], &w->sums[j]);
    for (size_t i = 0; pass->depth >= HESSIAN && i < loss->n_pairs * n * n; i++)
        sum->gram[i] += w->gram[i];
}

static bool is_penalised(const struct sl_loss *loss, size_t j)
{
    return loss->inner.model_column[j] >= 0;
}

static double finish_value(const struct sl_loss *loss, const double *theta)
{
    const size_t n = loss->inner.n_columns;
    double       squares = 0.0;

    for (size_t j = 0; j < loss->n_theta; j++) {
        double coef = theta[j] * sl_inner_scale(&loss->inner, j % n);

        squares += is_penalised(loss, j % n) ? coef * coef : 0.0;
    }
    return loss->C * sl_sum_value(&loss->sum.value) + 0.5 * squares;
}

static void finish_gradient(const struct sl_loss *loss, const double *theta, double *gradient)
{
    const struct sl_inner *inner = &loss->inner;

    for (size_t k = 0; k < loss->n_outputs; k++) {
        const struct sl_sum *sums = loss->sum.sums + k * inner->n_slots;

        for (size_t j = 0; j < inner->n_columns; j++) {
            double scale = sl_inner_scale(inner, j);
            size_t at = k * inner->n_columns + j;

            gradient[at] = loss->C * sl_sum_value(&sums[inner->slot[j]]);
            if (is_penalised(loss, j))
                gradient[at] += theta[at] * scale * scale;
        }
    }
}

/* Add `factor` times a pair's Gram matrix to the block of output b's rows and output a's columns;
 * of a block below the diagonal both triangles. */
static void add_block(const struct sl_loss *loss, const double *gram, double factor, size_t b,
                      size_t a, double *hessian)
{
    const struct sl_inner *inner = &loss->inner;
    const size_t           n = inner->n_columns;

    for (size_t j = 0; j < n; j++) {
        for (size_t i = j; i < n; i++) {
            double item = factor * gram[inner->slot[j] * inner->n_slots + inner->slot[i]];

            hessian[(a * n + j) * loss->n_theta + b * n + i] += item;
            if (a != b && i != j)
                hessian[(a * n + i) * loss->n_theta + b * n + j] += item;
        }
    }
}

static void finish_hessian(const struct sl_loss *loss, double *hessian)
{
    const size_t  n = loss->n_theta;
    const size_t  n_grams = loss->inner.n_slots * loss->inner.n_slots;
    const double *gram = loss->sum.gram;

    memset(hessian, 0, n * n * sizeof *hessian);
    if (loss->n_outputs == 1)
        add_block(loss, gram, loss->C, 0, 0, hessian);
    for (size_t b = 1; b < loss->n_outputs; b++) {
        for (size_t a = 0; a < b; a++, gram += n_grams) {
            add_block(loss, gram, loss->C, a, a, hessian);
            add_block(loss, gram, loss->C, b, b, hessian);
            add_block(loss, gram, -loss->C, b, a, hessian);
        }
    }
    for (size_t j = 0; j < n; j++) {
        double scale = sl_inner_scale(&loss->inner, j % loss->inner.n_columns);

        if (is_penalised(loss, j % loss->inner.n_columns))
            hessian[j * n + j] += scale * scale;
    }
}
