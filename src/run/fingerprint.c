/* Fingerprints: of a run (its job, less what cannot change a dataset, its model and its inputs), of
 * a training, of a model, and of what else decides how a row is scored. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/catalog.h"
#include "scoreline/hash.h"
#include "scoreline/json.h"
#include "scoreline/memory.h"

/* How the work is cut, how much is forgiven, and where and how densely the
 * output is stored. */
static const struct {
    const char *object;
    const char *key;
} left_out[] = {
    {"train", "max_bytes"},
    {"train", "mode"},
    {"score", "chunk_bytes"},
    {"score", "schedule"},
    {"score", "bad_rows"},
    {"score", "bad_partitions"},
    {"score", "tries"},
    {"output", "path"},
    {"output", "compress"},
    {"output", "journal_after"},
};

static bool is_left_out(const char *object, const char *key)
{
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (strcmp(object, left_out[i].object) == 0 && strcmp(key, left_out[i].key) == 0)
            return true;
    return false;
}

/* "object.key" and its value as JSON text; an object without keys that count leaves no trace. */
static sl_status add_value(struct sl_hash *hash, const char *object, const struct sl_json *value,
                           struct sl_error *err)
{
    char     *text = NULL;
    sl_status rc = sl_json_print(value, false, &text, err);

    if (rc != SL_OK)
        return rc;
    sl_hash_add_text(hash, object);
    sl_hash_add_text(hash, sl_json_key(value));
    sl_hash_add_text(hash, text);
    free(text);
    return SL_OK;
}

static sl_status add_object(struct sl_hash *hash, const struct sl_json *object,
                            struct sl_error *err)
{
    const char *name = sl_json_key(object);
    sl_status   rc = SL_OK;

    for (const struct sl_json *item = sl_json_first(object); item != NULL && rc == SL_OK;
         item = sl_json_next(item))
        if (!is_left_out(name, sl_json_key(item)))
            rc = add_value(hash, name, item, err);
    return rc;
}

/* Of a job: all that a run is made of, what of that there is beside the recipe, or what a model
 * follows from. */
enum part { WHOLE_JOB, BESIDE_RECIPE, FOR_TRAINING };

static bool is_wanted(enum part part, const char *key)
{
    static const char *const recipe[] = {"features", "label", "orient", "weight", "train"};
    bool                     is_recipe = false;

    if (strcmp(key, "search") == 0 || strcmp(key, "learning_curve") == 0) /* other commands' */
        return false;
    for (size_t i = 0; i < sizeof recipe / sizeof *recipe; i++)
        is_recipe = is_recipe || strcmp(key, recipe[i]) == 0;
    switch (part) {
    case WHOLE_JOB:
        break;
    case BESIDE_RECIPE:
        return !is_recipe;
    case FOR_TRAINING:
        return is_recipe || strcmp(key, "data") == 0;
    }
    return true;
}

static sl_status add_job(struct sl_hash *hash, const struct sl_job *job, enum part wanted,
                         struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    SL_TRY(sl_json_parse(job->text, strlen(job->text), job->file, &doc, err));
    for (const struct sl_json *part = sl_json_first(sl_json_root(doc)); part != NULL;
         part = sl_json_next(part)) {
        if (!is_wanted(wanted, sl_json_key(part)))
            continue;
        SL_TRY(sl_json_kind(part) == SL_JSON_OBJECT ? add_object(hash, part, err)
                                                    : add_value(hash, "", part, err));
    }
out:
    sl_json_close(doc);
    return rc;
}

void run_print_hash(uint64_t hash, char out[17])
{
    snprintf(out, 17, "%016" PRIx64, hash);
}

static void print_hash(const struct sl_hash *hash, char out[17])
{
    run_print_hash(sl_hash_value(hash), out);
}

/* Names and inputs of the partitions that are scored, each with its place among all. */
static void add_partitions(struct sl_hash *hash, const struct run *run)
{
    const struct sl_plan *plan = &run->plan;

    for (int i = 0; i < plan->n_partitions; i++) {
        const struct sl_partition *p = &plan->partitions[i];

        sl_hash_add_text(hash, p->name);
        sl_hash_add(hash, &p->index, sizeof p->index);
        sl_hash_add(hash, &p->trained_on, sizeof p->trained_on);
        sl_hash_add(hash, &p->input, sizeof p->input);
    }
}

