/* The expression language: what is refused, with which words, and that nothing makes it stumble. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "../support/expr_case.h"
#include "scoreline/text.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))
#define AT         "$.features[2].expr: position "
#define COMPARE_0  " (compare it with something, such as x != 0)"
#define COMPARE_A  " (compare it with something, such as x == 'a')"

static const struct {
    const char *expr;
    const char *message;
} bad[] = {
    /* syntax */
    {"", AT "1: the expression ends where a number, a name or '(' is wanted"},
    {"  ", AT "3: the expression ends where a number, a name or '(' is wanted"},
    {"a +", AT "4: the expression ends where a number, a name or '(' is wanted"},
    {"a b", AT "3: unexpected 'b' where an operator or the end is wanted"},
    {"a 'b'", AT "3: unexpected ''b'' where an operator or the end is wanted"},
    {"a + * b", AT "5: unexpected '*' where a number, a name or '(' is wanted"},
    {"+ a", AT "1: unexpected '+' where a number, a name or '(' is wanted"},
    {"a ** 2", AT "4: unexpected '*' where a number, a name or '(' is wanted"},
    {"(a", AT "3: the expression ends where ')' is wanted"},
    {"a)", AT "2: unexpected ')' where an operator or the end is wanted"},
    {"()", AT "2: unexpected ')' where a number, a name or '(' is wanted"},
    {"(a, b)", AT "3: unexpected ',' where ')' is wanted"},
    {"and", AT "1: unexpected 'and' where a number, a name or '(' is wanted"},
    {"a > 0 and", AT "10: the expression ends where a number, a name or '(' is wanted"},
    {"a < b < 3", AT "7: comparisons do not chain, write a < b and b < c"},
    {"a == b == 3", AT "8: comparisons do not chain, write a < b and b < c"},
    /* habits */
    {"a = b", AT "3: unexpected '=': write '==' to compare"},
    {"a && b", AT "3: unexpected '&': write 'and'"},
    {"a || b", AT "3: unexpected '|': write 'or'"},
    {"!a", AT "1: unexpected '!': write 'not' or '!='"},
    {"a <> b", AT "3: unexpected '<>': write '!='"},
    {"a ^ 2", AT "3: unexpected '^': no powers here, write x * x"},
    {"a % 2", AT "3: unexpected '%': no remainders here, write x - floor(x / y) * y"},
    {"a > 0 ? 1 : 2", AT "7: unexpected '?': write if(condition, a, b)"},
    {"größe $", AT "7: unexpected '$': odd column names stand between backquotes"},
    {"[a b]", AT "1: unexpected '[': odd column names stand between backquotes"},
    {"a > 0 AND b > 0",
     AT "7: unexpected 'AND' where an operator or the end is wanted: write 'and'"},
    {"a > 0 Or b > 0", AT "7: unexpected 'Or' where an operator or the end is wanted: write 'or'"},
    {"a; b", AT "2: unexpected ';'"},
    /* quotes */
    {"`a", AT "1: a ` without its partner"},
    {"a == 'x", AT "6: a ' without its partner"},
    {"a == 'it''s", AT "6: a ' without its partner"},
    {"a == \"x'", AT "6: a \" without its partner"},
    {"a + ``", AT "5: an empty name"},
    /* numbers */
    {"1x", AT "1: a number runs into a name at '1x'"},
    {"0x10", AT "1: a number runs into a name at '0x'"},
    {"1e", AT "1: a number runs into a name at '1e'"},
    {"1.5.2", AT "4: unexpected '.2' where an operator or the end is wanted"},
    {"1e999", AT "1: '1e999' is too large for a number"},
    /* functions and their arguments */
    {"lgo(a)", AT "1: unknown function 'lgo', did you mean 'log'?"},
    {"2 * sqr(a)", AT "5: unknown function 'sqr', did you mean 'sqrt'?"},
    {"is_missing(a)", AT "1: unknown function 'is_missing', did you mean 'ismissing'?"},
    {"ln(a)", AT "1: unknown function 'ln', did you mean 'log'?"},
    {"ifelse(a > 0, 1, 2)", AT "1: unknown function 'ifelse', did you mean 'if'?"},
    {"isnull(a)", AT "1: unknown function 'isnull', did you mean 'ismissing'?"},
    {"LOG(a)", AT "1: unknown function 'LOG', did you mean 'log'?"},
    {"frobnicate(a)", AT "1: unknown function 'frobnicate'"},
    {"doubled(a)", AT "1: unknown function 'doubled'"},
    {"a(b)", AT "1: unknown function 'a'"},
    {"`log`(b)", AT "6: unexpected '(' where an operator or the end is wanted"},
    {"log()", AT "1: 'log' takes 1 argument, not 0"},
    {"1 + log(a, b)", AT "5: 'log' takes 1 argument, not 2"},
    {"if(a > 0, 1)", AT "1: 'if' takes 3 arguments, not 2"},
    {"1 + if(a > 0, 1, 2, 3)", AT "5: 'if' takes 3 arguments, not 4"},
    {"clip(a)", AT "1: 'clip' takes 3 arguments, not 1"},
    {"min(a)", AT "1: 'min' takes at least 2 arguments, not 1"},
    {"max()", AT "1: 'max' takes at least 2 arguments, not 0"},
    {"coalesce(a)", AT "1: 'coalesce' takes at least 2 arguments, not 1"},
    {"ismissing(a, b)", AT "1: 'ismissing' takes 1 argument, not 2"},
    {"log(a,)", AT "7: unexpected ')' where an argument is wanted"},
    {"log(,a)", AT "5: unexpected ',' where a number, a name or '(' is wanted"},
    {"log(a b)", AT "7: unexpected 'b' where ',' or ')' is wanted"},
    {"log(a", AT "6: the expression ends where ',' or ')' is wanted"},
    {"if(a > 0, 1, 2", AT "15: the expression ends where ',' or ')' is wanted"},
    /* numbers and comparisons */
    {"a and b > 0", AT "3: 'and' wants a comparison on its left, not a number" COMPARE_0},
    {"b > 0 or a + 1", AT "7: 'or' wants a comparison on its right, not a number" COMPARE_0},
    {"truth and doubled", AT "7: 'and' wants a comparison on its right, not a number" COMPARE_0},
    {"not a", AT "1: 'not' wants a comparison on its right, not a number" COMPARE_0},
    {"not 1 + 1", AT "1: 'not' wants a comparison on its right, not a number" COMPARE_0},
    {"if(a, 1, 2)", AT "4: 'if' wants a comparison, not a number" COMPARE_0},
    {"1 + if((a + b), 1, 2)", AT "9: 'if' wants a comparison, not a number" COMPARE_0},
    {"coalesce(a > 0, 1) and b > 0",
     AT "20: 'and' wants a comparison on its left, not a number" COMPARE_0},
    {"coalesce(a, b) or b > 0",
     AT "16: 'or' wants a comparison on its left, not a number" COMPARE_0},
    /* numbers and texts */
    {"'x' + 1", AT "5: '+' wants a number on its left, not a text"},
    {"1 - 'x'", AT "3: '-' wants a number on its right, not a text"},
    {"-'x'", AT "1: '-' wants a number on its right, not a text"},
    {"größe * text(x)", AT "7: '*' wants a number on its right, not a text"},
    {"log('x')", AT "5: 'log' wants a number, not a text"},
    {"2 * max(1, a, 'größe', 'x')", AT "15: 'max' wants a number, not a text"},
    {"clip(a, 0, text(b))", AT "12: 'clip' wants a number, not a text"},
    {"sqrt(if(a > 0, 'x', b))", AT "6: 'sqrt' wants a number, not a text"},
    {"'x' and a > 0", AT "5: 'and' wants a comparison on its left, not a text" COMPARE_A},
    {"not text(x)", AT "1: 'not' wants a comparison on its right, not a text" COMPARE_A},
    {"if('x', 1, 2)", AT "4: 'if' wants a comparison, not a text" COMPARE_A},
    {"surface < 'x'",
     AT "9: '<' wants numbers: texts can be equal (==) or not (!=), they have no order"},
    {"'2015-01-01' >= day",
     AT "14: '>=' wants numbers: texts can be equal (==) or not (!=), they have no order"},
    {"a + 1 == 'x'", AT "7: '==' compares a number with a text"},
    {"'x' != 1", AT "5: '!=' compares a text with a number"},
    {"doubled == 'x'", AT "9: '==' compares a number with a text"},
    {"truth == 'x'", AT "7: '==' compares a comparison with a text"},
    {"(a > 0) == text(b)", AT "9: '==' compares a comparison with a text"},
    {"if(a > 0, 'x', 1) == 'x'",
     AT "16: 'if' chooses between a text and a number, both have to be of one kind"},
    {"if(a > 0, b > 0, 'x')",
     AT "18: 'if' chooses between a comparison and a text, both have to be of one kind"},
    {"coalesce(a + 1, 'x')",
     AT "17: 'coalesce' chooses between a number and a text, both have to be of one kind"},
    {"coalesce(x, 'a', y, 1) == 'a'",
     AT "21: 'coalesce' chooses between a text and a number, both have to be of one kind"},
    {"text(1)", AT "6: 'text' wants a column, not a number"},
    {"text(doubled) == 'x'", AT "6: 'text' wants a column, not a number"},
    {"text(a > 0) == 'x'", AT "6: 'text' wants a column, not a comparison"},
    /* texts by themselves */
    {"'x'", AT "1: the result is a text, a number or a comparison is wanted" COMPARE_A},
    {" if(a > 0, 'x', b)",
     AT "2: the result is a text, a number or a comparison is wanted" COMPARE_A},
    {"(text(x))", AT "2: the result is a text, a number or a comparison is wanted" COMPARE_A},
    /* what cannot have been meant: NA and the empty text are missing */
    {"surface == ''",
     AT "12: nothing equals '', which data.missing says is missing: write ismissing(surface)"},
    {"\"NA\" != `odd name`", AT "1: nothing equals \"NA\", which data.missing says is missing: "
                                "write ismissing(`odd name`)"},
};

