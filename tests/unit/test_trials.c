/* Folds: a recipe fitted to some rows in memory, and what it makes of others, is to the bit what
 * training on those rows alone and scoring the others would give; models begun elsewhere end at the
 * same optimum; weights count as so many rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "../../src/run/trials/trials.h"
#include "../support/random.h"
#include "../support/text_table.h"

enum { N_ROWS = 240, N_FEATURES = 4, LINE_BYTES = 64 };

static struct sl_error err;

/* --- rows: a number that may be missing, one that never is, levels of which some are rare ------
 */

static char  error_text[] = "error", ignore[] = "ignore", names[][4] = {"a", "b", "k", "m"};
static char  label[] = "y", weight[] = "w", empty[] = "";
static char *missing[] = {empty};

static struct sl_feature_spec features[N_FEATURES] = {
    {.name = names[0],
     .expr = names[0],
     .bare = true,
     .missing = SL_MISSING_MEAN,
     .indicator = true,
     .scale = SL_SCALE_STANDARD,
     .handle_unknown = ignore},
    {.name = names[1], .expr = names[1], .bare = true, .handle_unknown = ignore},
    {.name = names[2],
     .categorical = names[2],
     .missing = SL_MISSING_LEVEL,
     .handle_unknown = ignore,
     .max_levels = 1000},
    {.name = names[3], .categorical = names[3], .handle_unknown = ignore, .max_levels = 1000},
};

static struct sl_job job_of(bool is_number)
{
    return (struct sl_job){.recipe = {.n_features = N_FEATURES,
                                      .features = features,
                                      .label = label,
                                      .label_is_number = is_number,
                                      .weight = weight,
                                      .n_missing = 1,
                                      .missing = missing}};
}

/* Line i of the table; of every seventh row the number is missing, of every eleventh the level. */
static void add_line(struct sl_text *to, size_t i, bool is_number)
{
    struct random random = {i + 1};
    const double  b = (double)below(&random, 1000) / 250.0 - 2.0;
    const double  a = (double)below(&random, 100) / 10.0;
    const size_t  noise = below(&random, 5);

    if (i % 7 == 3)
        assert_int_equal(sl_text_add(to, &err, ","), SL_OK);
    else
        assert_int_equal(sl_text_add(to, &err, "%g,", a), SL_OK);
    assert_int_equal(sl_text_add(to, &err, "%g,", b), SL_OK);
    if (i % 11 == 5)
        assert_int_equal(sl_text_add(to, &err, ","), SL_OK);
    else
        assert_int_equal(sl_text_add(to, &err, "k%d,", (int)(i * i % 13)), SL_OK);
    assert_int_equal(sl_text_add(to, &err, "m%d,", i % 60 == 0 ? (int)i : (int)(i % 3)), SL_OK);
    if (is_number)
        assert_int_equal(sl_text_add(to, &err, "%g,", 3.0 * b + (double)noise), SL_OK);
    else
        assert_int_equal(sl_text_add(to, &err, "%s,", b + (double)noise > 2.0 ? "yes" : "no"),
                         SL_OK);
    assert_int_equal(sl_text_add(to, &err, "%d\n", (int)(i % 3 + 1)), SL_OK);
}

static char *table_of(const size_t *rows, size_t n, bool is_number)
{
    struct sl_text text = {0};

    assert_int_equal(sl_text_add(&text, &err, "a,b,k,m,y,w\n"), SL_OK);
    for (size_t i = 0; i < n; i++)
        add_line(&text, rows[i], is_number);
    return text.data;
}

/* Odd rows train, even rows are judged by: levels of either are unknown to the other. */
static size_t all[N_ROWS], odd[N_ROWS / 2], even[N_ROWS / 2];

static void list_rows(void)
{
    for (size_t i = 0; i < N_ROWS; i++)
        all[i] = i;
    for (size_t i = 0; i < N_ROWS / 2; i++) {
        odd[i] = 2 * i + 1;
        even[i] = 2 * i;
    }
}

