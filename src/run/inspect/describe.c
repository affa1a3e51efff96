/* Job, plan and needs as JSON.  The tables for people are made from it too, so that they and
 * programs are told the same. */
#include <stdlib.h>
#include <string.h>

#include "../run_impl.h"
#include "describe.h"
#include "scoreline/source.h"

/* --- the job ---------------------------------------------------------------------------------- */

static bool is_learned(const char *key)
{
    static const char *const learned[] = {"fill",        "mean",   "std",
                                          "had_missing", "levels", "profile"};
    bool                     is_one = false;

    for (size_t i = 0; i < sizeof learned / sizeof *learned; i++)
        is_one = is_one || strcmp(key, learned[i]) == 0;
    return is_one;
}

/* Members of the recipe that stand beside its features. */
static sl_status add_beside(const struct sl_json *recipe, struct sl_json *to, struct sl_error *err)
{
    static const char *const keys[] = {"label", "weight", "orient"};
    sl_status                rc = SL_OK;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct sl_json *member = sl_json_find(recipe, keys[i]);

        if (member != NULL)
            SL_TRY(sl_json_add_copy(to, keys[i], member, err));
    }
out:
    return rc;
}

/* As the recipe has them, defaults included, without what only fitting knows. */
static sl_status add_features(const struct sl_recipe *recipe, struct sl_json *to,
                              struct sl_error *err)
{
    struct sl_json_doc   *doc = NULL;
    struct sl_json       *list, *object;
    const struct sl_json *from;
    sl_status             rc;

    SL_TRY(sl_json_create(&doc, err));
    SL_TRY(sl_recipe_save(recipe, sl_json_root(doc), err));
    SL_TRY(sl_json_add_list(to, "features", &list, err));
    from = sl_json_first(sl_json_find(sl_json_root(doc), "features"));
    for (; from != NULL; from = sl_json_next(from)) {
        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        for (const struct sl_json *m = sl_json_first(from); m != NULL; m = sl_json_next(m))
            if (!is_learned(sl_json_key(m)))
                SL_TRY(sl_json_add_copy(object, sl_json_key(m), m, err));
    }
    SL_TRY(add_beside(sl_json_root(doc), to, err));
out:
    sl_json_close(doc);
    return rc;
}

/* What a group of features does not take, and why; nothing where there is none. */
static sl_status add_left_out(const struct run *run, struct sl_json *to, struct sl_error *err)
{
    struct sl_json *list, *object;
    sl_status       rc = SL_OK;

    if (run->n_left_out == 0)
        return SL_OK;
    SL_TRY(sl_json_add_list(to, "left_out", &list, err));
    for (int i = 0; i < run->n_left_out; i++) {
        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(sl_json_add_text(object, "column", run->left_out[i].column, err));
        SL_TRY(sl_json_add_text(object, "why", run->left_out[i].why, err));
    }
out:
    return rc;
}

/* What the model will be, or is. */
static sl_status add_estimator(const struct run *run, struct sl_json *to, struct sl_error *err)
{
    const struct sl_model_ops *kind = run->estimator;
    const double              *params = run->params;
    sl_status                  rc;

    if (run->opts->model != NULL) {
        kind = sl_model_kind(run->bundle.model);
        params = run->bundle.fit.params;
        SL_TRY(sl_json_add_text(to, "model", run->opts->model, err));
    }
    SL_TRY(sl_json_add_text(to, "estimator", kind->name, err));
    SL_TRY(sl_model_print_params(kind, params, to, err));
out:
    return rc;
}

static const char *type_name(enum sl_type type)
{
    static const char *const names[] = {
        [SL_NUMBER] = "float64", [SL_INTEGER] = "int64", [SL_TEXT] = "text"};

    return names[type];
}

static sl_status add_kept(const struct sl_output_spec *output, struct sl_json *to,
                          struct sl_error *err)
{
    struct sl_json *list, *object;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "keep", &list, err));
    for (int k = 0; k < output->n_keep; k++) {
        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(sl_json_add_text(object, "column", output->keep[k].column, err));
        SL_TRY(sl_json_add_text(object, "as", type_name(output->keep[k].type), err));
    }
out:
    return rc;
}

/* --- columns, by the header of the first file ------------------------------------------------- */

/* Where the first file is; NULL: there is none. */
static const struct sl_plan *first_plan(const struct run *run)
{
    const struct sl_plan *plans[] = {&run->plan, &run->training};
    const bool            is_made[] = {run->plans_scoring, run->plans_training};

    for (int i = 0; i < 2; i++)
        if (is_made[i] && plans[i]->n_partitions > 0 && plans[i]->partitions[0].n_files > 0)
            return plans[i];
    return NULL;
}

