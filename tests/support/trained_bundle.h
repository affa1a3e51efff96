/* Bundles trained on made-up files, and edits of their text.  Comes after cmocka.h. */
#ifndef SCORELINE_TESTS_TRAINED_BUNDLE_H
#define SCORELINE_TESTS_TRAINED_BUNDLE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/bundle.h"
#include "scoreline/job.h"
#include "text_table.h"

/* A kind of model with its parameters: C is 1.5, the others as they are by default. */
static inline void fit_model(struct sl_bundle *bundle, const struct sl_design *set)
{
    struct sl_error            err;
    char                       estimator[] = "logistic_regression", name[] = "C";
    struct sl_param_value      c = {.name = name, .value = 1.5};
    const struct sl_train_spec spec = {.estimator = estimator, .n_params = 1, .params = &c};
    const struct sl_model_ops *ops;
    double                    *params;
    struct sl_fit_in in = {.terms = sl_recipe_terms(bundle->recipe), .x = set, .y = set->label};

    sl_recipe_classes(bundle->recipe, &in.n_classes);
    assert_int_equal(sl_model_check(&spec, &ops, &params, &err), SL_OK);
    in.params = params;
    if (sl_model_fit(ops, &in, &bundle->model, &bundle->fit, &err) != SL_OK)
        fail_msg("%s", err.text);
    free(params);
}

static inline void profile_scores(struct sl_bundle *bundle, const struct sl_design *set)
{
    struct sl_error  err;
    struct sl_matrix y;

    assert_int_equal(
        sl_matrix_init(&y, set->x.n_rows, (size_t)sl_model_n_outputs(bundle->model), &err), SL_OK);
    assert_int_equal(sl_model_predict(bundle->model, set, &y, &err), SL_OK);
    sl_score_of(&y, y.data);
    assert_int_equal(sl_profile_init_scores(&bundle->score_profile, y.data, set->x.n_rows, &err),
                     SL_OK);
    sl_matrix_release(&y);
}

/* All rows of a table become checks. */
static inline void make_checks(struct sl_bundle *bundle, const char *table)
{
    struct sl_error                 err;
    struct sl_column_block          block = {0};
    int                             n;
    const struct sl_column_request *requests = sl_recipe_inputs(bundle->recipe, &n);

    read_table(requests, n, table, &block);
    assert_int_equal(sl_checks_init(&bundle->checks, requests, n, &err), SL_OK);
    for (size_t i = 0; i < block.n_rows; i++)
        assert_int_equal(sl_checks_put(&bundle->checks, i, &block, i, &err), SL_OK);
    if (sl_checks_score(&bundle->checks, bundle->recipe, bundle->model, &err) != SL_OK)
        fail_msg("%s", err.text);
    sl_column_block_release(&block);
}

/* Train on a table as a run does; its texts are not const, nobody writes to them. */
static inline void train_bundle(const struct sl_recipe_spec *spec, const char *table,
                                const char *checks, struct sl_bundle *bundle)
{
    struct sl_error  err;
    struct sl_design set;

    *bundle = (struct sl_bundle){0};
    if (sl_recipe_create(spec, true, &bundle->recipe, &err) != SL_OK ||
        fit_table(bundle->recipe, table, &set, &err) != SL_OK)
        fail_msg("%s", err.text);
    fit_model(bundle, &set);
    profile_scores(bundle, &set);
    make_checks(bundle, checks);
    sl_design_release(&set);
}

/* The text with the first `from` behind `after` replaced; NULL if it has none. */
static inline char *altered(const char *text, const char *after, const char *from, const char *to)
{
    struct sl_error err;
    const char     *at = strstr(text, after);
    struct sl_text  out = {0};

    at = at == NULL ? NULL : strstr(at + strlen(after), from);
    if (at == NULL)
        return NULL;
    assert_int_equal(sl_text_add_bytes(&out, text, (size_t)(at - text), &err), SL_OK);
    assert_int_equal(sl_text_add(&out, &err, "%s%s", to, at + strlen(from)), SL_OK);
    return out.data;
}

/* The text with one bit of the number changed that stands first behind `after`: the tenth of 52. */
static inline char *nudged(const char *text, const char *after)
{
    struct sl_error err;
    const char     *at = strstr(text, after);
    struct sl_text  out = {0};
    char           *end;
    uint64_t        bits;
    double          number;

    at = at == NULL ? NULL : strpbrk(at + strlen(after), "-0123456789");
    if (at == NULL)
        fail_msg("no number behind '%s' in\n%s", after, text);
    number = strtod(at, &end);
    memcpy(&bits, &number, sizeof bits);
    bits ^= UINT64_C(1) << 10;
    memcpy(&number, &bits, sizeof bits);
    assert_int_equal(sl_text_add_bytes(&out, text, (size_t)(at - text), &err), SL_OK);
    assert_int_equal(sl_text_add(&out, &err, "%.17g%s", number, end), SL_OK);
    return out.data;
}

#endif
