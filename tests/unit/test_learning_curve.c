/* A learning curve but for the fits: which rows are drawn, at which sizes, and what many scores say
 * together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/run/learning_curve/curve.h"
#include "scoreline/hash.h"

enum { N_ROWS = 101 };

static uint64_t      keys[N_ROWS];
static unsigned char roles[N_ROWS];

static struct curve_rows make_rows(int n_splits)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        keys[i] = sl_mix64(i + 7);
        roles[i] = CURVE_POOL | CURVE_VALIDATED | (i < 40 ? CURVE_OF_JOB : 0);
    }
    return (struct curve_rows){N_ROWS, keys, roles, n_splits, 3, 42};
}

static struct curve_draw draw_of(const struct curve_rows *rows, int repeat, int fold, size_t size)
{
    struct curve_draw draw;
    struct sl_error   err;

    assert_int_equal(curve_draw(rows, repeat, fold, size, &draw, &err), SL_OK);
    for (size_t i = 1; i < draw.train.n; i++)
        assert_true(draw.train.rows[i - 1] < draw.train.rows[i]);
    for (size_t i = 1; i < draw.test.n; i++)
        assert_true(draw.test.rows[i - 1] < draw.test.rows[i]);
    return draw;
}

static void mark(struct trial_subset subset, int *marks)
{
    for (size_t i = 0; i < subset.n; i++)
        marks[subset.rows[i]]++;
}

static void every_row_judges_once_in_a_repeat(void **state)
{
    const struct curve_rows rows = make_rows(4);
    (void)state;

    assert_int_equal(curve_most(&rows), N_ROWS - 26);
    for (int repeat = 0; repeat < 3; repeat++) {
        int judged[N_ROWS] = {0};

        for (int fold = 0; fold < 4; fold++) {
            struct curve_draw draw = draw_of(&rows, repeat, fold, curve_most(&rows));

            assert_int_equal(draw.train.n, N_ROWS - 26);
            assert_int_equal(draw.test.n, fold == 0 ? 26 : 25);
            mark(draw.test, judged);
            curve_draw_release(&draw);
        }
        for (size_t i = 0; i < N_ROWS; i++)
            assert_int_equal(judged[i], 1);
    }
}

static void no_row_is_fitted_to_and_judges(void **state)
{
    const struct curve_rows rows = make_rows(5);
    (void)state;

    for (int fold = 0; fold < 5; fold++) {
        for (size_t size = 0; size <= curve_most(&rows); size += 20) {
            struct curve_draw draw = draw_of(&rows, 1, fold, size);
            int               seen[N_ROWS] = {0};

            mark(draw.train, seen);
            mark(draw.test, seen);
            for (size_t i = 0; i < N_ROWS; i++)
                assert_true(seen[i] <= 1);
            if (size > 0)
                assert_int_equal(draw.train.n, size);
            for (size_t i = 0; size == 0 && i < draw.train.n; i++)
                assert_true(draw.train.rows[i] < 40);
            curve_draw_release(&draw);
        }
    }
}

static void smaller_sizes_are_part_of_larger_ones(void **state)
{
    const struct curve_rows rows = make_rows(5);
    (void)state;

    for (size_t size = 1; size < curve_most(&rows); size++) {
        struct curve_draw a = draw_of(&rows, 2, 3, size), b = draw_of(&rows, 2, 3, size + 1);
        int               seen[N_ROWS] = {0};
        int               n_both = 0;

        mark(a.train, seen);
        mark(b.train, seen);
        for (size_t i = 0; i < N_ROWS; i++)
            n_both += seen[i] == 2;
        assert_int_equal(n_both, size);
        curve_draw_release(&a);
        curve_draw_release(&b);
    }
}

static void drawings_differ(void **state)
{
    struct curve_rows rows = make_rows(5);
    struct curve_draw a = draw_of(&rows, 0, 0, 30), b = draw_of(&rows, 1, 0, 30), c;
    (void)state;

    rows.random_state = 43;
    c = draw_of(&rows, 0, 0, 30);
    assert_true(memcmp(a.train.rows, b.train.rows, 30 * sizeof(size_t)) != 0);
    assert_true(memcmp(a.train.rows, c.train.rows, 30 * sizeof(size_t)) != 0);
    assert_true(memcmp(a.test.rows, c.test.rows, a.test.n * sizeof(size_t)) != 0);
    curve_draw_release(&a);
    curve_draw_release(&b);
    curve_draw_release(&c);
}

/* What is drawn belongs to the rows, not to the order in which they were read. */
static void drawing_follows_the_keys(void **state)
{
    struct curve_rows rows = make_rows(3);
    struct curve_draw a = draw_of(&rows, 0, 1, 25), b;
    uint64_t          chosen[N_ROWS];
    (void)state;

    for (size_t i = 0; i < a.train.n; i++)
        chosen[i] = keys[a.train.rows[i]];
    for (size_t i = 0; i < N_ROWS / 2; i++) {
        const uint64_t      key = keys[i];
        const unsigned char role = roles[i];

        keys[i] = keys[N_ROWS - 1 - i];
        keys[N_ROWS - 1 - i] = key;
        roles[i] = roles[N_ROWS - 1 - i];
        roles[N_ROWS - 1 - i] = role;
    }
    b = draw_of(&rows, 0, 1, 25);
    for (size_t i = 0; i < b.train.n; i++)
        assert_int_equal(keys[b.train.rows[i]], chosen[b.train.n - 1 - i]);
    curve_draw_release(&a);
    curve_draw_release(&b);
}