static void rows_init(const struct sl_job *job, struct trial_rows *rows, char **table)
{
    *rows = (struct trial_rows){.n = N_ROWS};
    *table = table_of(all, N_ROWS, job->recipe.label_is_number);
    assert_int_equal(sl_recipe_create(&job->recipe, true, &rows->recipe, &err), SL_OK);
    assert_int_equal(learn_table(rows->recipe, *table, &rows->design, &err), SL_OK);
    assert_int_equal(rows->design.x.n_rows, N_ROWS);
}

static const struct trial_subset trained = {N_ROWS / 2, odd};
static const struct trial_subset tested = {N_ROWS / 2, even};

/* --- the same as alone ------------------------------------------------------------------------ */

static void assert_same_design(const struct sl_design *a, const struct sl_design *b)
{
    assert_int_equal(a->x.n_rows, b->x.n_rows);
    assert_int_equal(a->x.n_cols, b->x.n_cols);
    assert_int_equal(a->n_codes, b->n_codes);
    for (size_t j = 0; j < a->x.n_cols; j++)
        assert_memory_equal(a->x.data + j * a->x.ld, b->x.data + j * b->x.ld,
                            a->x.n_rows * sizeof(double));
    for (size_t k = 0; k < (size_t)a->n_codes; k++)
        assert_memory_equal(a->codes + k * a->x.ld, b->codes + k * b->x.ld,
                            a->x.n_rows * sizeof(int32_t));
    assert_memory_equal(a->label, b->label, a->x.n_rows * sizeof(double));
    assert_memory_equal(a->status, b->status, a->x.n_rows);
}

static void check_fold(const struct sl_job *job, const int *picked, int n_picked)
{
    struct trial_rows      rows;
    struct trial_variant   variant;
    struct trial_fold      fold;
    struct sl_recipe      *alone;
    struct sl_design       train, test;
    struct sl_column_block block;
    char                  *table, *train_table, *test_table;

    rows_init(job, &rows, &table);
    assert_int_equal(trial_variant_init(&variant, "v", job, picked, n_picked, &err), SL_OK);
    assert_int_equal(trial_fold_make(&rows, &variant, trained, tested, &fold, &err), SL_OK);

    train_table = table_of(odd, N_ROWS / 2, job->recipe.label_is_number);
    test_table = table_of(even, N_ROWS / 2, job->recipe.label_is_number);
    assert_int_equal(sl_recipe_create(&variant.spec, true, &alone, &err), SL_OK);
    assert_int_equal(fit_table(alone, train_table, &train, &err), SL_OK);
    assert_int_equal(apply_table(alone, test_table, &block, &test, &err), SL_OK);
    assert_same_design(&fold.train, &train);
    assert_same_design(&fold.test, &test);

    sl_design_release(&train);
    sl_design_release(&test);
    sl_column_block_release(&block);
    sl_recipe_free(alone);
    trial_fold_release(&fold);
    trial_variant_release(&variant);
    trial_rows_release(&rows);
    free(table);
    free(train_table);
    free(test_table);
}

static void test_fold_is_training_alone(void **state)
{
    static const int    every[] = {0, 1, 2, 3}, turned[] = {3, 0}, one[] = {1};
    const struct sl_job classes = job_of(false), numbers = job_of(true);

    (void)state;
    check_fold(&classes, every, 4);
    check_fold(&classes, turned, 2);
    check_fold(&classes, one, 1);
    check_fold(&numbers, every, 4);
}

/* --- folds that cannot be learned from ------------------------------------------------------- */

static void test_one_class_is_an_answer(void **state)
{
    static const int     one[] = {1};
    const struct sl_job  job = job_of(false);
    struct trial_rows    rows;
    struct trial_variant variant;
    struct trial_fold    fold;
    size_t               of_class[N_ROWS];
    size_t               n = 0;
    char                *table;

    (void)state;
    rows_init(&job, &rows, &table);
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows.design.label[i] == rows.design.label[0])
            of_class[n++] = i;
    assert_int_equal(trial_variant_init(&variant, "v", &job, one, 1, &err), SL_OK);
    assert_int_equal(
        trial_fold_make(&rows, &variant, (struct trial_subset){n, of_class}, tested, &fold, &err),
        SL_EINPUT);
    assert_non_null(strstr(err.text, "one class"));
    trial_fold_release(&fold);
    trial_variant_release(&variant);
    trial_rows_release(&rows);
    free(table);
}

