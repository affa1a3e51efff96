/* Logistic regression and the registry around it: parameters, what cannot be learned, honesty about
 * convergence, bits that depend on nothing.  Optima are in tests/golden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/json_need.h"
#include "scoreline/model.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

/* Of OpenBLAS; its header is for src/model alone. */
void openblas_set_num_threads(int n);
int  openblas_get_num_threads(void);

enum { C, TOL, MAX_ITER, FIT_INTERCEPT, CLASS_WEIGHT, PENALTY, L1_RATIO, N_PARAMS };

static struct sl_error err;

/* Lists of all estimators grow. */
static void assert_begins_with(const char *message)
{
    char begin[sizeof err.text];

    snprintf(begin, sizeof begin, "%.*s", (int)strlen(message), err.text);
    assert_string_equal(begin, message);
}

/* The job's texts are not const; nobody writes to them. */
static char *text_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

static sl_status check(const char *estimator, struct sl_param_value *given, int n,
                       const struct sl_model_ops **ops, double **params)
{
    struct sl_train_spec spec = {.estimator = text_of(estimator), .n_params = n, .params = given};

    return sl_model_check(&spec, ops, params, &err);
}

static const struct sl_model_ops *logistic(double params[N_PARAMS])
{
    const struct sl_model_ops *ops;
    double                    *defaults;

    assert_int_equal(check("logistic_regression", NULL, 0, &ops, &defaults), SL_OK);
    memcpy(params, defaults, N_PARAMS * sizeof *params);
    free(defaults);
    return ops;
}

