/* Values from counts and sums, when all rows of all ranks have been read. */
#include "measured.h"

#include <math.h>
#include <stdlib.h>

#include "scoreline/memory.h"

size_t sl_measured_groups(const struct sl_measured *measured)
{
    return SL_FIRST_PARTITION + (size_t)measured->n_partitions;
}

sl_status sl_measured_init(struct sl_measured *out, int n_classes, int n_partitions,
                           struct sl_error *err)
{
    const size_t n = (size_t)n_classes;
    sl_status    rc;

    *out = (struct sl_measured){.n_classes = n_classes, .n_partitions = n_partitions};
    SL_TRY(sl_alloc_array(sl_measured_groups(out), sizeof *out->values, &out->values, err));
    if (n == 0)
        SL_TRY(sl_alloc_array(sl_measured_groups(out), sizeof *out->numbers, &out->numbers, err));
    SL_TRY(sl_alloc_array(SL_FIRST_PARTITION * n, sizeof *out->classes, &out->classes, err));
    SL_TRY(
        sl_alloc_array(n * n, SL_FIRST_PARTITION * sizeof *out->confusion, &out->confusion, err));
out:
    return rc;
}

void sl_measured_release(struct sl_measured *measured)
{
    free(measured->values);
    free(measured->numbers);
    free(measured->classes);
    free(measured->confusion);
    *measured = (struct sl_measured){0};
}

const char *const sl_metric_group_names[SL_FIRST_PARTITION] = {
    [SL_HELD_OUT] = "held_out", [SL_TRAINED_ON] = "trained_on", [SL_ALL] = "all"};

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

static void fill_values(struct sl_measured *out, const struct sl_tally *tallies)
{
    for (size_t g = 0; g < sl_measured_groups(out); g++) {
        const struct sl_tally   *t = &tallies[g];
        struct sl_metric_values *v = &out->values[g];
        double                   n = t->n_rows > 0 ? (double)t->n_rows : (double)NAN;

        v->n_rows = t->n_rows;
        v->accuracy = share(t->n_correct, t->n_rows);
        v->log_loss = sl_fixed_value(&t->log_loss) / n;
        v->roc_auc /= out->n_classes == 2 ? 1 : out->n_classes;
        v->roc_auc_error /= out->n_classes == 2 ? 1 : out->n_classes;
        v->brier = sl_fixed_value(&t->brier) / n;
        v->base_rate = out->n_classes == 2 ? share(t->n_positive, t->n_rows) : (double)NAN;
    }
}

/* Counts of a class from its row and its column of the matrix. */
static void fill_class(struct sl_measured *out, int g, int k)
{
    const size_t            n = (size_t)out->n_classes;
    const int64_t          *matrix = out->confusion + (size_t)g * n * n;
    struct sl_class_values *v = &out->classes[(size_t)g * n + (size_t)k];

    for (size_t i = 0; i < n; i++) {
        v->n_rows += matrix[(size_t)k * n + i];
        v->n_predicted += matrix[i * n + (size_t)k];
    }
    v->n_correct = matrix[(size_t)k * n + (size_t)k];
    v->precision = share(v->n_correct, v->n_predicted);
    v->recall = share(v->n_correct, v->n_rows);
    if (n == 2) {
        v->roc_auc = out->values[g].roc_auc;
        v->roc_auc_error = out->values[g].roc_auc_error;
    }
}

void sl_measured_fill(struct sl_measured *out, const struct sl_tally *tallies)
{
    const size_t n = (size_t)out->n_classes * (size_t)out->n_classes;
    int64_t     *confusion = out->confusion;

    fill_values(out, tallies);
    for (size_t i = 0; i < n; i++)
        confusion[SL_ALL * n + i] =
            confusion[SL_HELD_OUT * n + i] + confusion[SL_TRAINED_ON * n + i];
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        for (int k = 0; k < out->n_classes; k++)
            fill_class(out, g, k);
}