static void faults_are_told_with_their_place(void **state)
{
    struct sl_recipe *recipe = NULL;
    struct sl_error   err = {0};

    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        if (compile_case(bad[i].expr, &recipe, &err) != SL_EJOB)
            fail_msg("%s: status %d, expected %d", bad[i].expr, (int)err.code, (int)SL_EJOB);
        assert_string_equal(err.text, bad[i].message);
    }
}

/* A name that no feature bears yet is a column; what else it may be is kept for those who look for
 * it in a file. */
static void columns_know_what_else_they_may_be(void **state)
{
    static const struct {
        const char *expr, *hint;
    } cases[] = {
        {"doubles + 1", ", did you mean the feature 'doubled'?"},
        {"trut", ", did you mean the feature 'truth'?"},
        {"unheard_of", NULL},
        {"f", NULL}, /* its own */
    };
    char                   later[] = "gap", first[] = "first", expr[] = "gap + 1", x[] = "x";
    char                   label[] = "x > 0";
    struct sl_feature_spec features[] = {{.name = first, .expr = expr}, {.name = later, .expr = x}};
    struct sl_recipe_spec  spec = {.n_features = 2, .features = features, .label = label};
    struct sl_recipe      *recipe = NULL;
    struct sl_error        err = {0};
    int                    n;

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        const struct sl_column_request *requests;

        assert_int_equal(compile_case(cases[i].expr, &recipe, &err), SL_OK);
        requests = sl_recipe_requests(recipe, &n);
        if (cases[i].hint == NULL)
            assert_null(requests[1].hint);
        else
            assert_string_equal(requests[1].hint, cases[i].hint);
        sl_recipe_free(recipe);
    }
    assert_int_equal(sl_recipe_create(&spec, true, &recipe, &err), SL_OK);
    assert_string_equal(sl_recipe_requests(recipe, &n)[0].hint,
                        ", and the feature of that name comes later");
    sl_recipe_free(recipe);
}

