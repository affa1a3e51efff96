/* Logistic regression with an L2 penalty, binary and multinomial: scikit-learn's objective, its
 * parameter names, and rows of coefficients as scikit-learn has them, one of two classes and one
 * for each class of more.  Fitting is in logistic_newton.c, scoring in logistic_predict.c. */
#include <stdio.h>
#include <stdlib.h>

#include "kinds.h"
#include "logistic_newton.h"
#include "logistic_predict.h"
#include "logistic_rows.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"

enum { PARAM_C, PARAM_TOL, PARAM_MAX_ITER, PARAM_FIT_INTERCEPT, PARAM_CLASS_WEIGHT };

/* Of the Hessian, whose square is kept several times over: with several outputs, with one. */
enum { MOST_OUTER_UNKNOWNS = 4096, MOST_UNKNOWNS = 16384 };

static const char *const class_weights[] = {"none", "balanced", NULL};

/* Bounds of C keep its products with sums over rows within range. */
static const struct sl_param params[] = {
    [PARAM_C] = {.name = "C", .type = SL_PARAM_REAL, .fallback = 1.0, .min = 1e-100, .max = 1e100},
    [PARAM_TOL] =
        {.name = "tol", .type = SL_PARAM_REAL, .fallback = 1e-8, .min = 0.0, .max = 1e100},
    [PARAM_MAX_ITER] =
        {.name = "max_iter", .type = SL_PARAM_INTEGER, .fallback = 1000.0, .min = 1.0, .max = 1e9},
    [PARAM_FIT_INTERCEPT] =
        {.name = "fit_intercept", .type = SL_PARAM_BOOL, .fallback = 1.0, .min = 0.0, .max = 1.0},
    [PARAM_CLASS_WEIGHT] = {.name = "class_weight",
                            .type = SL_PARAM_CHOICE,
                            .max = 1.0,
                            .choices = class_weights},
    {.name = NULL},
};

static sl_status check_size(const struct sl_fit_in *in, struct sl_error *err);

static void logistic_free(void *state)
{
    struct sl_logistic *model = state;

    sl_terms_release(&model->terms);
    free(model->coef);
    free(model->intercept);
    free(model->first_entry);
    free(model->table);
    free(model);
}

/* On failure the state is left to the registry, which frees it. */
static sl_status logistic_create(const struct sl_terms *terms, int n_classes, void **state,
                                 struct sl_error *err)
{
    const size_t        n_columns = (size_t)terms->n_columns;
    const size_t        n_entries = n_columns + (size_t)terms->n_categorical;
    const size_t        n_outputs = n_classes > 2 ? (size_t)n_classes : 1;
    struct sl_logistic *model;
    size_t              entry = 0;
    sl_status           rc;

    SL_TRY(sl_alloc_array(1, sizeof *model, &model, err));
    *state = model;
    model->n_outputs = n_outputs;
    model->n_entries = n_entries;
    SL_TRY(sl_terms_copy(terms, &model->terms, err));
    SL_TRY(sl_alloc_array(n_outputs * n_columns, sizeof(double), &model->coef, err));
    SL_TRY(sl_alloc_array(n_outputs, sizeof(double), &model->intercept, err));
    SL_TRY(sl_alloc_array((size_t)terms->n_terms, sizeof(size_t), &model->first_entry, err));
    SL_TRY(sl_alloc_array(n_outputs * n_entries, sizeof(double), &model->table, err));
    for (int t = 0; t < terms->n_terms; t++) {
        model->first_entry[t] = entry;
        entry += (size_t)terms->items[t].n_columns + terms->items[t].is_categorical;
    }
out:
    return rc;
}

static size_t logistic_share(const struct sl_terms *terms, int n_classes, size_t n_rows,
                             int n_ranks, int rank)
{
    const struct sl_parts parts = sl_parts_of(terms, n_classes, n_rows, n_ranks);

    return sl_parts_first_row(&parts, rank);
}

static sl_status check_share(const struct sl_problem *p, struct sl_error *err)
{
    const int    rank = sl_comm_rank(p->comm);
    const size_t n_rows =
        sl_parts_first_row(&p->parts, rank + 1) - sl_parts_first_row(&p->parts, rank);

    if (p->n_rows == n_rows)
        return SL_OK;
    return sl_fail(err, SL_EBUG, "model: rank %d has %zu rows to train on instead of %zu", rank,
                   p->n_rows, n_rows);
}

/* Rank 0 found them. */
static void share_coef(const struct sl_comm *comm, struct sl_logistic *model)
{
    const size_t n = model->n_outputs;

    sl_comm_share(comm, 0, model->coef, n * (size_t)model->terms.n_columns * sizeof(double));
    sl_comm_share(comm, 0, model->intercept, n * sizeof(double));
}

static sl_status logistic_fit(const struct sl_fit_in *in, void **state,
                              struct sl_fit_report *report, struct sl_error *err)
{
    struct sl_newton_opts opts = {
        .tol = in->params[PARAM_TOL],
        .max_iter = (int)in->params[PARAM_MAX_ITER],
    };
    struct sl_problem problem = {
        .terms = in->terms,
        .x = in->x,
        .y = in->y,
        .weight = in->weight,
        .comm = in->comm,
        .n_classes = in->n_classes,
        .C = in->params[PARAM_C],
        .fit_intercept = in->params[PARAM_FIT_INTERCEPT] != 0.0,
    };
    struct sl_newton_result result = {0};
    struct sl_fit_rows      rows = {0};
    struct sl_logistic     *model;
    sl_status               rc;

