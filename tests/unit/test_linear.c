/* Estimators other than logistic regression at their optimum: the gradient of scikit-learn's
 * objective, in long double, is 0 there, or 0 is among its subgradients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/model.h"

#define N_OF(items) (sizeof(items) / sizeof *(items))

enum { N_NUMERIC = 4, N_LEVELS = 3, N_COLUMNS = N_NUMERIC + N_LEVELS, MOST_ROWS = 4000 };
enum { WIDE_LEVELS = 17000 };

static struct sl_error err;

/* Rows of four numbers in units of their own and a level, which is 3 where there is none. */
struct rows {
    size_t           n;
    struct sl_terms  terms;
    struct sl_design x;
    double           y[MOST_ROWS];
    double           weight[MOST_ROWS];
    bool             is_weighted;
    int              n_classes;
};

/* What was fitted. */
struct fitted {
    double               coef[N_NUMERIC + WIDE_LEVELS];
    double               intercept;
    struct sl_fit_report report;
};

/* Deterministic, in [-0.5, 0.5). */
static double noise(uint64_t i)
{
    return (double)(sl_mix64(i) >> 11) * 0x1p-53 - 0.5;
}

static long double column(const struct rows *r, size_t i, int j)
{
    if (j < N_NUMERIC)
        return r->x.x.data[(size_t)j * r->x.x.ld + i];
    return r->x.codes[i] == j - N_NUMERIC;
}

static void make_rows(struct rows *r, size_t n)
{
    static const double units[N_NUMERIC] = {1.0, 100.0, 1e-3, 5.0};
    static const double origins[N_NUMERIC] = {0.0, 2000.0, 0.0, -7.0};

    *r = (struct rows){.n = n};
    for (int j = 0; j < N_NUMERIC; j++)
        assert_int_equal(sl_terms_add(&r->terms, false, 1, &err), SL_OK);
    assert_int_equal(sl_terms_add(&r->terms, true, N_LEVELS, &err), SL_OK);
    assert_int_equal(sl_design_init(&r->x, n, N_NUMERIC, 1, &err), SL_OK);
    r->x.x.n_rows = n;
    for (size_t i = 0; i < n; i++) {
        double target = noise(i * 31 + 7);

        for (int j = 0; j < N_NUMERIC; j++) {
            double z = noise((uint64_t)j * 1000003 + i);

            r->x.x.data[(size_t)j * r->x.x.ld + i] = origins[j] + units[j] * z;
            target += z * (j - 1.5);
        }
        r->x.codes[i] = (int32_t)((noise(i * 17 + 3) + 0.5) * (N_LEVELS + 1));
        target += 0.3 * r->x.codes[i];
        r->y[i] = target;
        r->weight[i] = i % 5 == 0 ? 0.0 : 1.0 + (double)(i % 3);
    }
}

static void release_rows(struct rows *r)
{
    sl_terms_release(&r->terms);
    sl_design_release(&r->x);
}

/* Numbers of a list that a model file has. */
static void take_numbers(const struct sl_json *list, double *to)
{
    for (const struct sl_json *item = sl_json_first(list); item != NULL; item = sl_json_next(item))
        *to++ = sl_json_number(item);
}

static void take_coef(const struct sl_model *model, struct fitted *f)
{
    struct sl_json_doc *doc;

    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_model_save(model, sl_json_root(doc), &err), SL_OK);
    take_numbers(sl_json_first(sl_json_find(sl_json_root(doc), "coef")), f->coef);
    take_numbers(sl_json_find(sl_json_root(doc), "intercept"), &f->intercept);
    sl_json_close(doc);
}

struct param {
    const char *name;
    double      value;
    const char *text;
    bool        is_bool;
};

static char *text_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

static sl_status try_fit(const struct rows *r, const char *estimator, const struct param *given,
                         size_t n_given, struct fitted *f)
{
    struct sl_param_value      values[8];
    const struct sl_train_spec spec = {
        .estimator = text_of(estimator), .n_params = (int)n_given, .params = values};
    const struct sl_model_ops *ops;
    struct sl_model           *model;
    double                    *params;
    sl_status                  rc;

    for (size_t i = 0; i < n_given; i++)
        values[i] = (struct sl_param_value){.name = text_of(given[i].name),
                                            .value = given[i].value,
                                            .text = text_of(given[i].text),
                                            .is_bool = given[i].is_bool};
    if (sl_model_check(&spec, &ops, &params, &err) != SL_OK)
        fail_msg("%s", err.text);
    const struct sl_fit_in in = {.terms = &r->terms,
                                 .x = &r->x,
                                 .y = r->y,
                                 .weight = r->is_weighted ? r->weight : NULL,
                                 .n_classes = r->n_classes,
                                 .params = params};

    rc = sl_model_fit(ops, &in, &model, &f->report, &err);
    free(params);
    if (rc == SL_OK) {
        take_coef(model, f);
        sl_model_free(model);
    }
    return rc;
}

