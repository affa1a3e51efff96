/* What a search goes through: candidates in their order, paths that hold each of them once, splits
 * that hold each row once; what cannot be split or tried is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/run/trials/grid.h"
#include "../../src/run/trials/splits.h"

enum { MOST = 64 };

static struct sl_error err;

static const struct sl_model_ops *kind_of(const char *name)
{
    size_t                            n;
    const struct sl_model_ops *const *kinds = sl_model_kinds(&n);

    for (size_t k = 0; k < n; k++)
        if (strcmp(kinds[k]->name, name) == 0)
            return kinds[k];
    fail_msg("no estimator '%s'", name);
    return NULL;
}

static int param_of(const struct sl_model_ops *ops, const char *name)
{
    int i = 0;

    while (strcmp(ops->params[i].name, name) != 0)
        i++;
    return i;
}

static const double *defaults_of(const struct sl_model_ops *ops)
{
    static double params[SL_MAX_PARAMS];

    for (int i = 0; ops->params[i].name != NULL; i++)
        params[i] = ops->params[i].fallback;
    return params;
}

/* --- candidates ------------------------------------------------------------------------------- */

static char name_c[] = "C", name_tol[] = "tol", name_penalty[] = "penalty", l1[] = "l1",
            l2[] = "l2", wrong[] = "l3";
static struct sl_param_value values_c[] = {{.value = 10}, {.value = 0.1}, {.value = 1}};
static struct sl_param_value values_tol[] = {{.value = 1e-8}, {.value = 1e-9}};
static struct sl_param_value values_penalty[] = {{.text = l2}, {.text = l1}};

/* As a job gives them, in disorder. */
static struct sl_range_spec ranges[] = {
    {.name = name_tol, .n_values = 2, .values = values_tol},
    {.name = name_penalty, .n_values = 2, .values = values_penalty},
    {.name = name_c, .n_values = 3, .values = values_c},
};

static void a_grid_goes_by_names_the_last_fastest(void **state)
{
    const struct sl_model_ops  *ops = kind_of("logistic_regression");
    const struct sl_search_spec spec = {.n_params = 3, .params = ranges};
    struct grid                 grid;

    (void)state;
    assert_int_equal(grid_make(&spec, ops, defaults_of(ops), 2, &grid, &err), SL_OK);
    assert_int_equal(grid.n, 24);
    for (size_t c = 0; c < grid.n; c++) {
        const double *params = grid.params + c * (size_t)grid.n_params;

        assert_int_equal(grid.variants[c], c / 12);
        assert_true(params[param_of(ops, "C")] == values_c[c / 4 % 3].value);
        assert_true(params[param_of(ops, "penalty")] == (double)(c / 2 % 2));
        assert_true(params[param_of(ops, "tol")] == values_tol[c % 2].value);
        assert_true(params[param_of(ops, "max_iter")] == 1000.0);
    }
    grid_release(&grid);
}

static void what_cannot_be_tried_is_refused(void **state)
{
    static struct sl_param_value zero[] = {{.value = 1}, {.value = 0}}, text[] = {{.text = wrong}};
    static char                  other[] = "alpha";
    static struct sl_range_spec  faults[] = {
         {.name = name_c, .n_values = 2, .values = zero},
         {.name = name_penalty, .n_values = 1, .values = text},
         {.name = other, .n_values = 1, .values = values_c},
         {.name = name_c, .draw = SL_DRAW_UNIFORM, .low = -1, .high = 1},
         {.name = name_penalty, .draw = SL_DRAW_UNIFORM, .low = 0, .high = 1},
    };
    static const char *const   words[] = {"$.search.params.C[1]", "$.search.params.penalty[0]",
                                          "$.search.params.alpha[0]", "$.search.params.C",
                                          "$.search.params.penalty"};
    const struct sl_model_ops *ops = kind_of("logistic_regression");

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct sl_search_spec spec = {
            .method = SL_SEARCH_RANDOM, .n_iter = 3, .n_params = 1, .params = &faults[i]};
        struct grid grid;

        assert_int_equal(grid_make(&spec, ops, defaults_of(ops), 1, &grid, &err), SL_EJOB);
        assert_non_null(strstr(err.text, words[i]));
        grid_release(&grid);
    }
}