/* Rows that judge need not be among those that are drawn from. */
static void other_rows_judge(void **state)
{
    struct curve_rows rows = make_rows(5);
    (void)state;

    for (size_t i = 0; i < N_ROWS; i++)
        roles[i] = i < 60 ? CURVE_POOL : CURVE_VALIDATED;
    assert_int_equal(curve_most(&rows), 60);
    for (int fold = 0; fold < 5; fold++) {
        struct curve_draw draw = draw_of(&rows, 0, fold, 60);

        assert_int_equal(draw.train.n, 60);
        assert_int_equal(draw.test.n, fold == 0 ? 9 : 8);
        assert_true(draw.test.rows[0] >= 60);
        curve_draw_release(&draw);
    }
}

struct sizes_case {
    const char *name;
    int         n_given;
    double      given[4];
    size_t      most;
    int         n;
    size_t      sizes[12];
};

static void sizes_are_worked_out(void **state)
{
    static const struct sizes_case cases[] = {
        {"halves", 0, {0}, 2223, 8, {17, 34, 69, 138, 277, 555, 1111, 2223}},
        {"twelve at most",
         0,
         {0},
         1 << 20,
         12,
         {1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15, 1 << 16, 1 << 17, 1 << 18,
          1 << 19, 1 << 20}},
        {"few rows", 0, {0}, 45, 2, {22, 45}},
        {"very few rows", 0, {0}, 3, 1, {3}},
        {"fractions", 3, {1, 0.5, 0.25}, 101, 3, {25, 50, 101}},
        {"numbers of rows", 3, {100, 10, 2}, 100, 3, {2, 10, 100}},
        {"both, and the same ones once", 4, {0.5, 50, 1, 100}, 100, 2, {50, 100}},
        {"a fraction of nothing", 1, {1e-9}, 100, 1, {1}},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sizes_case *c = &cases[i];
        size_t                  *sizes = NULL;
        struct sl_error          err;
        int                      n;

        assert_int_equal(curve_sizes(c->given, c->n_given, c->most, &sizes, &n, &err), SL_OK);
        assert_int_equal(n, c->n);
        assert_memory_equal(sizes, c->sizes, (size_t)n * sizeof *sizes);
        free(sizes);
    }
}

static void a_size_beyond_the_most_is_refused(void **state)
{
    const double    given = 101;
    size_t         *sizes = NULL;
    struct sl_error err;
    int             n;
    (void)state;

    assert_int_equal(curve_sizes(&given, 1, 100, &sizes, &n, &err), SL_EJOB);
    assert_non_null(strstr(err.text, "101 rows"));
    assert_non_null(strstr(err.text, "100"));
    free(sizes);
}

static void fits_are_summed_up(void **state)
{
    const struct curve_fit   fits[] = {{0.5, 1, 10, false, true},
                                       {0.7, 4, 11, false, false},
                                       {NAN, NAN, 12, true, false},
                                       {0.9, 1, 13, false, true}};
    const struct curve_point point = curve_sum_up(fits, 4), none = curve_sum_up(fits + 2, 1);
    (void)state;

    assert_float_equal(point.train_size, 11.5, 1e-15);
    assert_int_equal(point.n_fits, 4);
    assert_int_equal(point.n_failed, 1);
    assert_int_equal(point.n_not_converged, 1);
    assert_int_equal(point.validation.n, 3);
    assert_float_equal(point.validation.mean, 2, 1e-15);
    assert_float_equal(point.validation.std, sqrt(2), 1e-15);
    assert_float_equal(point.validation.min, 1, 0);
    assert_float_equal(point.validation.max, 4, 0);
    assert_float_equal(point.training.mean, 0.7, 1e-15);
    assert_int_equal(none.validation.n, 0);
    assert_true(isnan(none.validation.mean) && isnan(none.training.std));
}

