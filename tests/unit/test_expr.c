/* The expression language: what expressions come to, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../support/number_block.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))
#define NA         NAN

enum { N_ROWS = 4 };

/* Row by row: plain, zero and negative, all missing, large. */
static const double a[N_ROWS] = {3.0, 0.0, NA, 1e308};
static const double b[N_ROWS] = {2.0, -4.0, 5.0, 1e308};
static const double odd[N_ROWS] = {7.0, 7.0, 7.0, NA};
static const double infinite[N_ROWS] = {INFINITY, -INFINITY, NA, 1.0};

static const struct test_column columns[] = {
    {"a", a},        {"b", b}, {"winner rank", odd},   {"log", b},
    {"tick`s", odd}, {"f", b}, {"infinite", infinite}, {"größe", odd},
    {"_x9", odd},
};

static sl_status compile(const char *expr, struct sl_recipe **recipe, struct sl_error *err)
{
    char                   name[] = "f", own[] = "doubled", label[] = "a > 0", twice[] = "b * 2";
    char                   truth[] = "truth", condition[] = "b > 0";
    char                  *text = NULL;
    struct sl_feature_spec features[3] = {
        {.name = own, .expr = twice},
        {.name = truth, .expr = condition},
        {.name = name},
    };
    struct sl_recipe_spec spec = {.n_features = 3, .features = features, .label = label};
    sl_status             rc = sl_copy_text(expr, &text, err);

    if (rc != SL_OK)
        return rc;
    features[2].expr = text;
    rc = sl_recipe_create(&spec, recipe, err);
    free(text);
    return rc;
}

static const struct {
    const char *expr;
    double      want[N_ROWS];
    int64_t     n_nonfinite; /* on top of what the other features count */
} good[] = {
    {"1", {1, 1, 1, 1}, 0},
    {".5e1", {5, 5, 5, 5}, 0},
    {"1.", {1, 1, 1, 1}, 0},
    {"2E-1", {0.2, 0.2, 0.2, 0.2}, 0},
    {"a", {3, 0, NA, 1e308}, 0},
    {" a\t+\nb ", {5, -4, NA, NA}, 1},
    {"a - b", {1, 4, NA, 0}, 0},
    {"a * b", {6, 0, NA, NA}, 1},
    {"a / b", {1.5, 0, NA, 1}, 0},
    {"b / a", {2.0 / 3.0, NA, NA, 1}, 1},
    {"a / a", {1, NA, NA, 1}, 1},
    {"-a", {-3, -0.0, NA, -1e308}, 0},
    {"- -a", {3, 0, NA, 1e308}, 0},
    {"2 - 3 - 4", {-5, -5, -5, -5}, 0},
    {"24 / 4 / 3 * 2", {4, 4, 4, 4}, 0},
    {"1 + 2 * 3", {7, 7, 7, 7}, 0},
    {"(1 + 2) * 3", {9, 9, 9, 9}, 0},
    {"-2 * -3", {6, 6, 6, 6}, 0},
    {"2 - -3", {5, 5, 5, 5}, 0},
    /* names */
    {"`winner rank`", {7, 7, 7, NA}, 0},
    {"`tick``s` + 1", {8, 8, 8, NA}, 0},
    {"größe", {7, 7, 7, NA}, 0},
    {"_x9", {7, 7, 7, NA}, 0},
    {"`a` + 1", {4, 1, NA, 1e308}, 0},
    {"log + 1", {3, -3, 6, 1e308}, 0}, /* a column may be called as a function */
    {"f + 1", {3, -3, 6, 1e308}, 0},   /* the feature's own name is the column */
    {"doubled + 1", {5, -7, 11, NA}, 0},
    {"truth and a > 0", {1, 0, NA, 1}, 0},
    {"truth + truth", {2, 0, 2, 2}, 0},
    {"infinite", {NA, NA, NA, 1}, 2},
    {"1 / infinite", {NA, NA, NA, 1}, 2},
    /* comparisons */
    {"a == 3", {1, 0, NA, 0}, 0},
    {"a != 3", {0, 1, NA, 1}, 0},
    {"a < b", {0, 0, NA, 0}, 0},
    {"a <= b", {0, 0, NA, 1}, 0},
    {"a > b", {1, 1, NA, 0}, 0},
    {"a >= b", {1, 1, NA, 1}, 0},
    {"1 + 1 < 3 * 1", {1, 1, 1, 1}, 0},
    {"(a > b) == (b > 0)", {1, 0, NA, 0}, 0},
    {"(a > b) * 10", {10, 10, NA, 0}, 0},
    /* missing decides nothing, unless the other side does */
    {"a > 0 and b > 0", {1, 0, NA, 1}, 0},
    {"a > 0 and b > 9", {0, 0, 0, 1}, 0},
    {"b > 9 and a > 0", {0, 0, 0, 1}, 0},
    {"a > 0 or b > 0", {1, 0, 1, 1}, 0},
    {"b > 0 or a > 0", {1, 0, 1, 1}, 0},
    {"a > 0 or b > 9", {1, 0, NA, 1}, 0},
    {"not a > 0", {0, 1, NA, 0}, 0},
    {"not not a > 0", {1, 0, NA, 1}, 0},
    {"not a > 0 and b < 0", {0, 1, 0, 0}, 0},
    {"a > 0 or a > 0 and b > 9", {1, 0, NA, 1}, 0},
    /* functions */
    {"abs(b)", {2, 4, 5, 1e308}, 0},
    {"sqrt(b)", {1.4142135623730951, NA, 2.2360679774997896, 1e154}, 1},
    {"log(a / 3)", {0, NA, NA, 708.09759635349792}, 1},
    {"log1p(a - a)", {0, 0, NA, 0}, 0},
    {"exp(a - a)", {1, 1, NA, 1}, 0},
    {"exp(a)", {20.085536923187668, 1, NA, NA}, 1},
    {"abs(abs(-abs(b)))", {2, 4, 5, 1e308}, 0},
    {"log(exp(1)) + sqrt(4)", {3, 3, 3, 3}, 0},
};

