/* The expression language: what expressions come to, to the bit, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "../support/expr_case.h"
#include "scoreline/text.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))
#define NA         NAN
#define TINY       5e-324

enum { N_ROWS = 4 };

/* Row by row: plain, zero and negative, all missing, large. */
static const double a[N_ROWS] = {3.0, 0.0, NA, 1e308};
static const double b[N_ROWS] = {2.0, -4.0, 5.0, 1e308};
static const double odd[N_ROWS] = {7.0, 7.0, 7.0, NA};
static const double infinite[N_ROWS] = {INFINITY, -INFINITY, NA, 1.0};
/* Zeros of both signs, the smallest number, the largest; halves. */
static const double y[N_ROWS] = {-0.0, 0.0, -TINY, -DBL_MAX};
static const double z[N_ROWS] = {0.0, -0.0, TINY, DBL_MAX};
static const double half[N_ROWS] = {1.5, -1.5, -0.5, 0.5};

static const struct test_column columns[] = {
    {"a", a},        {"b", b}, {"winner rank", odd},   {"log", b},     {"if", b},
    {"tick`s", odd}, {"f", b}, {"infinite", infinite}, {"größe", odd}, {"_x9", odd},
    {"y", y},        {"z", z}, {"half", half},
};

/* NA and the empty text are missing. */
static const struct {
    const char *name;
    const char *texts[N_ROWS];
} text_columns[] = {
    {"a", {"3", "0", "NA", "1e308"}},         {"b", {"2", "-4", "5", "1e308"}},
    {"surface", {"Clay", "Grass", "NA", ""}}, {"last", {"Clay", "Clay", "NA", "x"}},
    {"hand", {"it's", "\"R\"", "na", " "}},   {"größe", {"grün", "Grün", "NA ", "gr"}},
};