static void parameters_are_checked_before_anything_runs(void **state)
{
    const struct {
        const char *estimator, *name;
        double      value;
        bool        is_bool;
        const char *message;
    } cases[] = {
        {"logistic", "C", 1, false,
         "$.train.estimator: unknown estimator 'logistic' (known: logistic_regression"},
        {"logistic_regresion", "C", 1, false,
         "$.train.estimator: unknown estimator 'logistic_regresion', did you mean "
         "'logistic_regression'? (known: logistic_regression"},
        {"logistic_regression", "c", 1, false,
         "$.train.params.c: 'logistic_regression' has no such parameter, did you mean 'C'?"},
        {"logistic_regression", "C", 0, false,
         "$.train.params.C: expected 1e-100 to 1e+100, got 0"},
        {"logistic_regression", "C", NAN, false,
         "$.train.params.C: expected 1e-100 to 1e+100, got nan"},
        {"logistic_regression", "C", 1, true,
         "$.train.params.C: expected a number, got true or false"},
        {"logistic_regression", "max_iter", 1.5, false,
         "$.train.params.max_iter: expected an integer, got 1.5"},
        {"logistic_regression", "max_iter", 0, false,
         "$.train.params.max_iter: expected 1 to 1e+09, got 0"},
        {"logistic_regression", "fit_intercept", 1, false,
         "$.train.params.fit_intercept: expected true or false, got a number"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_param_value given = {
            .name = text_of(cases[i].name), .value = cases[i].value, .is_bool = cases[i].is_bool};
        const struct sl_model_ops *ops;
        double                    *params;

        assert_int_equal(check(cases[i].estimator, &given, 1, &ops, &params), SL_EJOB);
        assert_begins_with(cases[i].message);
    }
}

static void values_of_another_type_are_refused(void **state)
{
    static char large[] = "large", yes[] = "yes", balancd[] = "balancd", empty[] = "";
    static const struct {
        struct sl_param_value given;
        const char           *message;
    } cases[] = {
        {{.name = "C", .text = large}, "$.train.params.C: expected a number, got 'large'"},
        {{.name = "C", .is_null = true}, "$.train.params.C: expected a number, got null"},
        {{.name = "max_iter", .text = empty}, "$.train.params.max_iter: expected a number, got ''"},
        {{.name = "fit_intercept", .is_null = true},
         "$.train.params.fit_intercept: expected true or false, got null"},
        {{.name = "fit_intercept", .text = yes},
         "$.train.params.fit_intercept: expected true or false, got 'yes'"},
        {{.name = "class_weight", .text = balancd},
         "$.train.params.class_weight: expected one of 'none', 'balanced', got 'balancd', did you "
         "mean 'balanced'?"},
        {{.name = "class_weight", .text = empty},
         "$.train.params.class_weight: expected one of 'none', 'balanced', got ''"},
        {{.name = "class_weight", .value = 1},
         "$.train.params.class_weight: expected one of 'none', 'balanced', got a number"},
        {{.name = "class_weight", .value = 1, .is_bool = true},
         "$.train.params.class_weight: expected one of 'none', 'balanced', got true or false"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_param_value      given = cases[i].given;
        const struct sl_model_ops *ops;
        double                    *params;

        assert_int_equal(check("logistic_regression", &given, 1, &ops, &params), SL_EJOB);
        assert_string_equal(err.text, cases[i].message);
    }
}

static void defaults_hold_where_the_job_is_silent(void **state)
{
    char                       name[] = "C";
    struct sl_param_value      given = {.name = name, .value = 0.25};
    const struct sl_model_ops *ops;
    double                    *params;

    (void)state;
    assert_int_equal(check("logistic_regression", &given, 1, &ops, &params), SL_OK);
    assert_int_equal(sl_model_n_params(ops), N_PARAMS);
    assert_true(params[C] == 0.25 && params[TOL] == 1e-8);
    assert_true(params[MAX_ITER] == 1000.0 && params[FIT_INTERCEPT] == 1.0);
    assert_true(params[CLASS_WEIGHT] == 0.0);
    assert_true(params[PENALTY] == 0.0 && params[L1_RATIO] == 0.5);
    free(params);
}

static void choices_are_texts_or_null(void **state)
{
    static const struct {
        const char *text;
        double      value;
    } cases[] = {{NULL, 0}, {"none", 0}, {"balanced", 1}};

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_param_value      given = {.name = text_of("class_weight"),
                                            .text = text_of(cases[i].text),
                                            .is_null = cases[i].text == NULL};
        const struct sl_model_ops *ops;
        double                    *params;

        assert_int_equal(check("logistic_regression", &given, 1, &ops, &params), SL_OK);
        assert_true(params[CLASS_WEIGHT] == cases[i].value);
        free(params);
    }
}

/* Terms of n numeric columns. */
static void numeric_terms(int n, struct sl_terms *terms)
{
    *terms = (struct sl_terms){0};
    for (int j = 0; j < n; j++)
        assert_int_equal(sl_terms_add(terms, false, 1, &err), SL_OK);
}

static void what_cannot_be_learned_is_said(void **state)
{
    static const struct {
        double      y[3];
        size_t      n_rows, n_cols;
        sl_status   code;
        const char *message;
    } cases[] = {
        {{1, 1, 1},
         3,
         1,
         SL_EINPUT,
         "all 3 training rows are of class 1, nothing can be learned from one class: train on "
         "partitions that hold both, or mend the label"},
        {{0, 0, 0},
         1,
         1,
         SL_EINPUT,
         "all 1 training rows are of class 0, nothing can be learned from one class: train on "
         "partitions that hold both, or mend the label"},
        {{0, 2, 1},
         3,
         1,
         SL_EINPUT,
         "the label of training row 1 is 2, logistic_regression wants 0 or 1"},
        {{0}, 0, 1, SL_EINPUT, "there are no rows to train on"},
        {{0, 1, 1}, 3, 0, SL_EINPUT, "there are no features to train on"},
        {{0, 1, 1}, 3, 2, SL_EBUG, "model: feature 1 of training row 2 is not finite"},
    };
    double                     x[] = {1, 2, 3, 4, 5, INFINITY};
    double                     params[N_PARAMS];
    const struct sl_model_ops *ops = logistic(params);

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_matrix matrix = {
            .n_rows = cases[i].n_rows, .n_cols = cases[i].n_cols, .ld = 3, .data = x};
        struct sl_design design = {.x = matrix};
        struct sl_terms  terms;
        struct sl_fit_in in = {
            .terms = &terms, .x = &design, .y = cases[i].y, .n_classes = 2, .params = params};
        struct sl_fit_report report;
        struct sl_model     *model;

        numeric_terms((int)cases[i].n_cols, &terms);
        assert_int_equal(sl_model_fit(ops, &in, &model, &report, &err), cases[i].code);
        assert_string_equal(err.text, cases[i].message);
        sl_terms_release(&terms);
    }
}

/* Deterministic, in [-0.5, 0.5). */
static double noise(uint64_t i)
{
    return (double)(sl_mix64(i) >> 11) * 0x1p-53 - 0.5;
}

/* A problem of any size; column j in units of its own. */
static void make_problem(size_t n_rows, size_t n_cols, struct sl_matrix *x, double **y)
{
    assert_int_equal(sl_matrix_init(x, n_rows, n_cols, &err), SL_OK);
    *y = test_malloc(n_rows * sizeof **y);
    for (size_t i = 0; i < n_rows; i++) {
        double score = noise(i);

        for (size_t j = 0; j < n_cols; j++) {
            double z = noise(1000003 * (j + 1) + i);

            x->data[j * x->ld + i] = ldexp(z, (int)(j % 40)) + (double)j * 1e3;
            score += j % 3 == 0 ? z : 0.0;
        }
        (*y)[i] = score > 0.0;
    }
}

static char *fit_and_print(const struct sl_model_ops *ops, const struct sl_matrix *x,
                           const double *y, const double *params, struct sl_fit_report *report)
{
    struct sl_design design = {.x = *x};
    struct sl_terms  terms;
    struct sl_fit_in in = {.terms = &terms, .x = &design, .y = y, .n_classes = 2, .params = params};
    struct sl_model *model;
    struct sl_json_doc *doc;
    char               *text;

    numeric_terms((int)x->n_cols, &terms);
    if (sl_model_fit(ops, &in, &model, report, &err) != SL_OK)
        fail_msg("%s", err.text);
    sl_terms_release(&terms);
    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_model_save(model, sl_json_root(doc), &err), SL_OK);
    assert_int_equal(sl_json_print(sl_json_root(doc), false, &text, &err), SL_OK);
    sl_json_close(doc);
    sl_model_free(model);
    return text;
}

