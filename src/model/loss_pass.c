/* Passes over the rows: batch by batch in parts that threads and ranks share, each part with sums
 * of its own that are added in the order of parts.  The parts depend on the number of rows and
 * columns alone, so that results do not depend on the number of threads and ranks.  Objective and
 * gradient are summed in twice the digits. */
#include <string.h>

#include "gram.h"
#include "loss.h"
#include "workers.h"

struct pass {
    struct sl_loss    *loss;
    enum sl_loss_depth depth;
};

static void   run_part(void *context, int worker, size_t part);
static void   merge_part(void *context, int worker, size_t part);
static void   finish_gradient(const struct sl_loss *loss, const double *theta, double *gradient);
static void   finish_hessian(const struct sl_loss *loss, double *hessian);
static double finish_value(const struct sl_loss *loss, const double *theta);

static bool has_gradient(enum sl_loss_depth depth)
{
    return depth == SL_LOSS_GRADIENT || depth == SL_LOSS_HESSIAN;
}

static void clear(const struct sl_loss *loss, struct sl_loss_sums *sums, enum sl_loss_depth depth)
{
    const size_t n = loss->inner.n_slots;

    sums->value = (struct sl_sum){0};
    if (depth != SL_LOSS_VALUE)
        memset(sums->sums, 0, loss->n_outputs * n * sizeof *sums->sums);
    if (depth == SL_LOSS_HESSIAN)
        memset(sums->gram, 0, loss->n_pairs * n * n * sizeof *sums->gram);
}

double sl_loss_derive(struct sl_loss *loss, const double *theta, double *gradient, double *hessian)
{
    const bool wants_hessian =
        gradient != NULL && hessian != NULL && !(loss->is_quadratic && loss->has_hessian);

    sl_loss_pass(loss, theta,
                 gradient == NULL ? SL_LOSS_VALUE
                 : wants_hessian  ? SL_LOSS_HESSIAN
                                  : SL_LOSS_GRADIENT);
    if (gradient != NULL)
        finish_gradient(loss, theta, gradient);
    if (wants_hessian)
        finish_hessian(loss, hessian);
    loss->has_hessian = loss->has_hessian || wants_hessian;
    return finish_value(loss, theta);
}

void sl_loss_pass_here(struct sl_loss *loss, enum sl_loss_depth depth)
{
    struct pass          pass = {.loss = loss, .depth = depth};
    const struct sl_work work = {
        .n_parts = loss->n_parts, .run = run_part, .merge = merge_part, .context = &pass};

    if (loss->kept == NULL)
        clear(loss, &loss->sum, depth);
    sl_workers_run(&work, loss->n_workers);
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
            sl_sum_add(&w->part.sums[k * n + j], w->products[j]);
    }
}

static void add_hessian(const struct sl_loss *loss, struct sl_loss_worker *w)
{
    const size_t n = loss->inner.n_slots;
    const size_t n_nodes = loss->n_outputs == 1 ? 2 : loss->n_outputs;
    double      *gram = w->part.gram;

    for (size_t b = 1; b < n_nodes; b++) {
        for (size_t a = 0; a < b; a++, gram += n * n) {
            sl_link_root(&w->link, a, b, w->root);
            sl_gram_add(&loss->inner, &w->batch, w->root, w->rooted, gram);
        }
    }
}

/* Batch `i` of this rank's rows. */
static void add_batch(const struct pass *pass, struct sl_loss_worker *w, size_t i)
{
    const struct sl_loss *loss = pass->loss;

    sl_inner_load(&loss->inner, i * SL_BATCH_ROWS, &w->batch);
    find_margins(loss, w);
    sl_link_losses(&w->link);
    sl_sum_add_many(&w->part.value, w->link.loss, w->batch.n);
    if (pass->depth == SL_LOSS_VALUE)
        return;
    sl_link_residuals(&w->link);
    if (pass->depth == SL_LOSS_NOISE)
        sl_loss_add_noise(loss, w);
    if (pass->depth == SL_LOSS_BEND)
        sl_loss_add_bend(loss, w);
    if (has_gradient(pass->depth))
        add_gradient(loss, w);
    if (pass->depth == SL_LOSS_HESSIAN)
        add_hessian(loss, w);
}

static void run_part(void *context, int worker, size_t part)
{
    const struct pass     *pass = context;
    const struct sl_loss  *loss = pass->loss;
    struct sl_loss_worker *w = &pass->loss->workers[worker];
    const size_t           n = loss->problem->parts.part_batches;
    const size_t           first = loss->first_part * n; /* batch of this rank */

    clear(loss, &w->part, pass->depth);
    for (size_t i = part * n; i < (part + 1) * n; i++)
        if (i * SL_BATCH_ROWS < loss->problem->n_rows && (first + i) % loss->stride == 0)
            add_batch(pass, w, i);
}

static void add_sum(struct sl_sum *to, const struct sl_sum *from)
{
    sl_sum_add(to, from->high);
    to->low += from->low;
}

