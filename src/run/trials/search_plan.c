/* What a search goes through: its sets of features, made part of the job so that all of them are
 * read at once, and its candidates. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "search.h"

/* --- features --------------------------------------------------------------------------------- */

static int find_feature(const struct sl_recipe_spec *recipe, const char *name)
{
    for (int j = 0; j < recipe->n_features; j++)
        if (strcmp(recipe->features[j].name, name) == 0)
            return j;
    return -1;
}

/* The job takes the texts of a feature over: its set keeps the name's place alone. */
static sl_status add_feature(struct sl_recipe_spec *recipe, struct sl_feature_spec *feature,
                             struct sl_error *err)
{
    size_t    capacity = (size_t)recipe->n_features;
    sl_status rc =
        sl_grow_array(&recipe->features, &capacity, capacity + 1, sizeof *recipe->features, err);

    if (rc != SL_OK)
        return rc;
    recipe->features[recipe->n_features++] = *feature;
    *feature = (struct sl_feature_spec){.name = NULL};
    return SL_OK;
}

/* The job's number of a feature of a set; by its name alone it may be one that the job has. */
static sl_status take_feature(struct sl_job *job, const char *set, struct sl_feature_spec *feature,
                              int *number, struct sl_error *err)
{
    sl_status rc;

    *number = find_feature(&job->recipe, feature->name);
    if (*number >= 0 && !feature->by_name &&
        !sl_job_same_feature(&job->recipe.features[*number], feature))
        return sl_fail(err, SL_EJOB,
                       "%s: $.search.features.%s: '%s' is another feature than the one of that "
                       "name; name it otherwise",
                       job->file, set, feature->name);
    if (*number >= 0)
        return SL_OK;
    *number = job->recipe.n_features;
    rc = add_feature(&job->recipe, feature, err);
    return rc;
}

static sl_status take_set(struct sl_job *job, struct sl_feature_set_spec *set,
                          struct trial_variant *variant, int *numbers, struct sl_error *err)
{
    sl_status rc;

    for (int j = 0; j < set->n_features; j++)
        SL_TRY(take_feature(job, set->name, &set->features[j], &numbers[j], err));
    rc = trial_variant_init(variant, set->name, job, numbers, set->n_features, err);
out:
    return rc;
}

static sl_status take_all(const struct sl_job *job, struct trial_variant *variant,
                          struct sl_error *err)
{
    int      *numbers = NULL;
    sl_status rc = sl_alloc_array((size_t)job->recipe.n_features, sizeof *numbers, &numbers, err);

    for (int j = 0; rc == SL_OK && j < job->recipe.n_features; j++)
        numbers[j] = j;
    if (rc == SL_OK)
        rc = trial_variant_init(variant, "all", job, numbers, job->recipe.n_features, err);
    free(numbers);
    return rc;
}

sl_status search_take_features(struct search *search, struct sl_error *err)
{
    struct sl_job         *job = search->run->job;
    struct sl_search_spec *spec = &job->search;
    const int              n = spec->n_features > 0 ? spec->n_features : 1;
    int                   *numbers = NULL;
    sl_status              rc;

    search->spec = spec;
    SL_TRY(sl_alloc_array((size_t)n, sizeof *search->variants, &search->variants, err));
    if (spec->n_features == 0) { /* features may have to be found first */
        search->n_variants = 1;
        return SL_OK;
    }
    for (; search->n_variants < n; search->n_variants++) {
        struct sl_feature_set_spec *set = &spec->features[search->n_variants];

        free(numbers);
        numbers = NULL;
        SL_TRY(sl_alloc_array((size_t)set->n_features, sizeof *numbers, &numbers, err));
        SL_TRY(take_set(job, set, &search->variants[search->n_variants], numbers, err));
    }
out:
    free(numbers);
    return rc;
}