static void threads_of_blas_change_no_bit(void **state)
{
    double                     params[N_PARAMS];
    const struct sl_model_ops *ops = logistic(params);
    int                        before = openblas_get_num_threads();
    struct sl_fit_report       report, again;
    struct sl_matrix           x;
    double                    *y;
    char                      *one, *three;

    (void)state;
    make_problem(5000, 60, &x, &y);
    openblas_set_num_threads(1);
    one = fit_and_print(ops, &x, y, params, &report);
    openblas_set_num_threads(3);
    three = fit_and_print(ops, &x, y, params, &again);
    assert_int_equal(openblas_get_num_threads(), 3); /* as it was found */
    openblas_set_num_threads(before);
    assert_string_equal(one, three);
    assert_true(report.objective == again.objective && report.n_iter == again.n_iter);
    assert_true(report.converged);
    free(one);
    free(three);
    test_free(y);
    sl_matrix_release(&x);
}

/* Rows apart in memory, as in a matrix with room to spare. */
static void the_leading_dimension_changes_nothing(void **state)
{
    double                     params[N_PARAMS];
    const struct sl_model_ops *ops = logistic(params);
    struct sl_fit_report       report;
    struct sl_matrix           tight, roomy;
    double                    *y;
    char                      *a, *b;

    (void)state;
    make_problem(100, 3, &tight, &y);
    assert_int_equal(sl_matrix_init(&roomy, 131, 3, &err), SL_OK);
    roomy.n_rows = 100;
    for (size_t j = 0; j < 3; j++)
        memcpy(roomy.data + j * roomy.ld, tight.data + j * tight.ld, 100 * sizeof(double));
    a = fit_and_print(ops, &tight, y, params, &report);
    b = fit_and_print(ops, &roomy, y, params, &report);
    assert_string_equal(a, b);
    free(a);
    free(b);
    test_free(y);
    sl_matrix_release(&tight);
    sl_matrix_release(&roomy);
}

static void too_few_steps_are_admitted(void **state)
{
    double                     params[N_PARAMS];
    const struct sl_model_ops *ops = logistic(params);
    struct sl_fit_report       report;
    struct sl_matrix           x;
    double                    *y;

    (void)state;
    make_problem(500, 2, &x, &y);
    params[MAX_ITER] = 2;
    free(fit_and_print(ops, &x, y, params, &report));
    assert_false(report.converged);
    assert_int_equal(report.n_iter, 2);
    assert_true(report.gradient_norm > params[TOL]);
    params[MAX_ITER] = 50;
    free(fit_and_print(ops, &x, y, params, &report));
    assert_true(report.converged);
    assert_true(report.n_iter > 2 && report.n_iter < 50);
    assert_true(report.gradient_norm < 1e-10);
    assert_string_equal(report.solver, "newton");
    assert_int_equal(report.n_rows, 500);
    assert_true(report.params[MAX_ITER] == 50.0);
    test_free(y);
    sl_matrix_release(&x);
}

/* Each more step allowed gives an objective no higher but by the rounding of its margins. */
static void every_step_goes_down(void **state)
{
    double                     params[N_PARAMS];
    const struct sl_model_ops *ops = logistic(params);
    double                     x[] = {-9000, -4000, -800, -3, 0, 1, 2, 700, 5000, 8000};
    double                     y[] = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
    struct sl_matrix           matrix = {.n_rows = N_OF(x), .n_cols = 1, .ld = N_OF(x), .data = x};
    double                     last = INFINITY;
    struct sl_fit_report       report;

    (void)state;
    params[C] = 1e6;
    for (int n = 1; n <= 60; n++) {
        params[MAX_ITER] = n;
        free(fit_and_print(ops, &matrix, y, params, &report));
        assert_true(report.objective <= last * (1.0 + 1e-13));
        last = report.objective;
    }
    assert_true(report.converged);
}

/* Numbers near the ends of the range of doubles do not break the solver. */
static void extreme_units_are_taken(void **state)
{
    static const double        units[] = {1e-300, 1e-150, 1e150, 1e300};
    const double               plain[] = {-1, 0.5, 0.25, -2, 3, 1};
    const double               y[] = {0, 0, 1, 0, 1, 1};
    double                     params[N_PARAMS];
    const struct sl_model_ops *ops = logistic(params);

    (void)state;
    for (size_t k = 0; k < N_OF(units); k++) {
        double               x[N_OF(plain)];
        struct sl_matrix     matrix = {.n_rows = N_OF(x), .n_cols = 1, .ld = N_OF(x), .data = x};
        struct sl_fit_report report;
        char                *text;

        for (size_t i = 0; i < N_OF(x); i++)
            x[i] = plain[i] * units[k];
        text = fit_and_print(ops, &matrix, y, params, &report);
        assert_null(strstr(text, "null"));
        assert_true(report.converged && isfinite(report.objective));
        free(text);
    }
}

