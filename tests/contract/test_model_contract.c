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

enum { N_ROWS = 3000, MOST_CLASSES = 4 };

/* Numbers and levels in turn; -1: a number, else that many levels with a column. */
static const int term_levels[] = {-1, 3, -1, -1, 5, 0, -1, -1};
enum { N_TERMS = sizeof term_levels / sizeof *term_levels };

/* A fitted model of one kind and what it was fitted to. */
struct fitted {
    const struct sl_model_ops *ops;
    int                        n_classes; /* 0 for regression */
    struct sl_terms            terms;
    struct sl_design           x;
    double                    *y;
    const double              *weight; /* NULL: all 1 */
    double                     params[SL_MAX_PARAMS];
    struct sl_model           *model;
};

static struct sl_error err;

/* Deterministic, in [-0.5, 0.5). */
static double noise(uint64_t i)
{
    return (double)(sl_mix64(i) >> 11) * 0x1p-53 - 0.5;
}

static void make_terms(struct sl_terms *terms, int n_terms)
{
    *terms = (struct sl_terms){0};
    for (int t = 0; t < n_terms; t++)
        assert_int_equal(sl_terms_add(terms, term_levels[t] >= 0,
                                      term_levels[t] >= 0 ? term_levels[t] : 1, &err),
                         SL_OK);
}

/* One value of a term; what it adds to the target is returned. */
static double make_value(struct fitted *f, const struct sl_term *term, size_t i)
{
    const size_t at = (size_t)term->index * f->x.x.ld + i;
    const double z = noise((uint64_t)(term->first_column + 1) * 1000003 + i);

    if (!term->is_categorical) {
        f->x.x.data[at] = z * (double)(term->index * term->index * 100 + 1);
        return z;
    }
    f->x.codes[at] = (int32_t)((z + 0.5) * (term->n_columns + 1));
    return 0.2 * (f->x.codes[at] - 0.5 * term->n_columns);
}

static double make_target(const struct fitted *f, double target)
{
    const double share = 0.5 + target / 4.0;

    if (f->ops->is_of_counts)
        return floor(4.0 * exp(target));
    if (f->n_classes == 0)
        return target;
    if (f->n_classes == 2)
        return target > 0.0;
    return fmax(0.0, fmin(floor(share * f->n_classes), f->n_classes - 1));
}

static void make_data(struct fitted *f)
{
    make_terms(&f->terms, N_TERMS);
    assert_int_equal(
        sl_design_init(&f->x, N_ROWS, f->terms.n_numeric, f->terms.n_categorical, &err), SL_OK);
    f->x.x.n_rows = N_ROWS;
    f->y = test_malloc(N_ROWS * sizeof *f->y);
    for (size_t i = 0; i < N_ROWS; i++) {
        double target = noise(i);

        for (int t = 0; t < N_TERMS; t++)
            target += make_value(f, &f->terms.items[t], i);
        f->y[i] = make_target(f, target);
    }
}

static sl_status fit(struct fitted *f, struct sl_model **model)
{
    struct sl_fit_in     in = {.terms = &f->terms,
                               .x = &f->x,
                               .y = f->y,
                               .weight = f->weight,
                               .n_classes = f->n_classes,
                               .params = f->params};
    struct sl_fit_report report;

    return sl_model_fit(f->ops, &in, model, &report, &err);
}

static int set_up(void **state)
{
    struct fitted *f = *state;

    for (int i = 0; f->ops->params[i].name != NULL; i++)
        f->params[i] = f->ops->params[i].fallback;
    make_data(f);
    f->model = NULL;
    f->weight = NULL;
    if (fit(f, &f->model) != SL_OK)
        fail_msg("%s: %s", f->ops->name, err.text);
    return 0;
}

static int tear_down(void **state)
{
    struct fitted *f = *state;

    sl_model_free(f->model);
    sl_terms_release(&f->terms);
    sl_design_release(&f->x);
    test_free(f->y);
    return 0;
}