    SL_TRY(check_size(in, err));
    SL_TRY(sl_fit_rows_init(&rows, in, in->params[PARAM_CLASS_WEIGHT] != 0.0, err));
    problem.rows = rows.rows;
    problem.n_rows = rows.n;
    problem.class_weight = rows.class_weight;
    problem.parts = sl_parts_of(in->terms, in->n_classes, rows.n_all, sl_comm_size(in->comm));
    rc = check_share(&problem, err);
    if (rc == SL_OK)
        rc = logistic_create(in->terms, in->n_classes, state, err);
    SL_TRY(sl_comm_agree(in->comm, rc, err));
    model = *state;
    SL_TRY(sl_newton_fit(&problem, &opts, model->coef, model->intercept, &result, err));
    share_coef(in->comm, model);
    sl_logistic_tabulate(model);
    snprintf(report->solver, sizeof report->solver, "newton");
    report->n_iter = result.n_iter;
    report->objective = result.objective;
    report->gradient_norm = result.gradient_norm;
    report->converged = result.converged;
out:
    sl_fit_rows_release(&rows);
    return rc;
}

static sl_status check_size(const struct sl_fit_in *in, struct sl_error *err)
{
    const double n_outputs = in->n_classes > 2 ? in->n_classes : 1;
    const int    most = in->n_classes > 2 ? MOST_OUTER_UNKNOWNS : MOST_UNKNOWNS;

    if (((double)in->terms->n_columns + 1.0) * n_outputs <= most)
        return SL_OK;
    return sl_fail(
        err, SL_EINPUT,
        "%d columns and %d classes are too many for logistic_regression: (columns + 1)%s "
        "may be %d at most; leave out features or levels%s",
        in->terms->n_columns, in->n_classes, in->n_classes > 2 ? " * classes" : "", most,
        in->n_classes > 2 ? ", or merge classes" : "");
}

static sl_status logistic_predict(const void *state, const struct sl_design *x, struct sl_matrix *y,
                                  struct sl_error *err)
{
    (void)err;
    sl_logistic_score(state, x, y);
    return SL_OK;
}

static sl_status logistic_save(const void *state, struct sl_json *to, struct sl_error *err)
{
    const struct sl_logistic *model = state;
    const size_t              n_columns = (size_t)model->terms.n_columns;
    struct sl_json           *coef, *row, *intercept;
    sl_status                 rc;

    SL_TRY(sl_json_add_list(to, "coef", &coef, err));
    for (size_t k = 0; k < model->n_outputs; k++) {
        SL_TRY(sl_json_add_list(coef, NULL, &row, err));
        for (size_t j = 0; j < n_columns; j++)
            SL_TRY(sl_json_add_number(row, NULL, model->coef[k * n_columns + j], err));
    }
    SL_TRY(sl_json_add_list(to, "intercept", &intercept, err));
    for (size_t k = 0; k < model->n_outputs; k++)
        SL_TRY(sl_json_add_number(intercept, NULL, model->intercept[k], err));
out:
    return rc;
}

/* Before room is made: no number in the file says how much. */
static sl_status check_shape(const struct sl_json_doc *doc, const struct sl_json *coef,
                             size_t n_outputs, size_t n_columns, struct sl_error *err)
{
    if (sl_json_count(coef) != n_outputs)
        return sl_json_fail(doc, coef, SL_EJOB, err, "expected %zu row%s of coefficients, got %zu",
                            n_outputs, n_outputs == 1 ? "" : "s", sl_json_count(coef));
    for (const struct sl_json *row = sl_json_first(coef); row != NULL; row = sl_json_next(row))
        if (sl_json_kind(row) == SL_JSON_LIST && sl_json_count(row) != n_columns)
            return sl_json_fail(doc, row, SL_EJOB, err, "expected %zu number%s, got %zu", n_columns,
                                n_columns == 1 ? "" : "s", sl_json_count(row));
    return SL_OK;
}

static sl_status logistic_load(const struct sl_json_doc *doc, const struct sl_json *from,
                               const struct sl_terms *terms, int n_classes, void **state,
                               struct sl_error *err)
{
    const struct sl_json *coef, *intercept, *row;
    const size_t          n_columns = (size_t)terms->n_columns;
    struct sl_logistic   *model;
    double               *at;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, "coef", SL_JSON_LIST, &coef, err));
    SL_TRY(sl_json_need(doc, from, "intercept", SL_JSON_LIST, &intercept, err));
    SL_TRY(check_shape(doc, coef, n_classes > 2 ? (size_t)n_classes : 1, n_columns, err));
    SL_TRY(logistic_create(terms, n_classes, state, err));
    model = *state;
    at = model->coef;
    for (row = sl_json_first(coef); row != NULL; row = sl_json_next(row), at += n_columns)
        SL_TRY(sl_json_need_numbers(doc, row, n_columns, at, err));
    SL_TRY(sl_json_need_numbers(doc, intercept, model->n_outputs, model->intercept, err));
    sl_logistic_tabulate(model);
out:
    return rc;
}

const struct sl_model_ops sl_model_logistic = {
    .name = "logistic_regression",
    .params = params,
    .is_classifier = true,
    .share = logistic_share,
    .fit = logistic_fit,
    .predict = logistic_predict,
    .save = logistic_save,
    .load = logistic_load,
    .free = logistic_free,
};
