/* Rules of what the model sees: features, how rows are oriented, which are sampled. */
#include <stdlib.h>
#include <string.h>

#include "job_internal.h"
#include "scoreline/memory.h"

/* Options that one kind of feature alone may be given. */
static const char *const of_numbers[] = {"expr", "scale", "indicator"};
static const char *const of_levels[] = {"drop", "handle_unknown", "max_levels", "trim"};
enum {
    N_OF_NUMBERS = sizeof of_numbers / sizeof *of_numbers,
    N_OF_LEVELS = sizeof of_levels / sizeof *of_levels
};

sl_status sl_job_refuse_twin(const struct sl_job_check *c, const char *const *names, int n,
                             const struct sl_json *list, const char *what)
{
    const struct sl_json *item = sl_json_first(list);
    const char           *twin = NULL;
    int                   n_met = 0;
    sl_status             rc = sl_job_find_twin(names, (size_t)n, &twin, c->err);

    if (rc != SL_OK || twin == NULL)
        return rc;
    for (int i = 0; i < n; i++, item = sl_json_next(item)) {
        n_met += strcmp(names[i], twin) == 0;
        if (n_met == 2)
            break;
    }
    return sl_job_fail(c->reader, item, SL_EJOB, c->err, "the %s '%s' is given twice", what, twin);
}

sl_status sl_job_refuse_keys(const struct sl_job_check *c, const struct sl_json *object,
                             const char *const *keys, size_t n, const char *why)
{
    for (size_t k = 0; k < n; k++) {
        const struct sl_json *option = sl_json_find(object, keys[k]);

        if (option != NULL)
            return sl_job_fail(c->reader, option, SL_EJOB, c->err, "%s", why);
    }
    return SL_OK;
}

static sl_status check_kind(const struct sl_job_check *c, const struct sl_feature_spec *feature,
                            const struct sl_json *at)
{
    const bool is_fill = feature->missing == SL_MISSING_MEAN ||
                         feature->missing == SL_MISSING_MEDIAN ||
                         feature->missing == SL_MISSING_CONSTANT;
    const struct sl_json *missing = sl_json_find(at, "missing");

    if (feature->categorical == NULL && feature->missing == SL_MISSING_LEVEL)
        return sl_job_fail(c->reader, missing, SL_EJOB, c->err,
                           "'level' is for categorical features");
    if (feature->categorical == NULL)
        return sl_job_refuse_keys(c, at, of_levels, N_OF_LEVELS, "is for categorical features");
    if (is_fill)
        return sl_job_fail(c->reader, missing, SL_EJOB, c->err,
                           "a categorical feature takes 'level', 'drop_row' or 'error'");
    return sl_job_refuse_keys(c, at, of_numbers, N_OF_NUMBERS, "is for numeric features");
}

/* A feature without an expression is the column of its name. */
sl_status sl_job_check_features(const struct sl_job_check *c, struct sl_feature_spec *features,
                                int n, const struct sl_json *list)
{
    const struct sl_json *item = sl_json_first(list);
    const char          **names = NULL;
    sl_status             rc;

    SL_TRY(sl_alloc_array((size_t)n, sizeof(*names), &names, c->err));
    for (int i = 0; i < n; i++, item = sl_json_next(item)) {
        struct sl_feature_spec *feature = &features[i];

        names[i] = feature->name;
        SL_TRY(check_kind(c, feature, item));
        feature->by_name = sl_json_kind(item) == SL_JSON_TEXT;
        feature->bare = feature->expr == NULL && feature->categorical == NULL;
        if (feature->bare)
            SL_TRY(sl_copy_text(feature->name, &feature->expr, c->err));
    }
    SL_TRY(sl_job_refuse_twin(c, names, n, list, "feature"));
out:
    free(names);
    return rc;
}

/* What is missing in text columns is what is missing in others. */
static sl_status check_features(const struct sl_job_check *c)
{
    struct sl_recipe_spec *recipe = &c->job->recipe;

    recipe->n_missing = c->job->input.n_missing;
    recipe->missing = c->job->input.missing;
    if (recipe->n_features == 0)
        return SL_OK;
    return sl_job_check_features(c, recipe->features, recipe->n_features, sl_job_at(c, "features"));
}