/* A partition key is a column of every file. */
static bool is_found(const struct sl_source *source, const struct sl_plan *plan, const char *name)
{
    const char *column;

    for (int k = 0; k < plan->n_keys; k++)
        if (strcmp(plan->keys[k], name) == 0)
            return true;
    for (int64_t i = 0; (column = sl_source_column(source, i)) != NULL; i++)
        if (strcmp(column, name) == 0)
            return true;
    return false;
}

/* What features need, what the label needs besides, and what is kept. */
static sl_status add_needed(const struct run *run, const struct sl_recipe *recipe,
                            const struct sl_source *source, struct sl_json *to,
                            struct sl_error *err)
{
    struct sl_column_request *requests = NULL;
    struct sl_json           *list, *object;
    int                       n;
    sl_status                 rc;

    SL_TRY(run_requests(recipe, &run->job->output, &requests, &n, err));
    const int n_recipe = n - run->job->output.n_keep;
    SL_TRY(sl_json_add_list(to, "needs", &list, err));
    for (int i = 0; i < n; i++) {
        const char *use = i >= n_recipe ? "keep" : requests[i].optional ? "label" : "features";

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(sl_json_add_text(object, "name", requests[i].name, err));
        SL_TRY(sl_json_add_text(object, "for", use, err));
        SL_TRY(sl_json_add_text(object, "as", type_name(requests[i].type), err));
        SL_TRY(sl_json_add_bool(object, "found",
                                is_found(source, first_plan(run), requests[i].name), err));
    }
out:
    free(requests);
    return rc;
}

static sl_status add_columns(const struct run *run, const struct sl_recipe *recipe,
                             struct sl_json *to, struct sl_error *err)
{
    const struct sl_plan  *plan = first_plan(run);
    struct sl_source_range range;
    struct sl_source      *source = NULL;
    struct sl_json        *object, *list;
    const char            *column;
    sl_status              rc;

    if (plan == NULL)
        return SL_OK;
    range = run_range(plan, 0, plan->partitions[0].first_file);
    range.end_byte = 0;
    SL_TRY(sl_source_open(&run->job->input, &range, NULL, 0, &source, err));
    SL_TRY(sl_json_add_object(to, "columns", &object, err));
    SL_TRY(sl_json_add_text(object, "file", range.path, err));
    SL_TRY(add_needed(run, recipe, source, object, err));
    SL_TRY(sl_json_add_list(object, "header", &list, err));
    for (int64_t i = 0; (column = sl_source_column(source, i)) != NULL; i++)
        SL_TRY(sl_json_add_text(list, NULL, column, err));
out:
    sl_source_close(source);
    return rc;
}

/* A column that is not there is part of what is told, and then the fault that a run would end with.
 */
static sl_status add_fault(const struct run *run, const struct sl_recipe *recipe,
                           struct sl_json *to, struct sl_error *err)
{
    struct sl_error unused;
    const sl_status fault = run_check_columns(run, recipe, err);
    sl_status       rc = sl_json_add_bool(to, "valid", fault == SL_OK, &unused);

    if (fault != SL_OK && rc == SL_OK)
        rc = sl_json_add_text(to, "fault", err->text, &unused);
    if (rc != SL_OK)
        *err = unused;
    return rc != SL_OK ? rc : fault;
}

static sl_status describe(struct run *run, const struct sl_recipe *recipe, struct sl_json *to,
                          struct sl_error *err)
{
    const struct sl_job *job = run->job;
    sl_status            rc;

    SL_TRY(sl_json_add_text(to, "format", "scoreline-inspection", err));
    SL_TRY(sl_json_add_number(to, "version", 1, err));
    SL_TRY(sl_json_add_text(to, "kind", "job", err));
    SL_TRY(sl_json_add_text(to, "file", job->file, err));
    SL_TRY(sl_json_add_text(to, "name", job->name, err));
    SL_TRY(sl_json_add_text(to, "description", job->description, err));
    if (recipe != NULL) {
        SL_TRY(add_estimator(run, to, err));
        SL_TRY(add_features(recipe, to, err));
        SL_TRY(add_left_out(run, to, err));
    }
    SL_TRY(add_kept(&job->output, to, err));
    SL_TRY(add_columns(run, recipe, to, err));
    SL_TRY(describe_plan(run, recipe, to, err));
    SL_TRY(add_fault(run, recipe, to, err));
out:
    return rc;
}

sl_status run_describe(struct run *run, struct sl_json *to, struct sl_error *err)
{
    struct sl_recipe *made = NULL;
    sl_status         rc = SL_OK;

    if (run->plans_training)
        SL_TRY(sl_recipe_create(&run->job->recipe, true, &made, err));
    SL_TRY(describe(run, made != NULL ? made : run->bundle.recipe, to, err));
out:
    sl_recipe_free(made);
    return rc;
}