void sl_loss_merge(struct sl_loss *loss, enum sl_loss_depth depth, const struct sl_loss_sums *part)
{
    struct sl_loss_sums *sum = &loss->sum;
    const size_t         n = loss->inner.n_slots;

    add_sum(&sum->value, &part->value);
    for (size_t j = 0; depth != SL_LOSS_VALUE && j < loss->n_outputs * n; j++)
        add_sum(&sum->sums[j], &part->sums[j]);
    for (size_t i = 0; depth == SL_LOSS_HESSIAN && i < loss->n_pairs * n * n; i++)
        sum->gram[i] += part->gram[i];
}

static void merge_part(void *context, int worker, size_t part)
{
    const struct pass   *pass = context;
    struct sl_loss      *loss = pass->loss;
    struct sl_loss_sums *sums = &loss->workers[worker].part;

    if (loss->kept == NULL) {
        sl_loss_merge(loss, pass->depth, sums);
    } else {
        const struct sl_loss_sums spare = loss->kept[part];

        loss->kept[part] = *sums;
        *sums = spare;
    }
}

double sl_loss_pull(const struct sl_loss *loss, size_t j)
{
    return loss->inner.model_column[j] >= 0 ? loss->problem->l2 : 0.0;
}

double sl_loss_intercept(const struct sl_loss *loss, const double *theta)
{
    struct sl_sum sum = {0};

    for (size_t j = 0; j < loss->inner.n_dense; j++)
        sl_sum_add_product(&sum, theta[j], sl_inner_intercept_share(&loss->inner, j));
    return sl_sum_value(&sum);
}

static double finish_value(const struct sl_loss *loss, const double *theta)
{
    const size_t n = loss->inner.n_columns;
    double       squares = 0.0;

    for (size_t j = 0; j < loss->n_theta; j++) {
        double coef = theta[j] * sl_inner_scale(&loss->inner, j % n);

        squares += sl_loss_pull(loss, j % n) * coef * coef;
    }
    for (size_t k = 0; loss->problem->intercept_l2 > 0.0 && k < loss->n_outputs; k++) {
        double intercept = sl_loss_intercept(loss, theta + k * n);

        squares += loss->problem->intercept_l2 * intercept * intercept;
    }
    return loss->C * sl_sum_value(&loss->sum.value) + 0.5 * squares;
}

static void add_intercept_pull(const struct sl_loss *loss, const double *theta, double *gradient)
{
    const double pull = loss->problem->intercept_l2 * sl_loss_intercept(loss, theta);

    for (size_t j = 0; j < loss->inner.n_dense; j++)
        gradient[j] += pull * sl_inner_intercept_share(&loss->inner, j);
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
            gradient[at] += sl_loss_pull(loss, j) * theta[at] * scale * scale;
        }
        if (loss->problem->intercept_l2 > 0.0)
            add_intercept_pull(loss, theta + k * inner->n_columns, gradient + k * inner->n_columns);
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

/* Of the block of an output. */
static void bend_intercept(const struct sl_loss *loss, double *hessian)
{
    const struct sl_inner *inner = &loss->inner;

    for (size_t j = 0; j < inner->n_dense; j++)
        for (size_t i = j; i < inner->n_dense; i++)
            hessian[j * loss->n_theta + i] += loss->problem->intercept_l2 *
                                              sl_inner_intercept_share(inner, i) *
                                              sl_inner_intercept_share(inner, j);
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

        hessian[j * n + j] += sl_loss_pull(loss, j % loss->inner.n_columns) * scale * scale;
    }
    for (size_t k = 0; loss->problem->intercept_l2 > 0.0 && k < loss->n_outputs; k++)
        bend_intercept(loss, hessian + k * loss->inner.n_columns * (n + 1));
}

void sl_loss_add_bend(const struct sl_loss *loss, struct sl_loss_worker *w)
{
    const size_t n = loss->inner.n_slots;

    for (size_t j = 0; j < loss->inner.n_dense * w->batch.ld; j++)
        w->batch.z[j] *= w->batch.z[j];
    for (size_t k = 0; k < loss->n_outputs; k++) {
        sl_link_bend(&w->link, k, w->root);
        sl_gram_products(&loss->inner, &w->batch, w->root, w->products);
        for (size_t j = 0; j < n; j++)
            sl_sum_add(&w->part.sums[k * n + j], w->products[j]);
    }
}

void sl_loss_bend(struct sl_loss *loss, const double *theta, double *bend)
{
    const struct sl_inner *inner = &loss->inner;

    sl_loss_pass(loss, theta, SL_LOSS_BEND);
    for (size_t j = 0; j < loss->n_theta; j++) {
        const size_t column = j % inner->n_columns;
        const double scale = sl_inner_scale(inner, column);
        const double share = sl_inner_intercept_share(inner, column);
        const size_t slot = j / inner->n_columns * inner->n_slots + inner->slot[column];

        bend[j] = loss->C * sl_sum_value(&loss->sum.sums[slot]) +
                  sl_loss_pull(loss, column) * scale * scale +
                  loss->problem->intercept_l2 * share * share;
    }
}
