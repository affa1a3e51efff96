/* Logistic regression against optima found in 100 digits: see make_logistic.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/bytes.h"
#include "scoreline/json_need.h"
#include "scoreline/model.h"

enum { MAX_ROWS = 256, MAX_PARAMETERS = 256 };

static struct sl_json_doc *doc;
static struct sl_error     err;

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != SL_OK)                                                                       \
            fail_msg("%s", err.text);                                                              \
    } while (0)

static int read_cases(void **state)
{
    char  *text;
    size_t n_bytes;

    (void)state;
    OK(sl_bytes_slurp(GOLDEN_DIR "/logistic.json", 1 << 24, &text, &n_bytes, &err));
    OK(sl_json_parse(text, n_bytes, "logistic.json", &doc, &err));
    free(text);
    return 0;
}

static int close_cases(void **state)
{
    (void)state;
    sl_json_close(doc);
    return 0;
}

static double number_at(const struct sl_json *object, const char *key)
{
    return sl_json_number(sl_json_find(object, key));
}

/* A problem of the file, as a model wants it. */
struct problem {
    const struct sl_json *item;
    const char           *name;
    struct sl_terms       terms;
    struct sl_design      x;
    double                y[MAX_ROWS];
    double                weight[MAX_ROWS];
    bool                  has_weight;
    int                   n_classes;
    size_t                n_outputs;
};

static void load_codes(struct problem *p, const struct sl_json *term)
{
    const size_t  n_rows = p->x.x.n_rows;
    const int32_t levels = (int32_t)number_at(term, "levels");
    double        codes[MAX_ROWS];

    OK(sl_json_need_numbers(doc, sl_json_find(term, "codes"), n_rows, codes, &err));
    for (size_t i = 0; i < n_rows; i++)
        p->x.codes[(size_t)p->terms.n_categorical * p->x.x.ld + i] = (int32_t)codes[i];
    OK(sl_terms_add(&p->terms, true, levels, &err));
}

static void load_problem(const struct sl_json *item, struct problem *p)
{
    const struct sl_json *terms = sl_json_find(item, "terms");
    const struct sl_json *y = sl_json_find(item, "y"), *weight = sl_json_find(item, "weight");
    const size_t          n_rows = sl_json_count(y);
    const int             n_terms = (int)sl_json_count(terms);

    *p = (struct problem){.item = item, .name = sl_json_text(sl_json_find(item, "name"))};
    assert_true(n_rows <= MAX_ROWS);
    OK(sl_design_init(&p->x, n_rows, n_terms, n_terms, &err));
    p->x.x.n_rows = n_rows;
    for (const struct sl_json *t = sl_json_first(terms); t != NULL; t = sl_json_next(t)) {
        if (sl_json_kind(t) == SL_JSON_OBJECT) {
            load_codes(p, t);
            continue;
        }
        OK(sl_json_need_numbers(doc, t, n_rows,
                                p->x.x.data + (size_t)p->terms.n_numeric * p->x.x.ld, &err));
        OK(sl_terms_add(&p->terms, false, 1, &err));
    }
    p->x.x.n_cols = (size_t)p->terms.n_numeric;
    p->x.n_codes = p->terms.n_categorical;
    OK(sl_json_need_numbers(doc, y, n_rows, p->y, &err));
    p->has_weight = sl_json_kind(weight) == SL_JSON_LIST;
    if (p->has_weight)
        OK(sl_json_need_numbers(doc, weight, n_rows, p->weight, &err));
    p->n_classes = (int)number_at(item, "classes");
    p->n_outputs = p->n_classes > 2 ? (size_t)p->n_classes : 1;
}

static void release_problem(struct problem *p)
{
    sl_terms_release(&p->terms);
    sl_design_release(&p->x);
}

/* Coefficients, row after row, and behind them intercepts; returns how many there are. */
static size_t read_parameters(const struct sl_json_doc *from, const struct sl_json *object,
                              const struct problem *p, double *out)
{
    const size_t n_columns = (size_t)p->terms.n_columns;
    double      *at = out;

    assert_true((n_columns + 1) * p->n_outputs <= MAX_PARAMETERS);
    for (const struct sl_json *row = sl_json_first(sl_json_find(object, "coef")); row != NULL;
         row = sl_json_next(row), at += n_columns)
        OK(sl_json_need_numbers(from, row, n_columns, at, &err));
    assert_int_equal(at - out, n_columns * p->n_outputs);
    OK(sl_json_need_numbers(from, sl_json_find(object, "intercept"), p->n_outputs, at, &err));
    return (n_columns + 1) * p->n_outputs;
}

