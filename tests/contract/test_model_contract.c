/* What every kind of model promises, tried on each that is registered: a new kind is tested by
 * being in the list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/model.h"

enum { N_ROWS = 3000, N_COLS = 5 };

/* A fitted model of one kind and what it was fitted to. */
struct fitted {
    const struct sl_model_ops *ops;
    struct sl_matrix           x;
    double                    *y;
    double                     params[SL_MAX_PARAMS];
    struct sl_model           *model;
};

static struct sl_error err;

/* Deterministic, in [-0.5, 0.5). */
static double noise(uint64_t i)
{
    return (double)(sl_mix64(i) >> 11) * 0x1p-53 - 0.5;
}

static void make_data(struct fitted *f)
{
    assert_int_equal(sl_matrix_init(&f->x, N_ROWS, N_COLS, &err), SL_OK);
    f->y = test_malloc(N_ROWS * sizeof *f->y);
    for (size_t i = 0; i < N_ROWS; i++) {
        double target = noise(i);

        for (size_t j = 0; j < N_COLS; j++) {
            double z = noise((j + 1) * 1000003 + i);

            f->x.data[j * f->x.ld + i] = z * (double)(j * j * 100 + 1);
            target += z;
        }
        f->y[i] = f->ops->is_classifier ? (target > 0.0) : target;
    }
}

static sl_status fit(struct fitted *f, struct sl_model **model)
{
    struct sl_fit_in in = {
        .x = &f->x, .y = f->y, .n_classes = f->ops->is_classifier ? 2 : 0, .params = f->params};
    struct sl_fit_report report;

    return sl_model_fit(f->ops, &in, model, &report, &err);
}

static int set_up(void **state)
{
    struct fitted *f = *state;

    for (int i = 0; f->ops->params[i].name != NULL; i++)
        f->params[i] = f->ops->params[i].fallback;
    make_data(f);
    if (fit(f, &f->model) != SL_OK)
        fail_msg("%s: %s", f->ops->name, err.text);
    return 0;
}

static int tear_down(void **state)
{
    struct fitted *f = *state;

    sl_model_free(f->model);
    sl_matrix_release(&f->x);
    test_free(f->y);
    return 0;
}

/* Scores rows [first, first + n_rows) as one block. */
static void predict_rows(const struct fitted *f, const struct sl_model *model, size_t first,
                         size_t n_rows, double *out)
{
    struct sl_matrix x = f->x;
    struct sl_matrix y = {.n_cols = 1, .ld = n_rows > 0 ? n_rows : 1, .data = out};

    x.n_rows = n_rows;
    x.data += first;
    if (sl_model_predict(model, &x, &y, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(y.n_rows, n_rows);
}

static void no_rows_are_no_fault(void **state)
{
    const struct fitted *f = *state;
    double               untouched = 42.0;

    predict_rows(f, f->model, 0, 0, &untouched);
    assert_true(untouched == 42.0);
}

static void scores_are_finite_and_say_something(void **state)
{
    const struct fitted *f = *state;
    double               scores[N_ROWS];
    double               least = INFINITY, most = -INFINITY;

    predict_rows(f, f->model, 0, N_ROWS, scores);
    for (size_t i = 0; i < N_ROWS; i++) {
        assert_true(isfinite(scores[i]));
        least = fmin(least, scores[i]);
        most = fmax(most, scores[i]);
    }
    assert_true(most - least > 0.5);
    assert_true(!f->ops->is_classifier || (least >= 0.0 && most <= 1.0));
}

static void blocks_change_no_bit(void **state)
{
    static const size_t  sizes[] = {1, 2, 3, 7, 37, 255, 256, 257, 1000, 1024};
    const struct fitted *f = *state;
    double               whole[N_ROWS], parts[N_ROWS];

    predict_rows(f, f->model, 0, N_ROWS, whole);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        memset(parts, 0, sizeof parts);
        for (size_t first = 0; first < N_ROWS; first += sizes[k]) {
            size_t left = N_ROWS - first;

            predict_rows(f, f->model, first, left < sizes[k] ? left : sizes[k], parts + first);
        }
        assert_memory_equal(whole, parts, sizeof whole);
    }
}

static struct sl_json_doc *save(const struct sl_model *model)
{
    struct sl_json_doc *doc, *again;
    char               *text;

    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_model_save(model, sl_json_root(doc), &err), SL_OK);
    assert_int_equal(sl_json_print(sl_json_root(doc), true, &text, &err), SL_OK);
    assert_int_equal(sl_json_parse(text, strlen(text), "saved", &again, &err), SL_OK);
    sl_json_close(doc);
    free(text);
    return again;
}

