/* Inner columns: a batch of the raw columns is centred and scaled into scratch, so that there never
 * is a second copy of the data. */
#include "inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/numeric.h"

static void lay_out(struct sl_inner *inner);

size_t sl_problem_n_outputs(const struct sl_problem *problem)
{
    return problem->n_classes > 2 && problem->one_class < 0 ? (size_t)problem->n_classes : 1;
}

size_t sl_problem_n_pairs(size_t n_outputs)
{
    return n_outputs == 1 ? 1 : n_outputs * (n_outputs - 1) / 2;
}

bool sl_inner_is_weighted(const struct sl_inner *inner)
{
    return inner->problem->weight != NULL || inner->problem->class_weight != NULL;
}

sl_status sl_inner_init(struct sl_inner *inner, const struct sl_problem *problem,
                        struct sl_error *err)
{
    const struct sl_terms *terms = problem->terms;
    const size_t           n_numeric = (size_t)terms->n_numeric;
    const size_t           n_columns = (size_t)terms->n_columns + problem->fit_intercept;
    sl_status              rc;

    *inner = (struct sl_inner){.problem = problem,
                               .n_numeric = n_numeric,
                               .n_dense = n_numeric + problem->fit_intercept,
                               .n_columns = n_columns,
                               .n_slots = n_columns + (size_t)terms->n_categorical,
                               .n_coded = (size_t)terms->n_categorical};
    SL_TRY(sl_alloc_array(n_columns, sizeof *inner->slot, &inner->slot, err));
    SL_TRY(sl_alloc_array(inner->n_coded, sizeof *inner->first_slot, &inner->first_slot, err));
    SL_TRY(sl_alloc_array(n_columns, sizeof *inner->model_column, &inner->model_column, err));
    SL_TRY(sl_alloc_array(n_numeric, sizeof *inner->centre, &inner->centre, err));
    SL_TRY(sl_alloc_array(n_numeric, sizeof *inner->scale, &inner->scale, err));
    lay_out(inner);
out:
    if (rc != SL_OK)
        sl_inner_release(inner);
    return rc;
}

void sl_inner_release(struct sl_inner *inner)
{
    free(inner->slot);
    free(inner->first_slot);
    free(inner->model_column);
    free(inner->centre);
    free(inner->scale);
    *inner = (struct sl_inner){0};
}

static void lay_out(struct sl_inner *inner)
{
    const struct sl_terms *terms = inner->problem->terms;
    size_t                 column = inner->n_dense;
    size_t                 slot = inner->n_dense;

    for (size_t j = 0; j < inner->n_dense; j++) {
        inner->slot[j] = j;
        inner->model_column[j] = -1;
    }
    for (int t = 0; t < terms->n_terms; t++) {
        const struct sl_term *term = &terms->items[t];

        if (!term->is_categorical) {
            inner->model_column[term->index] = term->first_column;
            continue;
        }
        inner->first_slot[term->index] = slot;
        for (int32_t level = 0; level < term->n_columns; level++) {
            inner->slot[column] = slot++;
            inner->model_column[column++] = term->first_column + level;
        }
        slot++;
    }
}

static void load_numbers(const struct sl_inner *inner, size_t first, struct sl_batch *batch)
{
    const struct sl_matrix *x = &inner->problem->x->x;
    const size_t           *rows = inner->problem->rows;
    const size_t            n = batch->n;

    for (size_t j = 0; j < inner->n_numeric; j++) {
        const double *column = x->data + j * x->ld;
        double       *z = batch->z + j * batch->ld;
        /* The scale goes in before the centre is taken off: both products are exact and neither
         * overflows. */
        double scale = inner->scale[j];
        double centre = inner->centre[j] * scale;

        if (rows == NULL)
            for (size_t i = 0; i < n; i++)
                z[i] = column[first + i] * scale - centre;
        else
            for (size_t i = 0; i < n; i++)
                z[i] = column[rows[first + i]] * scale - centre;
    }
    for (size_t i = 0; inner->n_dense > inner->n_numeric && i < n; i++)
        batch->z[inner->n_numeric * batch->ld + i] = 1.0;
}