/* --- limits ------------------------------------------------------------------------------- */

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
        int         most;
    } forms[] = {
        {"(", ")", 64},
        {"-", "", 64},
        {"abs(", ")", 64},
        {"1 + (", ")", 64},
        {"-(", ")", 32},
        {"if(b > 0 or b < 0 and b == b, 1, ", ")", 64},
        {"0 + (b > 0 or b < 0 and b > 1 + coalesce(b, if(b < 0, 1, ", ")))", 21},
    };
    struct sl_recipe *recipe = NULL;
    struct sl_error   err = {0};

    (void)state;
    for (size_t i = 0; i < N_OF(forms); i++) {
        char *deep = nested(forms[i].most, forms[i].open, forms[i].close);
        char *deeper = nested(forms[i].most + 1, forms[i].open, forms[i].close);
        char *deepest = nested(3000, forms[i].open, forms[i].close);

        if (compile_case(deep, &recipe, &err) != SL_OK)
            fail_msg("%s: %s", forms[i].open, err.text);
        sl_recipe_free(recipe);
        assert_int_equal(compile_case(deeper, &recipe, &err), SL_EJOB);
        assert_non_null(strstr(err.text, "nested more than 64 deep"));
        assert_int_equal(compile_case(deepest, &recipe, &err), SL_EJOB);
        assert_non_null(strstr(err.text, "nested more than 64 deep"));
        free(deep);
        free(deeper);
        free(deepest);
    }
}

