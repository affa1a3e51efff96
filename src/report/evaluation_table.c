/* Deciles, calibration and the confusion matrix for people. */
#include <inttypes.h>
#include <math.h>

#include "evaluation_table.h"
#include "scoreline/report.h"

void report_value(FILE *to, int width, double value)
{
    if (isnan(value))
        fprintf(to, "  %*s", width, "-");
    else
        fprintf(to, "  %*.6f", width, value);
}

int report_count_width(int64_t n, int least)
{
    int width = snprintf(NULL, 0, "%" PRId64, n);

    return width > least ? width : least;
}

static void print_deciles(FILE *to, const struct sl_evaluation *e)
{
    const int width = report_count_width(e->n_rows, 9);

    fprintf(to, "decile  %*s  %*s  %9s  %9s  %9s  %9s\n", width, "rows", width, "positives",
            "base rate", "mean p", "lift", "captured");
    for (int i = 0; i < SL_N_DECILES; i++) {
        const struct sl_decile *d = &e->deciles[i];

        fprintf(to, "%6d  %*" PRId64 "  %*" PRId64, i + 1, width, d->n_rows, width, d->n_positive);
        report_value(to, 9, d->base_rate);
        report_value(to, 9, d->mean_probability);
        report_value(to, 9, d->lift);
        report_value(to, 9, d->captured);
        fputc('\n', to);
    }
}

static void print_bins(FILE *to, const struct sl_evaluation *e)
{
    const int width = report_count_width(e->n_rows, 9);

    fprintf(to, "probability  %*s  %9s  %9s\n", width, "rows", "mean p", "observed");
    for (int i = 0; i < SL_N_BINS; i++) {
        const struct sl_bin *b = &e->bins[i];

        fprintf(to, "%.1f to %.1f   %*" PRId64, b->low, b->high, width, b->n_rows);
        report_value(to, 9, b->mean_probability);
        report_value(to, 9, b->observed);
        fputc('\n', to);
    }
}

static void print_confusion(FILE *to, const struct sl_evaluation *e)
{
    const struct sl_confusion      *c = &e->confusion;
    const struct sl_confusion_rates rates = sl_confusion_rates(c);
    const int                       width = report_count_width(e->n_rows, 11);
    const struct {
        const char *name;
        double      value;
    } lines[] = {{"accuracy", rates.accuracy},
                 {"precision", rates.precision},
                 {"recall", rates.recall},
                 {"specificity", rates.specificity},
                 {"F1", rates.f1}};

    fprintf(to, "threshold %g  %*s  %*s\n", c->threshold, width, "predicted 0", width,
            "predicted 1");
    fprintf(to, "%-*s  %*" PRId64 "  %*" PRId64 "\n", 10 + snprintf(NULL, 0, "%g", c->threshold),
            "label 0", width, c->n_true_negative, width, c->n_false_positive);
    fprintf(to, "%-*s  %*" PRId64 "  %*" PRId64 "\n", 10 + snprintf(NULL, 0, "%g", c->threshold),
            "label 1", width, c->n_false_negative, width, c->n_true_positive);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        fprintf(to, "%-11s", lines[i].name);
        report_value(to, 8, lines[i].value);
        fputc('\n', to);
    }
}

bool report_begin_group(FILE *to, enum sl_metric_group group, int64_t n_rows)
{
    if (n_rows == 0)
        fputs("no scored row has a known label: there is nothing to compare with\n", to);
    else if (group == SL_HELD_OUT)
        fprintf(to, "what follows is of the %" PRId64 " held out rows with a label\n\n", n_rows);
    else
        fprintf(to,
                "what follows is of all %" PRId64
                " rows with a label: the model was trained on them, no others are held out\n\n",
                n_rows);
    return n_rows > 0;
}

void sl_report_evaluation(FILE *to, const struct sl_evaluation *evaluation)
{
    if (!report_begin_group(to, evaluation->group, evaluation->n_rows))
        return;
    print_deciles(to, evaluation);
    fputc('\n', to);
    print_bins(to, evaluation);
    fputc('\n', to);
    print_confusion(to, evaluation);
}