static void test_refused_level_is_an_answer(void **state)
{
    static const int     levels[] = {3};
    const struct sl_job  job = job_of(false);
    struct trial_rows    rows;
    struct trial_variant variant;
    struct trial_fold    fold;
    char                *table;

    (void)state;
    features[3].handle_unknown = error_text;
    rows_init(&job, &rows, &table);
    assert_int_equal(trial_variant_init(&variant, "v", &job, levels, 1, &err), SL_OK);
    assert_int_equal(trial_fold_make(&rows, &variant, trained, tested, &fold, &err), SL_EINPUT);
    features[3].handle_unknown = ignore;
    trial_fold_release(&fold);
    trial_variant_release(&variant);
    trial_rows_release(&rows);
    free(table);
}

/* --- fits ------------------------------------------------------------------------------------- */

/* Parameters of a kind by name, the others as they are by default, but that fits go on to the last
 * digits. */
static void params_of(const char *estimator, const char *name, double value, double *params,
                      const struct sl_model_ops **ops)
{
    size_t                            n;
    const struct sl_model_ops *const *kinds = sl_model_kinds(&n);

    for (size_t k = 0; k < n; k++)
        if (strcmp(kinds[k]->name, estimator) == 0)
            *ops = kinds[k];
    for (int i = 0; (*ops)->params[i].name != NULL; i++) {
        const char *here = (*ops)->params[i].name;

        params[i] = strcmp(here, name) == 0    ? value
                    : strcmp(here, "tol") == 0 ? 0.0
                                               : (*ops)->params[i].fallback;
    }
}

static void scores_of(const struct trial_fold *fold, const struct sl_model *model,
                      struct sl_matrix *y)
{
    assert_int_equal(
        sl_matrix_init(y, fold->test.x.n_rows, (size_t)sl_model_n_outputs(model), &err), SL_OK);
    assert_int_equal(sl_model_predict(model, &fold->test, y, &err), SL_OK);
}

static void check_warm(const char *estimator, const char *param, double far, double near,
                       bool is_number)
{
    static const int           every[] = {0, 1, 2, 3};
    const struct sl_job        job = job_of(is_number);
    struct trial_rows          rows;
    struct trial_variant       variant;
    struct trial_fold          fold;
    double                     params[SL_MAX_PARAMS];
    const struct sl_model_ops *ops = NULL;
    struct sl_model           *first, *cold, *warm;
    struct sl_fit_report       cold_report, warm_report;
    struct sl_matrix           a, b;
    char                      *table;

    rows_init(&job, &rows, &table);
    assert_int_equal(trial_variant_init(&variant, "v", &job, every, 4, &err), SL_OK);
    assert_int_equal(trial_fold_make(&rows, &variant, trained, tested, &fold, &err), SL_OK);
    params_of(estimator, param, far, params, &ops);
    struct trial_estimator what = {.ops = ops, .params = params, .threshold = 0.5};
    assert_int_equal(trial_fit(&fold, &what, NULL, &first, &cold_report, &err), SL_OK);
    params_of(estimator, param, near, params, &ops);
    assert_int_equal(trial_fit(&fold, &what, NULL, &cold, &cold_report, &err), SL_OK);
    assert_int_equal(trial_fit(&fold, &what, first, &warm, &warm_report, &err), SL_OK);
    assert_true(cold_report.converged && warm_report.converged);
    assert_true(fabs(cold_report.objective - warm_report.objective) <=
                1e-12 * fabs(cold_report.objective));
    scores_of(&fold, cold, &a);
    scores_of(&fold, warm, &b);
    for (size_t i = 0; i < a.n_rows; i++)
        assert_true(fabs(a.data[i] - b.data[i]) <= 1e-9 * (1.0 + fabs(a.data[i])));
    sl_matrix_release(&a);
    sl_matrix_release(&b);
    sl_model_free(first);
    sl_model_free(cold);
    sl_model_free(warm);
    trial_fold_release(&fold);
    trial_variant_release(&variant);
    trial_rows_release(&rows);
    free(table);
}