static void odd_models_are_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{}", "m: $: missing key 'estimator'"},
        {"{\"estimator\":\"logistic_regressor\"}",
         "m: $.estimator: unknown estimator 'logistic_regressor', did you mean "
         "'logistic_regression'? (known: logistic_regression"},
        {"{\"estimator\":\"logistic_regression\",\"coef\":[[1,2]]}",
         "m: $: missing key 'intercept'"},
        {"{\"estimator\":\"logistic_regression\",\"coef\":[1,2],\"intercept\":[0]}",
         "m: $.coef: expected 1 row of coefficients, got 2"},
        {"{\"estimator\":\"logistic_regression\",\"coef\":[[1]],\"intercept\":[0]}",
         "m: $.coef[0]: expected 2 numbers, got 1"},
        {"{\"estimator\":\"logistic_regression\",\"coef\":[[1,null]],\"intercept\":[0]}",
         "m: $.coef[0][1]: expected a number, got null"},
        {"{\"estimator\":\"logistic_regression\",\"coef\":[[1,2]],\"intercept\":[]}",
         "m: $.intercept: expected 1 number, got 0"},
    };

    struct sl_terms terms;

    (void)state;
    numeric_terms(2, &terms);
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_json_doc *doc;
        struct sl_model    *model;

        assert_int_equal(sl_json_parse(cases[i].text, strlen(cases[i].text), "m", &doc, &err),
                         SL_OK);
        assert_int_equal(sl_model_load(doc, sl_json_root(doc), &terms, 2, &model, &err), SL_EJOB);
        assert_begins_with(cases[i].message);
        sl_json_close(doc);
    }
    sl_terms_release(&terms);
}

static void probabilities_are_right_to_the_ends(void **state)
{
    static const char   text[] = "{\"estimator\":\"logistic_regression\",\"coef\":[[1]],"
                                 "\"intercept\":[0]}";
    static const double margins[] = {0, 1, -1, 36, -36, 700, -700, -745, 1e300, -1e300};
    double              got[N_OF(margins)];
    struct sl_design    x = {.x = {.n_rows = N_OF(got), .n_cols = 1, .ld = N_OF(got)}};
    struct sl_terms     terms;
    struct sl_matrix    y = {.n_rows = 0, .n_cols = 1, .ld = N_OF(got), .data = got};
    double              data[N_OF(margins)];
    struct sl_json_doc *doc;
    struct sl_model    *model;

    (void)state;
    memcpy(data, margins, sizeof data);
    x.x.data = data;
    numeric_terms(1, &terms);
    assert_int_equal(sl_json_parse(text, strlen(text), "m", &doc, &err), SL_OK);
    assert_int_equal(sl_model_load(doc, sl_json_root(doc), &terms, 2, &model, &err), SL_OK);
    assert_int_equal(sl_model_predict(model, &x, &y, &err), SL_OK);
    assert_int_equal(y.n_rows, N_OF(got));
    for (size_t i = 0; i < N_OF(got); i++) {
        long double want = 1.0L / (1.0L + expl(-(long double)margins[i]));

        if (!(fabsl((long double)got[i] - want) <= 4e-16L * want + 0x1p-1074L))
            fail_msg("margin %g gives %.17g", margins[i], got[i]);
    }
    assert_true(got[0] == 0.5 && got[8] == 1.0 && got[9] == 0.0);
    sl_terms_release(&terms);
    sl_json_close(doc);
    sl_model_free(model);
}

/* A problem of any terms: numbers are noise, codes are drawn from the levels and none. */
struct problem {
    struct sl_terms  terms;
    struct sl_design x;
    double          *y;
    double          *weight;
    int              n_classes;
};

/* levels [n_terms]: -1 for a number. */
static void make_mixed(const int *levels, int n_terms, size_t n_rows, int n_classes,
                       struct problem *p)
{
    *p = (struct problem){.n_classes = n_classes};
    for (int t = 0; t < n_terms; t++)
        assert_int_equal(
            sl_terms_add(&p->terms, levels[t] >= 0, levels[t] >= 0 ? levels[t] : 1, &err), SL_OK);
    assert_int_equal(
        sl_design_init(&p->x, n_rows, p->terms.n_numeric, p->terms.n_categorical, &err), SL_OK);
    p->x.x.n_rows = n_rows;
    p->y = test_malloc(n_rows * sizeof *p->y);
    p->weight = test_malloc(n_rows * sizeof *p->weight);
    for (size_t i = 0; i < n_rows; i++) {
        double score = noise(i + 77) + 0.5;

        for (int t = 0; t < n_terms; t++) {
            const struct sl_term *term = &p->terms.items[t];
            double                z = noise((uint64_t)(t + 1) * 1000003 + i);
            size_t                at = (size_t)term->index * p->x.x.ld + i;

            if (term->is_categorical)
                p->x.codes[at] = (int32_t)((z + 0.5) * (term->n_columns + 1));
            else
                p->x.x.data[at] = 100.0 * z + t;
            score += 0.3 * z;
        }
        p->y[i] = fmax(0.0, fmin(floor(score * n_classes), n_classes - 1));
        p->weight[i] = floor(4.0 * (noise(i + 5) + 0.5)) / 2.0;
    }
}

