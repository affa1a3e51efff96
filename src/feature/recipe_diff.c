/* A job beside a recipe that was fitted for another run of it: where do they differ first? */
#include <stdio.h>
#include <string.h>

#include "recipe_impl.h"

static sl_status fail_text(int index, const char *key, const char *job, const char *recipe,
                           struct sl_error *err)
{
    return sl_fail(err, SL_EJOB, "$.features[%d].%s: '%.200s', but the model has '%.200s'", index,
                   key, job, recipe);
}

/* "mean", or the number. */
static const char *missing_text(const struct sl_feature_spec *spec, char out[32])
{
    if (spec->missing != SL_MISSING_CONSTANT)
        return sl_feature_policies[spec->missing];
    snprintf(out, 32, "%.17g", spec->fill);
    return out;
}

static sl_status check_feature(int index, const struct sl_feature_spec *job,
                               const struct sl_feature_spec *recipe, struct sl_error *err)
{
    char        numbers[2][32];
    const char *missing[2] = {missing_text(job, numbers[0]), missing_text(recipe, numbers[1])};

    if (strcmp(job->name, recipe->name) != 0)
        return fail_text(index, "name", job->name, recipe->name, err);
    if (strcmp(job->expr, recipe->expr) != 0)
        return fail_text(index, "expr", job->expr, recipe->expr, err);
    if (strcmp(missing[0], missing[1]) != 0)
        return fail_text(index, "missing", missing[0], missing[1], err);
    if (job->scale != recipe->scale)
        return fail_text(index, "scale", sl_feature_scales[job->scale],
                         sl_feature_scales[recipe->scale], err);
    if (job->indicator != recipe->indicator)
        return fail_text(index, "indicator", job->indicator ? "true" : "false",
                         recipe->indicator ? "true" : "false", err);
    return SL_OK;
}

sl_status sl_recipe_check_same(const struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                               struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < spec->n_features && i < recipe->n_features; i++)
        SL_TRY(check_feature(i, &spec->features[i], &recipe->features[i].spec, err));
    if (spec->n_features > 0 && spec->n_features != recipe->n_features)
        return sl_fail(err, SL_EJOB, "$.features: %d of them, but the model has %d",
                       spec->n_features, recipe->n_features);
    if (spec->label != NULL && strcmp(spec->label, recipe->label) != 0)
        return sl_fail(err, SL_EJOB, "$.label: '%.200s', but the model has '%.200s'", spec->label,
                       recipe->label);
out:
    return rc;
}