static void draws_stay_within_their_limits(void **state)
{
    static char                 max_iter[] = "max_iter";
    static struct sl_range_spec drawn[] = {
        {.name = name_c, .draw = SL_DRAW_LOGUNIFORM, .low = 0.01, .high = 100},
        {.name = max_iter, .draw = SL_DRAW_UNIFORM, .low = 1, .high = 10},
    };
    const struct sl_model_ops  *ops = kind_of("logistic_regression");
    const struct sl_search_spec spec = {.method = SL_SEARCH_RANDOM,
                                        .n_iter = 2000,
                                        .random_state = 5,
                                        .n_params = 2,
                                        .params = drawn};
    struct grid                 grid;
    size_t                      n_small = 0, n_of[10] = {0};

    (void)state;
    assert_int_equal(grid_make(&spec, ops, defaults_of(ops), 3, &grid, &err), SL_OK);
    assert_int_equal(grid.n, 2000);
    for (size_t c = 0; c < grid.n; c++) {
        const double *params = grid.params + c * (size_t)grid.n_params;
        const double  C = params[param_of(ops, "C")], n = params[param_of(ops, "max_iter")];

        assert_true(C >= 0.01 && C <= 100 && n >= 1 && n <= 9 && n == floor(n));
        assert_in_range(grid.variants[c], 0, 2);
        n_small += C < 1;
        n_of[(int)n]++;
    }
    assert_in_range(n_small, 900, 1100); /* half of the decades lie below 1 */
    for (int n = 1; n < 10; n++)
        assert_in_range(n_of[n], 180, 320);
    grid_release(&grid);
}

/* --- paths ------------------------------------------------------------------------------------ */

static void check_paths(const char *estimator, const struct sl_search_spec *spec, int n_variants,
                        size_t n_paths)
{
    const struct sl_model_ops *ops = kind_of(estimator);
    struct grid                grid;
    struct grid_paths          paths;
    bool                       is_seen[MOST] = {false};
    size_t                     at = 0;

    assert_int_equal(grid_make(spec, ops, defaults_of(ops), n_variants, &grid, &err), SL_OK);
    assert_int_equal(grid_paths_make(&grid, &paths, &err), SL_OK);
    assert_true(grid.n <= MOST);
    assert_int_equal(paths.n_paths, n_paths);
    for (size_t p = 0; p < paths.n_paths; p++) {
        const struct grid_path *path = &paths.paths[p];

        assert_int_equal(path->first, at);
        assert_in_range(path->n, 1, GRID_PATH);
        for (size_t i = 0; i < path->n; i++, at++) {
            const size_t c = paths.order[at];

            assert_false(is_seen[c]);
            is_seen[c] = true;
            assert_int_equal(grid.variants[c], path->variant);
            /* of a path all but C are the same, and that rises */
            for (int j = 0; i > 0 && j < grid.n_params; j++) {
                const double before =
                    grid.params[paths.order[at - 1] * (size_t)grid.n_params + (size_t)j];
                const double here = grid.params[c * (size_t)grid.n_params + (size_t)j];

                assert_true(ops->params[j].path == 0   ? here == before
                            : ops->params[j].path == 1 ? here >= before
                                                       : here <= before);
            }
        }
    }
    assert_int_equal(at, grid.n);
    grid_paths_release(&paths);
    grid_release(&grid);
}

static void paths_hold_each_candidate_once(void **state)
{
    static char                  alpha[] = "alpha", intercept[] = "fit_intercept";
    static struct sl_param_value many[20],
        both[] = {{.is_bool = true, .value = 1}, {.is_bool = true}};
    static struct sl_range_spec of_alpha = {.name = alpha, .n_values = 20, .values = many};
    static struct sl_range_spec of_both = {.name = intercept, .n_values = 2, .values = both};
    const struct sl_search_spec grid = {.n_params = 3, .params = ranges};
    const struct sl_search_spec line = {.n_params = 1, .params = &of_alpha};
    const struct sl_search_spec flags = {.n_params = 1, .params = &of_both};

    (void)state;
    for (int i = 0; i < 20; i++)
        many[i].value = i * 7 % 20 + 1;
    check_paths("logistic_regression", &grid, 2, 8);  /* two by penalty and tol, of each variant */
    check_paths("lasso", &line, 1, 3);                /* 20 values, cut */
    check_paths("ridge", &line, 1, 20);               /* which begins nowhere */
    check_paths("logistic_regression", &flags, 1, 2); /* without a penalty to go along */
}