static struct curve_point point_of(double mean, double std)
{
    return (struct curve_point){.n_fits = 10, .validation = {10, mean, std, mean, mean}};
}

struct answer_case {
    const char       *name;
    int               n;
    double            means[5];
    double            of_job; /* NaN: not asked */
    int               flat_from;
    enum curve_enough enough;
};

/* The standard deviation is 0.3 everywhere: of 10 fits in 10 folds the standard error is 0.1. */
static void answers_follow_the_rule(void **state)
{
    static const struct answer_case cases[] = {
        {"flat", 5, {0, 0.5, 0.91, 0.95, 1}, 0.95, 2, CURVE_ENOUGH},
        {"flat, the job short of it", 5, {0, 0.5, 0.91, 0.95, 1}, 0.85, 2, CURVE_NOT_ENOUGH},
        {"rising", 4, {0, 0.5, 0.8, 1}, 0.85, 3, CURVE_NOT_ENOUGH},
        {"rising, the job as good", 4, {0, 0.5, 0.8, 1}, 0.95, 3, CURVE_UNDECIDED},
        {"flat from the beginning", 3, {1, 1.2, 1}, 1, 0, CURVE_ENOUGH},
        {"a dip counts", 4, {0.95, 0.8, 0.95, 1}, NAN, 2, CURVE_UNDECIDED},
        {"falling is flat", 3, {1.3, 1.2, 1}, NAN, 0, CURVE_UNDECIDED},
        {"one size", 1, {1}, 1, -1, CURVE_UNDECIDED},
        {"none", 0, {0}, 1, -1, CURVE_UNDECIDED},
        {"no score at the largest", 3, {1, 1, NAN}, 1, -1, CURVE_UNDECIDED},
        {"no score before it", 3, {1, NAN, 1}, 1, 2, CURVE_UNDECIDED},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct answer_case *c = &cases[i];
        const struct curve_point  of_job = point_of(c->of_job, 0.3);
        struct curve_point        points[5];
        struct curve_answer       answer;

        for (int k = 0; k < c->n; k++)
            points[k] = point_of(c->means[k], isnan(c->means[k]) ? NAN : 0.3);
        answer = curve_answer_of(points, c->n, 10, 2, isnan(c->of_job) ? NULL : &of_job);
        assert_int_equal(answer.flat_from, c->flat_from);
        assert_int_equal(answer.enough, c->enough);
        if (answer.flat_from >= 0) {
            assert_float_equal(answer.standard_error, 0.1, 1e-15);
            assert_float_equal(answer.threshold, 0.9, 1e-15);
        }
    }
}

/* Where nothing is left to gain a curve need not be flat. */
static void the_best_is_enough(void **state)
{
    const struct curve_point  points[] = {point_of(0.5, 0.3), point_of(1, 0)};
    const struct curve_point  worse = point_of(0.99, 0.3);
    const struct curve_answer answer = curve_answer_of(points, 2, 10, 1, &points[1]);
    (void)state;

    assert_true(answer.is_best);
    assert_int_equal(answer.flat_from, 1);
    assert_int_equal(answer.enough, CURVE_ENOUGH);
    assert_int_equal(curve_answer_of(points, 2, 10, 1, &worse).enough, CURVE_NOT_ENOUGH);
    assert_false(curve_answer_of(points, 2, 10, 1.5, &points[1]).is_best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_judges_once_in_a_repeat),
        cmocka_unit_test(no_row_is_fitted_to_and_judges),
        cmocka_unit_test(smaller_sizes_are_part_of_larger_ones),
        cmocka_unit_test(drawings_differ),
        cmocka_unit_test(drawing_follows_the_keys),
        cmocka_unit_test(other_rows_judge),
        cmocka_unit_test(sizes_are_worked_out),
        cmocka_unit_test(a_size_beyond_the_most_is_refused),
        cmocka_unit_test(fits_are_summed_up),
        cmocka_unit_test(answers_follow_the_rule),
        cmocka_unit_test(the_best_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