static void fit(const struct rows *r, const char *estimator, const struct param *given,
                size_t n_given, struct fitted *f)
{
    if (try_fit(r, estimator, given, n_given, f) != SL_OK)
        fail_msg("%s: %s", estimator, err.text);
    assert_true(f->report.converged);
}

static long double weight_of(const struct rows *r, size_t i)
{
    return r->is_weighted ? r->weight[i] : 1.0;
}

static long double margin(const struct rows *r, const struct fitted *f, size_t i)
{
    long double sum = f->intercept;

    for (int j = 0; j < N_COLUMNS; j++)
        sum += f->coef[j] * column(r, i, j);
    return sum;
}

/* Of the sum over rows by each coefficient and, last, the intercept, given each row's derivative by
 * its margin; and what the terms of each come to in absolute value. */
static void add_up(const struct rows *r, const struct fitted                  *f,
                   long double (*slope)(long double m, double y), long double *gradient,
                   long double *size)
{
    for (int j = 0; j <= N_COLUMNS; j++)
        gradient[j] = size[j] = 0.0;
    for (size_t i = 0; i < r->n; i++) {
        long double residual = weight_of(r, i) * slope(margin(r, f, i), r->y[i]);

        for (int j = 0; j <= N_COLUMNS; j++) {
            long double term = residual * (j < N_COLUMNS ? column(r, i, j) : 1.0L);

            gradient[j] += term;
            size[j] += fabsl(term);
        }
    }
}

static long double square_slope(long double m, double y)
{
    return m - y;
}

/* l1 and l2 count against sums of slopes; the intercept's l2 likewise. */
static void assert_optimal(const struct rows *r, const struct fitted                 *f,
                           long double (*slope)(long double m, double y), long double l1,
                           long double l2, long double intercept_l2)
{
    long double gradient[N_COLUMNS + 1], size[N_COLUMNS + 1];

    add_up(r, f, slope, gradient, size);
    gradient[N_COLUMNS] += intercept_l2 * f->intercept;
    for (int j = 0; j <= N_COLUMNS; j++) {
        long double most = 1e-11L * (size[j] + l1);

        if (j < N_COLUMNS && f->coef[j] != 0.0)
            gradient[j] += l2 * f->coef[j] + (f->coef[j] > 0.0 ? l1 : -l1);
        else if (j < N_COLUMNS)
            most += l1;
        if (!(fabsl(gradient[j]) <= most))
            fail_msg("column %d: %Lg, at most %Lg", j, gradient[j], most);
    }
}

static void squares_are_least(void **state)
{
    static const double alphas[] = {0.0, 0.5, 1e3};
    struct rows         r;

    (void)state;
    make_rows(&r, MOST_ROWS);
    for (int k = 0; k < 2; k++) {
        r.is_weighted = k == 1;
        for (size_t i = 0; i < N_OF(alphas); i++) {
            const struct param alpha = {.name = "alpha", .value = alphas[i]};
            struct fitted      f;

            fit(&r, "ridge", &alpha, 1, &f);
            assert_string_equal(f.report.solver, "newton");
            assert_optimal(&r, &f, square_slope, 0.0L, alphas[i], 0.0L);
        }
    }
    release_rows(&r);
}

static long double poisson_slope(long double m, double y)
{
    return expl(m) - y;
}

static void deviances_are_least(void **state)
{
    static const double alphas[] = {0.0, 0.01, 1.0};
    struct rows         r;
    struct fitted       f;

    (void)state;
    make_rows(&r, MOST_ROWS);
    for (size_t i = 0; i < r.n; i++)
        r.y[i] = floor(3.0 * exp(r.y[i]));
    for (int k = 0; k < 2 * (int)N_OF(alphas); k++) {
        const struct param alpha = {.name = "alpha", .value = alphas[k / 2]};
        long double        weight = 0.0;

        r.is_weighted = k % 2 == 1;
        for (size_t i = 0; i < r.n; i++)
            weight += weight_of(&r, i);
        fit(&r, "poisson_regressor", &alpha, 1, &f);
        assert_optimal(&r, &f, poisson_slope, 0.0L, alpha.value * weight, 0.0L);
    }
    release_rows(&r);
}