/* --- splits ----------------------------------------------------------------------------------- */

enum { N_PARTITIONS = 6, N_ROWS = 47 };

static struct trial_rows rows_of(void)
{
    static uint64_t keys[N_ROWS];
    static int32_t  partitions[N_ROWS];
    static double   labels[N_ROWS];

    for (int i = 0; i < N_ROWS; i++) {
        keys[i] = (uint64_t)i * 7919;
        labels[i] = i % 4 == 0 ? 2 : i % 2;
        partitions[i] = i % N_PARTITIONS == 4 ? 3 : i % N_PARTITIONS; /* partition 4 has no rows */
    }
    return (struct trial_rows){
        .n = N_ROWS, .keys = keys, .partitions = partitions, .design = {.label = labels}};
}

/* Two regions of years 2001, 2002 and 2003. */
static struct sl_plan plan_of(void)
{
    static char                key_region[] = "region", key_year[] = "year", n[] = "n", s[] = "s";
    static char                years[3][5] = {"2001", "2002", "2003"};
    static char               *keys[] = {key_region, key_year};
    static char               *values[N_PARTITIONS][2];
    static struct sl_partition partitions[N_PARTITIONS];

    for (int p = 0; p < N_PARTITIONS; p++) {
        values[p][0] = p < 3 ? n : s;
        values[p][1] = years[p % 3];
        partitions[p] = (struct sl_partition){.values = values[p]};
    }
    return (struct sl_plan){
        .n_keys = 2, .keys = keys, .n_partitions = N_PARTITIONS, .partitions = partitions};
}

/* Each row judges once, or, of windows, at most once, and is never fitted to at the same time. */
static void check_splits(const struct sl_cv_spec *spec, int n, const char *const *names)
{
    const struct sl_plan    plan = plan_of();
    const struct trial_rows rows = rows_of();
    struct splits           splits;
    size_t                  train[N_ROWS], test[N_ROWS], n_train, n_test;
    int                     n_judged[N_ROWS] = {0}, counted;

    assert_int_equal(splits_count(spec, &plan, &counted, &err), SL_OK);
    assert_int_equal(counted, n);
    assert_int_equal(splits_make(spec, &plan, &rows, &splits, &err), SL_OK);
    assert_int_equal(splits.n, n);
    for (int s = 0; s < n; s++) {
        bool is_test[N_ROWS] = {false};

        assert_string_equal(splits.names[s], names[s]);
        splits_list(&splits, s, train, &n_train, test, &n_test);
        assert_true(n_train > 0 && n_test > 0);
        if (!splits.is_window)
            assert_int_equal(n_train + n_test, N_ROWS);
        for (size_t i = 0; i < n_test; i++) {
            is_test[test[i]] = true;
            n_judged[test[i]]++;
        }
        for (size_t i = 0; i < n_train; i++) {
            assert_false(is_test[train[i]]);
            assert_true(i == 0 || train[i] > train[i - 1]);
        }
    }
    for (int i = 0; i < N_ROWS; i++)
        assert_true(n_judged[i] == 1 || (splits.is_window && n_judged[i] == 0));
    splits_release(&splits);
}

