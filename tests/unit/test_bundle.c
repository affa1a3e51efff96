/* The model file: it reads back exactly, and whatever is not as it was written is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/bundle.h"
#include "scoreline/memory.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

enum { N_ROWS = 6, N_COLS = 2 };

static struct sl_error err;

static struct sl_recipe *make_recipe(struct sl_matrix *x)
{
    char                   gap[] = "gap", gap_expr[] = "a - b", age[] = "age";
    char                   label[] = "gap > 0";
    struct sl_feature_spec features[] = {
        {.name = gap,
         .expr = gap_expr,
         .missing = SL_MISSING_CONSTANT,
         .fill = 0.1,
         .scale = SL_SCALE_STANDARD},
        {.name = age, .expr = age, .bare = true, .missing = SL_MISSING_MEDIAN},
    };
    struct sl_recipe_spec spec = {.n_features = N_COLS, .features = features, .label = label};
    struct sl_recipe     *recipe;

    assert_int_equal(sl_recipe_create(&spec, &recipe, &err), SL_OK);
    assert_int_equal(sl_recipe_fit(recipe, x, &err), SL_OK);
    return recipe;
}

static void make_bundle(struct sl_bundle *bundle)
{
    double           data[] = {-3, 1.7, 0.3, -0.4, 2.5, 1, /* gap */ 20, 31, 22, 25, 28, 19};
    const double     y[N_ROWS] = {0, 1, 0, 1, 1, 0};
    const double     params[] = {1.5, 1e-8, 100, 1};
    struct sl_matrix x = {.n_rows = N_ROWS, .n_cols = N_COLS, .ld = N_ROWS, .data = data};
    struct sl_fit_in in = {.x = &x, .y = y, .n_classes = 2, .params = params};
    size_t           n_kinds;
    const struct sl_model_ops *const *kinds = sl_model_kinds(&n_kinds);

    *bundle = (struct sl_bundle){0};
    bundle->recipe = make_recipe(&x);
    assert_int_equal(sl_model_fit(kinds[0], &in, &bundle->model, &bundle->fit, &err), SL_OK);
    assert_int_equal(sl_matrix_init(&bundle->checks.x, N_ROWS, N_COLS, &err), SL_OK);
    assert_int_equal(sl_matrix_init(&bundle->checks.score, N_ROWS, 1, &err), SL_OK);
    memcpy(bundle->checks.x.data, data, sizeof data);
    assert_int_equal(
        sl_model_predict(bundle->model, &bundle->checks.x, &bundle->checks.score, &err), SL_OK);
    assert_int_equal(sl_copy_text("{\"job\":\"j\",\"years\":[2015]}", &bundle->provenance, &err),
                     SL_OK);
}

static char *print_one(void)
{
    struct sl_bundle bundle;
    char            *text;

    make_bundle(&bundle);
    assert_int_equal(sl_bundle_print(&bundle, &text, &err), SL_OK);
    sl_bundle_release(&bundle);
    return text;
}