static bool same(double got, double want)
{
    return got == want || (isnan(got) && isnan(want));
}

static int64_t evaluate(const char *expr, double *out, struct sl_error *err)
{
    struct sl_recipe      *recipe = NULL;
    struct sl_column_block block = {0};
    struct sl_design       design = {0};
    int64_t                n_nonfinite;

    if (compile(expr, &recipe, err) != SL_OK)
        fail_msg("%s: %s", expr, err->text);
    if (!fill_block(recipe, columns, N_OF(columns), N_ROWS, &block, err))
        fail_msg("%s: no such column", expr);
    assert_int_equal(sl_design_init(&design, 3, err), SL_OK);
    assert_int_equal(sl_recipe_evaluate(recipe, &block, &design, err), SL_OK);
    memcpy(out, design.x.data + 2 * design.x.ld, N_ROWS * sizeof *out);
    n_nonfinite = design.n_nonfinite;
    sl_design_release(&design);
    sl_column_block_release(&block);
    sl_recipe_free(recipe);
    return n_nonfinite;
}

static void expressions_come_to_what_they_say(void **state)
{
    const int64_t   elsewhere = 1; /* doubled overflows in the last row */
    struct sl_error err = {0};

    (void)state;
    for (size_t i = 0; i < N_OF(good); i++) {
        double  got[N_ROWS];
        int64_t n_nonfinite;

        n_nonfinite = evaluate(good[i].expr, got, &err) - elsewhere;
        for (size_t row = 0; row < N_ROWS; row++) {
            if (!same(got[row], good[i].want[row]))
                fail_msg("%s: row %zu is %.17g, not %.17g", good[i].expr, row, got[row],
                         good[i].want[row]);
        }
        if (n_nonfinite != good[i].n_nonfinite)
            fail_msg("%s: %d results not finite, expected %d", good[i].expr, (int)n_nonfinite,
                     (int)good[i].n_nonfinite);
    }
}

#define AT "$.features[2].expr: position "

