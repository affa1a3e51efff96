/* A fold: rows are gathered by feature and row, a recipe is fitted to some of them as if nothing
 * else were there, and what it learned makes the others ready. */
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/stop.h"
#include "trials.h"

sl_status trial_variant_init(struct trial_variant *variant, const char *name,
                             const struct sl_job *job, const int *features, int n,
                             struct sl_error *err)
{
    sl_status rc;

    *variant = (struct trial_variant){.name = name, .spec = job->recipe};
    variant->spec.group = (struct sl_group_spec){.n_except = 0};
    variant->spec.features = NULL;
    variant->spec.n_features = n;
    SL_TRY(sl_alloc_array((size_t)n, sizeof *variant->features, &variant->features, err));
    SL_TRY(sl_alloc_array((size_t)n, sizeof *variant->spec.features, &variant->spec.features, err));
    for (int j = 0; j < n; j++) {
        variant->features[j] = features[j];
        variant->spec.features[j] = job->recipe.features[features[j]];
    }
out:
    if (rc != SL_OK)
        trial_variant_release(variant);
    return rc;
}

void trial_variant_release(struct trial_variant *variant)
{
    free(variant->features);
    free(variant->spec.features);
    *variant = (struct trial_variant){.name = NULL};
}

/* --- gathering -------------------------------------------------------------------------------- */

/* Of the recipe's terms those of features alone, which come first, are filled in. */
static sl_status gather(const struct trial_rows *rows, const struct trial_variant *variant,
                        const struct sl_terms *terms, struct trial_subset subset,
                        struct sl_design *to, struct sl_error *err)
{
    const struct sl_design *from = &rows->design;
    const struct sl_term   *met = sl_recipe_terms(rows->recipe)->items;
    const size_t           *row = subset.rows;
    sl_status               rc;

    SL_TRY(sl_design_init(to, subset.n, terms->n_numeric, terms->n_categorical, err));
    for (int j = 0; j < variant->spec.n_features; j++) {
        const size_t there = (size_t)met[variant->features[j]].index * from->x.ld;
        const size_t here = (size_t)terms->items[j].index * to->x.ld;

        if (terms->items[j].is_categorical)
            for (size_t i = 0; i < subset.n; i++)
                to->codes[here + i] = from->codes[there + row[i]];
        else
            for (size_t i = 0; i < subset.n; i++)
                to->x.data[here + i] = from->x.data[there + row[i]];
    }
    for (size_t i = 0; i < subset.n; i++) {
        to->status[i] = from->status[row[i]];
        to->label[i] = from->label[row[i]];
        to->weight[i] = from->weight[row[i]];
    }
    to->x.n_rows = subset.n;
out:
    return rc;
}

/* --- the fold --------------------------------------------------------------------------------- */

static sl_status learn(const struct trial_rows *rows, const struct trial_variant *variant,
                       struct trial_subset train, struct trial_fold *fold, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_recipe_create(&variant->spec, false, &fold->recipe, err));
    SL_TRY(sl_recipe_meet(fold->recipe, rows->recipe, variant->features, err));
    SL_TRY(gather(rows, variant, sl_recipe_terms(fold->recipe), train, &fold->train, err));
    SL_TRY(sl_recipe_fit(sl_comm_self(), fold->recipe, &fold->train, err));
    sl_recipe_classes(fold->recipe, &fold->n_classes);
out:
    return rc;
}

static sl_status apply(const struct trial_rows *rows, const struct trial_variant *variant,
                       struct trial_subset test, struct trial_fold *fold, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(gather(rows, variant, sl_recipe_terms(fold->recipe), test, &fold->test, err));
    SL_TRY(sl_recipe_apply_met(fold->recipe, rows->recipe, variant->features, &fold->test, err));
    if (fold->test.fault_row >= 0)
        rc = sl_fail(err, SL_EINPUT,
                     "feature '%s' of a row to be scored is none that training had, and the job "
                     "says that this is an error",
                     variant->spec.features[fold->test.fault_feature].name);
out:
    return rc;
}

sl_status trial_fold_make(const struct trial_rows *rows, const struct trial_variant *variant,
                          struct trial_subset train, struct trial_subset test,
                          struct trial_fold *fold, struct sl_error *err)
{
    sl_status rc;

    *fold = (struct trial_fold){.recipe = NULL};
    SL_TRY(learn(rows, variant, train, fold, err));
    SL_TRY(apply(rows, variant, test, fold, err));
out:
    return rc;
}

void trial_fold_release(struct trial_fold *fold)
{
    sl_recipe_free(fold->recipe);
    sl_design_release(&fold->train);
    sl_design_release(&fold->test);
    *fold = (struct trial_fold){.recipe = NULL};
}

/* --- fits ------------------------------------------------------------------------------------- */

sl_status trial_fit(const struct trial_fold *fold, const struct trial_estimator *what,
                    const struct sl_model *start, struct sl_model **model,
                    struct sl_fit_report *report, struct sl_error *err)
{
    const struct sl_fit_in in = {.terms = sl_recipe_terms(fold->recipe),
                                 .x = &fold->train,
                                 .y = fold->train.label,
                                 .weight = what->is_weighted ? fold->train.weight : NULL,
                                 .n_classes = fold->n_classes,
                                 .params = what->params,
                                 .start = start,
                                 .ends_at_tol = true};
    sl_status              rc = sl_model_fit(what->ops, &in, model, report, err);

    if (rc != SL_OK || !sl_stop_asked())
        return rc;
    sl_model_free(*model);
    *model = NULL;
    return sl_stop_fail(" while a model was fitted", err);
}

sl_status trial_judge(const struct trial_fold *fold, const struct trial_estimator *what,
                      const struct sl_model *model, const struct sl_design *rows,
                      struct sl_weighed *out, struct sl_error *err)
{
    const size_t     n_rows = rows->x.n_rows;
    struct sl_matrix scores = {0};
    sl_status        rc;

    SL_TRY(
        sl_matrix_init(&scores, n_rows > 0 ? n_rows : 1, (size_t)sl_model_n_outputs(model), err));
    SL_TRY(sl_model_predict(model, rows, &scores, err));
    const struct sl_weighed_rows weighed = {.n_classes = fold->n_classes,
                                            .deviance = what->ops->deviance,
                                            .threshold = what->threshold,
                                            .rows = rows,
                                            .is_weighted = what->is_weighted,
                                            .scores = &scores,
                                            .without_curve = what->without_curve};
    rc = sl_metrics_weigh(&weighed, out, err);
out:
    sl_matrix_release(&scores);
    return rc;
}
