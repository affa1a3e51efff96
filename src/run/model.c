/* A model that is given instead of trained: read from a model file or from an output, which has it
 * too, and held against what the job says.  Which partitions it was trained on is told by its
 * provenance: by name, and only where they are files of the same pattern. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_impl.h"
#include "scoreline/bytes.h"
#include "scoreline/memory.h"
#include "scoreline/scored.h"

enum { MAX_MODEL_BYTES = 1 << 28 };

static sl_status read_text(struct run *run, struct sl_error *err)
{
    const char *path = run->opts->model;
    size_t      n_bytes = 0;
    sl_status   rc;

    if (sl_scored_is_hdf5(path))
        rc = sl_scored_text(path, "provenance/model", &run->model_text, &n_bytes, err);
    else
        rc = sl_bytes_slurp(path, MAX_MODEL_BYTES, &run->model_text, &n_bytes, err);
    run->model_bytes = n_bytes + 1;
    if (rc == SL_EINPUT) { /* a model that cannot be read is a fault of the model */
        rc = err->code = SL_EJOB;
        sl_error_in(err, "--model");
    }
    return rc;
}

/* --- what provenance says of the training ----------------------------------------------------- */

/* The template without directories: the same files may lie elsewhere. */
static const char *file_pattern(const struct sl_job *job)
{
    const char *slash = strrchr(job->input.path, '/');

    return slash == NULL ? job->input.path : slash + 1;
}

static sl_status tell_selection(const struct sl_selection *selection, struct sl_json *to,
                                struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc = SL_OK;

    for (int k = 0; k < selection->n_keys; k++) {
        SL_TRY(sl_json_add_list(to, selection->keys[k].name, &list, err));
        for (int v = 0; v < selection->keys[k].n_values; v++)
            SL_TRY(sl_json_add_text(list, NULL, selection->keys[k].values[v], err));
    }
out:
    return rc;
}

static sl_status tell_sample(const struct sl_sample_spec *sample, struct sl_json *provenance,
                             struct sl_error *err)
{
    struct sl_json *part;
    sl_status       rc = SL_OK;

    if (sample->n_rows == 0 && !(sample->fraction > 0))
        return SL_OK;
    SL_TRY(sl_json_add_object(provenance, "sample", &part, err));
    if (sample->n_rows > 0)
        SL_TRY(sl_json_add_number(part, "rows", (double)sample->n_rows, err));
    else
        SL_TRY(sl_json_add_number(part, "fraction", sample->fraction, err));
    SL_TRY(sl_json_add_number(part, "seed", (double)sample->seed, err));
    SL_TRY(sl_json_add_bool(part, "stratify", sample->stratify, err));
out:
    return rc;
}

sl_status run_tell_training(const struct run *run, struct sl_json *provenance, struct sl_error *err)
{
    struct sl_json *part;
    sl_status       rc;

    SL_TRY(sl_json_add_text(provenance, "files", file_pattern(run->job), err));
    SL_TRY(sl_json_add_object(provenance, "partitions", &part, err));
    SL_TRY(tell_selection(&run->job->train.partitions, part, err));
    SL_TRY(tell_sample(&run->job->train.sample, provenance, err));
    SL_TRY(sl_json_add_list(provenance, "trained_on", &part, err));
    for (int i = 0; i < run->training.n_partitions; i++)
        SL_TRY(sl_json_add_text(part, NULL, run->training.partitions[i].name, err));
    SL_TRY(sl_json_add_text(provenance, "fingerprint", run->fingerprint.training, err));
out:
    return rc;
}

static bool is_text(const struct sl_json *value, const char *text)
{
    return value != NULL && sl_json_text(value) != NULL && strcmp(sl_json_text(value), text) == 0;
}

/* Provenance is what its writer says: whatever is not as run_tell_training() leaves it tells
 * nothing. */
static sl_status take_trained_on(struct run *run, const struct sl_json *provenance,
                                 struct sl_error *err)
{
    const struct sl_json *list = sl_json_find(provenance, "trained_on");
    struct sl_plan       *training = &run->training;
    sl_status             rc = SL_OK;