static void what_was_saved_scores_the_same(void **state)
{
    const struct fitted *f = *state;
    struct sl_json_doc  *doc = save(f->model);
    double               before[N_ROWS], after[N_ROWS];
    struct sl_model     *loaded;

    if (sl_model_load(doc, sl_json_root(doc), N_COLS, &loaded, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_ptr_equal(sl_model_kind(loaded), f->ops);
    predict_rows(f, f->model, 0, N_ROWS, before);
    predict_rows(f, loaded, 0, N_ROWS, after);
    assert_memory_equal(before, after, sizeof before);
    sl_model_free(loaded);
    sl_json_close(doc);
}

static void another_number_of_columns_is_refused(void **state)
{
    const struct fitted *f = *state;
    struct sl_json_doc  *doc = save(f->model);
    struct sl_model     *loaded;

    assert_int_equal(sl_model_load(doc, sl_json_root(doc), N_COLS - 1, &loaded, &err), SL_EJOB);
    assert_int_equal(sl_model_load(doc, sl_json_root(doc), N_COLS + 1, &loaded, &err), SL_EJOB);
    sl_json_close(doc);
}

static void wrong_shapes_fail_cleanly(void **state)
{
    const struct fitted *f = *state;
    double               scores[4] = {0};
    struct sl_matrix     x = f->x, y = {.n_cols = 1, .ld = 4, .data = scores};

    x.n_rows = 4;
    x.n_cols = N_COLS - 1;
    assert_int_equal(sl_model_predict(f->model, &x, &y, &err), SL_EBUG);
    x.n_cols = N_COLS;
    y.n_cols = 2;
    assert_int_equal(sl_model_predict(f->model, &x, &y, &err), SL_EBUG);
    y.n_cols = 1;
    y.ld = 3;
    assert_int_equal(sl_model_predict(f->model, &x, &y, &err), SL_EBUG);
    for (size_t i = 0; i < 4; i++)
        assert_true(scores[i] == 0.0);
}

static void fitting_again_gives_the_same_bits(void **state)
{
    struct fitted   *f = *state;
    double           before[N_ROWS], after[N_ROWS];
    struct sl_model *again;

    assert_int_equal(fit(f, &again), SL_OK);
    predict_rows(f, f->model, 0, N_ROWS, before);
    predict_rows(f, again, 0, N_ROWS, after);
    assert_memory_equal(before, after, sizeof before);
    sl_model_free(again);
}

static void no_rows_to_train_on_are_an_input_fault(void **state)
{
    struct fitted   *f = *state;
    struct sl_model *none = NULL;

    f->x.n_rows = 0;
    assert_int_equal(fit(f, &none), SL_EINPUT);
    f->x.n_rows = N_ROWS;
    assert_null(none);
}

static void kinds_have_names_of_their_own(void **state)
{
    size_t                            n;
    const struct sl_model_ops *const *kinds = sl_model_kinds(&n);

    (void)state;
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        assert_true(sl_model_n_params(kinds[i]) <= SL_MAX_PARAMS);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(kinds[i]->name, kinds[k]->name);
    }
}

#define PROMISE(test)                                                                              \
    {                                                                                              \
        .name = #test, .test_func = test, .setup_func = set_up, .teardown_func = tear_down,        \
        .initial_state = &fitted                                                                   \
    }

static int check_kind(const struct sl_model_ops *ops)
{
    struct fitted           fitted = {.ops = ops};
    const struct CMUnitTest promises[] = {
        PROMISE(no_rows_are_no_fault),
        PROMISE(scores_are_finite_and_say_something),
        PROMISE(blocks_change_no_bit),
        PROMISE(what_was_saved_scores_the_same),
        PROMISE(another_number_of_columns_is_refused),
        PROMISE(wrong_shapes_fail_cleanly),
        PROMISE(fitting_again_gives_the_same_bits),
        PROMISE(no_rows_to_train_on_are_an_input_fault),
    };

    return cmocka_run_group_tests_name(ops->name, promises, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest list[] = {cmocka_unit_test(kinds_have_names_of_their_own)};
    int                     n_failed = cmocka_run_group_tests_name("kinds", list, NULL, NULL);
    size_t                  n;
    const struct sl_model_ops *const *kinds = sl_model_kinds(&n);

    for (size_t i = 0; i < n; i++) {
        if (kinds[i]->missing == NULL && kinds[i]->fit != NULL)
            n_failed += check_kind(kinds[i]);
    }
    return n_failed;
}
