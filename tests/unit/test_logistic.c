/* Logistic regression and the registry around it: parameters, what cannot be learned, honesty about
 * convergence, bits that depend on nothing.  Optima are in tests/golden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/json_need.h"
#include "scoreline/model.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

/* Of OpenBLAS; its header is for src/model alone. */
void openblas_set_num_threads(int n);
int  openblas_get_num_threads(void);

enum { C, TOL, MAX_ITER, FIT_INTERCEPT, CLASS_WEIGHT, N_PARAMS };

static struct sl_error err;

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
         "$.train.estimator: unknown estimator 'logistic' (known: logistic_regression)"},
        {"logistic_regresion", "C", 1, false,
         "$.train.estimator: unknown estimator 'logistic_regresion', did you mean "
         "'logistic_regression'? (known: logistic_regression)"},
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
        assert_string_equal(err.text, cases[i].message);
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

/* Each more step allowed gives an objective no higher. */
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
        assert_true(report.objective <= last * (1.0 + 1e-15));
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
         "'logistic_regression'? (known: logistic_regression)"},
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
        assert_string_equal(err.text, cases[i].message);
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
    };

    return cmocka_run_group_tests_name("logistic", tests, NULL, NULL);
}