static const struct {
    const char *expr;
    double      want[N_ROWS];
    int64_t     n_nonfinite; /* on top of what the other features count */
} good[] = {
    {"1", {1, 1, 1, 1}, 0},
    {".5e1", {5, 5, 5, 5}, 0},
    {"1.", {1, 1, 1, 1}, 0},
    {"2E-1", {0.2, 0.2, 0.2, 0.2}, 0},
    {"1e-400", {0, 0, 0, 0}, 0},
    {"a", {3, 0, NA, 1e308}, 0},
    {" a\t+\nb ", {5, -4, NA, NA}, 1},
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
    {"if + log(1)", {2, -4, 5, 1e308}, 0},
    {"f + 1", {3, -3, 6, 1e308}, 0}, /* the feature's own name is the column */
    {"doubled + 1", {5, -7, 11, NA}, 0},
    {"truth and a > 0", {1, 0, NA, 1}, 0},
    {"truth + truth", {2, 0, 2, 2}, 0},
    {"infinite", {NA, NA, NA, 1}, 2},
    {"1 / infinite", {NA, NA, NA, 1}, 2},
    /* + - * / and unary -: missing, beyond the range, zeros */
    {"a - b", {1, 4, NA, 0}, 0},
    {"a * b", {6, -0.0, NA, NA}, 1},
    {"a / b", {1.5, -0.0, NA, 1}, 0},
    {"b / a", {2.0 / 3.0, NA, NA, 1}, 1},
    {"a / a", {1, NA, NA, 1}, 1},
    {"-a", {-3, -0.0, NA, -1e308}, 0},
    {"- -a", {3, 0, NA, 1e308}, 0},
    {"z + y", {0, 0, 0, 0}, 0},
    {"y + y", {-0.0, 0, -1e-323, NA}, 1},
    {"z - y", {0, -0.0, 1e-323, NA}, 1},
    {"z * y", {-0.0, -0.0, -0.0, NA}, 1},
    {"z / 2", {0, -0.0, 0, DBL_MAX / 2}, 0},
    {"1 / z", {NA, NA, NA, 1 / DBL_MAX}, 3}, /* 1 / 5e-324 overflows */
    {"z / y", {NA, NA, -1, -1}, 2},
    {"-z", {-0.0, 0, -TINY, -DBL_MAX}, 0},
    {"infinite + 1", {NA, NA, NA, 2}, 2}, /* counted once, where it comes in */
    {"infinite - infinite", {NA, NA, NA, 0}, 4},
    /* comparisons */
    {"a == 3", {1, 0, NA, 0}, 0},
    {"a != 3", {0, 1, NA, 1}, 0},
    {"a < b", {0, 0, NA, 0}, 0},
    {"a <= b", {0, 0, NA, 1}, 0},
    {"a > b", {1, 1, NA, 0}, 0},
    {"a >= b", {1, 1, NA, 1}, 0},
    {"z == y", {1, 1, 0, 0}, 0},
    {"z != y", {0, 0, 1, 1}, 0},
    {"z < y", {0, 0, 0, 0}, 0},
    {"y < z", {0, 0, 1, 1}, 0},
    {"y <= z", {1, 1, 1, 1}, 0},
    {"z > y", {0, 0, 1, 1}, 0},
    {"y >= z", {1, 1, 0, 0}, 0},
    {"infinite == infinite", {NA, NA, NA, 1}, 4},
    {"infinite > 0", {NA, NA, NA, 1}, 2},
    {"1 + 1 < 3 * 1", {1, 1, 1, 1}, 0},
    {"(a > b) == (b > 0)", {1, 0, NA, 0}, 0},
    {"(a > b) * 10", {10, 10, NA, 0}, 0},
    {"-(a > b)", {-1, -1, NA, -0.0}, 0},
    {"truth < 1", {0, 1, 0, 0}, 0},
    /* missing decides nothing, unless the other side does */
    {"a > 0 and b > 0", {1, 0, NA, 1}, 0},
    {"a > 0 and b > 9", {0, 0, 0, 1}, 0},
    {"b > 9 and a > 0", {0, 0, 0, 1}, 0},
    {"a > 0 and a > 0", {1, 0, NA, 1}, 0},
    {"a > 0 or b > 0", {1, 0, 1, 1}, 0},
    {"b > 0 or a > 0", {1, 0, 1, 1}, 0},
    {"a > 0 or b > 9", {1, 0, NA, 1}, 0},
    {"a > 0 or a > 0", {1, 0, NA, 1}, 0},
    {"not a > 0", {0, 1, NA, 0}, 0},
    {"not not a > 0", {1, 0, NA, 1}, 0},
    {"not a > 0 and b < 0", {0, 1, 0, 0}, 0},
    {"a > 0 or a > 0 and b > 9", {1, 0, NA, 1}, 0},
    /* abs floor sqrt exp log log1p */
    {"abs(b)", {2, 4, 5, 1e308}, 0},
    {"abs(a)", {3, 0, NA, 1e308}, 0},
    {"abs(y)", {0, 0, TINY, DBL_MAX}, 0},
    {"abs(infinite)", {NA, NA, NA, 1}, 2},
    {"abs(abs(-abs(b)))", {2, 4, 5, 1e308}, 0},
    {"floor(half)", {1, -2, -1, 0}, 0},
    {"floor(-half)", {-2, 1, 0, -1}, 0},
    {"floor(a)", {3, 0, NA, 1e308}, 0},
    {"floor(y)", {-0.0, 0, -1, -DBL_MAX}, 0},
    {"floor(z)", {0, -0.0, 0, DBL_MAX}, 0},
    {"floor(infinite)", {NA, NA, NA, 1}, 2},
    {"sqrt(b)", {1.4142135623730951, NA, 2.2360679774997896, 1e154}, 1},
    {"sqrt(a)", {1.7320508075688772, 0, NA, 1e154}, 0},
    {"sqrt(z)", {0, -0.0, 2.2227587494850775e-162, 1.3407807929942596e154}, 0},
    {"sqrt(y)", {-0.0, 0, NA, NA}, 2},
    {"sqrt(infinite)", {NA, NA, NA, 1}, 2},
    {"exp(a)", {20.085536923187668, 1, NA, NA}, 1},
    {"exp(a - a)", {1, 1, NA, 1}, 0},
    {"exp(-a)", {0.049787068367863944, 1, NA, 0}, 0},
    {"exp(y)", {1, 1, 1, 0}, 0},
    {"exp(710)", {NA, NA, NA, NA}, 4},
    {"exp(709)",
     {8.218407461554972e307, 8.218407461554972e307, 8.218407461554972e307, 8.218407461554972e307},
     0},
    {"exp(infinite)", {NA, NA, NA, 2.7182818284590455}, 2},
    {"log(a / 3)", {0, NA, NA, 708.09759635349792}, 1},
    {"log(z)", {NA, NA, -744.44007192138122, 709.78271289338397}, 2},
    {"log(-a)", {NA, NA, NA, NA}, 3},
    {"log(infinite)", {NA, NA, NA, 0}, 2},
    {"log1p(a - a)", {0, 0, NA, 0}, 0},
    {"log1p(z)", {0, 0, TINY, 709.78271289338397}, 0},
    {"log1p(y)", {0, 0, -TINY, NA}, 1},
    {"log1p(-1)", {NA, NA, NA, NA}, 4},
    {"log1p(infinite)", {NA, NA, NA, 0.69314718055994529}, 2},
    {"log(exp(1)) + sqrt(4)", {3, 3, 3, 3}, 0},
    /* min max clip */
    {"min(a, b)", {2, -4, NA, 1e308}, 0},
    {"min(b, a)", {2, -4, NA, 1e308}, 0},
    {"max(a, b)", {3, 0, NA, 1e308}, 0},
    {"max(b, a)", {3, 0, NA, 1e308}, 0},
    {"min(4, b, 1, half)", {1, -4, -0.5, 0.5}, 0},
    {"max(4, b, 1, half, 2)", {4, 4, 5, 1e308}, 0},
    {"min(y, z)", {-0.0, 0, -TINY, -DBL_MAX}, 0}, /* of equal ones the first */
    {"max(y, z)", {-0.0, 0, TINY, DBL_MAX}, 0},
    {"min(z, y)", {0, -0.0, -TINY, -DBL_MAX}, 0},
    {"max(z, y)", {0, -0.0, TINY, DBL_MAX}, 0},
    {"min(infinite, 0)", {NA, NA, NA, 0}, 2},
    {"max(0, infinite)", {NA, NA, NA, 1}, 2},
    {"min(a > b, b > 0)", {1, 0, NA, 0}, 0},
    {"clip(b, 0, 3)", {2, 0, 3, 3}, 0},
    {"clip(a, 0, 3)", {3, 0, NA, 3}, 0},
    {"clip(1, a, 5)", {3, 1, NA, 5}, 0},
    {"clip(9, 0, a)", {3, 0, NA, 9}, 0},
    {"clip(b, 3, 0)", {0, 0, 0, 0}, 0}, /* the upper bound wins */
    {"clip(y, 0, 1)", {-0.0, 0, 0, 0}, 0},
    {"clip(z, y, y)", {0, -0.0, -TINY, -DBL_MAX}, 0},
    {"clip(infinite, 0, 1)", {NA, NA, NA, 1}, 2},
    /* if coalesce ismissing */
    {"if(a > 0, b, half)", {2, -1.5, NA, 1e308}, 0},
    {"if(b > 0, a, half)", {3, -1.5, NA, 1e308}, 0},
    {"if(b < 0, a, half)", {1.5, 0, -0.5, 0.5}, 0}, /* what is not chosen may be missing */
    {"if(b > 0, y, z)", {-0.0, -0.0, -TINY, -DBL_MAX}, 0},
    {"if(b > 0, a > 9, b < 0) and b > 0", {0, 0, NA, 1}, 0},
    {"if(b > 0, a > 9, 5)", {0, 5, NA, 1}, 0},
    {"if(b > 0, if(b > 3, 1, 2), 3)", {2, 3, 1, 1}, 0},
    {"coalesce(a, b)", {3, 0, 5, 1e308}, 0},
    {"coalesce(a, a)", {3, 0, NA, 1e308}, 0},
    {"coalesce(a, `winner rank`, 1)", {3, 0, 7, 1e308}, 0},
    {"coalesce(infinite, a, 8)", {3, 0, 8, 1}, 2},
    {"coalesce(y, 1)", {-0.0, 0, -TINY, -DBL_MAX}, 0},
    {"coalesce(a > 0, b > 0) and b > 0", {1, 0, 1, 1}, 0},
    {"coalesce(a > 0, 9)", {1, 0, 9, 1}, 0},
    {"ismissing(a) + (a > 0) * 0", {0, 0, NA, 0}, 0},
    {"ismissing(a + 1)", {0, 0, 1, 0}, 0},
    {"ismissing(1 / a)", {0, 1, 1, 0}, 1},
    {"ismissing(z - z)", {0, 0, 0, 0}, 0},
    {"ismissing(infinite + 0)", {1, 1, 1, 0}, 2},
    {"not ismissing(doubled)", {1, 1, 1, 0}, 0},
    {"ismissing(ismissing(a))", {0, 0, 0, 0}, 0},
    /* what nobody asks for is not counted */
    {"if(a > 0, log(a / 3), -1)", {0, -1, NA, 708.09759635349792}, 0},
    {"if(a <= 0, -1, log(a / 3))", {0, -1, NA, 708.09759635349792}, 0},
    {"if(a >= 0, log(a / 3), -1)", {0, NA, NA, 708.09759635349792}, 1},
    {"if(1 / a > 0, 1, 2)", {1, NA, NA, 1}, 1}, /* conditions are asked for */
    {"a > 0 and log(a) > 1", {1, 0, NA, 1}, 0},
    {"a == 0 or log(a) > 1", {1, 1, NA, 1}, 0},
    {"log(a) > 1 and a > 0", {1, 0, NA, 1}, 1},
    {"coalesce(b, log(0))", {2, -4, 5, 1e308}, 0},
    {"coalesce(a, log(0))", {3, 0, NA, 1e308}, 1},
    {"coalesce(log(a / 3), 5)", {0, 5, 5, 708.09759635349792}, 1},
    {"if(b > 0, if(b > 3, log(0), 1), log(0))", {1, NA, NA, NA}, 3},
    {"if(b > 0, if(b > 3, 2, 1), 3) + log(0)", {NA, NA, NA, NA}, 4},
    {"if(surface == 'Clay', 1, log(0))", {1, NA, NA, NA}, 1},
    {"coalesce(text(surface), if(log(0) > 1, 'a', 'b')) == 'a'", {0, 0, NA, NA}, 2},
    /* texts */
    {"surface == 'Clay'", {1, 0, NA, NA}, 0},
    {"\"Clay\" == surface", {1, 0, NA, NA}, 0},
    {"surface != 'Clay'", {0, 1, NA, NA}, 0},
    {"surface == 'clay'", {0, 0, NA, NA}, 0},
    {"surface == 'Clay '", {0, 0, NA, NA}, 0},
    {"surface == 'Cla'", {0, 0, NA, NA}, 0},
    {"not surface == 'Clay' or last == 'x'", {0, 1, NA, 1}, 0},
    {"(surface == 'Clay') * b", {2, -0.0, NA, NA}, 0},
    {"hand == 'it''s'", {1, 0, 0, 0}, 0},
    {"hand == \"it's\"", {1, 0, 0, 0}, 0},
    {"hand == '\"R\"'", {0, 1, 0, 0}, 0},
    {"hand == \"\"\"R\"\"\"", {0, 1, 0, 0}, 0},
    {"hand == 'na'", {0, 0, 1, 0}, 0}, /* missing is NA, to the letter */
    {"hand == ' '", {0, 0, 0, 1}, 0},
    {"größe == 'grün'", {1, 0, 0, 0}, 0},
    {"text(surface) == last", {1, 0, NA, NA}, 0},
    {"last == text(surface)", {1, 0, NA, NA}, 0},
    {"text(surface) != text(last)", {0, 1, NA, NA}, 0},
    {"surface == last or surface == 'x'", {1, 0, NA, NA}, 0},
    {"a == '3'", {1, 0, NA, 0}, 0}, /* one column, both ways */
    {"(a == '3') + a", {4, 0, NA, 1e308}, 0},
    {"a == '3.0'", {0, 0, NA, 0}, 0},
    {"'a' == 'b'", {0, 0, 0, 0}, 0},
    {"'' == ''", {1, 1, 1, 1}, 0}, /* constants are never missing */
    {"ismissing(surface)", {0, 0, 1, 1}, 0},
    {"ismissing(text(hand))", {0, 0, 0, 0}, 0},
    {"ismissing('')", {0, 0, 0, 0}, 0},
    {"if(b > 0, surface, 'Clay') == 'Clay'", {1, 1, NA, NA}, 0},
    {"if(a > 0, 'x', last) == 'x'", {1, 0, NA, 1}, 0},
    {"if(truth, 'x', 'y') != 'x'", {0, 1, 0, 0}, 0},
    {"coalesce(surface, last) == 'x'", {0, 0, NA, 1}, 0},
    {"coalesce(surface, last, 'none') == 'none'", {0, 0, 1, 0}, 0},
    {"coalesce(surface, 'NA') == 'NA'", {0, 0, 1, 1}, 0},
    {"ismissing(coalesce(surface, text(last)))", {0, 0, 1, 0}, 0},
    {"if(surface == 'Clay', b, if(surface == 'Grass', -b, 0))", {2, 4, NA, NA}, 0},
};

