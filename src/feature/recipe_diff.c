/* A job beside a recipe that was fitted for another run of it: where do they differ first? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recipe_impl.h"

enum { OF_GROUP = -1 }; /* instead of a feature's index */

static sl_status fail_text(int index, const char *key, const char *job, const char *recipe,
                           struct sl_error *err)
{
    if (index == OF_GROUP)
        return sl_fail(err, SL_EJOB, "$.features.%s: '%.200s', but the model has '%.200s'", key,
                       job, recipe);
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

/* An option of a feature as text; NULL where it has none. */
struct option {
    const char *key;
    const char *job;
    const char *recipe;
};

static sl_status compare(int index, const struct option *options, size_t n, struct sl_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *job = options[i].job == NULL ? "" : options[i].job;
        const char *recipe = options[i].recipe == NULL ? "" : options[i].recipe;

        if (strcmp(job, recipe) != 0)
            return fail_text(index, options[i].key, job, recipe, err);
    }
    return SL_OK;
}

static const char *bool_text(bool value)
{
    return value ? "true" : "false";
}

static sl_status check_feature(int index, const struct sl_feature_spec *job,
                               const struct sl_feature_spec *recipe, struct sl_error *err)
{
    char                numbers[2][32];
    char                most[2][32];
    const struct option options[] = {
        {"name", job->name, recipe->name},
        {"expr", job->expr, recipe->expr},
        {"categorical", job->categorical, recipe->categorical},
        {"missing", missing_text(job, numbers[0]), missing_text(recipe, numbers[1])},
        {"scale", sl_feature_scales[job->scale], sl_feature_scales[recipe->scale]},
        {"indicator", bool_text(job->indicator), bool_text(recipe->indicator)},
    };
    const struct option of_levels[] = {
        {"handle_unknown", job->handle_unknown, recipe->handle_unknown},
        {"drop", sl_feature_drops[job->drop], sl_feature_drops[recipe->drop]},
        {"trim", bool_text(job->trim), bool_text(recipe->trim)},
        {"max_levels", most[0], most[1]},
    };
    sl_status rc;

    snprintf(most[0], sizeof most[0], "%" PRId64, job->max_levels);
    snprintf(most[1], sizeof most[1], "%" PRId64, recipe->max_levels);
    SL_TRY(compare(index, options, sizeof options / sizeof *options, err));
    if (job->categorical != NULL)
        SL_TRY(compare(index, of_levels, sizeof of_levels / sizeof *of_levels, err));
out:
    return rc;
}

/* The options of a group, against a feature that it would give. */
static sl_status check_options(const struct sl_group_spec   *group,
                               const struct sl_feature_spec *recipe, struct sl_error *err)
{
    struct sl_feature_spec spec = {.name = NULL};
    sl_status              rc;

    SL_TRY(sl_recipe_spec_of_group(&group->like, recipe->name, recipe->categorical != NULL, &spec,
                                   err));
    SL_TRY(check_feature(OF_GROUP, &spec, recipe, err));
out:
    free(spec.name);
    free(spec.expr);
    free(spec.categorical);
    free(spec.handle_unknown);
    return rc;
}

/* Which columns there were the model alone knows: it must have none that the job leaves out, and
 * all that are listed as categorical must be that. */
static sl_status check_group(const struct sl_recipe *recipe, const struct sl_recipe_spec *job,
                             struct sl_error *err)
{
    const struct sl_group_spec  *group = &job->group;
    const struct sl_orient_spec *orient = &recipe->orient.spec;
    sl_status                    rc = SL_OK;

    for (int j = 0; j < recipe->n_features && group->except != NULL; j++) {
        const struct sl_feature_spec *spec = &recipe->features[j].spec;

        if (sl_recipe_is_listed(orient, group->except, group->n_except, spec->name))
            return sl_fail(err, SL_EJOB,
                           "$.features.all_except: '%.200s' is a feature of the model", spec->name);
        if (spec->categorical == NULL &&
            sl_recipe_is_listed(orient, group->categorical, group->n_categorical, spec->name))
            return sl_fail(err, SL_EJOB, "$.features.categorical: '%.200s' is numeric in the model",
                           spec->name);
        SL_TRY(check_options(group, spec, err));
    }
out:
    return rc;
}

static sl_status check_texts(const char *key, const char *job, const char *recipe,
                             struct sl_error *err)
{
    if (job == NULL || (recipe != NULL && strcmp(job, recipe) == 0))
        return SL_OK;
    return sl_fail(err, SL_EJOB, "$.%s: '%.200s', but the model has %s%.200s%s", key, job,
                   recipe != NULL ? "'" : "", recipe != NULL ? recipe : "none",
                   recipe != NULL ? "'" : "");
}

static bool are_same(char *const *a, int n_a, char *const *b, int n_b)
{
    bool same = n_a == n_b;

    for (int i = 0; same && i < n_a; i++)
        same = strcmp(a[i], b[i]) == 0;
    return same;
}

static sl_status check_orient(const struct sl_orient_spec *recipe, const struct sl_orient_spec *job,
                              struct sl_error *err)
{
    sl_status rc;

    if (job->first == NULL)
        return SL_OK;
    SL_TRY(check_texts("orient.first", job->first, recipe->first, err));
    SL_TRY(check_texts("orient.second", job->second, recipe->second, err));
    SL_TRY(check_texts("orient.label", job->label, recipe->label, err));
    if (!are_same(job->as, job->n_as, recipe->as, recipe->n_as))
        return sl_fail(err, SL_EJOB, "$.orient.as: other prefixes than the model has");
    if (!are_same(job->key, job->n_key, recipe->key, recipe->n_key))
        return sl_fail(err, SL_EJOB, "$.orient.key: other columns than the model has");
    if (job->seed != recipe->seed)
        rc = sl_fail(err, SL_EJOB, "$.orient.seed: %" PRId64 ", but the model has %" PRId64,
                     job->seed, recipe->seed);
out:
    return rc;
}

sl_status sl_recipe_check_same(const struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                               struct sl_error *err)
{
    sl_status rc;

    SL_TRY(check_orient(&recipe->orient.spec, &spec->orient, err));
    SL_TRY(check_group(recipe, spec, err));
    for (int i = 0; i < spec->n_features && i < recipe->n_features; i++)
        SL_TRY(check_feature(i, &spec->features[i], &recipe->features[i].spec, err));
    if (spec->n_features > 0 && spec->n_features != recipe->n_features)
        return sl_fail(err, SL_EJOB, "$.features: %d of them, but the model has %d",
                       spec->n_features, recipe->n_features);
    SL_TRY(check_texts("label", spec->label, recipe->label.expr, err));
    SL_TRY(check_texts("weight", spec->weight, recipe->weight, err));
out:
    return rc;
}
