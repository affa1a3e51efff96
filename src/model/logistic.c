/* Binary logistic regression with an L2 penalty: scikit-learn's objective, its parameter names, and
 * one row of coefficients as scikit-learn has it.  Fitting is in logistic_newton.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kinds.h"
#include "logistic_newton.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"

enum { PARAM_C, PARAM_TOL, PARAM_MAX_ITER, PARAM_FIT_INTERCEPT };
enum { SIGMOID_ROWS = 256 };

/* Bounds of C keep its products with sums over rows within range. */
static const struct sl_param params[] = {
    [PARAM_C] = {.name = "C", .type = SL_PARAM_REAL, .fallback = 1.0, .min = 1e-100, .max = 1e100},
    [PARAM_TOL] =
        {.name = "tol", .type = SL_PARAM_REAL, .fallback = 1e-8, .min = 0.0, .max = 1e100},
    [PARAM_MAX_ITER] =
        {.name = "max_iter", .type = SL_PARAM_INTEGER, .fallback = 1000.0, .min = 1.0, .max = 1e9},
    [PARAM_FIT_INTERCEPT] =
        {.name = "fit_intercept", .type = SL_PARAM_BOOL, .fallback = 1.0, .min = 0.0, .max = 1.0},
    {.name = NULL},
};

struct logistic {
    size_t  n_columns;
    double *coef; /* [n_columns] */
    double  intercept;
};

static sl_status check_labels(const struct sl_fit_in *in, struct sl_error *err);
static void      apply_sigmoid(double *margin, size_t n);

static void logistic_free(void *state)
{
    struct logistic *model = state;

    free(model->coef);
    free(model);
}

static sl_status logistic_create(size_t n_columns, void **state, struct sl_error *err)
{
    struct logistic *model = NULL;
    sl_status        rc;

    SL_TRY(sl_alloc_array(1, sizeof *model, &model, err));
    model->n_columns = n_columns;
    SL_TRY(sl_alloc_array(n_columns, sizeof *model->coef, &model->coef, err));
    *state = model;
    model = NULL;
out:
    if (model != NULL)
        logistic_free(model);
    return rc;
}

/* On failure the state is left to sl_model_fit(), which frees it. */
static sl_status logistic_fit(const struct sl_fit_in *in, void **state,
                              struct sl_fit_report *report, struct sl_error *err)
{
    struct sl_newton_opts opts = {
        .C = in->params[PARAM_C],
        .tol = in->params[PARAM_TOL],
        .max_iter = (int)in->params[PARAM_MAX_ITER],
        .fit_intercept = in->params[PARAM_FIT_INTERCEPT] != 0.0,
    };
    struct sl_newton_result result = {0};
    struct logistic        *model;
    sl_status               rc;

    SL_TRY(check_labels(in, err));
    SL_TRY(logistic_create(in->x->x.n_cols, state, err));
    model = *state;
    SL_TRY(sl_newton_fit(&in->x->x, in->y, &opts, model->coef, &model->intercept, &result, err));
    snprintf(report->solver, sizeof report->solver, "newton");
    report->n_iter = result.n_iter;
    report->objective = result.objective;
    report->gradient_norm = result.gradient_norm;
    report->converged = result.converged;
out:
    return rc;
}

static sl_status check_labels(const struct sl_fit_in *in, struct sl_error *err)
{
    size_t n_rows = in->x->x.n_rows;
    size_t n_ones = 0;

    for (size_t i = 0; i < n_rows; i++) {
        if (in->y[i] != 0.0 && in->y[i] != 1.0)
            return sl_fail(err, SL_EINPUT,
                           "the label of training row %zu is %g, logistic_regression wants 0 or 1",
                           i, in->y[i]);
        n_ones += in->y[i] == 1.0;
    }
    if (n_ones == 0 || n_ones == n_rows)
        return sl_fail(err, SL_EINPUT,
                       "all %zu training rows are of class %d, nothing can be learned from one "
                       "class: train on partitions that hold both, or mend the label",
                       n_rows, n_ones == 0 ? 0 : 1);
    return SL_OK;
}

/* Column after column, so that each row's sum has one order however rows are cut into blocks; no
 * BLAS, whose order depends on both. */
static sl_status logistic_predict(const void *state, const struct sl_design *design,
                                  struct sl_matrix *y, struct sl_error *err)
{
    const struct logistic  *model = state;
    const struct sl_matrix *x = &design->x;
    double                 *margin = y->data;

    (void)err;
    for (size_t i = 0; i < x->n_rows; i++)
        margin[i] = model->intercept;
    for (size_t j = 0; j < model->n_columns; j++) {
        const double *column = x->data + j * x->ld;
        double        coef = model->coef[j];

        for (size_t i = 0; i < x->n_rows; i++)
            margin[i] += coef * column[i];
    }
    apply_sigmoid(margin, x->n_rows);
    return SL_OK;
}

/* 1 / (1 + exp(-m)) by the exponential that cannot overflow; a probability near 0 keeps its digits.
 */
static void apply_sigmoid(double *margin, size_t n)
{
    double decay[SIGMOID_ROWS];

    for (size_t first = 0; first < n; first += SIGMOID_ROWS) {
        double *m = margin + first;
        size_t  n_part = n - first < SIGMOID_ROWS ? n - first : SIGMOID_ROWS;

        for (size_t i = 0; i < n_part; i++)
            decay[i] = -fabs(m[i]);
        sl_exp_many(decay, n_part, decay);
        for (size_t i = 0; i < n_part; i++)
            m[i] = (m[i] >= 0.0 ? 1.0 : decay[i]) / (1.0 + decay[i]);
    }
}

static sl_status logistic_save(const void *state, struct sl_json *to, struct sl_error *err)
{
    const struct logistic *model = state;
    struct sl_json        *coef, *row, *intercept;
    sl_status              rc;

    SL_TRY(sl_json_add_list(to, "coef", &coef, err));
    SL_TRY(sl_json_add_list(coef, NULL, &row, err));
    for (size_t j = 0; j < model->n_columns; j++)
        SL_TRY(sl_json_add_number(row, NULL, model->coef[j], err));
    SL_TRY(sl_json_add_list(to, "intercept", &intercept, err));
    SL_TRY(sl_json_add_number(intercept, NULL, model->intercept, err));
out:
    return rc;
}

static sl_status logistic_load(const struct sl_json_doc *doc, const struct sl_json *from,
                               const struct sl_terms *terms, int n_classes, void **state,
                               struct sl_error *err)
{
    const struct sl_json *coef, *intercept;
    struct logistic      *model;
    sl_status             rc;

    (void)n_classes;
    SL_TRY(sl_json_need(doc, from, "coef", SL_JSON_LIST, &coef, err));
    SL_TRY(sl_json_need(doc, from, "intercept", SL_JSON_LIST, &intercept, err));
    if (sl_json_count(coef) != 1)
        return sl_json_fail(doc, coef, SL_EJOB, err, "expected 1 row of coefficients, got %zu",
                            sl_json_count(coef));
    SL_TRY(logistic_create((size_t)terms->n_columns, state, err));
    model = *state;
    SL_TRY(sl_json_need_numbers(doc, sl_json_first(coef), model->n_columns, model->coef, err));
    SL_TRY(sl_json_need_numbers(doc, intercept, 1, &model->intercept, err));
out:
    return rc;
}

const struct sl_model_ops sl_model_logistic = {
    .name = "logistic_regression",
    .params = params,
    .is_classifier = true,
    .fit = logistic_fit,
    .predict = logistic_predict,
    .save = logistic_save,
    .load = logistic_load,
    .free = logistic_free,
};
