/* The elementary functions against the C library's long double ones, sums and moments against what
 * they are exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/elementary.h"
#include "scoreline/hash.h"
#include "scoreline/numeric.h"

enum { N = 100000 };

/* In units of the last place of the wanted result. */
static double error_of(double got, long double want)
{
    double rounded = fabs((double)want);

    if (isnan(got) || isinf(got) || rounded < DBL_MIN)
        return got == (double)want ? 0.0 : HUGE_VAL;
    return (double)(fabsl((long double)got - want) / (nextafter(rounded, INFINITY) - rounded));
}

/* Deterministic, in [0, 1). */
static double uniform(uint64_t i)
{
    return (double)(sl_mix64(i) >> 11) * 0x1p-53;
}

static double worst_error(void (*many)(const double *, size_t, double *),
                          long double (*exact)(long double), const double *x)
{
    static double out[N];
    double        worst = 0.0;

    many(x, N, out);
    for (size_t i = 0; i < N; i++)
        worst = fmax(worst, error_of(out[i], exact((long double)x[i])));
    return worst;
}

static void functions_are_accurate(void **state)
{
    static double x[N];

    (void)state;
    for (uint64_t i = 0; i < N; i++)
        x[i] = i % 2 == 0 ? (uniform(i) - 0.5) * 1415.0 : (uniform(i) - 0.5) * 2.0;
    assert_true(worst_error(sl_exp_many, expl, x) < 1.0);
    for (uint64_t i = 0; i < N; i++)
        x[i] = i % 2 == 0 ? exp((uniform(i) - 0.5) * 1400.0) : 0.5 + uniform(i);
    assert_true(worst_error(sl_log_many, logl, x) < 1.0);
    for (uint64_t i = 0; i < N; i++)
        x[i] = i % 2 == 0 ? exp((uniform(i) - 0.5) * 70.0) : uniform(i) * 1.9 - 0.95;
    assert_true(worst_error(sl_log1p_many, log1pl, x) < 2.0);
}

static void functions_know_their_limits(void **state)
{
    const struct {
        void (*many)(const double *, size_t, double *);
        double x, want;
    } cases[] = {
        {sl_exp_many, 0.0, 1.0},           {sl_exp_many, -0.0, 1.0},
        {sl_exp_many, INFINITY, INFINITY}, {sl_exp_many, -INFINITY, 0.0},
        {sl_exp_many, 710.0, INFINITY},    {sl_exp_many, -746.0, 0.0},
        {sl_exp_many, 1e308, INFINITY},    {sl_exp_many, -745.0, 0x1p-1074},
        {sl_exp_many, NAN, NAN},           {sl_log_many, 1.0, 0.0},
        {sl_log_many, 0.0, -INFINITY},     {sl_log_many, -0.0, -INFINITY},
        {sl_log_many, -1.0, NAN},          {sl_log_many, INFINITY, INFINITY},
        {sl_log_many, -INFINITY, NAN},     {sl_log_many, NAN, NAN},
        {sl_log1p_many, 0.0, 0.0},         {sl_log1p_many, -1.0, -INFINITY},
        {sl_log1p_many, -1.5, NAN},        {sl_log1p_many, INFINITY, INFINITY},
        {sl_log1p_many, 1e-300, 1e-300},   {sl_log1p_many, NAN, NAN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got;

        cases[i].many(&cases[i].x, 1, &got);
        if (!(got == cases[i].want || (isnan(got) && isnan(cases[i].want))))
            fail_msg("case %zu: %g gives %g, not %g", i, cases[i].x, got, cases[i].want);
    }
}

/* Vector code does several at once: each must come out as if alone. */
static void elements_do_not_depend_on_their_neighbours(void **state)
{
    static double x[1000], all[1000];

    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        x[i] = (uniform(i) - 0.5) * 40.0;
    sl_exp_many(x, 1000, all);
    for (size_t i = 0; i < 1000; i++) {
        double one;

        sl_exp_many(x + i, 1, &one);
        assert_memory_equal(&one, &all[i], sizeof one);
    }
}

static void compare_bits(const double *a, const double *b)
{
    for (size_t i = 0; i < N; i++)
        assert_true((isnan(a[i]) && isnan(b[i])) || memcmp(&a[i], &b[i], sizeof *a) == 0);
}

/* Any bits are a number: half of them as they fall, half not far from 1; in place, as most callers
 * want it. */
static void all_instruction_sets_compute_the_same(void **state)
{
    static double               x[N], wanted[N], got[N];
    const struct sl_elementary *plain = NULL;
    const struct sl_elementary *set;

    (void)state;
    for (uint64_t i = 0; i < N; i++) {
        const uint64_t bits = sl_mix64(i);

        memcpy(&x[i], &bits, sizeof bits);
        x[i] = i % 2 == 0 ? x[i] : 8.0 * uniform(i) - 4.0;
    }
    for (size_t i = 0; (set = sl_elementary_at(i)) != NULL; i++)
        plain = set;
    for (size_t i = 0; (set = sl_elementary_at(i)) != plain; i++) {
        if (!set->runs_here()) {
            print_message("this machine has no '%s', skipped\n", set->name);
            continue;
        }
        for (int f = 0; f < 3; f++) {
            (f == 0 ? plain->exp : f == 1 ? plain->log : plain->log1p)(x, N, wanted);
            memcpy(got, x, sizeof got);
            (f == 0 ? set->exp : f == 1 ? set->log : set->log1p)(got, N, got);
            compare_bits(got, wanted);
        }
    }
}

static void sums_keep_what_rounding_takes(void **state)
{
    struct sl_sum sum = {0};

    (void)state;
    sl_sum_add(&sum, 1e16);
    for (int i = 0; i < 1000; i++)
        sl_sum_add(&sum, 0.5);
    sl_sum_add(&sum, -1e16);
    assert_true(sl_sum_value(&sum) == 500.0);
    sum = (struct sl_sum){0};
    sl_sum_add_product(&sum, 1e9 + 1.0, 1e9 - 1.0);
    sl_sum_add(&sum, -1e18);
    assert_true(sl_sum_value(&sum) == -1.0);
}

static void moments_are_those_of_the_numbers(void **state)
{
    const struct {
        size_t n;
        double x[4];
        double mean, std;
    } cases[] = {
        {1, {7.0}, 7.0, 0.0},
        {3, {0.1, 0.1, 0.1}, 0.1, 0.0},
        {4, {1.0, 2.0, 3.0, 4.0}, 2.5, 1.118033988749895},
        {4, {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, 1e9 + 10, 4.7434164902525691},
        {2, {-DBL_MAX, DBL_MAX}, 0.0, DBL_MAX},
        {2, {DBL_MAX, DBL_MAX / 2}, DBL_MAX / 4 * 3, DBL_MAX / 4},
        {2, {0x1p-1074, 0x1p-1073}, 0x1p-1073, 0.0}, /* rounded to what can be written */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_moments got;

        sl_moments(cases[i].x, cases[i].n, &got);
        if (got.mean != cases[i].mean || fabs(got.std - cases[i].std) > 1e-15 * cases[i].std)
            fail_msg("case %zu: mean %.17g, std %.17g", i, got.mean, got.std);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_accurate),
        cmocka_unit_test(functions_know_their_limits),
        cmocka_unit_test(elements_do_not_depend_on_their_neighbours),
        cmocka_unit_test(all_instruction_sets_compute_the_same),
        cmocka_unit_test(sums_keep_what_rounding_takes),
        cmocka_unit_test(moments_are_those_of_the_numbers),
    };

    return cmocka_run_group_tests_name("numeric", tests, NULL, NULL);
}