/* The value of an expression in one row, in which all columns are 3 or "Clay". */
static double evaluate(struct sl_recipe *recipe)
{
    struct sl_column_block          block = {0};
    struct sl_design                design = {0};
    struct sl_error                 err;
    int                             n;
    const struct sl_column_request *requests = sl_recipe_requests(recipe, &n);
    double                          value;

    assert_int_equal(sl_column_block_init(&block, requests, n, &err), SL_OK);
    block.n_rows = 1;
    for (int i = 0; i < n; i++) {
        if (requests[i].type == SL_TEXT)
            block.columns[i].values.text[0] = (struct sl_slice){"Clay", 4};
        else
            block.columns[i].values.number[0] = 3.0;
    }
    assert_int_equal(sl_design_init(&design, SL_BLOCK_ROWS, 3, 0, &err), SL_OK);
    assert_int_equal(sl_recipe_evaluate(recipe, &block, &design, &err), SL_OK);
    value = design.x.data[2 * design.x.ld];
    sl_design_release(&design);
    sl_column_block_release(&block);
    return value;
}

/* Long is not deep: no part of the program calls itself once for each of these. */
static void long_expressions_are_fine(void **state)
{
    static const struct {
        const char *begin, *part, *end;
        double      want;
    } forms[] = {
        {"a", " + 1", "", 10003.0},
        {"a > 9", " or a > 9", " or b == 3", 1.0},
        {"ismissing(x) or x == y", " or x == y", " or y == 'Clay'", 1.0},
        {"coalesce(x", ", y", ", 'Clay') == 'x'", 0.0},
        {"max(0", ", a", ", 2)", 3.0},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(forms); i++) {
        struct sl_text    text = {0};
        struct sl_recipe *recipe = NULL;
        struct sl_error   err = {0};

        assert_int_equal(sl_text_add(&text, &err, "%s", forms[i].begin), SL_OK);
        for (int k = 0; k < 10000; k++)
            assert_int_equal(sl_text_add(&text, &err, "%s", forms[i].part), SL_OK);
        assert_int_equal(sl_text_add(&text, &err, "%s", forms[i].end), SL_OK);
        if (compile_case(text.data, &recipe, &err) != SL_OK)
            fail_msg("%s: %s", forms[i].begin, err.text);
        assert_true(evaluate(recipe) == forms[i].want);
        sl_recipe_free(recipe);
        sl_text_release(&text);
    }
}

