/* The model file: it reads back exactly, and whatever is not as it was written is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/trained_bundle.h"
#include "scoreline/memory.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

enum { N_ROWS = 6 };

static struct sl_error err;

/* Lists of all estimators grow. */
static void assert_begins_with(const char *message)
{
    char begin[sizeof err.text];

    snprintf(begin, sizeof begin, "%.*s", (int)strlen(message), err.text);
    assert_string_equal(begin, message);
}

static const char gaps[] = "a,b,age,won\n"
                           "-3,0,20,0\n"
                           "2.7,1,31,1\n"
                           "0.3,0,22,0\n"
                           "-0.5,-0.1,25,1\n"
                           "2.5,0,28,1\n"
                           "5,4,19,0\n";

static void make_bundle(struct sl_bundle *bundle)
{
    char                   gap[] = "gap", gap_expr[] = "a - b", age[] = "age";
    char                   label[] = "won == 1";
    struct sl_feature_spec features[] = {
        {.name = gap,
         .expr = gap_expr,
         .missing = SL_MISSING_CONSTANT,
         .fill = 0.1,
         .scale = SL_SCALE_STANDARD},
        {.name = age, .expr = age, .bare = true, .missing = SL_MISSING_MEDIAN},
    };
    struct sl_recipe_spec spec = {
        .n_features = N_OF(features), .features = features, .label = label};

    train_bundle(&spec, gaps, gaps, bundle);
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
    assert_int_equal(read.checks.n_rows, N_ROWS);
    assert_memory_equal(read.checks.scores.data, made.checks.scores.data, N_ROWS * sizeof(double));
    for (int k = 0; k < made.checks.block.n_columns; k++)
        if (made.checks.block.columns[k].type == SL_NUMBER)
            assert_memory_equal(read.checks.block.columns[k].values.number,
                                made.checks.block.columns[k].values.number,
                                N_ROWS * sizeof(double));
    assert_string_equal(read.provenance, "{\"job\":\"j\",\"years\":[2015]}");
    free(text);
    free(again);
    sl_bundle_release(&made);
    sl_bundle_release(&read);
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
     "m.json: $.estimator: unknown estimator 'oracle' (known: logistic_regression"},
    {"\"classes\"", "\"0\"", "\"no\"", "m.json: $.classes[0]: expected the digits of an integer"},
    {"\"classes\"", "\"0\"", "0", "m.json: $.classes[0]: expected a text, got a number"},
    {"\"classes\"", "\"0\", ", "", "m.json: $.classes: expected at least 2 classes, got 1"},
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
    {"\"checks\"", "\"inputs\": {", "\"inputs\": {\"c\": 1, ",
     "m.json: $.checks[0].inputs: expected 4 inputs, got 5"},
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
            assert_begins_with(bad[i].message);
        assert_null(bundle.recipe);
        assert_null(bundle.model);
        free(other);
    }
    free(text);
}

/* A model of x and x:missing, as text. */
static char *print_indicated(void)
{
    static const char      table[] = "x,won\n-3,0\n,1\n0.3,0\n-0.4,1\n2.5,1\nNA,0\n";
    char                   name[] = "x", label[] = "won == 1";
    struct sl_feature_spec feature = {
        .name = name, .expr = name, .bare = true, .missing = SL_MISSING_MEAN, .indicator = true};
    struct sl_recipe_spec spec = {.n_features = 1, .features = &feature, .label = label};
    struct sl_bundle      bundle;
    char                 *text;

    train_bundle(&spec, table, table, &bundle);
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
        {"\"checks\"", "\"x\": ", "\"x:missing\": 0, \"x\": ",
         "m.json: $.checks[0].inputs: expected 2 inputs, got 3"},
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

/* Any coefficient, score or input that was changed, be it by a bit, is found out by the checks. */
static void altered_numbers_do_not_pass_the_checks(void **state)
{
    static const char *const after[] = {"\"coef\"", "\"intercept\"", "\"score\"",
                                        "\"a\": ",  "\"mean\"",      "\"std\""};
    char                    *text = print_one();

    (void)state;
    for (size_t i = 0; i < N_OF(after); i++) {
        char            *other = nudged(text, after[i]);
        struct sl_bundle bundle;

        if (sl_bundle_parse(other, strlen(other), "m.json", &bundle, &err) != SL_EJOB)
            fail_msg("%s: passed the checks", after[i]);
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

/* A column that is read as a number and as a text is two inputs, whatever other columns are called.
 */
static void inputs_have_names_of_their_own(void **state)
{
    static const char      table[] = "x,x (again),x (again) (again),won\n"
                                     "1,2,3,0\n2,3,1,1\n1,1,2,1\n2,2,2,0\n";
    char                   x[] = "x", again[] = "x (again)", twice[] = "x (again) (again)";
    char                   a[] = "a", b[] = "b", ignore[] = "ignore", label[] = "won == 1";
    struct sl_feature_spec features[] = {
        {.name = x, .expr = x, .bare = true},
        {.name = a, .categorical = x, .handle_unknown = ignore, .max_levels = 9},
        {.name = again, .expr = again, .bare = true},
        {.name = b, .categorical = again, .handle_unknown = ignore, .max_levels = 9},
        {.name = twice, .expr = twice, .bare = true},
    };
    struct sl_recipe_spec spec = {
        .n_features = N_OF(features), .features = features, .label = label};
    struct sl_bundle bundle;
    char            *text, *printed;

    (void)state;
    train_bundle(&spec, table, table, &bundle);
    assert_int_equal(sl_bundle_print(&bundle, &text, &err), SL_OK);
    sl_bundle_release(&bundle);
    if (sl_bundle_parse(text, strlen(text), "m.json", &bundle, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sl_bundle_print(&bundle, &printed, &err), SL_OK);
    assert_string_equal(text, printed);
    sl_bundle_release(&bundle);
    free(text);
    free(printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_file_reads_back_exactly),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(indicators_are_columns_of_the_model),
        cmocka_unit_test(altered_numbers_do_not_pass_the_checks),
        cmocka_unit_test(a_file_cut_short_is_refused),
        cmocka_unit_test(inputs_have_names_of_their_own),
    };

    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
