/* Metrics of rows that are in memory, and may have weights: what folds of a cross-validation are
 * judged by.  Weights are real numbers, which no fixed point suits: sums go by the order of rows,
 * in twice the digits. */
#include <math.h>
#include <stdlib.h>

#include "scoreline/memory.h"
#include "scoreline/metrics.h"
#include "scoreline/numeric.h"

/* A row that counts: one that was scored. */
struct weighed {
    double score; /* of the class in hand */
    double weight;
    int    label;
};

struct weighing {
    const struct sl_weighed_rows *in;
    size_t                        n;
    size_t                       *rows;   /* [n] that count */
    double                       *terms;  /* [n] */
    struct weighed               *curve;  /* [n] */
    double                        weight; /* of all that count */
};

static double weight_of(const struct weighing *w, size_t i)
{
    return w->in->is_weighted ? w->in->rows->weight[w->rows[i]] : 1.0;
}

static int label_of(const struct weighing *w, size_t i)
{
    return (int)w->in->rows->label[w->rows[i]];
}

static double score_of(const struct weighing *w, size_t i, size_t k)
{
    return w->in->scores->data[k * w->in->scores->ld + w->rows[i]];
}

static sl_status weighing_init(struct weighing *w, const struct sl_weighed_rows *in,
                               struct sl_error *err)
{
    const size_t  n_rows = in->rows->x.n_rows;
    struct sl_sum sum = {0};
    sl_status     rc;

    *w = (struct weighing){.in = in};
    SL_TRY(sl_alloc_array(n_rows, sizeof *w->rows, &w->rows, err));
    SL_TRY(sl_alloc_array(n_rows, sizeof *w->terms, &w->terms, err));
    SL_TRY(sl_alloc_array(n_rows, sizeof *w->curve, &w->curve, err));
    for (size_t i = 0; i < n_rows; i++)
        if (in->rows->status[i] == SL_ROW_SCORED && !isnan(in->rows->label[i]))
            w->rows[w->n++] = i;
    for (size_t i = 0; i < w->n; i++)
        sl_sum_add(&sum, weight_of(w, i));
    w->weight = sl_sum_value(&sum);
out:
    return rc;
}

static void weighing_release(struct weighing *w)
{
    free(w->rows);
    free(w->terms);
    free(w->curve);
}

/* The mean of the terms; NaN where nothing weighs anything. */
static double mean_of_terms(const struct weighing *w)
{
    struct sl_sum sum = {0};

    for (size_t i = 0; i < w->n; i++)
        sl_sum_add_product(&sum, weight_of(w, i), w->terms[i]);
    return w->weight > 0.0 ? sl_sum_value(&sum) / w->weight : (double)NAN;
}

/* --- classes ---------------------------------------------------------------------------------- */

static int predicted(const struct weighing *w, size_t i)
{
    int most = 0;

    if (w->in->n_classes == 2)
        return score_of(w, i, 0) >= w->in->threshold;
    for (int k = 1; k < w->in->n_classes; k++)
        if (score_of(w, i, (size_t)k) > score_of(w, i, (size_t)most))
            most = k;
    return most;
}

/* As in sl_metrics_measure(). */
static double clip(double probability)
{
    return fmin(fmax(probability, 0x1p-52), 1 - 0x1p-52);
}

static double log_loss(struct weighing *w)
{
    const bool is_binary = w->in->n_classes == 2;

    for (size_t i = 0; i < w->n; i++) {
        const int    label = label_of(w, i);
        const double p = clip(score_of(w, i, is_binary ? 0 : (size_t)label));

        w->terms[i] = is_binary && label == 0 ? 1 - p : p;
    }
    sl_log_many(w->terms, w->n, w->terms);
    return -mean_of_terms(w);
}

static double brier(struct weighing *w)
{
    const size_t n = w->in->scores->n_cols;

    for (size_t i = 0; i < w->n; i++) {
        w->terms[i] = 0.0;
        for (size_t k = 0; k < n; k++) {
            const double error = score_of(w, i, k) - (label_of(w, i) == (n == 1 ? 1 : (int)k));

            w->terms[i] += error * error;
        }
    }
    return mean_of_terms(w);
}

/* By score, and equal ones by label, that sums have one order; equal weights of a group may come as
 * they like. */