static void release_problem(struct problem *p)
{
    sl_terms_release(&p->terms);
    sl_design_release(&p->x);
    test_free(p->y);
    test_free(p->weight);
}

static sl_status try_fit(const struct problem *p, const double *weight, const double *params,
                         struct sl_model **model)
{
    double                     defaults[N_PARAMS];
    const struct sl_model_ops *ops = logistic(defaults);
    const struct sl_fit_in     in = {.terms = &p->terms,
                                     .x = &p->x,
                                     .y = p->y,
                                     .weight = weight,
                                     .n_classes = p->n_classes,
                                     .params = params};
    struct sl_fit_report       report;
    sl_status                  rc = sl_model_fit(ops, &in, model, &report, &err);

    if (rc == SL_OK)
        assert_true(report.converged);
    return rc;
}

static struct sl_model *fit(const struct problem *p, const double *weight, const double *params)
{
    struct sl_model *model = NULL;

    if (try_fit(p, weight, params, &model) != SL_OK)
        fail_msg("%s", err.text);
    return model;
}

/* Coefficients, row after row, then intercepts. */
static void read_model(const struct sl_model *model, const struct problem *p, double *out)
{
    size_t                n_outputs = (size_t)sl_model_n_outputs(model);
    struct sl_json_doc   *doc;
    const struct sl_json *row;

    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_model_save(model, sl_json_root(doc), &err), SL_OK);
    for (row = sl_json_first(sl_json_find(sl_json_root(doc), "coef")); row != NULL;
         row = sl_json_next(row), out += p->terms.n_columns)
        assert_int_equal(sl_json_need_numbers(doc, row, (size_t)p->terms.n_columns, out, &err),
                         SL_OK);
    assert_int_equal(sl_json_need_numbers(doc, sl_json_find(sl_json_root(doc), "intercept"),
                                          n_outputs, out, &err),
                     SL_OK);
    sl_json_close(doc);
}

static void predict(const struct sl_model *model, const struct problem *p, double *out)
{
    struct sl_matrix y = {
        .n_cols = (size_t)sl_model_n_outputs(model), .ld = p->x.x.n_rows, .data = out};

    assert_int_equal(sl_model_predict(model, &p->x, &y, &err), SL_OK);
}

/* The same with columns of 0 and 1 instead of codes. */
static void expand(const struct problem *from, struct problem *to)
{
    const size_t n_rows = from->x.x.n_rows;

    *to = (struct problem){.n_classes = from->n_classes};
    numeric_terms(from->terms.n_columns, &to->terms);
    assert_int_equal(sl_design_init(&to->x, n_rows, from->terms.n_columns, 0, &err), SL_OK);
    to->x.x.n_rows = n_rows;
    to->y = test_malloc(n_rows * sizeof *to->y);
    to->weight = test_malloc(n_rows * sizeof *to->weight);
    memcpy(to->y, from->y, n_rows * sizeof *to->y);
    memcpy(to->weight, from->weight, n_rows * sizeof *to->weight);
    for (int t = 0; t < from->terms.n_terms; t++) {
        const struct sl_term *term = &from->terms.items[t];
        const size_t          at = (size_t)term->index * from->x.x.ld;

        for (int32_t level = 0; level < term->n_columns; level++) {
            double *column = to->x.x.data + (size_t)(term->first_column + level) * to->x.x.ld;

            for (size_t i = 0; i < n_rows; i++)
                column[i] =
                    term->is_categorical ? from->x.codes[at + i] == level : from->x.x.data[at + i];
        }
    }
}

static void expect_near(const double *got, const double *want, size_t n, double within)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(got[i] - want[i]) <= within * fmax(1.0, fabs(want[i]))))
            fail_msg("item %zu is %.17g instead of %.17g", i, got[i], want[i]);
}

enum { MIXED_ROWS = 3000, MOST_PARAMETERS = 100, MOST_CLASSES = 5 };
static const int mixed[] = {-1, 3, 0, -1, 7, -1};