static void every_row_judges_once(void **state)
{
    static char              year[] = "year", region[] = "region";
    static const char *const folds[] = {"0", "1", "2", "3", "4"};
    static const char *const years[] = {"year=2001", "year=2002", "year=2003"};
    static const char *const regions[] = {"region=n", "region=s"};
    const struct sl_cv_spec  specs[] = {
         {.method = SL_CV_KFOLD, .n_splits = 5},
         {.method = SL_CV_KFOLD, .n_splits = 5, .shuffle = true, .random_state = 9},
         {.method = SL_CV_LEAVE_ONE_OUT, .by = year},
         {.method = SL_CV_LEAVE_ONE_OUT, .by = region},
         {.method = SL_CV_EXPANDING_WINDOW, .by = year, .min_train = 1},
         {.method = SL_CV_EXPANDING_WINDOW, .by = year, .min_train = 2},
         {.method = SL_CV_STRATIFIED_KFOLD, .n_splits = 5},
         {.method = SL_CV_STRATIFIED_KFOLD, .n_splits = 5, .shuffle = true, .random_state = 9},
    };

    (void)state;
    check_splits(&specs[0], 5, folds);
    check_splits(&specs[1], 5, folds);
    check_splits(&specs[2], 3, years);
    check_splits(&specs[3], 2, regions);
    check_splits(&specs[4], 2, years + 1);
    check_splits(&specs[5], 1, years + 2);
    check_splits(&specs[6], 5, folds);
    check_splits(&specs[7], 5, folds);
}

/* Of 12, 23 and 12 rows each of five folds judges two or three, four or five, two or three, and
 * nine or ten of all. */
static void folds_have_each_class_by_its_share(void **state)
{
    static const int        least[] = {2, 4, 2};
    const struct sl_plan    plan = plan_of();
    const struct trial_rows rows = rows_of();
    struct splits           splits[2];

    (void)state;
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        const struct sl_cv_spec spec = {
            .method = SL_CV_STRATIFIED_KFOLD, .n_splits = 5, .shuffle = shuffle == 1};
        int counts[5][4] = {{0}};

        assert_int_equal(splits_make(&spec, &plan, &rows, &splits[shuffle], &err), SL_OK);
        for (int i = 0; i < N_ROWS; i++) {
            counts[splits[shuffle].group[i]][(int)rows.design.label[i]]++;
            counts[splits[shuffle].group[i]][3]++;
        }
        for (int f = 0; f < 5; f++) {
            for (int k = 0; k < 3; k++)
                assert_in_range(counts[f][k], least[k], least[k] + 1);
            assert_in_range(counts[f][3], 9, 10);
        }
    }
    assert_memory_not_equal(splits[0].group, splits[1].group, N_ROWS * sizeof *splits[0].group);
    splits_release(&splits[0]);
    splits_release(&splits[1]);
}

static void too_little_to_split_is_refused(void **state)
{
    static char             year[] = "year";
    const struct sl_plan    plan = plan_of();
    const struct trial_rows rows = rows_of();
    struct sl_cv_spec       folds = {.method = SL_CV_KFOLD, .n_splits = N_ROWS + 1};
    const struct sl_cv_spec windows = {
        .method = SL_CV_EXPANDING_WINDOW, .by = year, .min_train = 3};
    struct splits splits;
    int           n;

    (void)state;
    assert_int_equal(splits_make(&folds, &plan, &rows, &splits, &err), SL_EINPUT);
    assert_non_null(strstr(err.text, "48 folds are more than the 47 rows"));
    splits_release(&splits);
    folds.method = SL_CV_STRATIFIED_KFOLD;
    folds.n_splits = 25;
    assert_int_equal(splits_make(&folds, &plan, &rows, &splits, &err), SL_EINPUT);
    assert_non_null(strstr(err.text, "25 folds are more than any class has rows, 23"));
    splits_release(&splits);
    assert_int_equal(splits_count(&windows, &plan, &n, &err), SL_EINPUT);
    assert_non_null(strstr(err.text, "has 3 values of 'year'"));
    assert_int_equal(splits_make(&windows, &plan, &rows, &splits, &err), SL_EINPUT);
    splits_release(&splits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_goes_by_names_the_last_fastest),
        cmocka_unit_test(what_cannot_be_tried_is_refused),
        cmocka_unit_test(draws_stay_within_their_limits),
        cmocka_unit_test(paths_hold_each_candidate_once),
        cmocka_unit_test(every_row_judges_once),
        cmocka_unit_test(folds_have_each_class_by_its_share),
        cmocka_unit_test(too_little_to_split_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