static void test_warm_start_ends_at_the_same_optimum(void **state)
{
    (void)state;
    check_warm("logistic_regression", "C", 0.01, 10.0, false);
    check_warm("linear_svc", "C", 0.01, 1.0, false);
    check_warm("ridge", "alpha", 100.0, 1.0, true);
    check_warm("lasso", "alpha", 1.0, 0.01, true);
}

/* One of many fits ends where the gradient is within tol, and no sooner. */
static void test_fits_end_at_tol(void **state)
{
    static const int           every[] = {0, 1, 2, 3};
    const struct sl_job        job = job_of(false);
    struct trial_rows          rows;
    struct trial_variant       variant;
    struct trial_fold          fold;
    double                     params[SL_MAX_PARAMS];
    const struct sl_model_ops *ops = NULL;
    struct sl_model           *exact, *near;
    struct sl_fit_report       exact_report, near_report;
    char                      *table;

    (void)state;
    rows_init(&job, &rows, &table);
    assert_int_equal(trial_variant_init(&variant, "v", &job, every, 4, &err), SL_OK);
    assert_int_equal(trial_fold_make(&rows, &variant, trained, tested, &fold, &err), SL_OK);
    params_of("logistic_regression", "C", 1.0, params, &ops);
    const struct trial_estimator what = {.ops = ops, .params = params, .threshold = 0.5};
    assert_int_equal(trial_fit(&fold, &what, NULL, &exact, &exact_report, &err), SL_OK);
    params_of("logistic_regression", "tol", 1e-3, params, &ops);
    assert_int_equal(trial_fit(&fold, &what, NULL, &near, &near_report, &err), SL_OK);
    assert_true(exact_report.converged && near_report.converged);
    assert_true(exact_report.gradient_norm < 1e-12);
    assert_true(near_report.gradient_norm <= 1e-3 && near_report.gradient_norm > 1e-12);
    assert_true(near_report.n_iter < exact_report.n_iter);
    sl_model_free(exact);
    sl_model_free(near);
    trial_fold_release(&fold);
    trial_variant_release(&variant);
    trial_rows_release(&rows);
    free(table);
}

static void test_warm_start_takes_fewer_steps(void **state)
{
    static const int           every[] = {0, 1, 2, 3};
    const struct sl_job        job = job_of(false);
    struct trial_rows          rows;
    struct trial_variant       variant;
    struct trial_fold          fold;
    double                     params[SL_MAX_PARAMS];
    const struct sl_model_ops *ops = NULL;
    struct sl_model           *cold, *warm;
    struct sl_fit_report       cold_report, warm_report;
    char                      *table;

    (void)state;
    rows_init(&job, &rows, &table);
    assert_int_equal(trial_variant_init(&variant, "v", &job, every, 4, &err), SL_OK);
    assert_int_equal(trial_fold_make(&rows, &variant, trained, tested, &fold, &err), SL_OK);
    params_of("logistic_regression", "C", 1.0, params, &ops);
    const struct trial_estimator what = {.ops = ops, .params = params, .threshold = 0.5};
    assert_int_equal(trial_fit(&fold, &what, NULL, &cold, &cold_report, &err), SL_OK);
    assert_int_equal(trial_fit(&fold, &what, cold, &warm, &warm_report, &err), SL_OK);
    assert_true(warm_report.n_iter < cold_report.n_iter);
    sl_model_free(cold);
    sl_model_free(warm);
    trial_fold_release(&fold);
    trial_variant_release(&variant);
    trial_rows_release(&rows);
    free(table);
}

/* --- metrics ---------------------------------------------------------------------------------- */