static void codes_are_columns_of_0_and_1(void **state)
{
    double params[N_PARAMS];

    (void)state;
    logistic(params);
    for (int k = 0; k < 12; k++) {
        int            n_classes = 2 + k % 4;
        bool           is_weighted = k >= 4;
        struct problem coded, expanded;
        double         a[MOST_PARAMETERS] = {0}, b[MOST_PARAMETERS] = {0};
        static double  p[MOST_CLASSES * MIXED_ROWS], q[MOST_CLASSES * MIXED_ROWS];

        params[FIT_INTERCEPT] = k < 8;
        params[CLASS_WEIGHT] = k >= 4;
        make_mixed(mixed, N_OF(mixed), MIXED_ROWS, n_classes, &coded);
        expand(&coded, &expanded);
        struct sl_model *one = fit(&coded, is_weighted ? coded.weight : NULL, params);
        struct sl_model *two = fit(&expanded, is_weighted ? coded.weight : NULL, params);
        read_model(one, &coded, a);
        read_model(two, &expanded, b);
        expect_near(a, b, MOST_PARAMETERS, 1e-10);
        predict(one, &coded, p);
        predict(two, &expanded, q);
        expect_near(p, q, (size_t)sl_model_n_outputs(one) * MIXED_ROWS, 1e-13);
        sl_model_free(one);
        sl_model_free(two);
        release_problem(&coded);
        release_problem(&expanded);
    }
}

/* The same model scores codes and columns of 0 and 1 to the same bits. */
static void codes_change_no_bit_of_a_score(void **state)
{
    struct problem      coded, expanded;
    double              params[N_PARAMS];
    static double       p[3 * MIXED_ROWS], q[3 * MIXED_ROWS];
    struct sl_json_doc *doc;
    struct sl_model    *model, *same;

    (void)state;
    logistic(params);
    make_mixed(mixed, N_OF(mixed), MIXED_ROWS, 3, &coded);
    expand(&coded, &expanded);
    model = fit(&coded, NULL, params);
    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_model_save(model, sl_json_root(doc), &err), SL_OK);
    assert_int_equal(sl_model_load(doc, sl_json_root(doc), &expanded.terms, 3, &same, &err), SL_OK);
    predict(model, &coded, p);
    predict(same, &expanded, q);
    assert_memory_equal(p, q, sizeof p);
    sl_json_close(doc);
    sl_model_free(model);
    sl_model_free(same);
    release_problem(&coded);
    release_problem(&expanded);
}

/* Its coefficient is what the penalty wants. */
static void a_level_without_rows_weighs_nothing(void **state)
{
    struct problem   p;
    double           params[N_PARAMS], got[MOST_PARAMETERS];
    struct sl_model *model;

    (void)state;
    logistic(params);
    for (int n_classes = 2; n_classes <= 3; n_classes++) {
        make_mixed(mixed, N_OF(mixed), 500, n_classes, &p);
        for (size_t i = 0; i < 500; i++)
            p.x.codes[i] = p.x.codes[i] == 1 ? 3 : p.x.codes[i];
        model = fit(&p, NULL, params);
        read_model(model, &p, got);
        for (int k = 0; k < sl_model_n_outputs(model); k++)
            assert_true(fabs(got[k * p.terms.n_columns + 2]) < 1e-15);
        sl_model_free(model);
        release_problem(&p);
    }
}

static void outputs_of_several_classes_sum_to_nothing(void **state)
{
    struct problem   p;
    double           params[N_PARAMS], got[MOST_PARAMETERS];
    struct sl_model *model;

    (void)state;
    logistic(params);
    make_mixed(mixed, N_OF(mixed), 1000, 5, &p);
    model = fit(&p, p.weight, params);
    read_model(model, &p, got);
    for (int j = 0; j <= p.terms.n_columns; j++) {
        double sum = 0.0;

        for (int k = 0; k < 5; k++)
            sum +=
                got[j < p.terms.n_columns ? k * p.terms.n_columns + j : 5 * p.terms.n_columns + k];
        assert_true(fabs(sum) < 1e-14);
    }
    sl_model_free(model);
    release_problem(&p);
}

/* To the bit; not so with balanced classes, which count all rows. */
static void rows_of_weight_0_are_not_there(void **state)
{
    struct problem all, some;
    double         params[N_PARAMS], a[MOST_PARAMETERS] = {0}, b[MOST_PARAMETERS] = {0};

    (void)state;
    logistic(params);
    for (int n_classes = 2; n_classes <= 3; n_classes++) {
        make_mixed(mixed, N_OF(mixed), MIXED_ROWS, n_classes, &all);
        make_mixed(mixed, N_OF(mixed), MIXED_ROWS, n_classes, &some);
        some.x.x.n_rows = 0;
        for (size_t i = 0; i < MIXED_ROWS; i++) {
            size_t n = some.x.x.n_rows;

            if (all.weight[i] == 0.0)
                continue;
            some.y[n] = all.y[i];
            some.weight[n] = all.weight[i];
            sl_design_append(&some.x, &all.x, i);
        }
        assert_in_range(some.x.x.n_rows, MIXED_ROWS / 2, MIXED_ROWS - 1);
        struct sl_model *one = fit(&all, all.weight, params);
        struct sl_model *two = fit(&some, some.weight, params);
        read_model(one, &all, a);
        read_model(two, &some, b);
        assert_memory_equal(a, b, sizeof a);
        sl_model_free(one);
        sl_model_free(two);
        release_problem(&all);
        release_problem(&some);
    }
}

