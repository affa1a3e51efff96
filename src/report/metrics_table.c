/* The table by partition.  Widths come from the texts, so everything is formatted before anything
 * is printed: each line into cells, one column after the other. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "layout.h"
#include "scoreline/report.h"

enum { N_NUMBERS = 8, CELL_BYTES = 24 };

static const char *const class_headings[N_NUMBERS] = {"rows",     "scored",   "missing", "rejected",
                                                      "accuracy", "log loss", "AUC",     "Brier"};
static const char *const number_headings[N_NUMBERS] = {"rows", "scored", "missing", "rejected",
                                                       "R2",   "RMSE",   "MAE",     "deviance"};

/* A line as printed, but for its name. */
struct line {
    char cell[N_NUMBERS][CELL_BYTES];
};

struct widths {
    int name;
    int number[N_NUMBERS];
};

static void put_count(char cell[CELL_BYTES], int64_t n)
{
    snprintf(cell, CELL_BYTES, "%" PRId64, n);
}

static void put_value(char cell[CELL_BYTES], double value)
{
    if (isnan(value))
        snprintf(cell, CELL_BYTES, "-");
    else
        snprintf(cell, CELL_BYTES, "%.6f", value);
}

/* Of whatever unit and size. */
static void put_number(char cell[CELL_BYTES], double value)
{
    if (isnan(value))
        snprintf(cell, CELL_BYTES, "-");
    else
        snprintf(cell, CELL_BYTES, "%.6g", value);
}

static void put_numbers(struct line *line, const struct sl_number_values *values)
{
    put_value(line->cell[4], values->r2);
    put_number(line->cell[5], values->rmse);
    put_number(line->cell[6], values->mae);
    put_number(line->cell[7], values->deviance);
}

/* Of group g. */
static struct line make_line(const struct sl_row_counts *n, const struct sl_measured *measured,
                             size_t g)
{
    const struct sl_metric_values *values = &measured->values[g];

    struct line line = {.cell = {""}};

    put_count(line.cell[0], n->n_rows);
    put_count(line.cell[1], n->n_scored);
    put_count(line.cell[2], n->n_missing);
    put_count(line.cell[3], n->n_rejected);
    if (measured->n_classes == 0) {
        put_numbers(&line, &measured->numbers[g]);
        return line;
    }
    put_value(line.cell[4], values->accuracy);
    put_value(line.cell[5], values->log_loss);
    put_value(line.cell[6], values->roc_auc);
    put_value(line.cell[7], values->brier);
    return line;
}

static void widen(int *width, const char *text)
{
    int needed = layout_width(text);

    if (needed > *width)
        *width = needed;
}

static void widen_all(struct widths *widths, const char *name, const struct line *line)
{
    widen(&widths->name, name);
    for (int i = 0; i < N_NUMBERS; i++)
        widen(&widths->number[i], line->cell[i]);
}

static void print_name(FILE *to, const struct widths *widths, const char *name, char mark)
{
    fprintf(to, "%s%*s %c", name, widths->name - layout_width(name), "", mark);
}

static void print_line(FILE *to, const struct widths *widths, const char *name, char mark,
                       const struct line *line)
{
    print_name(to, widths, name, mark);
    for (int i = 0; i < N_NUMBERS; i++)
        fprintf(to, "  %*s", widths->number[i], line->cell[i]);
    fputc('\n', to);
}

static void print_headings(FILE *to, const struct widths *widths, const char *const *headings)
{
    print_name(to, widths, "partition", ' ');
    for (int i = 0; i < N_NUMBERS; i++)
        fprintf(to, "  %*s", widths->number[i], headings[i]);
    fputc('\n', to);
}

void sl_row_counts_add(struct sl_row_counts *sum, const struct sl_row_counts *n)
{
    sum->n_rows += n->n_rows;
    sum->n_scored += n->n_scored;
    sum->n_missing += n->n_missing;
    sum->n_rejected += n->n_rejected;
}

static void sum_up(const struct sl_plan *plan, const struct sl_row_counts *counts,
                   const struct sl_measured *measured, struct line lines[SL_FIRST_PARTITION])
{
    struct sl_row_counts sums[SL_FIRST_PARTITION] = {{0}};

    for (int p = 0; p < plan->n_partitions; p++) {
        sl_row_counts_add(&sums[plan->partitions[p].trained_on ? SL_TRAINED_ON : SL_HELD_OUT],
                          &counts[p]);
        sl_row_counts_add(&sums[SL_ALL], &counts[p]);
    }
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        lines[g] = make_line(&sums[g], measured, (size_t)g);
}

/* Of all groups the most. */
static void print_error(FILE *to, const struct sl_plan *plan, const struct sl_metric_values *values)
{
    double most = 0;

    for (int g = 0; g < SL_FIRST_PARTITION + plan->n_partitions; g++)
        if (values[g].roc_auc_error > most)
            most = values[g].roc_auc_error;
    if (most > 0)
        fprintf(to, "AUC is from bins of the score, off by at most %.2g (metrics.exact_rows)\n",
                most);
}

void sl_report_metrics(FILE *to, const struct sl_plan *plan, const struct sl_row_counts *counts,
                       const struct sl_measured *measured)
{
    static const char *const groups[SL_FIRST_PARTITION] = {
        [SL_HELD_OUT] = "held out", [SL_TRAINED_ON] = "trained on", [SL_ALL] = "all"};
    const char *const *headings = measured->n_classes == 0 ? number_headings : class_headings;
    struct line        sums[SL_FIRST_PARTITION];
    struct widths      widths = {.name = layout_width("partition")};

    sum_up(plan, counts, measured, sums);
    for (int i = 0; i < N_NUMBERS; i++)
        widths.number[i] = layout_width(headings[i]);
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        widen_all(&widths, groups[g], &sums[g]);
    for (int p = 0; p < plan->n_partitions; p++) {
        const struct line line = make_line(&counts[p], measured, SL_FIRST_PARTITION + (size_t)p);

        widen_all(&widths, plan->partitions[p].name, &line);
    }
    print_headings(to, &widths, headings);
    for (int p = 0; p < plan->n_partitions; p++) {
        const struct line line = make_line(&counts[p], measured, SL_FIRST_PARTITION + (size_t)p);

        print_line(to, &widths, plan->partitions[p].name,
                   plan->partitions[p].trained_on ? '*' : ' ', &line);
    }
    fputc('\n', to);
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        print_line(to, &widths, groups[g], g == SL_TRAINED_ON ? '*' : ' ', &sums[g]);
    fputs("* the model was trained on these rows\n", to);
    print_error(to, plan, measured->values);
}
