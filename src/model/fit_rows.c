/* Labels, weights and the rows that count. */
#include "fit_rows.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "scoreline/memory.h"

/* Rows of all ranks. */
struct census {
    size_t   n_rows;
    size_t   first_row; /* of this rank */
    int64_t *counts;    /* [n_classes] */
};

static sl_status check_labels(const struct sl_fit_in *in, size_t first_row, struct sl_error *err);
static sl_status check_weights(const struct sl_fit_in *in, size_t first_row, struct sl_error *err);
static sl_status find_rows(struct sl_fit_rows *rows, const struct sl_fit_in *in, size_t n_rows,
                           struct sl_error *err);
static sl_status check_numbers(const struct sl_fit_rows *rows, const struct sl_fit_in *in,
                               struct sl_error *err);
static sl_status check_classes(const struct sl_fit_rows *rows, const struct sl_fit_in *in,
                               const struct census *all, struct sl_error *err);
static sl_status balance(struct sl_fit_rows *rows, const struct sl_fit_in *in,
                         const struct census *all, struct sl_error *err);

/* Rows of each class: of all rows, or of those used. */
static void count(const struct sl_fit_in *in, const struct sl_fit_rows *rows, int64_t *counts)
{
    const size_t n = rows == NULL ? in->x->x.n_rows : rows->n;

    for (int k = 0; k < in->n_classes; k++)
        counts[k] = 0;
    for (size_t i = 0; in->n_classes > 0 && i < n; i++)
        counts[(int)in->y[rows == NULL || rows->rows == NULL ? i : rows->rows[i]]]++;
    sl_comm_sum_i64(in->comm, counts, (size_t)in->n_classes);
}

static size_t sum_of(const struct sl_comm *comm, size_t n)
{
    int64_t sum = (int64_t)n;

    sl_comm_sum_i64(comm, &sum, 1);
    return (size_t)sum;
}

sl_status sl_fit_rows_init(struct sl_fit_rows *rows, const struct sl_fit_in *in, bool is_balanced,
                           struct sl_error *err)
{
    const size_t  n_rows = in->x->x.n_rows;
    struct census all = {.n_rows = sum_of(in->comm, n_rows)};
    sl_status     rc;

    *rows = (struct sl_fit_rows){.n = n_rows};
    all.first_row = (size_t)sl_comm_before_i64(in->comm, (int64_t)n_rows);
    SL_TRY(sl_comm_agree(in->comm, check_labels(in, all.first_row, err), err));
    SL_TRY(sl_comm_agree(in->comm, check_weights(in, all.first_row, err), err));
    rc = sl_alloc_array((size_t)in->n_classes, sizeof *all.counts, &all.counts, err);
    SL_TRY(sl_comm_agree(in->comm, rc, err));
    SL_TRY(find_rows(rows, in, all.n_rows, err));
    count(in, rows, all.counts);
    SL_TRY(in->n_classes > 0 ? check_classes(rows, in, &all, err) : check_numbers(rows, in, err));
    rc = is_balanced ? balance(rows, in, &all, err) : SL_OK;
    rc = sl_comm_agree(in->comm, rc, err);
out:
    free(all.counts);
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

sl_status sl_fit_rows_check(const struct sl_fit_rows *rows, const struct sl_fit_in *in,
                            const struct sl_parts *parts, struct sl_error *err)
{
    const int    rank = sl_comm_rank(in->comm);
    const size_t n_rows = sl_parts_first_row(parts, rank + 1) - sl_parts_first_row(parts, rank);
    sl_status    rc = SL_OK;

    if (rows->n != n_rows)
        rc = sl_fail(err, SL_EBUG, "model: rank %d has %zu rows to train on instead of %zu", rank,
                     rows->n, n_rows);
    return sl_comm_agree(in->comm, rc, err);
}

static sl_status check_labels(const struct sl_fit_in *in, size_t first_row, struct sl_error *err)
{
    const double least = in->ops->is_of_counts ? 0.0 : -DBL_MAX;

    for (size_t i = 0; in->n_classes > 0 && i < in->x->x.n_rows; i++) {
        double y = in->y[i];

        if (y >= 0.0 && y < in->n_classes && y == floor(y))
            continue;
        return sl_fail(err, SL_EINPUT, "the label of training row %zu is %g, %s wants 0 %s %d",
                       first_row + i, y, in->ops->name, in->n_classes > 2 ? "to" : "or",
                       in->n_classes - 1);
    }
    for (size_t i = 0; in->n_classes == 0 && i < in->x->x.n_rows; i++) {
        double y = in->y[i];

        if (y >= least && y <= DBL_MAX)
            continue;
        return sl_fail(err, SL_EINPUT,
                       "the label of training row %zu is %g, %s wants finite numbers%s",
                       first_row + i, y, in->ops->name, in->ops->is_of_counts ? ", 0 or more" : "");
    }
    return SL_OK;
}

static sl_status check_weights(const struct sl_fit_in *in, size_t first_row, struct sl_error *err)
{
    for (size_t i = 0; in->weight != NULL && i < in->x->x.n_rows; i++) {
        if (!(in->weight[i] >= 0.0 && isfinite(in->weight[i])))
            return sl_fail(err, SL_EINPUT,
                           "the weight of training row %zu is %g, expected a finite number, 0 or "
                           "more",
                           first_row + i, in->weight[i]);
    }
    return SL_OK;
}

static sl_status list_rows(struct sl_fit_rows *rows, const struct sl_fit_in *in,
                           struct sl_error *err)
{
    size_t    n = 0;
    sl_status rc;