static void counts_without_features_have_their_mean(void **state)
{
    struct rows   r;
    struct fitted f;

    (void)state;
    make_rows(&r, 3);
    memset(r.x.x.data, 0, sizeof(double) * N_NUMERIC * r.x.x.ld);
    for (size_t i = 0; i < r.n; i++) {
        r.x.codes[i] = N_LEVELS;
        r.y[i] = (double)(i * i); /* mean 5/3 */
    }
    fit(&r, "poisson_regressor", NULL, 0, &f);
    assert_true(fabs(f.intercept - log(5.0 / 3.0)) < 1e-15);
    /* half the deviances: 5/3, log(3/5) - 1 + 5/3, 4 log(12/5) - 4 + 5/3 */
    assert_true(fabs(f.report.objective - (5.0 - 5.0 + log(0.6) + 4.0 * log(2.4)) / 3.0) < 1e-15);
    release_rows(&r);
}

static long double hinge_slope(long double m, double y)
{
    const long double sign = y > 0.0 ? 1.0L : -1.0L;

    return -2.0L * sign * fmaxl(0.0L, 1.0L - sign * m);
}

static void margins_are_widest(void **state)
{
    static const double Cs[] = {1e-3, 1.0, 1e4};
    struct rows         r;
    struct fitted       f;

    (void)state;
    make_rows(&r, MOST_ROWS);
    r.n_classes = 2;
    for (size_t i = 0; i < r.n; i++)
        r.y[i] = r.y[i] > 0.3;
    for (int k = 0; k < 2 * (int)N_OF(Cs); k++) {
        const struct param given[] = {{.name = "C", .value = Cs[k / 2]},
                                      {.name = "intercept_scaling", .value = 2.0}};

        r.is_weighted = k % 2 == 1;
        fit(&r, "linear_svc", given, N_OF(given), &f);
        assert_optimal(&r, &f, hinge_slope, 0.0L, 1.0L / Cs[k / 2], 0.25L / Cs[k / 2]);
    }
    release_rows(&r);
}

/* alpha and l1_ratio against the mean of half the squares: sums times the weight of all rows. */
static void nets_are_tight(void **state)
{
    static const double alphas[] = {1e-5, 1e-3, 0.02, 0.1, 10.0};
    static const double ratios[] = {1.0, 0.5, 0.1, 0.0};
    struct rows         r;
    struct fitted       f;

    (void)state;
    make_rows(&r, MOST_ROWS);
    for (size_t k = 0; k < 2 * N_OF(alphas) * N_OF(ratios); k++) {
        const struct param given[] = {{.name = "alpha", .value = alphas[k / 2 % N_OF(alphas)]},
                                      {.name = "l1_ratio", .value = ratios[k / 2 / N_OF(alphas)]}};
        long double        weight = 0.0;

        r.is_weighted = k % 2 == 1;
        for (size_t i = 0; i < r.n; i++)
            weight += weight_of(&r, i);
        fit(&r, "elastic_net", given, N_OF(given), &f);
        assert_optimal(&r, &f, square_slope, given[0].value * given[1].value * weight,
                       given[0].value * (1.0 - given[1].value) * weight, 0.0L);
        if (given[1].value < 1.0)
            continue;
        fit(&r, "lasso", given, 1, &f);
        assert_optimal(&r, &f, square_slope, given[0].value * weight, 0.0L, 0.0L);
    }
    release_rows(&r);
}

/* Of equal columns any share is an optimum, and one is found. */
static void nets_of_equal_columns_are_tight(void **state)
{
    static const double alphas[] = {1e-6, 1e-3, 0.02};
    struct rows         r;
    struct fitted       f;

    (void)state;
    make_rows(&r, 700);
    memcpy(r.x.x.data + r.x.x.ld, r.x.x.data, r.n * sizeof(double));
    for (size_t i = 0; i < r.n; i++)
        r.x.x.data[3 * r.x.x.ld + i] = 2.0 * r.x.x.data[2 * r.x.x.ld + i] + 1.0;
    for (size_t k = 0; k < N_OF(alphas); k++) {
        const struct param alpha = {.name = "alpha", .value = alphas[k]};

        fit(&r, "lasso", &alpha, 1, &f);
        assert_optimal(&r, &f, square_slope, alphas[k] * (double)r.n, 0.0L, 0.0L);
        assert_true(f.report.n_iter < 10);
    }
    release_rows(&r);
}