static int by_score(const void *left, const void *right)
{
    const struct weighed *a = left;
    const struct weighed *b = right;

    if (a->score != b->score)
        return a->score < b->score ? -1 : 1;
    if (a->label != b->label)
        return a->label - b->label;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

/* Of a class against all others: the share of pairs in which it has the greater score. */
static double area(const struct weighing *w, int class)
{
    struct sl_sum won = {0}, negative = {0}, positive = {0};

    for (size_t i = 0; i < w->n; i++)
        w->curve[i] =
            (struct weighed){.score = score_of(w, i, w->in->n_classes > 2 ? (size_t) class : 0),
                             .weight = weight_of(w, i),
                             .label = label_of(w, i) == class};
    if (w->n > 0)
        qsort(w->curve, w->n, sizeof *w->curve, by_score);
    for (size_t i = 0; i < w->n;) {
        struct sl_sum tied[2] = {{0.0, 0.0}, {0.0, 0.0}};
        size_t        end = i;

        for (; end < w->n && w->curve[end].score == w->curve[i].score; end++)
            sl_sum_add(&tied[w->curve[end].label], w->curve[end].weight);
        sl_sum_add_product(&won, sl_sum_value(&tied[1]),
                           sl_sum_value(&negative) + 0.5 * sl_sum_value(&tied[0]));
        sl_sum_add(&negative, sl_sum_value(&tied[0]));
        sl_sum_add(&positive, sl_sum_value(&tied[1]));
        i = end;
    }
    return sl_sum_value(&won) / (sl_sum_value(&negative) * sl_sum_value(&positive));
}

static double roc_auc(const struct weighing *w)
{
    double sum = 0.0;

    if (w->in->n_classes == 2)
        return area(w, 1);
    for (int k = 0; k < w->in->n_classes; k++)
        sum += area(w, k);
    return sum / w->in->n_classes;
}

static void weigh_classes(struct weighing *w, struct sl_metric_values *out)
{
    bool has_other = false;

    for (size_t i = 0; i < w->n; i++) {
        has_other = has_other || label_of(w, i) < 0;
        w->terms[i] = predicted(w, i) == label_of(w, i);
    }
    out->n_rows = (int64_t)w->n;
    out->accuracy = mean_of_terms(w);
    if (has_other)
        return;
    out->roc_auc_error = 0.0;
    out->log_loss = log_loss(w);
    out->brier = brier(w);
    if (!w->in->without_curve)
        out->roc_auc = roc_auc(w);
    for (size_t i = 0; i < w->n; i++)
        w->terms[i] = label_of(w, i) == 1;
    if (w->in->n_classes == 2)
        out->base_rate = mean_of_terms(w);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static double label_at(const struct weighing *w, size_t i)
{
    return w->in->rows->label[w->rows[i]];
}

static double squares(struct weighing *w)
{
    for (size_t i = 0; i < w->n; i++) {
        const double error = label_at(w, i) - score_of(w, i, 0);

        w->terms[i] = error * error;
    }
    return mean_of_terms(w);
}

/* What rounding may hide in their mean. */
static bool labels_differ(const struct weighing *w)
{
    for (size_t i = 1; i < w->n; i++)
        if (label_at(w, i) != label_at(w, 0))
            return true;
    return false;
}

/* Of the labels about their mean. */
static double variance(struct weighing *w)
{
    double mean;

    for (size_t i = 0; i < w->n; i++)
        w->terms[i] = label_at(w, i);
    mean = mean_of_terms(w);
    for (size_t i = 0; i < w->n; i++)
        w->terms[i] = (label_at(w, i) - mean) * (label_at(w, i) - mean);
    return mean_of_terms(w);
}

static double poisson_deviance(struct weighing *w)
{
    double *logs = w->terms;

    for (size_t i = 0; i < w->n; i++)
        logs[i] = label_at(w, i) > 0.0 ? label_at(w, i) / score_of(w, i, 0) : 1.0;
    sl_log_many(logs, w->n, logs);
    for (size_t i = 0; i < w->n; i++)
        w->terms[i] = 2.0 * (label_at(w, i) * logs[i] - label_at(w, i) + score_of(w, i, 0));
    return mean_of_terms(w);
}

static void weigh_numbers(struct weighing *w, struct sl_number_values *out)
{
    const double mean_square = squares(w);
    const double spread = labels_differ(w) ? variance(w) : 0.0;

    out->n_rows = (int64_t)w->n;
    out->rmse = sqrt(mean_square);
    out->r2 = spread > 0.0 ? 1.0 - mean_square / spread : (double)NAN;
    for (size_t i = 0; i < w->n; i++)
        w->terms[i] = fabs(label_at(w, i) - score_of(w, i, 0));
    out->mae = mean_of_terms(w);
    out->deviance = w->in->deviance == SL_DEVIANCE_POISSON ? poisson_deviance(w) : mean_square;
}

/* ---------------------------------------------------------------------------------------------- */

sl_status sl_metrics_weigh(const struct sl_weighed_rows *rows, struct sl_weighed *out,
                           struct sl_error *err)
{
    const double    none = (double)NAN;
    struct weighing w;
    sl_status       rc;

    *out = (struct sl_weighed){.classes = {0, none, none, none, none, none, none},
                               .numbers = {0, none, none, none, none}};
    SL_TRY(weighing_init(&w, rows, err));
    if (rows->n_classes > 0)
        weigh_classes(&w, &out->classes);
    else
        weigh_numbers(&w, &out->numbers);
out:
    weighing_release(&w);
    return rc;
}
