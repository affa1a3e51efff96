/* Classes one by one, and which were taken for which.  Of many classes those with most rows are
 * named, the others are put together, so that the tables fit a screen. */
#include <inttypes.h>
#include <string.h>

#include "evaluation_table.h"
#include "layout.h"
#include "scoreline/report.h"

enum { MOST_CLASSES = 20, MOST_NAME_BYTES = 24, NAME_BYTES = MOST_NAME_BYTES + 4 };

/* What is printed of one group. */
struct chosen {
    const struct sl_measured     *measured;
    const struct sl_class_values *classes;   /* [n_classes] of the group */
    const int64_t                *confusion; /* [n_classes][n_classes] */
    int                           n;
    int                           index[MOST_CLASSES]; /* in the order of the classes */
    char                          name[MOST_CLASSES + 1][NAME_BYTES]; /* the last: others */
    int                           width;                              /* of the widest name */
};

/* What would garble a terminal is not printed; a long name is cut, never within a character. */
static void put_name(struct sl_slice text, char name[NAME_BYTES])
{
    size_t n = text.n_bytes;

    if (n > MOST_NAME_BYTES) {
        n = MOST_NAME_BYTES - 3;
        while (n > 0 && (text.data[n] & 0xC0) == 0x80)
            n--;
    }
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text.data[i];

        name[i] = text.data[i];
        if (c < ' ' || c == 0x7F)
            name[i] = '?';
    }
    name[n] = '\0';
    if (n < text.n_bytes)
        memcpy(name + n, "...", 4);
}

/* A class with more rows than the last one chosen takes its place; equal ones stay in order. */
static void choose(struct chosen *c)
{
    for (int k = 0; k < c->measured->n_classes; k++) {
        int i = c->n < MOST_CLASSES ? c->n : MOST_CLASSES;

        while (i > 0 && c->classes[c->index[i - 1]].n_rows < c->classes[k].n_rows)
            i--;
        if (i == MOST_CLASSES)
            continue;
        if (c->n < MOST_CLASSES)
            c->n++;
        memmove(&c->index[i + 1], &c->index[i], (size_t)(c->n - 1 - i) * sizeof *c->index);
        c->index[i] = k;
    }
}

static void sort(struct chosen *c)
{
    for (int i = 1; i < c->n; i++) {
        const int k = c->index[i];
        int       at = i;

        for (; at > 0 && c->index[at - 1] > k; at--)
            c->index[at] = c->index[at - 1];
        c->index[at] = k;
    }
}

static void name_all(struct chosen *c, const struct sl_slice *classes)
{
    static const char others[] = "(others)";

    c->width = layout_width("label");
    for (int i = 0; i <= c->n; i++) {
        if (i < c->n)
            put_name(classes[c->index[i]], c->name[i]);
        else
            memcpy(c->name[i], others, sizeof others);
        if (layout_width(c->name[i]) > c->width)
            c->width = layout_width(c->name[i]);
    }
}

static bool is_cut(const struct chosen *c)
{
    return c->n < c->measured->n_classes;
}

/* A name to the left, as wide as all. */
static void print_name(FILE *to, const struct chosen *c, const char *name)
{
    fprintf(to, "%s%*s", name, c->width - layout_width(name), "");
}

static void print_classes(FILE *to, const struct chosen *c, int64_t n_rows)
{
    const int width = report_count_width(n_rows, 9);

    print_name(to, c, "class");
    fprintf(to, "  %*s  %*s  %*s  %9s  %9s  %9s\n", width, "rows", width, "predicted", width,
            "correct", "precision", "recall", "AUC");
    for (int i = 0; i < c->n; i++) {
        const struct sl_class_values *v = &c->classes[c->index[i]];

        print_name(to, c, c->name[i]);
        fprintf(to, "  %*" PRId64 "  %*" PRId64 "  %*" PRId64, width, v->n_rows, width,
                v->n_predicted, width, v->n_correct);
        report_value(to, 9, v->precision);
        report_value(to, 9, v->recall);
        report_value(to, 9, v->roc_auc);
        fputc('\n', to);
    }
    if (is_cut(c))
        fprintf(to, "%d more classes, none of more rows: /class_metrics has them\n",
                c->measured->n_classes - c->n);
}

/* Cells by chosen class; what is of no chosen one comes last. */
static void sum_cells(const struct chosen *c, int64_t sums[MOST_CLASSES + 1][MOST_CLASSES + 1])
{
    const int n_classes = c->measured->n_classes;

    for (int label = 0, i = 0; label < n_classes; label++) {
        const bool is_chosen = i < c->n && c->index[i] == label;

        for (int predicted = 0, k = 0; predicted < n_classes; predicted++) {
            const bool is_too = k < c->n && c->index[k] == predicted;

            sums[is_chosen ? i : c->n][is_too ? k : c->n] +=
                c->confusion[(size_t)label * (size_t)n_classes + (size_t)predicted];
            k += is_too;
        }
        i += is_chosen;
    }
}

static int cell_width(const struct chosen *c, int k, int64_t n_rows)
{
    const int name = layout_width(c->name[k]);

    return report_count_width(n_rows, name > 4 ? name : 4);
}

static void print_matrix(FILE *to, const struct chosen *c, int64_t n_rows)
{
    int64_t   sums[MOST_CLASSES + 1][MOST_CLASSES + 1] = {{0}};
    const int n = c->n + is_cut(c);

    sum_cells(c, sums);
    fputs("rows by label (down) and prediction (across)\n", to);
    print_name(to, c, "label");
    for (int k = 0; k < n; k++)
        fprintf(to, "  %*s%s", cell_width(c, k, n_rows) - layout_width(c->name[k]), "", c->name[k]);
    fputc('\n', to);
    for (int i = 0; i < n; i++) {
        print_name(to, c, c->name[i]);
        for (int k = 0; k < n; k++)
            fprintf(to, "  %*" PRId64, cell_width(c, k, n_rows), sums[i][k]);
        fputc('\n', to);
    }
}

void sl_report_classes(FILE *to, enum sl_metric_group group, const struct sl_slice *classes,
                       const struct sl_measured *measured)
{
    const size_t  n = (size_t)measured->n_classes;
    const int64_t n_rows = measured->values[group].n_rows;
    struct chosen c = {.measured = measured,
                       .classes = measured->classes + (size_t)group * n,
                       .confusion = measured->confusion + (size_t)group * n * n};

    if (!report_begin_group(to, group, n_rows))
        return;
    choose(&c);
    sort(&c);
    name_all(&c, classes);
    print_classes(to, &c, n_rows);
    fputc('\n', to);
    print_matrix(to, &c, n_rows);
}