static void a_lasso_of_one_column_is_a_soft_threshold(void **state)
{
    static const double x[] = {1, 2, 3, 4, 6}, y[] = {2, 1, 4, 3, 8};
    static const double alphas[] = {1.0, 3.0, 4.0}; /* the column's product is 18.4 / 5 = 3.68 */
    struct rows         r;
    struct fitted       f;

    (void)state;
    make_rows(&r, N_OF(x));
    memset(r.x.x.data, 0, sizeof(double) * N_NUMERIC * r.x.x.ld);
    for (size_t i = 0; i < N_OF(x); i++) {
        r.x.x.data[i] = x[i];
        r.x.codes[i] = N_LEVELS;
        r.y[i] = y[i];
    }
    for (size_t i = 0; i < N_OF(alphas); i++) {
        const struct param alpha = {.name = "alpha", .value = alphas[i]};
        const double       coef = fmax(0.0, 3.68 - alphas[i]) / (14.8 / 5.0);

        fit(&r, "lasso", &alpha, 1, &f);
        assert_true(fabs(f.coef[0] - coef) < 1e-14);
        assert_true(fabs(f.intercept - (3.6 - 3.2 * coef)) < 1e-14);
        assert_string_equal(f.report.solver, "coordinate_descent");
    }
    release_rows(&r);
}

static long double log_slope(long double m, double y)
{
    return 1.0L / (1.0L + expl(-m)) - y;
}

static void penalties_of_logs_are_met(void **state)
{
    static const double      Cs[] = {1e-3, 0.02, 1.0, 100.0};
    static const char *const penalties[] = {"l2", "l1", "elasticnet", "none"};
    struct rows              r;
    struct fitted            f;

    (void)state;
    make_rows(&r, MOST_ROWS);
    r.n_classes = 2;
    for (size_t i = 0; i < r.n; i++)
        r.y[i] = r.y[i] > 0.3 + 3.0 * noise(i * 13 + 5);
    for (size_t k = 0; k < 2 * N_OF(Cs) * N_OF(penalties); k++) {
        const char        *penalty = penalties[k / 2 / N_OF(Cs)];
        const double       C = Cs[k / 2 % N_OF(Cs)];
        const struct param given[] = {{.name = "C", .value = C},
                                      {.name = "penalty", .text = penalty},
                                      {.name = "l1_ratio", .value = 0.3}};
        const long double  l1 = strcmp(penalty, "l1") == 0 ? 1.0L
                                : k / 2 / N_OF(Cs) == 2    ? 0.3L
                                                           : 0.0L;
        const long double  l2 = strcmp(penalty, "none") == 0 ? 0.0L : 1.0L - l1;

        r.is_weighted = k % 2 == 1;
        fit(&r, "logistic_regression", given, N_OF(given), &f);
        assert_optimal(&r, &f, log_slope, l1 / C, l2 / C, 0.0L);
    }
    release_rows(&r);
}

static void without_a_penalty_separable_rows_have_no_optimum(void **state)
{
    const struct param none = {.name = "penalty", .text = "none"};
    struct rows        r;
    struct fitted      f;

    (void)state;
    make_rows(&r, 400);
    r.n_classes = 2;
    for (size_t i = 0; i < r.n; i++)
        r.y[i] = r.x.x.data[i] > 0.1;
    assert_int_equal(try_fit(&r, "logistic_regression", &none, 1, &f), SL_OK);
    assert_true(f.report.is_unbounded && !f.report.converged);
    for (size_t i = 0; i < r.n; i += 7) /* some overlap, but a level has one class alone */
        r.y[i] = i % 14 == 0;
    for (size_t i = 0; i < r.n; i++)
        r.y[i] = r.x.codes[i] == 1 ? 1.0 : r.y[i];
    assert_int_equal(try_fit(&r, "logistic_regression", &none, 1, &f), SL_OK);
    assert_true(f.report.is_unbounded && !f.report.converged);
    release_rows(&r);
}