static void load_codes(const struct sl_inner *inner, size_t first, struct sl_batch *batch)
{
    const struct sl_design *x = inner->problem->x;
    const size_t           *rows = inner->problem->rows;

    for (size_t t = 0; t < inner->n_coded; t++) {
        const int32_t *from = x->codes + t * x->x.ld;
        int32_t       *to = batch->codes + t * batch->ld;

        for (size_t i = 0; i < batch->n; i++)
            to[i] = from[rows == NULL ? first + i : rows[first + i]];
    }
}

static void load_weights(const struct sl_inner *inner, size_t first, struct sl_batch *batch)
{
    const struct sl_problem *p = inner->problem;

    for (size_t i = 0; sl_inner_is_weighted(inner) && i < batch->n; i++) {
        double weight =
            p->weight == NULL ? 1.0 : p->weight[p->rows == NULL ? first + i : p->rows[first + i]];

        if (p->class_weight != NULL)
            weight *= p->class_weight[(int)batch->label[i]];
        batch->weight[i] = weight;
    }
}

static void load_rows(const struct sl_inner *inner, size_t first, struct sl_batch *batch)
{
    const struct sl_problem *p = inner->problem;

    for (size_t i = 0; i < batch->n; i++)
        batch->label[i] = p->y[p->rows == NULL ? first + i : p->rows[first + i]];
    load_weights(inner, first, batch);
    for (size_t i = 0; p->one_class >= 0 && i < batch->n; i++)
        batch->label[i] = batch->label[i] == p->one_class;
}

void sl_inner_load(const struct sl_inner *inner, size_t first, struct sl_batch *batch)
{
    const size_t left = inner->problem->n_rows - first;

    batch->n = left < SL_BATCH_ROWS ? left : SL_BATCH_ROWS;
    load_numbers(inner, first, batch);
    load_codes(inner, first, batch);
    load_rows(inner, first, batch);
}

double sl_inner_intercept_share(const struct sl_inner *inner, size_t j)
{
    if (j < inner->n_numeric)
        return -inner->scale[j] * inner->centre[j];
    return inner->model_column[j] < 0 ? 1.0 : 0.0;
}

double sl_inner_scale(const struct sl_inner *inner, size_t j)
{
    return j < inner->n_numeric ? inner->scale[j] : 1.0;
}

void sl_inner_spread(const struct sl_inner *inner, const double *theta, double *slots)
{
    memset(slots, 0, inner->n_slots * sizeof *slots);
    for (size_t j = 0; j < inner->n_columns; j++)
        slots[inner->slot[j]] = theta[j];
}

void sl_inner_wrap(const struct sl_inner *inner, const double *coef, double intercept,
                   double *theta)
{
    struct sl_sum sum = {0};

    sl_sum_add(&sum, intercept);
    for (size_t j = 0; j < inner->n_columns; j++) {
        if (inner->model_column[j] < 0)
            continue;
        theta[j] = coef[inner->model_column[j]] / sl_inner_scale(inner, j);
        if (j < inner->n_numeric)
            sl_sum_add_product(&sum, coef[inner->model_column[j]], inner->centre[j]);
    }
    if (inner->n_dense > inner->n_numeric)
        theta[inner->n_numeric] = sl_sum_value(&sum);
}

void sl_inner_unwrap(const struct sl_inner *inner, const double *theta, double *coef,
                     double *intercept)
{
    struct sl_sum sum = {0};

    for (size_t j = 0; j < inner->n_columns; j++) {
        double outer = theta[j] * sl_inner_scale(inner, j);

        if (inner->model_column[j] < 0) {
            sl_sum_add(&sum, outer);
            continue;
        }
        coef[inner->model_column[j]] = outer;
        if (j < inner->n_numeric)
            sl_sum_add_product(&sum, -outer, inner->centre[j]);
    }
    *intercept = sl_sum_value(&sum);
}