    if (list == NULL || sl_json_kind(list) != SL_JSON_LIST ||
        !is_text(sl_json_find(provenance, "files"), file_pattern(run->job)))
        return SL_OK;
    SL_TRY(sl_alloc_array(sl_json_count(list), sizeof *training->partitions, &training->partitions,
                          err));
    for (const struct sl_json *item = sl_json_first(list); item != NULL; item = sl_json_next(item))
        if (sl_json_text(item) != NULL)
            SL_TRY(sl_copy_text(sl_json_text(item),
                                &training->partitions[training->n_partitions++].name, err));
out:
    return rc;
}

/* --- the job beside the model ----------------------------------------------------------------- */

static sl_status check_params(const struct run *run, const double *params, struct sl_error *err)
{
    const struct sl_model_ops *ops = sl_model_kind(run->bundle.model);
    const struct sl_param     *table = ops->params;

    for (int i = 0; table[i].name != NULL; i++) {
        const double of_model = run->bundle.fit.params[i];

        if (params[i] >= of_model && params[i] <= of_model)
            continue;
        if (table[i].type == SL_PARAM_CHOICE)
            return sl_fail(err, SL_EJOB, "$.train.params.%s: '%s', but the model has '%s'",
                           table[i].name, table[i].choices[(int)params[i]],
                           table[i].choices[(int)of_model]);
        if (table[i].type == SL_PARAM_NUMBERS)
            return sl_fail(err, SL_EJOB, "$.train.params.%s: %g numbers, but the model has %g",
                           table[i].name, params[i], of_model);
        return sl_fail(err, SL_EJOB, "$.train.params.%s: %.17g, but the model has %.17g",
                       table[i].name, params[i], of_model);
    }
    for (int i = sl_model_n_params(ops); i < sl_model_n_values(ops, params); i++)
        if (params[i] < run->bundle.fit.params[i] || params[i] > run->bundle.fit.params[i])
            return sl_fail(err, SL_EJOB,
                           "$.train.params: a list has %.17g where the model has %.17g", params[i],
                           run->bundle.fit.params[i]);
    return SL_OK;
}

static sl_status check_estimator(const struct run *run, struct sl_error *err)
{
    const char                *name = sl_model_kind(run->bundle.model)->name;
    const struct sl_model_ops *ops;
    double                    *params = NULL;
    sl_status                  rc;

    SL_TRY(sl_model_check(&run->job->train, &ops, &params, err));
    if (strcmp(ops->name, name) != 0)
        rc = sl_fail(err, SL_EJOB, "$.train.estimator: '%s', but the model is '%s'", ops->name,
                     name);
    else
        rc = check_params(run, params, err);
out:
    free(params);
    return rc;
}

sl_status run_take_estimator(struct run *run, struct sl_error *err)
{
    const struct sl_score_spec  *score = &run->job->score;
    const struct sl_sample_spec *sample = &run->job->train.sample;
    const char                  *without_meaning = NULL;
    sl_status                    rc;

    SL_TRY(sl_model_check(&run->job->train, &run->estimator, &run->params, err));
    run->job->recipe.label_is_number = !run->estimator->is_classifier;
    if (run->estimator->is_classifier)
        return SL_OK;
    if (sample->stratify)
        without_meaning = "train.sample.stratify";
    if (score->has_threshold)
        without_meaning = "score.decision_threshold";
    if (without_meaning != NULL)
        return sl_fail(err, SL_EJOB,
                       "$.%s: has no meaning with '%s', which predicts numbers; leave it out",
                       without_meaning, run->estimator->name);
out:
    return rc;
}

/* Selections are compared as texts, ranges written out. */
static sl_status check_selection(const struct run *run, const struct sl_json *provenance,
                                 struct sl_error *err)
{
    const struct sl_json *of_model = sl_json_find(provenance, "partitions");
    struct sl_json_doc   *doc = NULL;
    char                 *wanted = NULL;
    char                 *got = NULL;
    sl_status             rc;