/* What the model saved is what it scores with. */
static void saved_parameters(const struct sl_model *model, const struct problem *p, double *out)
{
    struct sl_json_doc *saved;

    OK(sl_json_create(&saved, &err));
    OK(sl_model_save(model, sl_json_root(saved), &err));
    read_parameters(saved, sl_json_root(saved), p, out);
    sl_json_close(saved);
}

static void fit(const struct problem *p, struct sl_model **model, struct sl_fit_report *report)
{
    char                  estimator[] = "logistic_regression", c[] = "C", fi[] = "fit_intercept";
    char                  cw[] = "class_weight", balanced[] = "balanced";
    bool                  is_balanced = sl_json_kind(sl_json_find(p->item, cw)) == SL_JSON_TEXT;
    struct sl_param_value given[] = {
        {.name = c, .value = number_at(p->item, "C")},
        {.name = fi,
         .value = sl_json_bool(sl_json_find(p->item, "fit_intercept")),
         .is_bool = true},
        {.name = cw, .text = is_balanced ? balanced : NULL, .is_null = !is_balanced},
    };
    struct sl_train_spec       spec = {.estimator = estimator, .n_params = 3, .params = given};
    const struct sl_model_ops *ops;
    double                    *params;

    OK(sl_model_check(&spec, &ops, &params, &err));
    const struct sl_fit_in in = {.terms = &p->terms,
                                 .x = &p->x,
                                 .y = p->y,
                                 .weight = p->has_weight ? p->weight : NULL,
                                 .n_classes = p->n_classes,
                                 .params = params};
    OK(sl_model_fit(ops, &in, model, report, &err));
    free(params);
}

static void expect_near(const char *name, const char *what, double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%s: %s is %.17g, the optimum's is %.17g (off by %.2g, allowed %.2g)", name, what,
                 got, want, fabs(got - want), within);
}

/* What sums to 0 over the classes does so in theory and here. */
static void expect_gauge(const struct problem *p, const double *got)
{
    const size_t n_columns = (size_t)p->terms.n_columns;
    double       sum = 0.0, most = 1.0;

    for (size_t k = 0; p->n_outputs > 1 && k < p->n_outputs; k++) {
        sum += got[n_columns * p->n_outputs + k];
        most = fmax(most, fabs(got[n_columns * p->n_outputs + k]));
    }
    expect_near(p->name, "sum of intercepts", sum, 0.0, 1e-15 * most * (double)p->n_outputs);
}

static void check_case(const struct sl_json *item)
{
    double               got[MAX_PARAMETERS], want[MAX_PARAMETERS];
    double               tolerance = number_at(item, "tolerance");
    struct sl_fit_report report;
    struct sl_model     *model;
    struct problem       p;
    size_t               n, n_coef;

    load_problem(item, &p);
    n = read_parameters(doc, item, &p, want);
    n_coef = n - p.n_outputs;
    fit(&p, &model, &report);
    saved_parameters(model, &p, got);
    for (size_t j = 0; j < n_coef; j++)
        expect_near(p.name, "coef", got[j], want[j], tolerance * fabs(want[j]));
    /* an intercept is a margin: near 0 its error counts against 1 */
    for (size_t j = n_coef; j < n; j++)
        expect_near(p.name, "intercept", got[j], want[j], tolerance * fmax(1.0, fabs(want[j])));
    /* margins of 1e5 leave it no more digits, whatever the processor */
    expect_near(p.name, "objective", report.objective, number_at(item, "objective"),
                5e-13 * number_at(item, "objective"));
    expect_gauge(&p, got);
    if (!report.converged)
        fail_msg("%s: says that it did not converge (gradient %g)", p.name, report.gradient_norm);
    if (getenv("GOLDEN_VERBOSE") != NULL)
        print_message("%-40s %4d steps, gradient %.2g\n", p.name, report.n_iter,
                      report.gradient_norm);
    sl_model_free(model);
    release_problem(&p);
}

static void every_case_reaches_its_optimum(void **state)
{
    size_t n = 0;

    (void)state;
    for (const struct sl_json *item = sl_json_first(sl_json_root(doc)); item != NULL;
         item = sl_json_next(item), n++)
        check_case(item);
    assert_int_equal(n, 43);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_reaches_its_optimum)};

    return cmocka_run_group_tests_name("golden_logistic", tests, read_cases, close_cases);
}