/* Rows of integer weights, or as many rows each. */
static void judge(const double *label_of, const double *score, const double *weights, size_t n,
                  bool repeats, int n_classes, struct sl_weighed *out)
{
    struct sl_design rows;
    struct sl_matrix scores;
    size_t           n_rows = 0;

    assert_int_equal(sl_design_init(&rows, 100, 0, 0, &err), SL_OK);
    assert_int_equal(sl_matrix_init(&scores, 100, 1, &err), SL_OK);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < (repeats ? (int)weights[i] : 1); k++) {
            rows.status[n_rows] = SL_ROW_SCORED;
            rows.label[n_rows] = label_of[i];
            rows.weight[n_rows] = weights[i];
            scores.data[n_rows++] = score[i];
        }
    }
    rows.x.n_rows = scores.n_rows = n_rows;
    const struct sl_weighed_rows in = {.n_classes = n_classes,
                                       .threshold = 0.5,
                                       .rows = &rows,
                                       .is_weighted = !repeats,
                                       .scores = &scores};
    assert_int_equal(sl_metrics_weigh(&in, out, &err), SL_OK);
    sl_design_release(&rows);
    sl_matrix_release(&scores);
}

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-14);
}

static void test_weights_count_as_rows(void **state)
{
    static const double labels[] = {0, 1, 1, 0, 1, 0}, weights[] = {1, 3, 2, 5, 1, 2};
    static const double scores[] = {0.1, 0.9, 0.4, 0.4, 0.6, 0.7};
    struct sl_weighed   weighed, repeated;

    (void)state;
    judge(labels, scores, weights, 6, false, 2, &weighed);
    judge(labels, scores, weights, 6, true, 2, &repeated);
    assert_near(weighed.classes.accuracy, repeated.classes.accuracy);
    assert_near(weighed.classes.log_loss, repeated.classes.log_loss);
    assert_near(weighed.classes.brier, repeated.classes.brier);
    assert_near(weighed.classes.roc_auc, repeated.classes.roc_auc);
    /* 6 positives, 8 negatives: 3 win over 8; 2 over 1, tied with 5; 1 over 6 */
    assert_near(repeated.classes.roc_auc, (3 * 8 + 2 * (1 + 2.5) + 6) / 48.0);
    assert_near(repeated.classes.accuracy, 10.0 / 14.0);
    judge(labels, scores, weights, 6, false, 0, &weighed);
    judge(labels, scores, weights, 6, true, 0, &repeated);
    assert_near(weighed.numbers.r2, repeated.numbers.r2);
    assert_near(weighed.numbers.rmse, repeated.numbers.rmse);
    assert_near(weighed.numbers.mae, repeated.numbers.mae);
}

static void test_metrics_without_meaning_are_nan(void **state)
{
    static const double ones[] = {1, 1}, other[] = {1, SL_LABEL_OTHER}, scores[] = {0.6, 0.7};
    static const double weights[] = {1, 1}, none[] = {0, 0};
    struct sl_weighed   w;

    (void)state;
    judge(ones, scores, weights, 2, false, 2, &w);
    assert_true(isnan(w.classes.roc_auc) && !isnan(w.classes.log_loss));
    judge(other, scores, weights, 2, false, 2, &w);
    assert_true(isnan(w.classes.log_loss) && w.classes.accuracy == 0.5);
    judge(ones, scores, none, 2, false, 2, &w);
    assert_true(isnan(w.classes.accuracy));
    judge(ones, scores, weights, 2, false, 0, &w);
    assert_true(isnan(w.numbers.r2) && !isnan(w.numbers.rmse));
    judge(ones, scores, weights, 0, false, 0, &w);
    assert_true(isnan(w.numbers.rmse));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold_is_training_alone),
        cmocka_unit_test(test_one_class_is_an_answer),
        cmocka_unit_test(test_refused_level_is_an_answer),
        cmocka_unit_test(test_warm_start_ends_at_the_same_optimum),
        cmocka_unit_test(test_fits_end_at_tol),
        cmocka_unit_test(test_warm_start_takes_fewer_steps),
        cmocka_unit_test(test_weights_count_as_rows),
        cmocka_unit_test(test_metrics_without_meaning_are_nan),
    };

    list_rows();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