    if (of_model == NULL)
        return SL_OK;
    SL_TRY(sl_json_create(&doc, err));
    SL_TRY(tell_selection(&run->job->train.partitions, sl_json_root(doc), err));
    SL_TRY(sl_json_print(sl_json_root(doc), false, &wanted, err));
    SL_TRY(sl_json_print(of_model, false, &got, err));
    if (strcmp(wanted, got) != 0)
        rc = sl_fail(err, SL_EJOB, "$.train.partitions: %.200s, but the model has %.200s", wanted,
                     got);
out:
    free(got);
    free(wanted);
    sl_json_close(doc);
    return rc;
}

sl_status run_check_threshold(const struct sl_job *job, int n_classes, struct sl_error *err)
{
    if (!job->score.has_threshold || n_classes == 2)
        return SL_OK;
    if (n_classes == 0)
        return sl_fail(err, SL_EJOB,
                       "%s: $.score.decision_threshold: has no meaning where numbers are "
                       "predicted; leave it out",
                       job->file);
    return sl_fail(err, SL_EJOB,
                   "%s: $.score.decision_threshold: has no meaning with %d classes: the most "
                   "probable one is predicted; leave it out",
                   job->file, n_classes);
}

/* What the job says of the recipe must be what the model says. */
static sl_status check_job(const struct run *run, const struct sl_json *provenance,
                           struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_recipe_check_same(run->bundle.recipe, &run->job->recipe, err));
    if (run->job->train.estimator == NULL)
        goto out;
    SL_TRY(check_estimator(run, err));
    SL_TRY(check_selection(run, provenance, err));
out:
    if (rc == SL_EJOB)
        sl_error_in(err, "%s", run->job->file);
    return rc;
}

sl_status run_read_model(struct run *run, struct sl_error *err)
{
    struct sl_json_doc *provenance = NULL;
    const char         *text;
    int                 n_classes;
    sl_status           rc;

    SL_TRY(read_text(run, err));
    SL_TRY(sl_bundle_parse(run->model_text, run->model_bytes - 1, run->opts->model, &run->bundle,
                           err));
    SL_TRY(run_fingerprint_model(run, err));
    text = run->bundle.provenance;
    SL_TRY(sl_json_parse(text, strlen(text), run->opts->model, &provenance, err));
    SL_TRY(check_job(run, sl_json_root(provenance), err));
    sl_recipe_classes(run->bundle.recipe, &n_classes);
    SL_TRY(run_check_threshold(run->job, n_classes, err));
    SL_TRY(take_trained_on(run, sl_json_root(provenance), err));
out:
    sl_json_close(provenance);
    return rc;
}

enum sl_output_state run_look_at_model(const char *path, char *fingerprint, size_t out_bytes)
{
    struct sl_bundle      bundle = {0};
    struct sl_json_doc   *provenance = NULL;
    const struct sl_json *found;
    char                 *text = NULL;
    size_t                n_bytes = 0;
    struct sl_error       unused;
    sl_status             rc;

    if (access(path, F_OK) != 0)
        return SL_OUTPUT_ABSENT;
    SL_TRY(sl_bytes_slurp(path, MAX_MODEL_BYTES, &text, &n_bytes, &unused));
    SL_TRY(sl_bundle_parse(text, n_bytes, path, &bundle, &unused));
    SL_TRY(sl_json_parse(bundle.provenance, strlen(bundle.provenance), path, &provenance, &unused));
    found = sl_json_find(sl_json_root(provenance), "fingerprint");
    if (found != NULL && sl_json_text(found) != NULL)
        snprintf(fingerprint, out_bytes, "%s", sl_json_text(found));
out:
    sl_json_close(provenance);
    sl_bundle_release(&bundle);
    free(text);
    return rc == SL_OK ? SL_OUTPUT_COMPLETE : SL_OUTPUT_FOREIGN;
}