static bool same(double got, double want)
{
    return (isnan(got) && isnan(want)) || memcmp(&got, &want, sizeof got) == 0;
}

static void fill_texts(const struct sl_recipe *recipe, struct sl_column_block *block)
{
    int                             n;
    const struct sl_column_request *requests = sl_recipe_requests(recipe, &n);

    for (int i = 0; i < n; i++) {
        size_t k = 0;

        if (requests[i].type != SL_TEXT)
            continue;
        while (k < N_OF(text_columns) && strcmp(text_columns[k].name, requests[i].name) != 0)
            k++;
        assert_true(k < N_OF(text_columns));
        for (size_t row = 0; row < N_ROWS; row++) {
            const char *text = text_columns[k].texts[row];

            block->columns[i].values.text[row] = (struct sl_slice){text, strlen(text)};
        }
    }
}

static int64_t evaluate(const char *expr, double *out, struct sl_error *err)
{
    struct sl_recipe      *recipe = NULL;
    struct sl_column_block block = {0};
    struct sl_design       design = {0};
    int64_t                n_nonfinite;

    if (compile_case(expr, &recipe, err) != SL_OK)
        fail_msg("%s: %s", expr, err->text);
    if (!fill_block(recipe, columns, N_OF(columns), N_ROWS, &block, err))
        fail_msg("%s: no such column", expr);
    fill_texts(recipe, &block);
    assert_int_equal(sl_design_init(&design, SL_BLOCK_ROWS, 3, 0, err), SL_OK);
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
    struct sl_error err = {0};
    double          got[N_ROWS];
    int64_t         elsewhere = evaluate("0", got, &err);

    (void)state;
    for (size_t i = 0; i < N_OF(good); i++) {
        int64_t n_nonfinite = evaluate(good[i].expr, got, &err) - elsewhere;

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

/* What the columns of an expression are read as; b is a number of the other features' already. */
static const struct {
    const char *expr, *want;
} readings[] = {
    {"x + 1", "x:number"},
    {"x == 1", "x:number"},
    {"x == y", "x:number y:number"},
    {"x == 'a'", "x:text"},
    {"'a' != x", "x:text"},
    {"x == 'a' and x == 'b'", "x:text"},
    {"x == '1' and x > 0", "x:text x:number"},
    {"x > 0 and x == '1'", "x:number x:text"},
    {"x == text(y)", "x:text y:text"},
    {"x == y or y == 'a'", "x:text y:text"},
    {"y == 'a' or x == y", "y:text x:text"},
    {"x == y or y == 'a' or y > 0", "x:number y:number y:text"},
    {"ismissing(x)", "x:text"},
    {"ismissing(x) or x > 0", "x:number"},
    {"if(ismissing(x), 0, x)", "x:number"},
    {"ismissing(x) or x == 'a'", "x:text"},
    {"ismissing(x) or x == 'a' or x == 1", "x:number x:text"},
    {"ismissing(x) or x == y", "x:number y:number"},
    {"ismissing(b)", "b:text"},
    {"ismissing(doubled)", ""},
    {"coalesce(x, y)", "x:number y:number"},
    {"coalesce(x, y) == 'a'", "x:text y:text"},
    {"coalesce(x, y, 'a') == z", "x:text y:text z:text"},
    {"if(x > 0, y, z) == if(x > 0, 'a', w)", "x:number y:text z:text w:text"},
    {"if(if(x > 0, y, z) == 'a', 1, 2)", "x:number y:text z:text"},
    {"if(x == 'a', y, z)", "x:text y:number z:number"},
    {"ismissing(coalesce(x, y))", "x:text y:text"},
    {"ismissing(coalesce(x, y)) or y > 1", "x:number y:number"},
    {"ismissing(text(x)) or x > 1", "x:text x:number"},
    {"coalesce(x == 'a', y)", "x:text y:number"},
    {"coalesce(x, y) == coalesce(z, w)", "x:number y:number z:number w:number"},
    {"coalesce(x, y) == coalesce(z, w) or w == 'a'", "x:text y:text z:text w:text"},
    {"coalesce(text(x)) == y", NULL},
};

static void columns_are_read_as_they_are_used(void **state)
{
    struct sl_error err = {0};

    (void)state;
    for (size_t i = 0; i < N_OF(readings); i++) {
        struct sl_recipe               *recipe = NULL;
        struct sl_text                  got = {0};
        const struct sl_column_request *requests;
        int                             n;

        if (readings[i].want == NULL) {
            assert_int_equal(compile_case(readings[i].expr, &recipe, &err), SL_EJOB);
            continue;
        }
        if (compile_case(readings[i].expr, &recipe, &err) != SL_OK)
            fail_msg("%s: %s", readings[i].expr, err.text);
        requests = sl_recipe_requests(recipe, &n);
        assert_int_equal(sl_text_add(&got, &err, "%s", ""), SL_OK);
        for (int k = 1; k < n - 1; k++) /* between b and a, of the other features and the label */
            assert_int_equal(sl_text_add(&got, &err, "%s%s:%s", k > 1 ? " " : "", requests[k].name,
                                         requests[k].type == SL_TEXT ? "text" : "number"),
                             SL_OK);
        if (strcmp(got.data, readings[i].want) != 0)
            fail_msg("%s reads %s, not %s", readings[i].expr, got.data, readings[i].want);
        sl_text_release(&got);
        sl_recipe_free(recipe);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_come_to_what_they_say),
        cmocka_unit_test(columns_are_read_as_they_are_used),
    };

    return cmocka_run_group_tests_name("expr", tests, NULL, NULL);
}