    if (rows->n == in->x->x.n_rows)
        return SL_OK;
    rc = sl_alloc_array(rows->n, sizeof *rows->rows, &rows->rows, err);
    for (size_t i = 0; rc == SL_OK && i < in->x->x.n_rows; i++)
        if (in->weight[i] > 0.0)
            rows->rows[n++] = i;
    return rc;
}

static sl_status find_rows(struct sl_fit_rows *rows, const struct sl_fit_in *in, size_t n_rows,
                           struct sl_error *err)
{
    size_t n = in->weight == NULL ? in->x->x.n_rows : 0;

    for (size_t i = 0; in->weight != NULL && i < in->x->x.n_rows; i++)
        n += in->weight[i] > 0.0;
    rows->n = n;
    rows->n_all = sum_of(in->comm, n);
    if (rows->n_all == 0)
        return sl_fail(err, SL_EINPUT,
                       "the weights of all %zu training rows are 0, nothing can be learned: train "
                       "on partitions that hold others, or mend the weight",
                       n_rows);
    return sl_comm_agree(in->comm, list_rows(rows, in, err), err);
}

/* The logarithm of their mean is wanted. */
static sl_status check_numbers(const struct sl_fit_rows *rows, const struct sl_fit_in *in,
                               struct sl_error *err)
{
    size_t n_positive = 0;

    for (size_t i = 0; in->ops->is_of_counts && i < rows->n; i++)
        n_positive += in->y[rows->rows == NULL ? i : rows->rows[i]] > 0.0;
    if (!in->ops->is_of_counts || sum_of(in->comm, n_positive) > 0)
        return SL_OK;
    return sl_fail(err, SL_EINPUT,
                   "the labels of all %zu training rows are 0, nothing can be learned: train on "
                   "partitions that hold others, or mend the label",
                   rows->n_all);
}

static sl_status check_classes(const struct sl_fit_rows *rows, const struct sl_fit_in *in,
                               const struct census *all, struct sl_error *err)
{
    const bool  uses_all = rows->n_all == all->n_rows;
    const char *which = uses_all ? "" : " of positive weight";

    for (int k = 0; k < in->n_classes; k++) {
        if ((size_t)all->counts[k] == rows->n_all)
            return sl_fail(err, SL_EINPUT,
                           "all %zu training rows%s are of class %d, nothing can be learned from "
                           "one class: train on partitions that hold %s, or mend the label%s",
                           rows->n_all, which, k, in->n_classes > 2 ? "others" : "both",
                           uses_all ? "" : " or the weight");
    }
    for (int k = 0; k < in->n_classes; k++) {
        if (all->counts[k] == 0)
            return sl_fail(err, SL_EINPUT,
                           "none of the %zu training rows%s is of class %d: train on partitions "
                           "that hold all %d classes, or mend the label%s",
                           rows->n_all, which, k, in->n_classes, uses_all ? "" : " or the weight");
    }
    return SL_OK;
}

static sl_status balance(struct sl_fit_rows *rows, const struct sl_fit_in *in,
                         const struct census *all, struct sl_error *err)
{
    sl_status rc;

    rc = sl_alloc_array((size_t)in->n_classes, sizeof(double), &rows->class_weight, err);
    count(in, NULL, all->counts);
    for (int k = 0; rc == SL_OK && k < in->n_classes; k++)
        rows->class_weight[k] = (double)all->n_rows / (in->n_classes * (double)all->counts[k]);
    return rc;
}
