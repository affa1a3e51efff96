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

enum { MAX_CELLS = 1024 };

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

static size_t load_x(const struct sl_json *item, double *data, struct sl_matrix *x)
{
    const struct sl_json *columns = sl_json_find(item, "x");
    size_t                n_rows = sl_json_count(sl_json_find(item, "y"));
    double               *at = data;

    for (const struct sl_json *c = sl_json_first(columns); c != NULL; c = sl_json_next(c)) {
        assert_true(at + n_rows <= data + MAX_CELLS);
        OK(sl_json_need_numbers(doc, c, n_rows, at, &err));
        at += n_rows;
    }
    *x = (struct sl_matrix){
        .n_rows = n_rows, .n_cols = sl_json_count(columns), .ld = n_rows, .data = data};
    return n_rows;
}

/* What the model saved is what it scores with. */
static void saved_parameters(const struct sl_model *model, size_t n_columns, double *out)
{
    struct sl_json_doc *saved;

    OK(sl_json_create(&saved, &err));
    OK(sl_model_save(model, sl_json_root(saved), &err));
    OK(sl_json_need_numbers(saved, sl_json_first(sl_json_find(sl_json_root(saved), "coef")),
                            n_columns, out, &err));
    OK(sl_json_need_numbers(saved, sl_json_find(sl_json_root(saved), "intercept"), 1,
                            out + n_columns, &err));
    sl_json_close(saved);
}

static void expect_near(const char *name, const char *what, double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%s: %s is %.17g, the optimum's is %.17g (off by %.2g, allowed %.2g)", name, what,
                 got, want, fabs(got - want), within);
}

static void check_case(const struct sl_json *item)
{
    const struct sl_model_ops *ops;
    static double              data[MAX_CELLS], y[MAX_CELLS], got[MAX_CELLS], want[MAX_CELLS];
    const char                *name = sl_json_text(sl_json_find(item, "name"));
    double                     tolerance = number_at(item, "tolerance");
    char                  estimator[] = "logistic_regression", c[] = "C", fi[] = "fit_intercept";
    struct sl_param_value given[] = {
        {.name = c, .value = number_at(item, "C")},
        {.name = fi, .value = sl_json_bool(sl_json_find(item, "fit_intercept")), .is_bool = true},
    };
    struct sl_train_spec spec = {.estimator = estimator, .n_params = 2, .params = given};
    struct sl_matrix     x;
    struct sl_terms      terms = {0};
    struct sl_design     design = {0};
    struct sl_fit_in     in = {.terms = &terms, .x = &design, .y = y, .n_classes = 2};
    struct sl_fit_report report;
    struct sl_model     *model;
    double              *params;
    size_t               n_rows = load_x(item, data, &x);

    OK(sl_json_need_numbers(doc, sl_json_find(item, "y"), n_rows, y, &err));
    OK(sl_json_need_numbers(doc, sl_json_find(item, "coef"), x.n_cols, want, &err));
    want[x.n_cols] = number_at(item, "intercept");
    OK(sl_model_check(&spec, &ops, &params, &err));
    in.params = params;
    design.x = x;
    for (size_t j = 0; j < x.n_cols; j++)
        OK(sl_terms_add(&terms, false, 1, &err));
    OK(sl_model_fit(ops, &in, &model, &report, &err));
    saved_parameters(model, x.n_cols, got);
    for (size_t j = 0; j < x.n_cols; j++)
        expect_near(name, "coef", got[j], want[j], tolerance * fabs(want[j]));
    /* an intercept is a margin: near 0 its error counts against 1 */
    expect_near(name, "intercept", got[x.n_cols], want[x.n_cols],
                tolerance * fmax(1.0, fabs(want[x.n_cols])));
    expect_near(name, "objective", report.objective, number_at(item, "objective"),
                1e-13 * number_at(item, "objective"));
    if (!report.converged)
        fail_msg("%s: says that it did not converge (gradient %g)", name, report.gradient_norm);
    if (getenv("GOLDEN_VERBOSE") != NULL)
        print_message("%-40s %4d steps, gradient %.2g\n", name, report.n_iter,
                      report.gradient_norm);
    sl_model_free(model);
    sl_terms_release(&terms);
    free(params);
}

static void every_case_reaches_its_optimum(void **state)
{
    size_t n = 0;

    (void)state;
    for (const struct sl_json *item = sl_json_first(sl_json_root(doc)); item != NULL;
         item = sl_json_next(item), n++)
        check_case(item);
    assert_int_equal(n, 26);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_reaches_its_optimum)};

    return cmocka_run_group_tests_name("golden_logistic", tests, read_cases, close_cases);
}
