/* The problem of a linear model as the solver sees it: scratch of each thread, which rows are
 * looked at, where theta starts, and what it means outside.  Passes over the rows are in
 * loss_pass.c. */
#include "loss.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "workers.h"

enum { ALIGNMENT = 64 };
/* Columns a power of two apart would share the sets of a cache. */
enum { ALIGNED_DOUBLES = ALIGNMENT / sizeof(double) };
/* Of all threads' Hessians together. */
static const double most_gram_bytes = 0x1p30;

static sl_status worker_init(struct sl_loss_worker *w, const struct sl_loss *loss,
                             struct sl_error *err);
static void      worker_release(struct sl_loss_worker *w);
static sl_status make_scratch(struct sl_loss *loss, struct sl_error *err);
static int       count_workers(const struct sl_loss *loss);

sl_status sl_loss_init(struct sl_loss *loss, const struct sl_problem *problem, struct sl_error *err)
{
    const struct sl_parts *parts = &problem->parts;
    const int              rank = sl_comm_rank(problem->comm);
    sl_status              rc;

    *loss = (struct sl_loss){.problem = problem,
                             .all_C = problem->C,
                             .C = problem->C,
                             .stride = 1,
                             .is_quadratic = problem->kind == SL_LINK_SQUARE};
    loss->first_part = sl_parts_first(parts, rank);
    loss->n_parts = sl_parts_first(parts, rank + 1) - loss->first_part;
    loss->n_outputs = sl_problem_n_outputs(problem);
    loss->n_pairs = problem->is_wide ? 0 : sl_problem_n_pairs(loss->n_outputs);
    loss->n_totals = loss->n_outputs == 1 ? 2 : loss->n_outputs;
    rc = make_scratch(loss, err);
    SL_TRY(sl_comm_agree(problem->comm, rc, err));
    SL_TRY(sl_inner_measure(&loss->inner, loss->n_workers, err));
out:
    if (rc != SL_OK)
        sl_loss_release(loss);
    return rc;
}

static sl_status sums_init(struct sl_loss_sums *sums, const struct sl_loss *loss,
                           struct sl_error *err)
{
    const size_t n_slots = loss->inner.n_slots;
    sl_status    rc;

    SL_TRY(sl_alloc_array(loss->n_outputs * n_slots, sizeof *sums->sums, &sums->sums, err));
    SL_TRY(sl_alloc_array(loss->n_pairs * n_slots, n_slots * sizeof(double), &sums->gram, err));
out:
    return rc;
}

static void sums_release(struct sl_loss_sums *sums)
{
    free(sums->sums);
    free(sums->gram);
}

/* Rank 0 adds parts up as they come, other ranks keep theirs. */
static sl_status make_sums(struct sl_loss *loss, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (sl_comm_rank(loss->problem->comm) == 0)
        return sums_init(&loss->sum, loss, err);
    SL_TRY(sl_alloc_array(loss->n_parts, sizeof *loss->kept, &loss->kept, err));
    for (size_t p = 0; p < loss->n_parts; p++)
        SL_TRY(sums_init(&loss->kept[p], loss, err));
out:
    return rc;
}

static sl_status make_scratch(struct sl_loss *loss, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_inner_init(&loss->inner, loss->problem, err));
    loss->n_theta = loss->n_outputs * loss->inner.n_columns;
    loss->n_workers = count_workers(loss);
    SL_TRY(sl_alloc_array(loss->n_totals, sizeof(double), &loss->totals, err));
    SL_TRY(sl_alloc_array(loss->n_totals, sizeof(double), &loss->sampled, err));
    SL_TRY(
        sl_alloc_array(loss->n_outputs * loss->inner.n_slots, sizeof(double), &loss->slots, err));
    SL_TRY(sl_alloc_array((size_t)loss->n_workers, sizeof *loss->workers, &loss->workers, err));
    for (int i = 0; i < loss->n_workers; i++)
        SL_TRY(worker_init(&loss->workers[i], loss, err));
    SL_TRY(make_sums(loss, err));