static void one_column_has_a_closed_form(void **state)
{
    static const double x[] = {1, 2, 3, 4, 6}, y[] = {2, 1, 4, 3, 8};
    struct rows         r;
    struct fitted       f;

    (void)state;
    make_rows(&r, N_OF(x));
    memset(r.x.x.data, 0, sizeof(double) * N_NUMERIC * r.x.x.ld);
    for (size_t i = 0; i < N_OF(x); i++) {
        r.x.x.data[i] = x[i];
        r.x.codes[i] = N_LEVELS;
        r.y[i] = y[i];
    }
    fit(&r, "linear_regression", NULL, 0, &f);
    /* means 3.2 and 3.6, sxx 14.8, sxy 18.4 */
    assert_true(fabs(f.coef[0] - 18.4 / 14.8) < 1e-14);
    assert_true(fabs(f.intercept - (3.6 - 3.2 * 18.4 / 14.8)) < 1e-14);
    for (int j = 1; j < N_COLUMNS; j++)
        assert_true(f.coef[j] == 0.0);
    release_rows(&r);
}

static void equal_columns_share_the_coefficient(void **state)
{
    const double  digits = 1e-9; /* the largest coefficient is 500 */
    struct rows   r;
    struct fitted once, twice;

    (void)state;
    make_rows(&r, 500);
    memcpy(r.x.x.data + r.x.x.ld, r.x.x.data, r.n * sizeof(double)); /* column 1 is column 0 */
    fit(&r, "linear_regression", NULL, 0, &twice);
    memset(r.x.x.data + r.x.x.ld, 0, r.n * sizeof(double));
    fit(&r, "linear_regression", NULL, 0, &once);
    assert_true(fabs(twice.coef[0] - twice.coef[1]) < digits);
    assert_true(fabs(twice.coef[0] + twice.coef[1] - once.coef[0]) < digits);
    assert_true(fabs(once.coef[1]) < digits);
    release_rows(&r);
}

/* Their difference is a column of its own right, which the Gram matrix knows nothing of any more.
 */
static void nearly_equal_columns_keep_their_digits(void **state)
{
    static const double gaps[] = {1e-5, 1e-7, 1e-8, 1e-9};
    struct rows         r;
    struct fitted       apart, close;

    (void)state;
    for (size_t k = 0; k < N_OF(gaps); k++) {
        double *one, *other;

        make_rows(&r, 1000);
        one = r.x.x.data;
        other = one + r.x.x.ld;
        for (size_t i = 0; i < r.n; i++) {
            other[i] = one[i] + gaps[k] * noise(i * 7 + 1);
            r.y[i] = other[i] + noise(i * 3 + 2);
        }
        fit(&r, "linear_regression", NULL, 0, &close);
        for (size_t i = 0; i < r.n; i++)
            other[i] = (other[i] - one[i]) / gaps[k]; /* exact but for the division */
        fit(&r, "linear_regression", NULL, 0, &apart);
        if (!(fabs(close.coef[1] * gaps[k] / apart.coef[1] - 1.0) < 1e-6))
            fail_msg("gap %g: %.17g, not %.17g", gaps[k], close.coef[1], apart.coef[1] / gaps[k]);
        assert_true(fabs(close.report.objective / apart.report.objective - 1.0) < 1e-9);
        release_rows(&r);
    }
}

static void more_columns_than_rows_are_fitted_exactly(void **state)
{
    struct rows   r;
    struct fitted f;

    (void)state;
    make_rows(&r, 4);
    fit(&r, "linear_regression", NULL, 0, &f);
    for (size_t i = 0; i < r.n; i++)
        assert_true(fabsl(margin(&r, &f, i) - r.y[i]) < 1e-9L);
    release_rows(&r);
}

static void a_constant_label_is_the_intercept(void **state)
{
    struct rows   r;
    struct fitted f;

    (void)state;
    make_rows(&r, 300);
    for (size_t i = 0; i < r.n; i++)
        r.y[i] = 12.5;
    fit(&r, "ridge", NULL, 0, &f);
    assert_true(fabs(f.intercept - 12.5) < 1e-9);
    release_rows(&r);
}

static void rows_of_weight_0_are_not_there(void **state)
{
    struct rows   r;
    struct fitted all, some;

    (void)state;
    make_rows(&r, 1000);
    r.is_weighted = true;
    fit(&r, "ridge", NULL, 0, &all);
    for (size_t i = 0; i < r.n; i++)
        if (r.weight[i] == 0.0)
            r.y[i] = 1e6;
    fit(&r, "ridge", NULL, 0, &some);
    assert_memory_equal(all.coef, some.coef, N_COLUMNS * sizeof *all.coef);
    release_rows(&r);
}

static void labels_that_are_no_numbers_are_refused(void **state)
{
    struct rows   r;
    struct fitted f;

    (void)state;
    make_rows(&r, 10);
    r.y[7] = INFINITY;
    assert_int_equal(try_fit(&r, "ridge", NULL, 0, &f), SL_EINPUT);
    assert_string_equal(err.text, "the label of training row 7 is inf, ridge wants finite numbers");
    release_rows(&r);
}