static void a_model_file_reads_back_exactly(void **state)
{
    struct sl_bundle made, read;
    char            *text, *again;

    (void)state;
    make_bundle(&made);
    assert_int_equal(sl_bundle_print(&made, &text, &err), SL_OK);
    if (sl_bundle_parse(text, strlen(text), "m.json", &read, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sl_bundle_print(&read, &again, &err), SL_OK);
    assert_string_equal(text, again);
    assert_string_equal(read.fit.solver, "newton");
    assert_true(read.fit.params[0] == 1.5 && read.fit.params[3] == 1.0);
    assert_true(read.fit.objective == made.fit.objective && read.fit.n_rows == N_ROWS);
    assert_true(read.fit.converged && read.fit.n_iter == made.fit.n_iter);
    assert_memory_equal(read.checks.x.data, made.checks.x.data, N_ROWS * N_COLS * sizeof(double));
    assert_string_equal(read.provenance, "{\"job\":\"j\",\"years\":[2015]}");
    free(text);
    free(again);
    sl_bundle_release(&made);
    sl_bundle_release(&read);
}

/* The text with the first `from` behind `after` replaced; NULL if it has none. */
static char *altered(const char *text, const char *after, const char *from, const char *to)
{
    const char    *at = strstr(text, after);
    struct sl_text out = {0};

    at = at == NULL ? NULL : strstr(at + strlen(after), from);
    if (at == NULL)
        return NULL;
    assert_int_equal(sl_text_add_bytes(&out, text, (size_t)(at - text), &err), SL_OK);
    assert_int_equal(sl_text_add(&out, &err, "%s%s", to, at + strlen(from)), SL_OK);
    return out.data;
}

static const struct {
    const char *after, *from, *to, *message;
} bad[] = {
    {"", "scoreline-model", "scoreline",
     "m.json: $: not a model file (\"format\" is not "
     "\"scoreline-model\")"},
    {"", "\"version\": 1", "\"version\": 2",
     "m.json: $.version: a model file of version 2, this program reads version 1"},
    {"", "\"version\": 1", "\"version\": 1.5",
     "m.json: $.version: a model file of version 1.5, this program reads version 1"},
    {"", "\"version\": 1", "\"version\": \"1\"",
     "m.json: $.version: expected a number, got a text"},
    {"", "\"version\": 1,", "", "m.json: $: missing key 'version'"},
    {"", "\"checks\"", "\"check\"", "m.json: $.check: unknown key, did you mean 'checks'?"},
    {"", "\"estimator\": \"logistic_regression\"", "\"estimator\": \"oracle\"",
     "m.json: $.estimator: unknown estimator 'oracle' (known: logistic_regression)"},
    {"\"classes\"", "\"0\"", "\"no\"", "m.json: $.classes[0]: expected \"0\""},
    {"\"classes\"", "\"0\"", "0", "m.json: $.classes[0]: expected \"0\""},
    {"\"classes\"", "\"0\", ", "", "m.json: $.classes: expected 2 texts, got 1"},
    {"\"columns\"", "\"gap\"", "\"gaps\"", "m.json: $.columns[0]: expected \"gap\""},
    {"\"columns\"", "\"age\"", "\"age\", \"age\"", "m.json: $.columns: expected 2 texts, got 3"},
    {"", "a - b", "a - ",
     "m.json: $.recipe: $.features[0].expr: position 5: the expression ends "
     "where a number, a name or '(' is wanted"},
    {"\"coef\": [", "[", "[0, ", "m.json: $.coef[0]: expected 2 numbers, got 3"},
    {"\"coef\": [", "[", "[], [", "m.json: $.coef: expected 1 row of coefficients, got 2"},
    {"\"fit\"", "\"newton\"", "\"a solver whose name is too long for anybody\"",
     "m.json: $.fit.solver: a name of more than 31 bytes"},
    {"\"fit\"", "\"C\": 1.5", "\"C\": true",
     "m.json: $.fit.params.C: expected a number, got true or false"},
    {"\"fit\"", "\"C\": 1.5", "\"C\": 1.5, \"D\": 1", "m.json: $.fit.params.D: unknown key"},
    {"\"fit\"", "\"converged\": true", "\"converged\": 1",
     "m.json: $.fit.converged: expected true or false, got a number"},
    {"\"fit\"", "\"rows\": 6", "\"rows\": -6", "m.json: $.fit.rows: expected a count"},
    {"\"fit\"", "\"rows\": 6", "\"rows\": 6.5", "m.json: $.fit.rows: expected a count"},
    {"\"fit\"", "\"n_iter\": ", "\"n_iter\": 99999999999", "m.json: $.fit.n_iter: too large"},
    {"\"checks\"", "\"score\"", "\"scores\"",
     "m.json: $.checks[0].scores: unknown key, did you "
     "mean 'score'?"},
    {"\"checks\"", "\"x\": [", "\"x\": [1, ", "m.json: $.checks[0].x: expected 2 numbers, got 3"},
    {"\"provenance\"", "{", "[{", NULL}, /* no JSON any more: the message is the parser's */
};

static void anything_else_is_refused(void **state)
{
    char *text = print_one();

    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        char            *other = altered(text, bad[i].after, bad[i].from, bad[i].to);
        struct sl_bundle bundle;

        if (other == NULL)
            fail_msg("case %zu: no '%s' in the file", i, bad[i].from);
        if (sl_bundle_parse(other, strlen(other), "m.json", &bundle, &err) != SL_EJOB)
            fail_msg("case %zu: status %d", i, (int)err.code);
        if (bad[i].message != NULL)
            assert_string_equal(err.text, bad[i].message);
        assert_null(bundle.recipe);
        assert_null(bundle.model);
        free(other);
    }
    free(text);
}