static const struct {
    const char *expr;
    const char *message;
} bad[] = {
    {"", AT "1: the expression ends where a number, a name or '(' is wanted"},
    {"a +", AT "4: the expression ends where a number, a name or '(' is wanted"},
    {"a b", AT "3: unexpected 'b' where an operator or the end is wanted"},
    {"a + * b", AT "5: unexpected '*' where a number, a name or '(' is wanted"},
    {"+ a", AT "1: unexpected '+' where a number, a name or '(' is wanted"},
    {"(a", AT "3: the expression ends where ')' is wanted"},
    {"a)", AT "2: unexpected ')' where an operator or the end is wanted"},
    {"()", AT "2: unexpected ')' where a number, a name or '(' is wanted"},
    {"a = b", AT "3: unexpected '=': write '==' to compare"},
    {"a && b", AT "3: unexpected '&': write 'and'"},
    {"a || b", AT "3: unexpected '|': write 'or'"},
    {"!a", AT "1: unexpected '!': write 'not' or '!='"},
    {"a <> b", AT "3: unexpected '<>': write '!='"},
    {"a ^ 2", AT "3: unexpected '^': no powers here, write x * x"},
    {"a % 2", AT "3: unexpected '%'"},
    {"größe $", AT "7: unexpected '$': odd column names stand between backquotes"},
    {"`a", AT "1: a ` without its partner"},
    {"a + ``", AT "5: an empty name"},
    {"1x", AT "1: a number runs into a name at '1x'"},
    {"0x10", AT "1: a number runs into a name at '0x'"},
    {"1e", AT "1: a number runs into a name at '1e'"},
    {"1.5.2", AT "4: unexpected '.2' where an operator or the end is wanted"},
    {"1e999", AT "1: '1e999' is too large for a number"},
    {"lgo(a)", AT "1: unknown function 'lgo', did you mean 'log'?"},
    {"2 * sqr(a)", AT "5: unknown function 'sqr', did you mean 'sqrt'?"},
    {"frobnicate(a)", AT "1: unknown function 'frobnicate'"},
    {"log()", AT "1: 'log' takes 1 argument, not 0"},
    {"1 + log(a, b)", AT "5: 'log' takes 1 argument, not 2"},
    {"log(a,)", AT "7: unexpected ')' where an argument is wanted"},
    {"log(a b)", AT "7: unexpected 'b' where ',' or ')' is wanted"},
    {"log(a", AT "6: the expression ends where ',' or ')' is wanted"},
    {"a < b < 3", AT "7: comparisons do not chain, write a < b and b < c"},
    {"a and b > 0",
     AT "3: 'and' wants a comparison on its left, not a number (compare it with something, such as "
        "x != 0)"},
    {"b > 0 or a + 1",
     AT "7: 'or' wants a comparison on its right, not a number (compare it with something, such as "
        "x != 0)"},
    {"not a",
     AT "1: 'not' wants a comparison on its right, not a number (compare it with something, such "
        "as x != 0)"},
    {"and", AT "1: unexpected 'and' where a number, a name or '(' is wanted"},
};

static void faults_are_told_with_their_place(void **state)
{
    struct sl_recipe *recipe = NULL;
    struct sl_error   err = {0};

    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        if (compile(bad[i].expr, &recipe, &err) != SL_EJOB)
            fail_msg("%s: status %d, expected %d", bad[i].expr, (int)err.code, (int)SL_EJOB);
        assert_string_equal(err.text, bad[i].message);
    }
    assert_int_equal(compile("surface == 'Clay'", &recipe, &err), SL_EUNSUPPORTED);
    assert_string_equal(err.text, AT "12: texts cannot be used in expressions in this version");
}

/* `n` of `open`, then a, then as many of `close`. */
static char *nested(int n, const char *open, const char *close)
{
    struct sl_text  text = {0};
    struct sl_error err;

    for (int i = 0; i < n; i++)
        assert_int_equal(sl_text_add(&text, &err, "%s", open), SL_OK);
    assert_int_equal(sl_text_add(&text, &err, "a"), SL_OK);
    for (int i = 0; i < n; i++)
        assert_int_equal(sl_text_add(&text, &err, "%s", close), SL_OK);
    return text.data;
}

static void nesting_has_a_limit(void **state)
{
    static const struct {
        const char *open, *close;
    } forms[] = {{"(", ")"}, {"-", ""}, {"abs(", ")"}, {"1 + (", ")"}, {"-(", ")"}};
    struct sl_recipe *recipe = NULL;
    struct sl_error   err = {0};

    (void)state;
    for (size_t i = 0; i < N_OF(forms); i++) {
        bool  doubly = i == 4;
        char *deep = nested(doubly ? 32 : 64, forms[i].open, forms[i].close);
        char *deeper = nested(100000, forms[i].open, forms[i].close);

        assert_int_equal(compile(deep, &recipe, &err), SL_OK);
        sl_recipe_free(recipe);
        assert_int_equal(compile(deeper, &recipe, &err), SL_EJOB);
        assert_non_null(strstr(err.text, "nested more than 64 deep"));
        free(deep);
        free(deeper);
    }
}

/* Long is not deep: the stack stays two columns high. */
static void long_sums_are_fine(void **state)
{
    char           *text = nested(20000, "", " + 1");
    struct sl_error err = {0};
    double          got[N_ROWS];

    (void)state;
    evaluate(text, got, &err);
    assert_true(got[0] == 20003.0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_come_to_what_they_say),
        cmocka_unit_test(faults_are_told_with_their_place),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(long_sums_are_fine),
    };

    return cmocka_run_group_tests_name("expr", tests, NULL, NULL);
}
