/* What the reports of a learning curve share: names of what was measured, numbers and names as
 * people write them. */
#include "learning_curve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"

static const struct curve_measure measures[] = {
    {"neg_log_loss", "log loss", "nats per row"},
    {"neg_brier_score", "Brier score", NULL},
    {"accuracy", "accuracy", "share of rows"},
    {"roc_auc", "ROC AUC", NULL},
    {"roc_auc_ovr", "ROC AUC, one class against the rest", NULL},
    {"r2", "R\xC2\xB2", NULL},
    {"neg_root_mean_squared_error", "RMSE", "in units of the label"},
    {"neg_mean_squared_error", "mean squared error", "in units of the label, squared"},
    {"neg_mean_absolute_error", "mean absolute error", "in units of the label"},
    {"neg_mean_poisson_deviance", "mean Poisson deviance", NULL},
};

struct curve_measure curve_measure_of(const struct sl_json *result)
{
    const char *scoring = layout_word(sl_json_find(result, "scoring"));

    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (strcmp(scoring, measures[i].scoring) == 0)
            return measures[i];
    return (struct curve_measure){scoring, scoring, NULL};
}

double curve_sign_of(const struct sl_json *result)
{
    const struct curve_measure measure = curve_measure_of(result);

    return measure.name != measure.scoring && strncmp(measure.scoring, "neg_", 4) == 0 ? -1 : 1;
}

void curve_format_rows(double n, char *out, size_t out_bytes)
{
    char         digits[32];
    const int    n_digits = snprintf(digits, sizeof digits, "%.0f", n);
    const size_t n_commas = isfinite(n) ? (size_t)(n_digits - 1) / 3 : 0;
    size_t       at = 0;

    if (!isfinite(n) || (size_t)n_digits + n_commas >= out_bytes) {
        snprintf(out, out_bytes, "%g", n);
        return;
    }
    for (int i = 0; i < n_digits; i++) {
        out[at++] = digits[i];
        if ((n_digits - i) % 3 == 1 && i + 1 < n_digits)
            out[at++] = ',';
    }
    out[at] = '\0';
}

/* So many names are written out. */
enum { MOST_NAMES = 4 };

void curve_format_names(const struct sl_json *names, char *out, size_t out_bytes)
{
    const size_t n = sl_json_count(names);
    size_t       at = 0, i = 0;

    out[0] = '\0';
    for (const struct sl_json *name = sl_json_first(names); name != NULL && at < out_bytes;
         name = sl_json_next(name), i++) {
        if (n > MOST_NAMES && i == MOST_NAMES - 1) {
            snprintf(out + at, out_bytes - at, " and %zu more", n - i);
            return;
        }
        at += (size_t)snprintf(out + at, out_bytes - at, "%s%s", i > 0 ? ", " : "",
                               layout_word(name));
    }
}