/* A model of x and x:missing, as text. */
static char *print_indicated(void)
{
    const double           data[] = {-3, NAN, 0.3, -0.4, 2.5, NAN};
    const double           y[N_ROWS] = {0, 1, 0, 1, 1, 0};
    const double           params[] = {1.5, 1e-8, 100, 1};
    char                   name[] = "x", label[] = "x > 0";
    struct sl_feature_spec feature = {
        .name = name, .expr = name, .bare = true, .missing = SL_MISSING_MEAN, .indicator = true};
    struct sl_recipe_spec spec = {.n_features = 1, .features = &feature, .label = label};
    struct sl_bundle      bundle = {0};
    struct sl_matrix     *x = &bundle.checks.x;
    struct sl_fit_in      in = {.x = x, .y = y, .n_classes = 2, .params = params};
    size_t                n_kinds;
    char                 *text;

    assert_int_equal(sl_recipe_create(&spec, &bundle.recipe, &err), SL_OK);
    assert_int_equal(sl_matrix_init(x, N_ROWS, 1, &err), SL_OK);
    memcpy(x->data, data, sizeof data);
    assert_int_equal(sl_recipe_fit(bundle.recipe, x, &err), SL_OK);
    assert_int_equal(
        sl_model_fit(sl_model_kinds(&n_kinds)[0], &in, &bundle.model, &bundle.fit, &err), SL_OK);
    assert_int_equal(sl_matrix_init(&bundle.checks.score, N_ROWS, 1, &err), SL_OK);
    assert_int_equal(sl_model_predict(bundle.model, x, &bundle.checks.score, &err), SL_OK);
    assert_int_equal(sl_bundle_print(&bundle, &text, &err), SL_OK);
    sl_bundle_release(&bundle);
    return text;
}

static void indicators_are_columns_of_the_model(void **state)
{
    static const struct {
        const char *after, *from, *to, *message;
    } cases[] = {
        {"", "\"had_missing\": true", "\"had_missing\": false",
         "m.json: $.columns: expected 1 texts, got 2"},
        {"\"columns\"", "\"x:missing\"", "\"x\"", "m.json: $.columns[1]: expected \"x:missing\""},
        {"\"columns\"", ", \"x:missing\"", "", "m.json: $.columns: expected 2 texts, got 1"},
        {"\"columns\"", "\"x:missing\"", "\"x:missing\", \"x:missing\"",
         "m.json: $.columns: expected 2 texts, got 3"},
        {"\"coef\": [", "[", "[0, ", "m.json: $.coef[0]: expected 2 numbers, got 3"},
        {"\"checks\"", "\"x\": [", "\"x\": [1, ",
         "m.json: $.checks[0].x: expected 2 numbers, got 3"},
    };
    char            *text = print_indicated(), *again;
    struct sl_bundle bundle;

    (void)state;
    if (sl_bundle_parse(text, strlen(text), "m.json", &bundle, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sl_bundle_print(&bundle, &again, &err), SL_OK);
    assert_string_equal(text, again);
    sl_bundle_release(&bundle);
    for (size_t i = 0; i < N_OF(cases); i++) {
        char *other = altered(text, cases[i].after, cases[i].from, cases[i].to);

        if (other == NULL)
            fail_msg("case %zu: no '%s' in\n%s", i, cases[i].from, text);
        assert_int_equal(sl_bundle_parse(other, strlen(other), "m.json", &bundle, &err), SL_EJOB);
        assert_string_equal(err.text, cases[i].message);
        free(other);
    }
    free(text);
    free(again);
}

/* Any coefficient, score or input changed in its last digit is found out by the checks. */
static void altered_numbers_do_not_pass_the_checks(void **state)
{
    static const char *const after[] = {"\"coef\"", "\"intercept\"", "\"score\"", "\"x\": ["};
    char                    *text = print_one();

    (void)state;
    for (size_t i = 0; i < N_OF(after); i++) {
        char            *other = altered(text, "", "", "");
        char            *digit = strstr(strstr(other, after[i]), ".") + 12;
        struct sl_bundle bundle;

        *digit = *digit == '5' ? '6' : '5';
        assert_int_equal(sl_bundle_parse(other, strlen(other), "m.json", &bundle, &err), SL_EJOB);
        assert_non_null(strstr(err.text, "m.json: $.checks["));
        assert_non_null(strstr(err.text, "the file was altered or damaged"));
        free(other);
    }
    free(text);
}

/* Cut anywhere: an error, never a crash or a model. */
static void a_file_cut_short_is_refused(void **state)
{
    char  *text = print_one();
    size_t n = strlen(text);

    (void)state;
    for (size_t n_bytes = 0; n_bytes + 2 < n; n_bytes += 7) {
        struct sl_bundle bundle;

        assert_int_equal(sl_bundle_parse(text, n_bytes, "m.json", &bundle, &err), SL_EJOB);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_file_reads_back_exactly),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(indicators_are_columns_of_the_model),
        cmocka_unit_test(altered_numbers_do_not_pass_the_checks),
        cmocka_unit_test(a_file_cut_short_is_refused),
    };

    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