static void weights_of_2_are_rows_twice(void **state)
{
    struct problem once, twice;
    double         params[N_PARAMS], a[MOST_PARAMETERS] = {0}, b[MOST_PARAMETERS] = {0};

    (void)state;
    logistic(params);
    make_mixed(mixed, N_OF(mixed), 1000, 3, &once);
    make_mixed(mixed, N_OF(mixed), 2000, 3, &twice);
    twice.x.x.n_rows = 0;
    for (size_t i = 0; i < 2000; i++) {
        twice.y[i] = once.y[i / 2];
        sl_design_append(&twice.x, &once.x, i / 2);
        once.weight[i / 2] = 2.0;
    }
    struct sl_model *one = fit(&once, once.weight, params);
    struct sl_model *two = fit(&twice, NULL, params);
    read_model(one, &once, a);
    read_model(two, &twice, b);
    expect_near(a, b, MOST_PARAMETERS, 1e-12);
    sl_model_free(one);
    sl_model_free(two);
    release_problem(&once);
    release_problem(&twice);
}

static void weights_that_leave_nothing_are_said(void **state)
{
    static const struct {
        double      y[3], weight[3];
        int         n_classes;
        const char *message;
    } cases[] = {
        {{0, 1, 0},
         {0, 0, 0},
         2,
         "the weights of all 3 training rows are 0, nothing can be learned: train on partitions "
         "that hold others, or mend the weight"},
        {{0, 1, 0},
         {1, 0, 2},
         2,
         "all 2 training rows of positive weight are of class 0, nothing can be learned from one "
         "class: train on partitions that hold both, or mend the label or the weight"},
        {{0, 1, 2},
         {1, 1, 0},
         3,
         "none of the 2 training rows of positive weight is of class 2: train on partitions that "
         "hold all 3 classes, or mend the label or the weight"},
        {{0, 1, 1},
         {1, 1, 1},
         3,
         "none of the 3 training rows is of class 2: train on partitions that hold all 3 classes, "
         "or mend the label"},
        {{2, 2, 2},
         {1, 1, 1},
         3,
         "all 3 training rows are of class 2, nothing can be learned from one class: train on "
         "partitions that hold others, or mend the label"},
        {{0, 3, 1},
         {1, 1, 1},
         3,
         "the label of training row 1 is 3, logistic_regression wants 0 to 2"},
        {{0, 1, 0.5},
         {1, 1, 1},
         3,
         "the label of training row 2 is 0.5, logistic_regression wants 0 to 2"},
        {{0, 1, 1},
         {1, -1, 1},
         2,
         "the weight of training row 1 is -1, expected a finite number, 0 or more"},
        {{0, 1, 1},
         {1, 1, INFINITY},
         2,
         "the weight of training row 2 is inf, expected a finite number, 0 or more"},
    };
    double params[N_PARAMS];

    (void)state;
    logistic(params);
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct problem   p;
        struct sl_model *none = NULL;

        make_mixed(mixed, N_OF(mixed), 3, cases[i].n_classes, &p);
        memcpy(p.y, cases[i].y, sizeof cases[i].y);
        assert_int_equal(try_fit(&p, cases[i].weight, params, &none), SL_EINPUT);
        assert_string_equal(err.text, cases[i].message);
        assert_null(none);
        release_problem(&p);
    }
}

/* Levels without rows make it too wide for a Hessian, and change nothing of the others. */
static void more_than_a_hessian_can_hold_has_the_same_optimum(void **state)
{
    static const int narrow[] = {-1, 6};
    enum { WIDE = 1022, N_CLASSES = 5, N_ROWS = 800 };
    double           params[N_PARAMS], before[N_CLASSES * N_ROWS], after[N_CLASSES * N_ROWS];
    struct problem   p;
    struct sl_model *model;

    (void)state;
    logistic(params);
    make_mixed(narrow, N_OF(narrow), N_ROWS, N_CLASSES, &p);
    model = fit(&p, NULL, params);
    predict(model, &p, before);
    sl_model_free(model);
    p.terms.items[1].n_columns = WIDE;
    p.terms.n_columns = 1 + WIDE;
    for (size_t i = 0; i < N_ROWS; i++)
        p.x.codes[i] = p.x.codes[i] == narrow[1] ? WIDE : p.x.codes[i];
    model = fit(&p, NULL, params);
    predict(model, &p, after);
    sl_model_free(model);
    for (size_t i = 0; i < N_CLASSES * N_ROWS; i++)
        assert_true(fabs(after[i] - before[i]) < 1e-8);
    params[PENALTY] = 1.0;
    assert_int_equal(try_fit(&p, NULL, params, &model), SL_EINPUT);
    assert_string_equal(err.text,
                        "1023 columns and 5 classes are too many for logistic_regression with "
                        "absolute values in its penalty: (columns + 1) * classes may be 4096 at "
                        "most; leave out features or levels, merge classes, or take squares");
    release_problem(&p);
}