/* More levels than a Hessian can hold, most of them without rows. */
static void widen_rows(struct rows *r)
{
    r->terms.items[N_NUMERIC].n_columns = WIDE_LEVELS;
    r->terms.n_columns = N_NUMERIC + WIDE_LEVELS;
    for (size_t i = 0; i < r->n; i++)
        if (r->x.codes[i] == N_LEVELS)
            r->x.codes[i] = WIDE_LEVELS;
}

static void what_is_too_wide_for_a_hessian_has_the_same_optimum(void **state)
{
    static const struct param none = {.name = "penalty", .text = "none"};
    static const struct param little = {.name = "alpha", .value = 1e-3};
    static const struct {
        const char         *estimator;
        const struct param *param;
        int                 n_classes;
    } cases[] = {{"linear_regression", NULL, 0},    {"ridge", &little, 0},
                 {"poisson_regressor", &little, 0}, {"logistic_regression", NULL, 2},
                 {"logistic_regression", &none, 2}, {"linear_svc", NULL, 2}};
    struct rows   r;
    struct fitted narrow, wide;

    (void)state;
    for (size_t k = 0; k < N_OF(cases); k++) {
        make_rows(&r, MOST_ROWS);
        r.is_weighted = k % 2 == 0;
        r.n_classes = cases[k].n_classes;
        for (size_t i = 0; i < r.n; i++)
            r.y[i] =
                r.n_classes > 0 ? r.y[i] > 3.0 * noise(i * 13 + 5) : fabs(floor(10.0 * r.y[i]));
        fit(&r, cases[k].estimator, cases[k].param, cases[k].param != NULL, &narrow);
        assert_string_equal(narrow.report.solver, "newton");
        widen_rows(&r);
        fit(&r, cases[k].estimator, cases[k].param, cases[k].param != NULL, &wide);
        assert_string_equal(wide.report.solver, "lbfgs");
        if (!(fabs(wide.report.objective / narrow.report.objective - 1.0) < 1e-12))
            fail_msg("%s: %.17g, not %.17g", cases[k].estimator, wide.report.objective,
                     narrow.report.objective);
        for (int j = 0; j < N_COLUMNS; j++)
            if (!(fabs(wide.coef[j] - narrow.coef[j]) < 1e-7 * (1.0 + fabs(narrow.coef[j]))))
                fail_msg("%s, column %d: %.17g, not %.17g", cases[k].estimator, j, wide.coef[j],
                         narrow.coef[j]);
        for (int j = N_COLUMNS; j < N_NUMERIC + WIDE_LEVELS; j++)
            assert_true(wide.coef[j] == 0.0);
        release_rows(&r);
    }
}

static void absolute_values_of_too_many_columns_are_refused(void **state)
{
    struct rows   r;
    struct fitted f;

    (void)state;
    make_rows(&r, 50);
    widen_rows(&r);
    assert_int_equal(try_fit(&r, "lasso", NULL, 0, &f), SL_EINPUT);
    assert_string_equal(err.text,
                        "17004 columns are too many for lasso with absolute values in its "
                        "penalty: columns + 1 may be 16384 at most; leave out features or "
                        "levels, or take squares");
    release_rows(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares_are_least),
        cmocka_unit_test(deviances_are_least),
        cmocka_unit_test(counts_without_features_have_their_mean),
        cmocka_unit_test(margins_are_widest),
        cmocka_unit_test(nets_are_tight),
        cmocka_unit_test(nets_of_equal_columns_are_tight),
        cmocka_unit_test(a_lasso_of_one_column_is_a_soft_threshold),
        cmocka_unit_test(penalties_of_logs_are_met),
        cmocka_unit_test(without_a_penalty_separable_rows_have_no_optimum),
        cmocka_unit_test(one_column_has_a_closed_form),
        cmocka_unit_test(equal_columns_share_the_coefficient),
        cmocka_unit_test(nearly_equal_columns_keep_their_digits),
        cmocka_unit_test(more_columns_than_rows_are_fitted_exactly),
        cmocka_unit_test(a_constant_label_is_the_intercept),
        cmocka_unit_test(rows_of_weight_0_are_not_there),
        cmocka_unit_test(labels_that_are_no_numbers_are_refused),
        cmocka_unit_test(what_is_too_wide_for_a_hessian_has_the_same_optimum),
        cmocka_unit_test(absolute_values_of_too_many_columns_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