/* From the job as it was understood, so that a default that is written out changes nothing. */
static void fingerprint_scoring(struct run *run)
{
    const struct sl_job        *job = run->job;
    const struct sl_input_spec *in = &job->input;
    struct sl_hash              hash;

    sl_hash_init(&hash);
    for (int i = 0; i < in->n_missing; i++)
        sl_hash_add_text(&hash, in->missing[i]);
    sl_hash_add(&hash, &in->delimiter, sizeof in->delimiter);
    sl_hash_add(&hash, &in->quote, sizeof in->quote);
    sl_hash_add(&hash, &in->max_field_bytes, sizeof in->max_field_bytes);
    sl_hash_add(&hash, &in->max_record_bytes, sizeof in->max_record_bytes);
    sl_hash_add(&hash, &job->score.decision_threshold, sizeof job->score.decision_threshold);
    for (int i = 0; i < job->output.n_keep; i++) {
        const struct sl_keep_spec *keep = &job->output.keep[i];
        const int64_t              type = keep->type;
        const int64_t              truncate = keep->truncate;

        sl_hash_add_text(&hash, keep->column);
        sl_hash_add(&hash, &type, sizeof type);
        sl_hash_add(&hash, &truncate, sizeof truncate);
        sl_hash_add(&hash, &keep->max_width, sizeof keep->max_width);
    }
    sl_hash_add(&hash, &job->metrics.exact_rows, sizeof job->metrics.exact_rows);
    print_hash(&hash, run->fingerprint.scoring);
}

sl_status run_fingerprint(struct run *run, struct sl_error *err)
{
    const struct sl_shard *shard = &run->opts->shard;
    const bool             is_part = shard->n > 1; /* one of one is all of it */
    const bool             is_given = run->opts->model != NULL;
    struct sl_hash         hash;
    struct sl_hash         job;
    sl_status              rc;

    SL_TRY(sl_catalog_fingerprint(&run->plan, err));
    sl_hash_init(&hash);
    SL_TRY(add_job(&hash, run->job, is_given ? BESIDE_RECIPE : WHOLE_JOB, err));
    job = hash;
    sl_hash_add_text(&job, is_given ? run->fingerprint.model : "");
    sl_hash_add_text(&hash, is_given ? run->fingerprint.model : run->fingerprint.training);
    add_partitions(&hash, run);
    if (is_part) {
        sl_hash_add(&hash, shard, sizeof *shard);
        sl_hash_add(&job, shard, sizeof *shard);
    }
    print_hash(&hash, run->fingerprint.run);
    print_hash(&job, run->fingerprint.job);
    fingerprint_scoring(run);
out:
    return rc;
}

/* The section of the job that says how, and what else a judgement follows from. */
sl_status run_fingerprint_trials(struct run *run, const char *section, struct sl_error *err)
{
    const struct sl_job  *job = run->job;
    const struct sl_json *part;
    struct sl_json_doc   *doc = NULL;
    struct sl_hash        hash;
    sl_status             rc;

    sl_hash_init(&hash);
    sl_hash_add_text(&hash, section);
    SL_TRY(add_job(&hash, job, FOR_TRAINING, err));
    SL_TRY(sl_json_parse(job->text, strlen(job->text), job->file, &doc, err));
    part = sl_json_find(sl_json_root(doc), section);
    if (part != NULL)
        SL_TRY(add_value(&hash, "", part, err));
    sl_hash_add(&hash, &job->score.decision_threshold, sizeof job->score.decision_threshold);
    print_hash(&hash, run->fingerprint.job);
    sl_hash_add_text(&hash, run->fingerprint.training);
    print_hash(&hash, run->fingerprint.run);
out:
    sl_json_close(doc);
    return rc;
}

sl_status run_fingerprint_training(struct run *run, struct sl_error *err)
{
    struct sl_plan *training = &run->training;
    struct sl_hash  hash;
    sl_status       rc;

    SL_TRY(sl_catalog_fingerprint(training, err));
    sl_hash_init(&hash);
    SL_TRY(add_job(&hash, run->job, FOR_TRAINING, err));
    for (int i = 0; i < training->n_partitions; i++)
        sl_hash_add_text(&hash, training->partitions[i].name);
    for (int i = 0; i < training->n_partitions; i++)
        sl_hash_add(&hash, &training->partitions[i].input, sizeof training->partitions[i].input);
    print_hash(&hash, run->fingerprint.training);
out:
    return rc;
}

/* Neither how it was fitted, nor when, nor its checks change what a model says. */
sl_status run_fingerprint_model(struct run *run, struct sl_error *err)
{
    static const char *const aside[] = {"fit", "checks", "provenance"};
    struct sl_json_doc      *doc = NULL;
    struct sl_hash           hash;
    sl_status                rc;

    sl_hash_init(&hash);
    SL_TRY(sl_json_parse(run->model_text, run->model_bytes - 1, "model", &doc, err));
    for (const struct sl_json *part = sl_json_first(sl_json_root(doc)); part != NULL;
         part = sl_json_next(part)) {
        bool is_aside = false;

        for (size_t i = 0; i < sizeof aside / sizeof *aside; i++)
            is_aside = is_aside || strcmp(sl_json_key(part), aside[i]) == 0;
        if (!is_aside)
            SL_TRY(add_value(&hash, "", part, err));
    }
    print_hash(&hash, run->fingerprint.model);
out:
    sl_json_close(doc);
    return rc;
}