static void length_has_a_limit(void **state)
{
    char             *long_one = nested(262143, " ", "");
    char             *longer = nested(262144, " ", "");
    struct sl_recipe *recipe = NULL;
    struct sl_error   err = {0};

    (void)state;
    assert_int_equal(compile_case(long_one, &recipe, &err), SL_OK);
    sl_recipe_free(recipe);
    assert_int_equal(compile_case(longer, &recipe, &err), SL_EJOB);
    assert_string_equal(err.text, "$.features[2].expr: an expression of more than 262144 bytes");
    free(long_one);
    free(longer);
}

/* --- noise -------------------------------------------------------------------------------- */

static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33) % below;
}

/* What becomes of a text: a program that runs, or a fault of the job. */
static void try_text(const char *text, int *n_good)
{
    struct sl_recipe *recipe = NULL;
    struct sl_error   err = {0};
    sl_status         rc = compile_case(text, &recipe, &err);
    double            value;

    if (rc != SL_OK && rc != SL_EJOB)
        fail_msg("%s: status %d", text, (int)rc);
    if (rc != SL_OK) {
        assert_ptr_equal(strstr(err.text, "$.features[2].expr: "), err.text);
        return;
    }
    value = evaluate(recipe);
    assert_true(isfinite(value) || isnan(value));
    sl_recipe_free(recipe);
    ++*n_good;
}

static void random_bytes_do_no_harm(void **state)
{
    uint64_t seed = 2015;
    int      n_good = 0;
    char     text[65];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        size_t n = draw(&seed, 64);

        for (size_t k = 0; k < n; k++)
            text[k] = (char)(1 + draw(&seed, 255));
        text[n] = '\0';
        try_text(text, &n_good);
    }
}

static void random_tokens_do_no_harm(void **state)
{
    static const char *const tokens[] = {
        "a",     "b",   "surface", "doubled", "truth",     "1",    "0.5",        "'Clay'", "\"x\"",
        "`c d`", "+",   "-",       "*",       "/",         "==",   "!=",         "<",      ">=",
        "and",   "or",  "not",     "(",       ")",         "(",    ")",          ",",      ",",
        "log(",  "if(", "min(",    "clip(",   "coalesce(", "exp(", "ismissing(", "text(",  "floor(",
    };
    uint64_t seed = 2016;
    int      n_good = 0;

    (void)state;
    for (int i = 0; i < 40000; i++) {
        struct sl_text  text = {0};
        struct sl_error err;
        uint32_t        n = 1 + draw(&seed, 6);

        for (uint32_t k = 0; k < n; k++)
            assert_int_equal(sl_text_add(&text, &err, "%s ", tokens[draw(&seed, N_OF(tokens))]),
                             SL_OK);
        try_text(text.data, &n_good);
        sl_text_release(&text);
    }
    assert_true(n_good > 1000); /* or this has stopped testing anything */
}

static void damaged_expressions_do_no_harm(void **state)
{
    static const char whole[] =
        "if(surface == 'Clay' and not ismissing(a), log1p(max(a, b, 0)) / (1 + sqrt(abs(b))), "
        "coalesce(clip(`c d` * 1e3, -1, 1), if(text(x) != \"it''s\", 0.5, floor(-a)))) >= .25";
    uint64_t seed = 2017;
    int      n_good = 0;
    char     text[sizeof whole];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        memcpy(text, whole, sizeof whole);
        for (uint32_t k = draw(&seed, 3); k-- > 0;)
            text[draw(&seed, sizeof whole - 1)] = (char)(1 + draw(&seed, 255));
        text[draw(&seed, 4) == 0 ? draw(&seed, sizeof whole) : sizeof whole - 1] = '\0';
        try_text(text, &n_good);
    }
    assert_true(n_good > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_told_with_their_place),
        cmocka_unit_test(columns_know_what_else_they_may_be),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(long_expressions_are_fine),
        cmocka_unit_test(length_has_a_limit),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(random_tokens_do_no_harm),
        cmocka_unit_test(damaged_expressions_do_no_harm),
    };

    return cmocka_run_group_tests_name("expr_faults", tests, NULL, NULL);
}
