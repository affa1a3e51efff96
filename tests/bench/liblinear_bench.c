/* LIBLINEAR's solver of the primal problem on the matrix that fit_bench left in a file:
 *
 *   liblinear_bench FILE ROWS COLUMNS OBJECTIVE RUNS
 *
 * The tolerance is tightened until the objective is within 1e-6 of OBJECTIVE, relatively; then
 * each line is one fit at that tolerance: seconds, objective, tolerance.  Seconds are the solver's
 * alone. */
#include <linear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "scoreline/clock.h"

static void be_silent(const char *text)
{
    (void)text;
}

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("liblinear_bench: out of memory or no such file\n", stderr);
        exit(1);
    }
    return memory;
}

static void load(const char *path, struct problem *problem)
{
    const size_t         rows = (size_t)problem->l;
    const size_t         columns = (size_t)problem->n - 1;
    FILE                *file = must(fopen(path, "rb"));
    double              *column = must(malloc(rows * sizeof *column));
    struct feature_node *nodes = must(malloc(rows * (columns + 2) * sizeof *nodes));

    problem->y = must(malloc(rows * sizeof *problem->y));
    problem->x = must(malloc(rows * sizeof *problem->x));
    for (size_t j = 0; j <= columns; j++) {
        if (fread(column, sizeof *column, rows, file) != rows)
            must(NULL);
        for (size_t i = 0; i < rows; i++) {
            struct feature_node *row = nodes + i * (columns + 2);

            problem->x[i] = row;
            row[j] = (struct feature_node){(int)j + 1, j < columns ? column[i] : 1};
            row[columns + 1].index = -1;
            problem->y[i] = column[i];
        }
    }
    fclose(file);
    free(column);
}

/* As fit_bench has it: the intercept, which is the last weight, is not penalised. */
static double objective_of(const struct problem *problem, const struct model *model)
{
    const double sign = model->label[0] == 1 ? 1 : -1;
    double       sum = 0;

    for (int i = 0; i < problem->l; i++) {
        double margin = 0;

        for (int j = 0; j < problem->n; j++)
            margin += problem->x[i][j].value * model->w[j];
        margin *= problem->y[i] > 0 ? -sign : sign;
        sum += fmax(margin, 0) + log1p(exp(-fabs(margin)));
    }
    for (int j = 0; j < problem->n - 1; j++)
        sum += model->w[j] * model->w[j] / 2;
    return sum;
}

static double fit(const struct problem *problem, double eps, double *seconds)
{
    const struct parameter parameter = {.solver_type = L2R_LR, .C = 1, .eps = eps, .p = 0.1};
    const double           began = sl_clock_now();
    struct model          *model = train(problem, &parameter);

    *seconds = sl_clock_now() - began;
    const double objective = objective_of(problem, model);

    free_and_destroy_model(&model);
    return objective;
}

int main(int argc, char **argv)
{
    struct problem problem = {.bias = 1};
    double         eps = 0.1;
    double         seconds;

    if (argc != 6) {
        fputs("usage: liblinear_bench FILE ROWS COLUMNS OBJECTIVE RUNS\n", stderr);
        return 2;
    }
    problem.l = (int)strtol(argv[2], NULL, 10);
    problem.n = (int)strtol(argv[3], NULL, 10) + 1;
    const double wanted = strtod(argv[4], NULL);

    load(argv[1], &problem);
    set_print_string_function(be_silent);
    while (fabs(fit(&problem, eps, &seconds) / wanted - 1) > 1e-6 && eps > 1e-9)
        eps /= 10;
    for (long run = strtol(argv[5], NULL, 10); run > 0; run--) {
        const double objective = fit(&problem, eps, &seconds);

        printf("%.6f %.12g %g\n", seconds, objective, eps);
        fflush(stdout);
    }
    return 0;
}