out:
    return rc;
}

void sl_loss_release(struct sl_loss *loss)
{
    for (int i = 0; loss->workers != NULL && i < loss->n_workers; i++)
        worker_release(&loss->workers[i]);
    for (size_t p = 0; loss->kept != NULL && p < loss->n_parts; p++)
        sums_release(&loss->kept[p]);
    sums_release(&loss->sum);
    free(loss->kept);
    free(loss->workers);
    free(loss->totals);
    free(loss->sampled);
    free(loss->slots);
    sl_inner_release(&loss->inner);
    *loss = (struct sl_loss){0};
}

/* The arrays of a batch, one behind the other. */
static double *take(double **at, size_t n_columns, size_t ld)
{
    double *taken = *at;

    *at += n_columns * ld;
    return taken;
}

static sl_status worker_init(struct sl_loss_worker *w, const struct sl_loss *loss,
                             struct sl_error *err)
{
    const struct sl_inner *inner = &loss->inner;
    const size_t           k = loss->n_outputs;
    const size_t           ld = SL_BATCH_ROWS + ALIGNED_DOUBLES;
    const size_t           n_slots = inner->n_slots;
    double                *at;
    sl_status              rc;

    SL_TRY(sl_alloc_array(2 * inner->n_dense + 3 * k + 7, ld * sizeof(double), &w->memory, err));
    SL_TRY(sl_alloc_array(inner->n_coded, ld * sizeof(int32_t), &w->batch.codes, err));
    SL_TRY(sl_alloc_array(n_slots, sizeof(double), &w->products, err));
    SL_TRY(sums_init(&w->part, loss, err));
    at = w->memory; /* one column more than is used leaves room to align the first */
    at += (ALIGNMENT - (uintptr_t)at % ALIGNMENT) % ALIGNMENT / sizeof *at;
    w->batch.ld = ld;
    w->batch.z = take(&at, inner->n_dense, ld);
    w->batch.label = take(&at, 1, ld);
    w->batch.weight = take(&at, 1, ld);
    w->rooted = take(&at, inner->n_dense, ld);
    w->root = take(&at, 1, ld);
    w->link = (struct sl_link){
        .kind = loss->problem->kind, .ld = ld, .n_outputs = k, .label = w->batch.label};
    w->link.weight = sl_inner_is_weighted(inner) ? w->batch.weight : NULL;
    w->link.margin = take(&at, k, ld);
    w->link.share = take(&at, k, ld);
    w->link.residual = take(&at, k, ld);
    w->link.loss = take(&at, 1, ld);
    w->link.others = take(&at, 1, ld);
    w->link.largest = w->root; /* never wanted together */
out:
    return rc;
}

static void worker_release(struct sl_loss_worker *w)
{
    free(w->memory);
    free(w->batch.codes);
    free(w->products);
    sums_release(&w->part);
}

static int count_workers(const struct sl_loss *loss)
{
    const double n_slots = (double)loss->inner.n_slots;
    const double gram_bytes = (double)loss->n_pairs * n_slots * n_slots * sizeof(double);
    const double numbers = (double)loss->problem->n_rows * n_slots * (double)loss->n_outputs;
    double       n = sl_workers_for(numbers);

    n = fmin(n, (double)loss->n_parts);
    n = fmin(n, most_gram_bytes / fmax(gram_bytes, 1.0));
    return n < 1.0 ? 1 : (int)n;
}

/* Of all rows that the totals are of. */
static double weight_of(const struct sl_loss *loss, const double *totals)
{
    double sum = totals[0];

    for (size_t k = 1; loss->problem->n_classes > 0 && k < loss->n_totals; k++)
        sum += totals[k];
    return sum;
}

void sl_loss_begin(struct sl_loss *loss)
{
    sl_loss_add_totals(loss, 1, loss->totals);
    loss->all_C = loss->problem->C;
    if (loss->problem->is_mean)
        loss->all_C /= weight_of(loss, loss->totals);
    loss->C = loss->all_C;
}

