/* How fast an estimator, logistic regression where none is named, is fitted to a dense matrix in
 * memory:
 *
 *   fit_bench ROWS COLUMNS CLASSES [FILE [ESTIMATOR [PARAM=NUMBER]...]]
 *
 * The columns are independent, of unit variance; labels follow them with noise; of 0 classes
 * they are numbers, of poisson_regressor counts.  Each line is one fit.  FILE, unless it is "-",
 * gets the matrix, column after column, and behind it the labels, as doubles, so that others can be
 * fitted to the same. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "scoreline/model.h"

enum { RUNS = 5 };

static void must(sl_status rc, const struct sl_error *err)
{
    if (rc == SL_OK)
        return;
    fprintf(stderr, "fit_bench: %s\n", err->text);
    exit(1);
}

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* The sum of twelve uniform numbers is nearly normal. */
static double normal(uint64_t *state)
{
    double sum = -6.0;

    for (int i = 0; i < 12; i++)
        sum += uniform(state);
    return sum;
}

/* A random direction's score, and noise; of counts a rate that goes with it. */
static void make_numbers(const struct sl_matrix *x, bool is_count, uint64_t *state, double *y)
{
    struct sl_error err;
    double         *weight;

    must(sl_alloc_array(x->n_cols, sizeof *weight, &weight, &err), &err);
    for (size_t j = 0; j < x->n_cols; j++)
        weight[j] = normal(state) / sqrt((double)x->n_cols);
    for (size_t i = 0; i < x->n_rows; i++) {
        y[i] = normal(state);
        for (size_t j = 0; j < x->n_cols; j++)
            y[i] += x->data[j * x->ld + i] * weight[j];
        if (is_count)
            y[i] = floor(2.0 * exp(0.5 * y[i]));
    }
    free(weight);
}

/* Of classes the most probable one by a score each, which is a random direction's. */
static void make_labels(const struct sl_matrix *x, int n_classes, uint64_t *state, double *y)
{
    struct sl_error err;
    double         *weight;

    must(sl_alloc_array(x->n_cols * (size_t)n_classes, sizeof *weight, &weight, &err), &err);
    for (size_t i = 0; i < x->n_cols * (size_t)n_classes; i++)
        weight[i] = normal(state) / sqrt((double)x->n_cols);
    for (size_t i = 0; i < x->n_rows; i++) {
        double most = -INFINITY;

        for (int k = 0; k < n_classes; k++) {
            double score = normal(state);

            for (size_t j = 0; j < x->n_cols; j++)
                score += x->data[j * x->ld + i] * weight[(size_t)k * x->n_cols + j];
            y[i] = score > most ? k : y[i];
            most = fmax(most, score);
        }
    }
    free(weight);
}

static void save(const char *path, const struct sl_matrix *x, const double *y)
{
    FILE *file = fopen(path, "wb");
    bool  good = file != NULL;

    for (size_t j = 0; good && j < x->n_cols; j++)
        good = fwrite(x->data + j * x->ld, sizeof *x->data, x->n_rows, file) == x->n_rows;
    good = good && fwrite(y, sizeof *y, x->n_rows, file) == x->n_rows;
    if (!good || fclose(file) != 0) {
        fprintf(stderr, "fit_bench: cannot write '%s'\n", path);
        exit(1);
    }
}

static void time_fits(const struct sl_fit_in *in, const struct sl_model_ops *estimator)
{
    struct sl_error err;

    for (int r = 0; r < RUNS; r++) {
        struct sl_model     *model;
        struct sl_fit_report report;
        const double         began = sl_clock_now();

        must(sl_model_fit(estimator, in, &model, &report, &err), &err);
        printf("%.4f s, %d steps, objective %.12g, gradient %.3g, %s\n", sl_clock_now() - began,
               report.n_iter, report.objective, report.gradient_norm,
               report.converged ? "converged" : "NOT CONVERGED");
        sl_model_free(model);
    }
}

int main(int argc, char **argv)
{
    char                       logistic[] = "logistic_regression";
    struct sl_param_value      given[SL_MAX_PARAMS];
    struct sl_train_spec       spec = {.estimator = logistic, .params = given};
    const struct sl_model_ops *ops;
    struct sl_design           design = {.n_nonfinite = 0};
    struct sl_terms            terms = {.n_columns = 0};
    struct sl_error            err;
    uint64_t                   state = 1;
    double                    *y;
    double                    *params;

    if (argc < 4 || argc > 6 + SL_MAX_PARAMS) {
        fputs("usage: fit_bench ROWS COLUMNS CLASSES [FILE [ESTIMATOR [PARAM=NUMBER]...]]\n",
              stderr);
        return 2;
    }
    const size_t n_rows = strtoul(argv[1], NULL, 10);
    const size_t n_columns = strtoul(argv[2], NULL, 10);
    const int    n_classes = atoi(argv[3]);

    must(sl_matrix_init(&design.x, n_rows, n_columns, &err), &err);
    must(sl_alloc_array(n_rows, sizeof *y, &y, &err), &err);
    for (size_t j = 0; j < n_columns; j++) {
        must(sl_terms_add(&terms, false, 1, &err), &err);
        for (size_t i = 0; i < n_rows; i++)
            design.x.data[j * design.x.ld + i] = normal(&state);
    }
    if (argc > 5)
        spec.estimator = argv[5];
    for (int i = 6; i < argc; i++) {
        char *value = strchr(argv[i], '=');

        if (value == NULL)
            return 2;
        *value++ = '\0';
        given[spec.n_params++] =
            (struct sl_param_value){.name = argv[i], .value = strtod(value, NULL)};
    }
    must(sl_model_check(&spec, &ops, &params, &err), &err);
    if (n_classes > 0)
        make_labels(&design.x, n_classes, &state, y);
    else
        make_numbers(&design.x, ops->is_of_counts, &state, y);
    if (argc > 4 && strcmp(argv[4], "-") != 0)
        save(argv[4], &design.x, y);
    time_fits(
        &(struct sl_fit_in){
            .terms = &terms, .x = &design, .y = y, .n_classes = n_classes, .params = params},
        ops);
    free(params);
    free(y);
    sl_terms_release(&terms);
    sl_matrix_release(&design.x);
    return 0;
}
