/* The table by partition.  Widths come from the texts, so everything is formatted before anything
 * is printed: each line into cells, one column after the other. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "layout.h"
#include "scoreline/report.h"

enum { N_NUMBERS = 8, CELL_BYTES = 24 };

static const char *const headings[N_NUMBERS] = {"rows",     "scored",   "missing", "rejected",
                                                "accuracy", "log loss", "AUC",     "Brier"};

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

static struct line make_line(const struct sl_row_counts *n, const struct sl_metric_values *values)
{
    struct line line = {.cell = {""}};

    put_count(line.cell[0], n->n_rows);
    put_count(line.cell[1], n->n_scored);
    put_count(line.cell[2], n->n_missing);
    put_count(line.cell[3], n->n_rejected);
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

static void print_headings(FILE *to, const struct widths *widths)
{
    print_name(to, widths, "partition", ' ');
    for (int i = 0; i < N_NUMBERS; i++)
        fprintf(to, "  %*s", widths->number[i], headings[i]);
    fputc('\n', to);
}

static void add_counts(struct sl_row_counts *sum, const struct sl_row_counts *n)
{
    sum->n_rows += n->n_rows;
    sum->n_scored += n->n_scored;
    sum->n_missing += n->n_missing;
    sum->n_rejected += n->n_rejected;
}

static void sum_up(const struct sl_plan *plan, const struct sl_row_counts *counts,
                   const struct sl_metric_values *values, struct line lines[SL_FIRST_PARTITION])
{
    struct sl_row_counts sums[SL_FIRST_PARTITION] = {{0}};

    for (int p = 0; p < plan->n_partitions; p++) {
        add_counts(&sums[plan->partitions[p].trained_on ? SL_TRAINED_ON : SL_HELD_OUT], &counts[p]);
        add_counts(&sums[SL_ALL], &counts[p]);
    }
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        lines[g] = make_line(&sums[g], &values[g]);
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
                       const struct sl_metric_values *values)
{
    static const char *const groups[SL_FIRST_PARTITION] = {
        [SL_HELD_OUT] = "held out", [SL_TRAINED_ON] = "trained on", [SL_ALL] = "all"};
    const struct sl_metric_values *by_partition = values + SL_FIRST_PARTITION;
    struct line                    sums[SL_FIRST_PARTITION];
    struct widths                  widths = {.name = layout_width("partition")};

    sum_up(plan, counts, values, sums);
    for (int i = 0; i < N_NUMBERS; i++)
        widths.number[i] = layout_width(headings[i]);
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        widen_all(&widths, groups[g], &sums[g]);
    for (int p = 0; p < plan->n_partitions; p++) {
        const struct line line = make_line(&counts[p], &by_partition[p]);

        widen_all(&widths, plan->partitions[p].name, &line);
    }
    print_headings(to, &widths);
    for (int p = 0; p < plan->n_partitions; p++) {
        const struct line line = make_line(&counts[p], &by_partition[p]);

        print_line(to, &widths, plan->partitions[p].name,
                   plan->partitions[p].trained_on ? '*' : ' ', &line);
    }
    fputc('\n', to);
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        print_line(to, &widths, groups[g], g == SL_TRAINED_ON ? '*' : ' ', &sums[g]);
    fputs("* the model was trained on these rows\n", to);
    print_error(to, plan, values);
}