static sl_status check_group(const struct sl_job_check *c)
{
    const struct sl_group_spec *group = &c->job->recipe.group;
    sl_status                   rc = SL_OK;

    if (group->except == NULL)
        return SL_OK;
    SL_TRY(sl_job_refuse_twin(c, (const char *const *)group->except, group->n_except,
                              sl_job_at(c, "features.all_except"), "column"));
    SL_TRY(sl_job_refuse_twin(c, (const char *const *)group->categorical, group->n_categorical,
                              sl_job_at(c, "features.categorical"), "column"));
    for (int i = 0; i < group->n_categorical; i++)
        if (sl_is_among(group->categorical[i], group->except, group->n_except))
            return sl_job_fail(c->reader, sl_job_item(c, "features.categorical", i), SL_EJOB,
                               c->err, "the column '%s' is in all_except too",
                               group->categorical[i]);
out:
    return rc;
}

/* One of two names must not begin as the other does, or a column could be meant by both. */
static bool are_entangled(const char *a, const char *b)
{
    size_t n_a = strlen(a);
    size_t n_b = strlen(b);

    return strncmp(a, b, n_a < n_b ? n_a : n_b) == 0;
}

static sl_status check_prefixes(const struct sl_job_check *c)
{
    const struct sl_orient_spec *orient = &c->job->recipe.orient;
    const char                  *prefixes[4] = {orient->first, orient->second};

    if (orient->n_as != 2 || orient->as[0][0] == '\0' || orient->as[1][0] == '\0')
        return sl_job_fail(c->reader, sl_job_at(c, "orient.as"), SL_EJOB, c->err,
                           "expected two prefixes, such as [\"a_\", \"b_\"]");
    prefixes[2] = orient->as[0];
    prefixes[3] = orient->as[1];
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++)
            if (are_entangled(prefixes[i], prefixes[k]))
                return sl_job_fail(c->reader, sl_job_at(c, "orient"), SL_EJOB, c->err,
                                   "the prefixes '%s' and '%s' begin alike: no column could be "
                                   "told to have the one or the other",
                                   prefixes[k], prefixes[i]);
    for (int i = 0; i < 2; i++)
        if (strncmp(orient->label, prefixes[i], strlen(prefixes[i])) == 0)
            return sl_job_fail(c->reader, sl_job_at(c, "orient.label"), SL_EJOB, c->err,
                               "must not begin with '%s'", prefixes[i]);
    return SL_OK;
}

static sl_status check_orient(const struct sl_job_check *c)
{
    const struct sl_orient_spec *orient = &c->job->recipe.orient;
    sl_status                    rc;

    if (orient->first == NULL)
        return SL_OK;
    SL_TRY(check_prefixes(c));
    SL_TRY(sl_job_refuse_twin(c, (const char *const *)orient->key, orient->n_key,
                              sl_job_at(c, "orient.key"), "column"));
out:
    return rc;
}

static sl_status check_sample(const struct sl_job_check *c)
{
    const struct sl_json *value = sl_json_find(sl_job_at(c, "train"), "sample");
    const bool            by_rows = value != NULL && sl_json_find(value, "rows") != NULL;
    const bool            by_fraction = value != NULL && sl_json_find(value, "fraction") != NULL;

    if (value != NULL && by_rows == by_fraction)
        return sl_job_fail(c->reader, value, SL_EJOB, c->err,
                           "expected either 'rows' or 'fraction'");
    if (by_fraction && !(c->job->train.sample.fraction > 0.0))
        return sl_job_fail(c->reader, sl_json_find(value, "fraction"), SL_EJOB, c->err,
                           "must be more than 0");
    return SL_OK;
}

sl_status sl_job_check_recipe(const struct sl_job_check *c)
{
    sl_status rc;

    SL_TRY(check_features(c));
    SL_TRY(check_group(c));
    SL_TRY(check_orient(c));
    SL_TRY(check_sample(c));
out:
    return rc;
}
