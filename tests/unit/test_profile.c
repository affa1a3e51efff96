/* Profiles: the bins of a column, rows counted in them, and the index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/profile.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))
#define NA         ((double)NAN)
#define INF        ((double)INFINITY)

enum { MAX_ROWS = 1000 };

static struct sl_error err;

/* --- bins of numbers --- */

/* n rows of which each value stands in `times` ones. */
static size_t repeat(const double *values, const int *times, size_t n_values, double *x)
{
    size_t n = 0;

    for (size_t v = 0; v < n_values; v++)
        for (int i = 0; i < times[v]; i++)
            x[n++] = values[v];
    return n;
}

static void deciles_of_ties_leave_each_heavy_value_its_bin(void **state)
{
    static const struct {
        size_t  n_values;
        double  values[10];
        int     times[10];
        size_t  n_edges;
        double  edges[9];
        int64_t counts[10];
        int64_t n_missing;
        double  min, max, mean;
    } cases[] = {
        {0, {0}, {0}, 0, {0}, {0}, 0, NA, NA, NA},
        {1, {NA}, {7}, 0, {0}, {0}, 7, NA, NA, NA},
        {1, {3}, {9}, 0, {0}, {9}, 0, 3, 3, 3},
        {1, {0.1}, {1}, 0, {0}, {1}, 0, 0.1, 0.1, 0.1},
        {2, {-0.0, 0.0}, {3, 4}, 0, {0}, {7}, 0, 0, 0, 0},
        {2, {1, 2}, {1, 1}, 1, {1}, {1, 1}, 0, 1, 2, 1.5},
        {3, {1, 2, 3}, {1, 1, 1}, 2, {1, 2}, {1, 1, 1}, 0, 1, 3, 2},
        {10,
         {10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
         {1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
         9,
         {1, 2, 3, 4, 5, 6, 7, 8, 9},
         {1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
         0,
         1,
         10,
         5.5},
        {2, {0, 1}, {95, 5}, 1, {0}, {95, 5}, 0, 0, 1, 0.05},
        {2, {0, 1}, {5, 95}, 1, {0}, {5, 95}, 0, 0, 1, 0.95},
        {3, {1, 5, 9}, {5, 90, 5}, 2, {1, 5}, {5, 90, 5}, 0, 1, 9, 5},
        {4, {1, 2, 5, 9}, {3, 2, 90, 5}, 2, {2, 5}, {5, 90, 5}, 0, 1, 9, 5.02},
        {4, {1, 2, 3, 4}, {25, 25, 25, 25}, 3, {1, 2, 3}, {25, 25, 25, 25}, 0, 1, 4, 2.5},
        {5, {1, INF, 2, -INF, NA}, {2, 3, 2, 4, 5}, 1, {1}, {2, 2}, 12, 1, 2, 1.5},
        {2, {-DBL_MAX, DBL_MAX}, {1, 1}, 1, {-DBL_MAX}, {1, 1}, 0, -DBL_MAX, DBL_MAX, 0},
        {2, {0, 0x1p-1074}, {1, 1}, 1, {0}, {1, 1}, 0, 0, 0x1p-1074, 0},
    };
    double x[MAX_ROWS];

    (void)state;
    for (size_t c = 0; c < N_OF(cases); c++) {
        size_t            n = repeat(cases[c].values, cases[c].times, cases[c].n_values, x);
        struct sl_profile p;

        assert_int_equal(sl_profile_init_numbers(&p, x, n, &err), SL_OK);
        if (p.n_bins != (int)cases[c].n_edges + 1)
            fail_msg("case %zu: %d bins", c, p.n_bins);
        assert_memory_equal(p.edges, cases[c].edges, cases[c].n_edges * sizeof *p.edges);
        assert_memory_equal(p.counts, cases[c].counts, (size_t)p.n_bins * sizeof *p.counts);
        assert_int_equal(p.counts[p.n_bins + SL_PROFILE_MISSING], cases[c].n_missing);
        assert_int_equal(p.counts[p.n_bins + SL_PROFILE_UNKNOWN], 0);
        assert_int_equal(p.counts[p.n_bins + SL_PROFILE_BELOW], 0);
        assert_int_equal(p.counts[p.n_bins + SL_PROFILE_ABOVE], 0);
        assert_int_equal(p.n_rows, n);
        assert_true(isnan(cases[c].min) ? isnan(p.min) : p.min == cases[c].min);
        assert_true(isnan(cases[c].max) ? isnan(p.max) : p.max == cases[c].max);
        assert_true(isnan(cases[c].mean) ? isnan(p.mean) : fabs(p.mean - cases[c].mean) <= 1e-15);
        sl_profile_release(&p);
    }
}

static void scores_have_ten_equal_bins(void **state)
{
    static const double  x[] = {0, 0.1, 0.10000000000000002, 0.55, 0.9, 0.95, 1, NA};
    static const int64_t counts[] = {2, 1, 0, 0, 0, 1, 0, 0, 1, 2, 1, 0, 0, 0};
    struct sl_profile    p;

    (void)state;
    assert_int_equal(sl_profile_init_scores(&p, x, N_OF(x), &err), SL_OK);
    assert_int_equal(p.n_bins, 10);
    assert_int_equal(sl_profile_n_counts(&p), N_OF(counts));
    assert_memory_equal(p.counts, counts, sizeof counts);
    assert_true(p.edges[0] == 0.1 && p.edges[2] == 0.3 && p.edges[8] == 0.9);
    assert_true(p.min == 0 && p.max == 1);
    sl_profile_release(&p);
}

/* --- counting --- */

/* As the header says it, one row at a time. */
static void count_plainly(const struct sl_profile *p, const double *x, const uint8_t *leave_out,
                          size_t n, int64_t *counts)
{
    for (size_t i = 0; i < n; i++) {
        int b = 0;

        if (leave_out[i] != 0)
            continue;
        if (!isfinite(x[i])) {
            counts[p->n_bins + SL_PROFILE_MISSING]++;
            continue;
        }
        while (b < p->n_bins - 1 && x[i] > p->edges[b])
            b++;
        counts[b]++;
        counts[p->n_bins + SL_PROFILE_BELOW] += x[i] < p->min;
        counts[p->n_bins + SL_PROFILE_ABOVE] += x[i] > p->max;
    }
}

static double some_number(uint64_t seed)
{
    static const double special[] = {NA, INF, -INF, 0.0, -0.0, DBL_MAX, -DBL_MAX, 0x1p-1074, 32};
    uint64_t            bits = sl_mix64(seed);

    return bits % 8 == 0 ? special[bits / 8 % N_OF(special)] : (double)(bits >> 58);
}

static void rows_are_counted_as_one_by_one(void **state)
{
    static const size_t lengths[] = {0, 1, 2, 3, 255, 256, 257, 511, 513, MAX_ROWS};
    double              x[MAX_ROWS];
    uint8_t             leave_out[MAX_ROWS];
    const uint8_t       none[MAX_ROWS] = {0};

    (void)state;
    for (size_t i = 0; i < MAX_ROWS; i++) {
        x[i] = some_number(i);
        leave_out[i] = (uint8_t)(sl_mix64(i + 7777) % 5 == 0 ? i % 3 : 0);
    }
    for (size_t trained = 0; trained <= MAX_ROWS; trained = trained * 2 + 1) {
        struct sl_profile p;

        assert_int_equal(sl_profile_init_numbers(&p, x, trained, &err), SL_OK);
        for (size_t l = 0; l < N_OF(lengths); l++) {
            int64_t got[SL_PROFILE_COUNTS] = {5}, want[SL_PROFILE_COUNTS] = {5};

            sl_profile_count_numbers(&p, x, leave_out, lengths[l], got);
            count_plainly(&p, x, leave_out, lengths[l], want);
            assert_memory_equal(got, want, sizeof got);
            sl_profile_count_numbers(&p, x, NULL, lengths[l], got);
            count_plainly(&p, x, none, lengths[l], want);
            assert_memory_equal(got, want, sizeof got);
        }
        sl_profile_release(&p);
    }
}

static void what_is_outside_the_range_is_told(void **state)
{
    static const double  trained[] = {1, 2, 3};
    static const double  x[] = {0.9999999999999999, 1, 3, 3.0000000000000004, -1e300, 2};
    static const uint8_t leave_out[] = {0, 0, 0, 0, 2, 0};
    static const int64_t want[] = {2, 1, 2, 0, 0, 1, 1};
    int64_t              counts[SL_PROFILE_COUNTS] = {0};
    struct sl_profile    p;

    (void)state;
    assert_int_equal(sl_profile_init_numbers(&p, trained, 3, &err), SL_OK);
    sl_profile_count_numbers(&p, x, leave_out, N_OF(x), counts);
    assert_memory_equal(counts, want, sizeof want);
    assert_int_equal(sl_profile_n_counted(&p, counts), 5);
    sl_profile_release(&p);

    assert_int_equal(sl_profile_init_numbers(&p, (double[]){NA}, 1, &err), SL_OK);
    memset(counts, 0, sizeof counts);
    sl_profile_count_numbers(&p, x, NULL, N_OF(x), counts);
    assert_memory_equal(counts, ((int64_t[]){6, 0, 0, 0, 0}), 5 * sizeof *counts);
    sl_profile_release(&p);
}

/* --- levels --- */

static void few_levels_have_a_bin_each(void **state)
{
    static const int64_t trained[] = {3, 0, 7};
    static const int32_t levels[] = {0, 2, 2, 1, 3, 4, 4, 4, 0};
    static const uint8_t leave_out[] = {0, 0, 0, 0, 0, 0, 0, 1, 1};
    static const int64_t want[] = {1, 1, 2, 1, 2, 0, 0};
    int64_t              counts[SL_PROFILE_COUNTS] = {0};
    struct sl_profile    p;

    (void)state;
    assert_int_equal(sl_profile_init_levels(&p, trained, 3, 2, &err), SL_OK);
    assert_true(p.is_categorical && p.n_bins == 3 && p.n_rows == 12);
    assert_memory_equal(p.counts, ((int64_t[]){3, 0, 7, 2, 0, 0, 0}), 7 * sizeof *p.counts);
    sl_profile_count_levels(&p, levels, leave_out, N_OF(levels), counts);
    assert_memory_equal(counts, want, sizeof want);
    sl_profile_release(&p);

    assert_int_equal(sl_profile_init_levels(&p, NULL, 0, 4, &err), SL_OK);
    memset(counts, 0, sizeof counts);
    sl_profile_count_levels(&p, (int32_t[]){0, 1, 1}, NULL, 3, counts);
    assert_memory_equal(counts, ((int64_t[]){1, 2, 0, 0}), 4 * sizeof *counts);
    sl_profile_release(&p);
}

static void rare_levels_share_the_last_bin(void **state)
{
    int64_t           trained[40];
    struct sl_profile p;

    (void)state;
    for (int i = 0; i < 40; i++)
        trained[i] = i == 5 ? 1 : i == 39 ? 100 : 10;
    for (int32_t n = 28; n <= 40; n++) {
        int bin = 0;

        assert_int_equal(sl_profile_init_levels(&p, trained, n, 0, &err), SL_OK);
        assert_int_equal(p.n_bins, n < 30 ? n : 30);
        for (int i = 0; i < n; i++) {
            int  limit = n == 40 ? 28 : 29; /* level 39 is the most frequent, 5 the rarest */
            bool own = n <= 30 || (i != 5 && i <= limit) || i == 39;

            assert_int_equal(p.places[i], own ? bin++ : 29);
        }
        assert_int_equal(p.places[n], p.n_bins + SL_PROFILE_MISSING);
        assert_int_equal(p.places[n + 1], p.n_bins + SL_PROFILE_UNKNOWN);
        assert_int_equal(sl_profile_n_counted(&p, p.counts), p.n_rows);
        sl_profile_release(&p);
    }
}

/* --- the index --- */

/* A profile of n_classes - 2 levels, missing and unknown among the classes. */
static double psi_of(const int64_t *trained, const int64_t *counts, int32_t n_classes)
{
    struct sl_profile p;
    double            psi;

    assert_int_equal(
        sl_profile_init_levels(&p, trained, n_classes - 2, trained[n_classes - 2], &err), SL_OK);
    psi = sl_profile_psi(&p, counts);
    sl_profile_release(&p);
    return psi;
}

/* References: the formula in 40 digits. */
static void the_index_is_what_the_formula_says(void **state)
{
    static const struct {
        int32_t n_classes;
        int64_t trained[12], counts[12];
        double  psi;
    } cases[] = {
        {4, {50, 50}, {80, 20}, 0.4062868212713332536},
        {4, {10, 0}, {0, 10}, 5.535495341315314539},
        {4, {5, 5, 0, 0}, {0, 0, 0, 10}, 4.732537139584168296},
        {6, {400, 300, 200, 100}, {100, 200, 300, 400}, 0.9086430387737502601},
        {6, {100, 200, 300, 400}, {400, 300, 200, 100}, 0.9086430387737502601},
        {12,
         {10, 10, 10, 10, 10, 10, 10, 10, 10, 10},
         {20, 10, 10, 10, 10, 10, 10, 10, 10, 0},
         0.3536735301623150289},
        {12,
         {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000},
         {1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
         0},
        {3, {10}, {3}, 0},
    };

    (void)state;
    for (size_t c = 0; c < N_OF(cases); c++) {
        double psi = psi_of(cases[c].trained, cases[c].counts, cases[c].n_classes);

        if (!(fabs(psi - cases[c].psi) <= 1e-15 * (1 + cases[c].psi)))
            fail_msg("case %zu: %.17g", c, psi);
        assert_true(psi_of(cases[c].trained, cases[c].trained, cases[c].n_classes) == 0.0);
    }
}

static void without_rows_there_is_no_index(void **state)
{
    static const int64_t none[4] = {0}, some[4] = {1, 2};

    (void)state;
    assert_true(isnan(psi_of(some, none, 4)));
    assert_true(isnan(psi_of(none, some, 4)));
    assert_true(isnan(psi_of(none, none, 4)));
}

/* Many rows of the same shares, whatever they are, are no drift; values outside do not count twice.
 */
static void equal_shares_are_near_zero(void **state)
{
    static const double trained[] = {1, 1, 2, 3, 5, 8, 13, NA};
    double              x[MAX_ROWS];
    int64_t             counts[SL_PROFILE_COUNTS] = {0};
    struct sl_profile   p;

    (void)state;
    for (size_t i = 0; i < MAX_ROWS; i++)
        x[i] = trained[i % N_OF(trained)] == 13 ? 1e9 : trained[i % N_OF(trained)];
    assert_int_equal(sl_profile_init_numbers(&p, trained, N_OF(trained), &err), SL_OK);
    sl_profile_count_numbers(&p, x, NULL, MAX_ROWS, counts);
    assert_int_equal(counts[p.n_bins + SL_PROFILE_ABOVE], MAX_ROWS / 8);
    assert_int_equal(sl_profile_n_counted(&p, counts), MAX_ROWS);
    assert_true(sl_profile_psi(&p, counts) >= 0 && sl_profile_psi(&p, counts) < 0.02);
    sl_profile_release(&p);
}

static void grouping_does_not_matter(void **state)
{
    double            x[MAX_ROWS], psi, merged_psi;
    int64_t           whole[SL_PROFILE_COUNTS] = {0}, part[7][SL_PROFILE_COUNTS] = {{0}};
    struct sl_profile p;

    (void)state;
    for (size_t i = 0; i < MAX_ROWS; i++)
        x[i] = some_number(i);
    assert_int_equal(sl_profile_init_numbers(&p, x, MAX_ROWS / 3, &err), SL_OK);
    sl_profile_count_numbers(&p, x, NULL, MAX_ROWS, whole);
    for (size_t i = 0, n; i < MAX_ROWS; i += n) {
        n = sl_mix64(i) % 97 + 1;
        n = n < MAX_ROWS - i ? n : MAX_ROWS - i;
        sl_profile_count_numbers(&p, x + i, NULL, n, part[sl_mix64(i + 1) % 7]);
    }
    for (int g = 6; g > 0; g--)
        sl_profile_merge(&p, part[g - 1], part[g]);
    assert_memory_equal(whole, part[0], sizeof whole);
    psi = sl_profile_psi(&p, whole);
    merged_psi = sl_profile_psi(&p, part[0]);
    assert_memory_equal(&psi, &merged_psi, sizeof psi);
    sl_profile_release(&p);
}

static void the_order_of_training_rows_does_not_matter(void **state)
{
    double            x[MAX_ROWS], backwards[MAX_ROWS];
    struct sl_profile p, q;

    (void)state;
    for (size_t i = 0; i < MAX_ROWS; i++) {
        x[i] = i % 10 == 0 ? some_number(i) : (double)sl_mix64(i) * 0x1p-30;
        backwards[MAX_ROWS - 1 - i] = x[i];
    }
    assert_int_equal(sl_profile_init_numbers(&p, x, MAX_ROWS, &err), SL_OK);
    assert_int_equal(sl_profile_init_numbers(&q, backwards, MAX_ROWS, &err), SL_OK);
    assert_true(p.mean == q.mean && p.n_bins == q.n_bins);
    assert_memory_equal(p.edges, q.edges, sizeof p.edges);
    assert_memory_equal(p.counts, q.counts, sizeof p.counts);
    sl_profile_release(&p);
    sl_profile_release(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deciles_of_ties_leave_each_heavy_value_its_bin),
        cmocka_unit_test(scores_have_ten_equal_bins),
        cmocka_unit_test(rows_are_counted_as_one_by_one),
        cmocka_unit_test(what_is_outside_the_range_is_told),
        cmocka_unit_test(few_levels_have_a_bin_each),
        cmocka_unit_test(rare_levels_share_the_last_bin),
        cmocka_unit_test(the_index_is_what_the_formula_says),
        cmocka_unit_test(without_rows_there_is_no_index),
        cmocka_unit_test(equal_shares_are_near_zero),
        cmocka_unit_test(grouping_does_not_matter),
        cmocka_unit_test(the_order_of_training_rows_does_not_matter),
    };

    return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
