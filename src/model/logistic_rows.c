/* Labels, weights and the rows that count. */
#include "logistic_rows.h"

#include <math.h>
#include <stdlib.h>

#include "scoreline/memory.h"

static sl_status check_labels(const struct sl_fit_in *in, struct sl_error *err);
static sl_status check_weights(const struct sl_fit_in *in, struct sl_error *err);
static sl_status find_rows(struct sl_fit_rows *rows, const struct sl_fit_in *in,
                           struct sl_error *err);
static sl_status check_classes(const struct sl_fit_rows *rows, const struct sl_fit_in *in,
                               const size_t *counts, struct sl_error *err);
static sl_status balance(struct sl_fit_rows *rows, const struct sl_fit_in *in, size_t *counts,
                         struct sl_error *err);

/* Rows of each class: of all rows, or of those used. */
static void count(const struct sl_fit_in *in, const struct sl_fit_rows *rows, size_t *counts)
{
    const size_t n = rows == NULL ? in->x->x.n_rows : rows->n;

    for (int k = 0; k < in->n_classes; k++)
        counts[k] = 0;
    for (size_t i = 0; i < n; i++)
        counts[(int)in->y[rows == NULL || rows->rows == NULL ? i : rows->rows[i]]]++;
}

sl_status sl_fit_rows_init(struct sl_fit_rows *rows, const struct sl_fit_in *in, bool is_balanced,
                           struct sl_error *err)
{
    size_t   *counts = NULL;
    sl_status rc;

    *rows = (struct sl_fit_rows){.n = in->x->x.n_rows};
    SL_TRY(check_labels(in, err));
    SL_TRY(check_weights(in, err));
    SL_TRY(sl_alloc_array((size_t)in->n_classes, sizeof *counts, &counts, err));
    SL_TRY(find_rows(rows, in, err));
    count(in, rows, counts);
    SL_TRY(check_classes(rows, in, counts, err));
    if (is_balanced)
        SL_TRY(balance(rows, in, counts, err));
out:
    free(counts);
    if (rc != SL_OK)
        sl_fit_rows_release(rows);
    return rc;
}

void sl_fit_rows_release(struct sl_fit_rows *rows)
{
    free(rows->rows);
    free(rows->class_weight);
    *rows = (struct sl_fit_rows){0};
}

static sl_status check_labels(const struct sl_fit_in *in, struct sl_error *err)
{
    for (size_t i = 0; i < in->x->x.n_rows; i++) {
        double y = in->y[i];

        if (y >= 0.0 && y < in->n_classes && y == floor(y))
            continue;
        return sl_fail(err, SL_EINPUT,
                       "the label of training row %zu is %g, logistic_regression wants 0 %s %d", i,
                       y, in->n_classes > 2 ? "to" : "or", in->n_classes - 1);
    }
    return SL_OK;
}

static sl_status check_weights(const struct sl_fit_in *in, struct sl_error *err)
{
    for (size_t i = 0; in->weight != NULL && i < in->x->x.n_rows; i++) {
        if (!(in->weight[i] >= 0.0 && isfinite(in->weight[i])))
            return sl_fail(err, SL_EINPUT,
                           "the weight of training row %zu is %g, expected a finite number, 0 or "
                           "more",
                           i, in->weight[i]);
    }
    return SL_OK;
}

static sl_status find_rows(struct sl_fit_rows *rows, const struct sl_fit_in *in,
                           struct sl_error *err)
{
    const size_t n_rows = in->x->x.n_rows;
    size_t       n = 0;
    sl_status    rc;

    for (size_t i = 0; i < n_rows; i++)
        n += in->weight == NULL || in->weight[i] > 0.0;
    rows->n = n;
    if (n == 0)
        return sl_fail(err, SL_EINPUT,
                       "the weights of all %zu training rows are 0, nothing can be learned: train "
                       "on partitions that hold others, or mend the weight",
                       n_rows);
    if (n == n_rows)
        return SL_OK;
    rc = sl_alloc_array(n, sizeof *rows->rows, &rows->rows, err);
    if (rc != SL_OK)
        return rc;
    n = 0;
    for (size_t i = 0; i < n_rows; i++)
        if (in->weight[i] > 0.0)
            rows->rows[n++] = i;
    return SL_OK;
}

static sl_status check_classes(const struct sl_fit_rows *rows, const struct sl_fit_in *in,
                               const size_t *counts, struct sl_error *err)
{
    const char *which = rows->rows == NULL ? "" : " of positive weight";

    for (int k = 0; k < in->n_classes; k++) {
        if (counts[k] == rows->n)
            return sl_fail(err, SL_EINPUT,
                           "all %zu training rows%s are of class %d, nothing can be learned from "
                           "one class: train on partitions that hold %s, or mend the label%s",
                           rows->n, which, k, in->n_classes > 2 ? "others" : "both",
                           rows->rows == NULL ? "" : " or the weight");
    }
    for (int k = 0; k < in->n_classes; k++) {
        if (counts[k] == 0)
            return sl_fail(err, SL_EINPUT,
                           "none of the %zu training rows%s is of class %d: train on partitions "
                           "that hold all %d classes, or mend the label%s",
                           rows->n, which, k, in->n_classes,
                           rows->rows == NULL ? "" : " or the weight");
    }
    return SL_OK;
}

static sl_status balance(struct sl_fit_rows *rows, const struct sl_fit_in *in, size_t *counts,
                         struct sl_error *err)
{
    const double n_rows = (double)in->x->x.n_rows;
    sl_status    rc;

    rc = sl_alloc_array((size_t)in->n_classes, sizeof(double), &rows->class_weight, err);
    if (rc != SL_OK)
        return rc;
    count(in, NULL, counts);
    for (int k = 0; k < in->n_classes; k++)
        rows->class_weight[k] = n_rows / (in->n_classes * (double)counts[k]);
    return SL_OK;
}