bool sl_loss_sample(struct sl_loss *loss, size_t stride)
{
    bool has_all = true;

    sl_loss_add_totals(loss, stride, loss->sampled);
    for (size_t k = 0; k < loss->n_totals; k++)
        has_all = has_all && loss->sampled[k] > 0.0;
    loss->stride = has_all ? stride : 1;
    loss->C = loss->all_C;
    if (has_all)
        loss->C *= weight_of(loss, loss->totals) / weight_of(loss, loss->sampled);
    return has_all;
}

/* Without features the best probabilities are the classes' shares, or, without an intercept, all
 * alike. */
static double start_logs(const struct sl_loss *loss, double *theta)
{
    const size_t n_columns = loss->inner.n_columns;
    const double all = weight_of(loss, loss->totals);
    double       sum = 0.0;

    if (!loss->problem->fit_intercept)
        return loss->all_C * all * log((double)loss->n_totals);
    for (size_t k = 0; k < loss->n_totals; k++)
        sum += loss->totals[k] * (log(all) - log(loss->totals[k]));
    for (size_t k = 0; k < loss->n_outputs; k++)
        theta[k * n_columns + loss->inner.n_numeric] =
            log(loss->totals[loss->n_outputs == 1 ? 1 : k]);
    if (loss->n_outputs == 1)
        theta[loss->inner.n_numeric] -= log(loss->totals[0]);
    sl_loss_settle(loss, theta);
    return loss->all_C * sum;
}

double sl_loss_start(const struct sl_loss *loss, double *theta)
{
    const double mean = loss->totals[1] / loss->totals[0]; /* of labels that are numbers */

    memset(theta, 0, loss->n_theta * sizeof *theta);
    if (loss->problem->kind == SL_LINK_LOG)
        return start_logs(loss, theta);
    if (loss->problem->fit_intercept && loss->problem->kind == SL_LINK_SQUARE)
        theta[loss->inner.n_numeric] = mean;
    if (loss->problem->fit_intercept && loss->problem->kind == SL_LINK_POISSON)
        theta[loss->inner.n_numeric] = log(mean);
    return (double)INFINITY;
}

void sl_loss_settle(const struct sl_loss *loss, double *theta)
{
    const size_t n = loss->inner.n_columns;

    for (size_t j = 0; loss->n_outputs > 1 && j < n; j++) {
        double sum = 0.0;

        for (size_t k = 0; k < loss->n_outputs; k++)
            sum += theta[k * n + j];
        for (size_t k = 0; k < loss->n_outputs; k++)
            theta[k * n + j] -= sum / (double)loss->n_outputs;
    }
}

double sl_loss_outer_gradient(const struct sl_loss *loss, const double *gradient, size_t j)
{
    return gradient[j] / sl_inner_scale(&loss->inner, j % loss->inner.n_columns);
}

void sl_loss_wrap(const struct sl_loss *loss, const double *coef, const double *intercept,
                  double *theta)
{
    const size_t n_columns = (size_t)loss->problem->terms->n_columns;

    for (size_t k = 0; k < loss->n_outputs; k++)
        sl_inner_wrap(&loss->inner, coef + k * n_columns, intercept[k],
                      theta + k * loss->inner.n_columns);
    sl_loss_settle(loss, theta);
}

void sl_loss_unwrap(const struct sl_loss *loss, const double *theta, double *coef,
                    double *intercept)
{
    const size_t n_columns = (size_t)loss->problem->terms->n_columns;
    double       sum = 0.0;

    for (size_t k = 0; k < loss->n_outputs; k++) {
        sl_inner_unwrap(&loss->inner, theta + k * loss->inner.n_columns, coef + k * n_columns,
                        &intercept[k]);
        sum += intercept[k];
    }
    for (size_t k = 0; loss->n_outputs > 1 && loss->problem->fit_intercept && k < loss->n_outputs;
         k++)
        intercept[k] -= sum / (double)loss->n_outputs;
}
