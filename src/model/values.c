/* A pass that only asks whether all is well, and a slow one that says what is not. */
#include "values.h"

#include <math.h>
#include <stdbool.h>

#include "workers.h"

enum { PART_ROWS = 1 << 14, LANES = 8, MAX_PARTS = 1 << 10 };

struct check {
    const struct sl_terms  *terms;
    const struct sl_design *x;
    size_t                  part_rows;
    bool                    is_bad[MAX_PARTS];
};

/* 0 times a number is 0 if that is finite, else NaN, and stays so in any sum. */
static bool is_finite(const double *x, size_t n)
{
    double lane[LANES] = {0}, sum = 0.0;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += 0.0 * x[i + k];
    for (; i < n; i++)
        sum += 0.0 * x[i];
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum == 0.0;
}

static bool is_within(const int32_t *codes, int32_t most, size_t n)
{
    uint32_t largest = 0; /* negative ones are larger than all others */

    for (size_t i = 0; i < n; i++)
        largest = (uint32_t)codes[i] > largest ? (uint32_t)codes[i] : largest;
    return largest <= (uint32_t)most;
}

static void run_part(void *context, int worker, size_t part)
{
    struct check           *check = context;
    const struct sl_matrix *x = &check->x->x;
    const size_t            first = part * check->part_rows;
    const size_t            left = x->n_rows - first;
    const size_t            n = left < check->part_rows ? left : check->part_rows;

    (void)worker;
    for (int t = 0; t < check->terms->n_terms && !check->is_bad[part]; t++) {
        const struct sl_term *term = &check->terms->items[t];
        const size_t          at = (size_t)term->index * x->ld + first;

        check->is_bad[part] = term->is_categorical
                                  ? !is_within(check->x->codes + at, term->n_columns, n)
                                  : !is_finite(x->data + at, n);
    }
}

static sl_status describe(const struct check *check, struct sl_error *err)
{
    const struct sl_design *x = check->x;

    for (int t = 0; t < check->terms->n_terms; t++) {
        const struct sl_term *term = &check->terms->items[t];
        const size_t          at = (size_t)term->index * x->x.ld;

        for (size_t i = 0; i < x->x.n_rows; i++) {
            if (!term->is_categorical && !isfinite(x->x.data[at + i]))
                return sl_fail(err, SL_EBUG, "model: feature %d of training row %zu is not finite",
                               t, i);
            if (term->is_categorical && !is_within(&x->codes[at + i], term->n_columns, 1))
                return sl_fail(err, SL_EBUG,
                               "model: feature %d of training row %zu has the code %d of %d", t, i,
                               (int)x->codes[at + i], (int)term->n_columns);
        }
    }
    return SL_OK;
}

sl_status sl_check_values(const struct sl_terms *terms, const struct sl_design *x,
                          struct sl_error *err)
{
    struct check   check = {.terms = terms, .x = x, .part_rows = PART_ROWS};
    struct sl_work work = {.run = run_part, .context = &check};

    if (x->x.n_rows / PART_ROWS >= MAX_PARTS)
        check.part_rows = x->x.n_rows / MAX_PARTS + 1;
    work.n_parts = (x->x.n_rows + check.part_rows - 1) / check.part_rows;
    sl_workers_run(&work, sl_workers_for((double)x->x.n_rows * terms->n_terms));
    for (size_t i = 0; i < work.n_parts; i++)
        if (check.is_bad[i])
            return describe(&check, err);
    return SL_OK;
}