static size_t n_outputs(const struct fitted *f)
{
    return (size_t)sl_model_n_outputs(f->model);
}

/* Scores rows [first, first + n_rows) as one block into rows of out [N_ROWS, outputs]. */
static void predict_rows(const struct fitted *f, const struct sl_model *model, size_t first,
                         size_t n_rows, double *out)
{
    struct sl_design x = f->x;
    struct sl_matrix y = {.n_cols = n_outputs(f), .ld = N_ROWS, .data = out + first};

    x.x.n_rows = n_rows;
    x.x.data += first;
    x.codes += first;
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

static void outputs_are_as_many_as_classes_ask_for(void **state)
{
    const struct fitted *f = *state;

    assert_int_equal(n_outputs(f), f->n_classes > 2 ? f->n_classes : 1);
}

static void scores_are_finite_and_say_something(void **state)
{
    const struct fitted *f = *state;
    double               scores[MOST_CLASSES * N_ROWS], widest = 0.0;

    predict_rows(f, f->model, 0, N_ROWS, scores);
    for (size_t k = 0; k < n_outputs(f); k++) {
        double least = INFINITY, most = -INFINITY;

        for (size_t i = 0; i < N_ROWS; i++) {
            double score = scores[k * N_ROWS + i];

            assert_true(isfinite(score));
            least = fmin(least, score);
            most = fmax(most, score);
        }
        assert_true(most - least > 0.1);
        widest = fmax(widest, most - least);
        assert_true(!f->ops->is_classifier || (least >= 0.0 && most <= 1.0));
    }
    assert_true(widest > 0.5);
}

static void probabilities_of_classes_add_up(void **state)
{
    const struct fitted *f = *state;
    double               scores[MOST_CLASSES * N_ROWS];

    predict_rows(f, f->model, 0, N_ROWS, scores);
    for (size_t i = 0; n_outputs(f) > 1 && i < N_ROWS; i++) {
        double sum = 0.0;

        for (size_t k = 0; k < n_outputs(f); k++)
            sum += scores[k * N_ROWS + i];
        assert_true(fabs(sum - 1.0) < 1e-15 * (double)n_outputs(f));
    }
}

static void blocks_change_no_bit(void **state)
{
    static const size_t  sizes[] = {1, 2, 3, 7, 37, 255, 256, 257, 1000, 1024};
    const struct fitted *f = *state;
    double               whole[MOST_CLASSES * N_ROWS] = {0}, parts[MOST_CLASSES * N_ROWS];

    predict_rows(f, f->model, 0, N_ROWS, whole);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        memset(parts, 0, sizeof parts);
        for (size_t first = 0; first < N_ROWS; first += sizes[k]) {
            size_t left = N_ROWS - first;

            predict_rows(f, f->model, first, left < sizes[k] ? left : sizes[k], parts);
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
    double               before[MOST_CLASSES * N_ROWS] = {0}, after[MOST_CLASSES * N_ROWS] = {0};
    struct sl_model     *loaded;

    if (sl_model_load(doc, sl_json_root(doc), &f->terms, f->n_classes, &loaded, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_ptr_equal(sl_model_kind(loaded), f->ops);
    assert_int_equal(sl_model_n_outputs(loaded), n_outputs(f));
    predict_rows(f, f->model, 0, N_ROWS, before);
    predict_rows(f, loaded, 0, N_ROWS, after);
    assert_memory_equal(before, after, sizeof before);
    sl_model_free(loaded);
    sl_json_close(doc);
}

static void other_columns_or_classes_are_refused(void **state)
{
    const struct fitted *f = *state;
    struct sl_json_doc  *doc = save(f->model);
    struct sl_terms      terms;
    struct sl_model     *loaded;

    make_terms(&terms, N_TERMS - 1);
    assert_int_equal(sl_model_load(doc, sl_json_root(doc), &terms, f->n_classes, &loaded, &err),
                     SL_EJOB);
    sl_terms_release(&terms);
    make_terms(&terms, N_TERMS);
    assert_int_equal(sl_terms_add(&terms, true, 2, &err), SL_OK);
    assert_int_equal(sl_model_load(doc, sl_json_root(doc), &terms, f->n_classes, &loaded, &err),
                     SL_EJOB);
    sl_terms_release(&terms);
    assert_int_equal(
        sl_model_load(doc, sl_json_root(doc), &f->terms, f->n_classes == 2 ? 3 : 2, &loaded, &err),
        SL_EJOB);
    if (f->ops->is_classifier) /* as if the label were a number */
        assert_int_equal(sl_model_load(doc, sl_json_root(doc), &f->terms, 0, &loaded, &err),
                         SL_EJOB);
    sl_json_close(doc);
}

static void wrong_shapes_fail_cleanly(void **state)
{
    const struct fitted *f = *state;
    double               scores[MOST_CLASSES * 4] = {0};
    struct sl_design     x = f->x;
    struct sl_matrix     y = {.n_cols = n_outputs(f), .ld = 4, .data = scores};

    x.x.n_rows = 4;
    x.x.n_cols--;
    assert_int_equal(sl_model_predict(f->model, &x, &y, &err), SL_EBUG);
    x.x.n_cols++;
    x.n_codes++;
    assert_int_equal(sl_model_predict(f->model, &x, &y, &err), SL_EBUG);
    x.n_codes--;
    y.n_cols++;
    assert_int_equal(sl_model_predict(f->model, &x, &y, &err), SL_EBUG);
    y.n_cols--;
    y.ld = 3;
    assert_int_equal(sl_model_predict(f->model, &x, &y, &err), SL_EBUG);
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        assert_true(scores[i] == 0.0);
}

static void designs_of_another_shape_are_not_trained_on(void **state)
{
    struct fitted   *f = *state;
    struct sl_model *none = NULL;
    int32_t          code = f->x.codes[7];

    f->x.n_codes--;
    assert_int_equal(fit(f, &none), SL_EBUG);
    f->x.n_codes++;
    f->x.codes[7] = 4;
    assert_int_equal(fit(f, &none), SL_EBUG);
    assert_string_equal(err.text, "model: feature 1 of training row 7 has the code 4 of 3");
    f->x.codes[7] = code;
    assert_null(none);
}

static void fitting_again_gives_the_same_bits(void **state)
{
    struct fitted   *f = *state;
    double           before[MOST_CLASSES * N_ROWS] = {0}, after[MOST_CLASSES * N_ROWS] = {0};
    struct sl_model *again;

    assert_int_equal(fit(f, &again), SL_OK);
    predict_rows(f, f->model, 0, N_ROWS, before);
    predict_rows(f, again, 0, N_ROWS, after);
    assert_memory_equal(before, after, sizeof before);
    sl_model_free(again);
}

static void members_of_the_file_are_those_that_are_told(void **state)
{
    const struct fitted *f = *state;
    struct sl_json_doc  *doc = save(f->model);
    size_t               n = 0;

    for (; f->ops->members[n] != NULL; n++)
        assert_non_null(sl_json_find(sl_json_root(doc), f->ops->members[n]));
    assert_int_equal(sl_json_count(sl_json_root(doc)), n + 1); /* and the estimator's name */
    sl_json_close(doc);
}

static void threads_change_no_bit(void **state)
{
    struct fitted   *f = *state;
    double           before[MOST_CLASSES * N_ROWS] = {0}, after[MOST_CLASSES * N_ROWS] = {0};
    struct sl_model *again;

    predict_rows(f, f->model, 0, N_ROWS, before);
    for (const char *const *n = (const char *const[]){"1", "2", "5", NULL}; *n != NULL; n++) {
        assert_int_equal(setenv("SCORELINE_THREADS", *n, 1), 0);
        assert_int_equal(fit(f, &again), SL_OK);
        predict_rows(f, again, 0, N_ROWS, after);
        assert_memory_equal(before, after, sizeof before);
        sl_model_free(again);
    }
    unsetenv("SCORELINE_THREADS");
}

/* As if they were not there, whatever they hold. */
static void rows_of_weight_0_change_nothing(void **state)
{
    struct fitted   *f = *state;
    double          *weight = test_malloc(N_ROWS * sizeof *weight);
    double           before[MOST_CLASSES * N_ROWS] = {0}, after[MOST_CLASSES * N_ROWS] = {0};
    struct sl_model *one, *other;

    for (size_t i = 0; i < N_ROWS; i++)
        weight[i] = i % 7 == 3 ? 0.0 : 1.5;
    f->weight = weight;
    assert_int_equal(fit(f, &one), SL_OK);
    for (size_t i = 3; i < N_ROWS; i += 7) {
        f->x.x.data[i] = 1e30;
        f->y[i] = f->n_classes > 0 ? 0.0 : 1e30;
    }
    assert_int_equal(fit(f, &other), SL_OK);
    predict_rows(f, one, 0, 3, before);
    predict_rows(f, other, 0, 3, after);
    assert_memory_equal(before, after, sizeof before);
    sl_model_free(one);
    sl_model_free(other);
    test_free(weight);
}

static void one_class_alone_is_an_input_fault(void **state)
{
    struct fitted   *f = *state;
    struct sl_model *none = NULL;

    for (size_t i = 0; i < N_ROWS; i++)
        f->y[i] = 0.0;
    if (f->ops->is_classifier || f->ops->is_of_counts)
        assert_int_equal(fit(f, &none), SL_EINPUT);
    assert_null(none);
}

static void no_rows_to_train_on_are_an_input_fault(void **state)
{
    struct fitted   *f = *state;
    struct sl_model *none = NULL;

    f->x.x.n_rows = 0;
    assert_int_equal(fit(f, &none), SL_EINPUT);
    f->x.x.n_rows = N_ROWS;
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

static int check_kind(const struct sl_model_ops *ops, int n_classes)
{
    struct fitted           fitted = {.ops = ops, .n_classes = n_classes};
    const struct CMUnitTest promises[] = {
        PROMISE(no_rows_are_no_fault),
        PROMISE(outputs_are_as_many_as_classes_ask_for),
        PROMISE(scores_are_finite_and_say_something),
        PROMISE(probabilities_of_classes_add_up),
        PROMISE(blocks_change_no_bit),
        PROMISE(what_was_saved_scores_the_same),
        PROMISE(other_columns_or_classes_are_refused),
        PROMISE(wrong_shapes_fail_cleanly),
        PROMISE(designs_of_another_shape_are_not_trained_on),
        PROMISE(fitting_again_gives_the_same_bits),
        PROMISE(members_of_the_file_are_those_that_are_told),
        PROMISE(threads_change_no_bit),
        PROMISE(rows_of_weight_0_change_nothing),
        PROMISE(one_class_alone_is_an_input_fault),
        PROMISE(no_rows_to_train_on_are_an_input_fault),
    };

    char name[100];

    snprintf(name, sizeof name, "%s, %d classes", ops->name, n_classes);
    return cmocka_run_group_tests_name(name, promises, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest list[] = {cmocka_unit_test(kinds_have_names_of_their_own)};
    int                     n_failed = cmocka_run_group_tests_name("kinds", list, NULL, NULL);
    size_t                  n;
    const struct sl_model_ops *const *kinds = sl_model_kinds(&n);

    for (size_t i = 0; i < n; i++) {
        if (kinds[i]->missing != NULL || kinds[i]->fit == NULL)
            continue;
        n_failed += check_kind(kinds[i], kinds[i]->is_classifier ? 2 : 0);
        if (kinds[i]->is_classifier)
            n_failed += check_kind(kinds[i], MOST_CLASSES);
    }
    return n_failed;
}