/* A feature that is made of another one means a column where that one is not there. */
static sl_status check_variant(const struct search *search, const struct sl_recipe *all,
                               const struct trial_variant *variant, struct sl_error *err)
{
    const struct sl_job *job = search->run->job;

    for (int j = 0; j < variant->spec.n_features; j++) {
        for (int other = 0; other < job->recipe.n_features; other++) {
            bool is_there = false;

            if (!sl_recipe_needs(all, variant->features[j], other))
                continue;
            for (int k = 0; k < j; k++)
                is_there = is_there || variant->features[k] == other;
            if (!is_there)
                return sl_fail(err, SL_EJOB,
                               "%s: $.search.features.%s: '%s' is made of '%s', which has to stand "
                               "before it",
                               job->file, variant->name, variant->spec.features[j].name,
                               job->recipe.features[other].name);
        }
    }
    return SL_OK;
}

sl_status search_check_variants(const struct search *search, struct sl_error *err)
{
    struct sl_recipe *all = NULL;
    struct sl_recipe *alone = NULL;
    sl_status         rc = SL_OK;

    if (search->spec->n_features == 0)
        return SL_OK;
    SL_TRY(sl_recipe_create(&search->run->job->recipe, true, &all, err));
    for (int v = 0; v < search->n_variants; v++) {
        sl_recipe_free(alone);
        alone = NULL;
        SL_TRY(check_variant(search, all, &search->variants[v], err));
        rc = sl_recipe_create(&search->variants[v].spec, true, &alone, err);
        if (rc == SL_EJOB)
            sl_error_in(err, "%s: $.search.features.%s", search->run->job->file,
                        search->variants[v].name);
        SL_TRY(rc);
    }
out:
    sl_recipe_free(alone);
    sl_recipe_free(all);
    return rc;
}

/* --- candidates ------------------------------------------------------------------------------- */

sl_status search_list_candidates(struct search *search, struct sl_error *err)
{
    struct run *run = search->run;
    sl_status   rc;

    if (search->spec->n_features == 0)
        SL_TRY(take_all(run->job, &search->variants[0], err));
    for (int v = 0; v < search->n_variants; v++) /* the estimator says so */
        search->variants[v].spec.label_is_number = run->job->recipe.label_is_number;
    if (run->job->recipe.label_is_number && search->spec->cv.method == SL_CV_STRATIFIED_KFOLD) {
        rc = sl_fail(err, SL_EJOB,
                     "$.search.cv.method: 'stratified_kfold' is for classes, and '%s' predicts "
                     "numbers: take 'kfold'",
                     run->estimator->name);
        goto out;
    }
    SL_TRY(trial_scoring(run, "search", search->spec->scoring, &search->scoring, err));
    SL_TRY(grid_make(search->spec, run->estimator, run->params, search->n_variants, &search->grid,
                     err));
    rc = grid_paths_make(&search->grid, &search->paths, err);
out:
    if (rc == SL_EJOB)
        sl_error_in(err, "%s", run->job->file);
    return rc;
}

/* --- what would be done ----------------------------------------------------------------------- */

int64_t search_n_fits(const struct search *search)
{
    return (int64_t)search->grid.n * search->splits.n;
}

static sl_status describe_variants(const struct search *search, struct sl_json *to,
                                   struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "features", &list, err));
    for (int v = 0; v < search->n_variants; v++)
        SL_TRY(sl_json_add_text(list, NULL, search->variants[v].name, err));
out:
    return rc;
}

sl_status search_describe(const struct search *search, struct sl_json *to, struct sl_error *err)
{
    struct run *run = search->run;
    int         n_splits;
    sl_status   rc;

    SL_TRY(splits_count(&search->spec->cv, &run->training, &n_splits, err));
    SL_TRY(sl_json_add_text(to, "job", run->job->name, err));
    SL_TRY(sl_json_add_text(to, "estimator", run->estimator->name, err));
    SL_TRY(sl_json_add_text(to, "scoring", search_scoring_name(search), err));
    SL_TRY(describe_variants(search, to, err));
    SL_TRY(sl_json_add_number(to, "partitions", run->training.n_partitions, err));
    SL_TRY(sl_json_add_number(to, "candidates", (double)search->grid.n, err));
    SL_TRY(sl_json_add_number(to, "splits", n_splits, err));
    SL_TRY(sl_json_add_number(to, "fits", (double)search->grid.n * n_splits, err));
    SL_TRY(trial_rows_describe(run, to, err));
out:
    return rc;
}