/* Enough rows for the parts and the sample of a large fit. */
static void threads_change_no_bit(void **state)
{
    double         params[N_PARAMS], first[MOST_PARAMETERS], got[MOST_PARAMETERS];
    struct problem p;

    (void)state;
    logistic(params);
    for (int n_classes = 2; n_classes <= 3; n_classes++) {
        make_mixed(mixed, N_OF(mixed), 80000, n_classes, &p);
        for (int n_threads = 1; n_threads <= 5; n_threads += 2) {
            char             text[8];
            struct sl_model *model;

            snprintf(text, sizeof text, "%d", n_threads);
            setenv("SCORELINE_THREADS", text, 1);
            model = fit(&p, p.weight, params);
            memset(got, 0, sizeof got);
            read_model(model, &p, got);
            if (n_threads == 1)
                memcpy(first, got, sizeof got);
            assert_memory_equal(first, got, sizeof got);
            sl_model_free(model);
        }
        unsetenv("SCORELINE_THREADS");
        release_problem(&p);
    }
}

/* Margins of thousands: their rounding is more than the last steps take off the objective. */
static void large_margins_do_not_end_it_early(void **state)
{
    enum { N = 20000, COLUMNS = 20 };
    static const int    levels[COLUMNS] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                           -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    static const double borders[] = {-240, -230, 70, 130, 220};
    double              params[N_PARAMS];
    struct problem      p;

    (void)state;
    logistic(params);
    params[TOL] = 0.0;
    make_mixed(levels, COLUMNS, N, 2, &p);
    for (size_t i = 0; i < N * COLUMNS; i++)
        p.x.x.data[i] *= 10.0;
    for (size_t k = 0; k < N_OF(borders); k++) {
        for (size_t i = 0; i < N; i++)
            p.y[i] = p.x.x.data[i] > borders[k];
        sl_model_free(fit(&p, NULL, params));
    }
    release_problem(&p);
}

/* Large fits begin with a sample of the rows.  Here it misleads, and all rows put it right: the
 * optimum is that of the same rows in another order. */
static void a_sample_does_not_change_the_optimum(void **state)
{
    enum { N = 80 * 1024, SAMPLED = 16 * 1024 };
    double         params[N_PARAMS], a[MOST_PARAMETERS] = {0}, b[MOST_PARAMETERS] = {0};
    struct problem p, turned;

    (void)state;
    logistic(params);
    make_mixed(mixed, N_OF(mixed), N, 2, &p);
    make_mixed(mixed, N_OF(mixed), N, 2, &turned);
    for (size_t i = 0; i < N; i++)
        if (i % SAMPLED < 1024)
            p.y[i] = p.x.x.data[i] > 0.0;
    turned.x.x.n_rows = 0;
    for (size_t i = 0; i < N; i++) {
        turned.y[i] = p.y[(i + 5000) % N];
        sl_design_append(&turned.x, &p.x, (i + 5000) % N);
    }
    struct sl_model *one = fit(&p, NULL, params);
    struct sl_model *two = fit(&turned, NULL, params);
    read_model(one, &p, a);
    read_model(two, &turned, b);
    expect_near(a, b, MOST_PARAMETERS, 1e-12);
    sl_model_free(one);
    sl_model_free(two);
    release_problem(&p);
    release_problem(&turned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_before_anything_runs),
        cmocka_unit_test(defaults_hold_where_the_job_is_silent),
        cmocka_unit_test(values_of_another_type_are_refused),
        cmocka_unit_test(choices_are_texts_or_null),
        cmocka_unit_test(what_cannot_be_learned_is_said),
        cmocka_unit_test(threads_of_blas_change_no_bit),
        cmocka_unit_test(the_leading_dimension_changes_nothing),
        cmocka_unit_test(too_few_steps_are_admitted),
        cmocka_unit_test(every_step_goes_down),
        cmocka_unit_test(extreme_units_are_taken),
        cmocka_unit_test(odd_models_are_refused),
        cmocka_unit_test(probabilities_are_right_to_the_ends),
        cmocka_unit_test(codes_are_columns_of_0_and_1),
        cmocka_unit_test(codes_change_no_bit_of_a_score),
        cmocka_unit_test(a_level_without_rows_weighs_nothing),
        cmocka_unit_test(outputs_of_several_classes_sum_to_nothing),
        cmocka_unit_test(rows_of_weight_0_are_not_there),
        cmocka_unit_test(weights_of_2_are_rows_twice),
        cmocka_unit_test(weights_that_leave_nothing_are_said),
        cmocka_unit_test(more_than_a_hessian_can_hold_has_the_same_optimum),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(a_sample_does_not_change_the_optimum),
        cmocka_unit_test(large_margins_do_not_end_it_early),
    };

    return cmocka_run_group_tests_name("logistic", tests, NULL, NULL);
}
