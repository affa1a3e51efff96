/* Rules between keys of the job, which the tables cannot say. */
#include "job_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/text.h"

static sl_status check_name(const struct sl_job_check *c);
static sl_status check_csv(const struct sl_job_check *c);
static sl_status check_path(const struct sl_job_check *c);
static sl_status check_selection(const struct sl_job_check *c, const struct sl_selection *selection,
                                 const char *where);
static sl_status check_bad_rows(const struct sl_job_check *c, const struct sl_bad_rows_spec *spec,
                                const char *where);
static sl_status check_keep(const struct sl_job_check *c);
static sl_status check_learning_curve(const struct sl_job_check *c);

sl_status sl_job_check(const struct sl_job_reader *reader, struct sl_job *job, struct sl_error *err)
{
    const struct sl_job_check c = {reader, job, err};
    sl_status                 rc;

    SL_TRY(check_name(&c));
    SL_TRY(check_csv(&c));
    SL_TRY(check_path(&c));
    SL_TRY(sl_job_check_recipe(&c));
    SL_TRY(check_selection(&c, &job->train.partitions, "train.partitions"));
    SL_TRY(check_bad_rows(&c, &job->train.bad_rows, "train.bad_rows"));
    SL_TRY(check_selection(&c, &job->score.partitions, "score.partitions"));
    SL_TRY(check_bad_rows(&c, &job->score.bad_rows, "score.bad_rows"));
    SL_TRY(check_keep(&c));
    SL_TRY(sl_job_check_search(&c));
    SL_TRY(check_learning_curve(&c));
    job->score.has_threshold = sl_json_find(sl_job_at(&c, "score"), "decision_threshold") != NULL;
out:
    return rc;
}

sl_status sl_job_check_training(const struct sl_job *job, struct sl_error *err)
{
    const bool  has_features = job->recipe.n_features > 0 || job->recipe.group.except != NULL;
    const char *absent = !has_features                  ? "features"
                         : job->recipe.label == NULL    ? "label"
                         : job->train.estimator == NULL ? "train"
                                                        : NULL;

    if (absent == NULL)
        return SL_OK;
    return sl_fail(err, SL_EJOB,
                   "%s: $: lacks the key '%s', which may be left out only with --model", job->file,
                   absent);
}

/* The name is a file's by default. */
static sl_status check_name(const struct sl_job_check *c)
{
    if (c->job->name == NULL || strchr(c->job->name, '/') == NULL)
        return SL_OK;
    return sl_job_fail(c->reader, sl_job_at(c, "name"), SL_EJOB, c->err, "must not contain '/'");
}

static sl_status check_csv(const struct sl_job_check *c)
{
    const struct sl_input_spec *in = &c->job->input;

    if (strchr("\r\n", in->delimiter) != NULL)
        return sl_job_fail(c->reader, sl_job_at(c, "data.delimiter"), SL_EJOB, c->err,
                           "must not be a line end");
    if (strchr("\r\n", in->quote) != NULL)
        return sl_job_fail(c->reader, sl_job_at(c, "data.quote"), SL_EJOB, c->err,
                           "must not be a line end");
    if (in->quote == in->delimiter)
        return sl_job_fail(c->reader, sl_job_at(c, "data"), SL_EJOB, c->err,
                           "delimiter and quote are both '%c'", in->quote);
    return SL_OK;
}

/* What is wrong with the template or the keys, said with the place of the value it stands in. */
static sl_status fail_at(const struct sl_job_check *c, const struct sl_json *value)
{
    struct sl_error fault = *c->err;

    return sl_job_fail(c->reader, value, fault.code, c->err, "%s", fault.text);
}

/* A key of data.partitions that the template lacks would be without effect. */
static sl_status check_keys_used(const struct sl_job_check *c, char *const *names, int n)
{
    const struct sl_input_spec *in = &c->job->input;
    const struct sl_json       *v = sl_json_first(sl_job_at(c, "data.partitions"));
    char                        hint[160];

    for (int i = 0; i < in->n_keys; i++, v = sl_json_next(v)) {
        bool is_used = false;

        for (int k = 0; k < n; k++)
            is_used = is_used || strcmp(names[k], in->keys[i].name) == 0;
        if (!is_used)
            return sl_job_fail(c->reader, v, SL_EJOB, c->err, "data.path has no '{%s}'%s",
                               in->keys[i].name,
                               sl_suggest(in->keys[i].name, (const char *const *)names, (size_t)n,
                                          hint, sizeof hint));
    }
    return SL_OK;
}

/* Keys without values come after those that have some; they are found in the directory. */
static sl_status add_keys_to_discover(const struct sl_job_check *c, char **names, int n)
{
    struct sl_input_spec *in = &c->job->input;
    size_t                capacity = (size_t)in->n_keys;
    sl_status             rc = SL_OK;

    for (int i = 0; i < n; i++) {
        if (sl_job_find_key(in->keys, in->n_keys, (struct sl_slice){names[i], strlen(names[i])}))
            continue;
        SL_TRY(
            sl_grow_array(&in->keys, &capacity, (size_t)in->n_keys + 1, sizeof *in->keys, c->err));
        in->keys[in->n_keys++] = (struct sl_key){.name = names[i]};
        names[i] = NULL;
    }
out:
    return rc;
}

static sl_status check_path(const struct sl_job_check *c)
{
    char    **names = NULL;
    int       n = 0;
    sl_status rc = sl_job_template_keys(c->job->input.path, &names, &n, c->err);

    if (rc != SL_OK)
        return rc == SL_EJOB ? fail_at(c, sl_job_at(c, "data.path")) : rc;
    SL_TRY(check_keys_used(c, names, n));
    SL_TRY(add_keys_to_discover(c, names, n));
out:
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
    return rc;
}

static sl_status check_selected_values(const struct sl_job_check *c, const struct sl_key *selected,
                                       const struct sl_key *key, const struct sl_json *value)
{
    const char *const *known = (const char *const *)key->values;
    const char        *stranger = NULL;
    char               hint[160];
    sl_status          rc;

    SL_TRY(sl_job_find_stranger((const char *const *)selected->values, (size_t)selected->n_values,
                                known, (size_t)key->n_values, &stranger, c->err));
    if (stranger != NULL)
        rc = sl_job_fail(c->reader, value, SL_EJOB, c->err,
                         "'%s' is not among data.partitions.%s%s", stranger, key->name,
                         sl_suggest(stranger, known, (size_t)key->n_values, hint, sizeof hint));
out:
    return rc;
}

static sl_status check_selection(const struct sl_job_check *c, const struct sl_selection *selection,
                                 const char *where)
{
    const struct sl_json       *v = sl_json_first(sl_job_at(c, where));
    const struct sl_input_spec *in = &c->job->input;
    sl_status                   rc = SL_OK;

    for (int i = 0; i < selection->n_keys && rc == SL_OK; i++, v = sl_json_next(v)) {
        const struct sl_key *selected = &selection->keys[i];
        const struct sl_key *key = sl_job_find_key(
            in->keys, in->n_keys, (struct sl_slice){selected->name, strlen(selected->name)});

        if (key == NULL) {
            rc = sl_job_fail_key(in, selected->name, SL_EJOB, c->err);
            return rc == SL_EJOB ? fail_at(c, v) : rc;
        }
        if (key->n_values > 0) /* else to be discovered */
            rc = check_selected_values(c, selected, key, v);
    }
    return rc;
}

static sl_status check_bad_rows(const struct sl_job_check *c, const struct sl_bad_rows_spec *spec,
                                const char *where)
{
    const struct sl_json *value = sl_job_at(c, where);
    const char           *limits[] = {"max_fraction", "max_count"};

    if (spec->policy != SL_BAD_ROWS_FAIL)
        return SL_OK;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (sl_json_find(value, limits[i]) != NULL)
            return sl_job_fail(c->reader, sl_json_find(value, limits[i]), SL_EJOB, c->err,
                               "has no meaning with the policy 'fail'");
    }
    return SL_OK;
}

static sl_status check_kept_number(const struct sl_job_check *c, int i)
{
    const struct sl_json *value = sl_job_item(c, "output.keep", i);
    const char           *options[] = {"max_width", "truncate"};

    for (size_t j = 0; j < sizeof options / sizeof options[0]; j++) {
        if (sl_json_find(value, options[j]) != NULL)
            return sl_job_fail(c->reader, sl_json_find(value, options[j]), SL_EJOB, c->err,
                               "is for columns kept as text");
    }
    return SL_OK;
}

static sl_status check_keep(const struct sl_job_check *c)
{
    const struct sl_output_spec *output = &c->job->output;
    const char                 **names = NULL;
    sl_status                    rc;

    SL_TRY(sl_alloc_array((size_t)output->n_keep, sizeof(*names), &names, c->err));
    for (int i = 0; i < output->n_keep; i++) {
        names[i] = output->keep[i].column;
        if (output->keep[i].type != SL_TEXT)
            SL_TRY(check_kept_number(c, i));
    }
    SL_TRY(sl_job_refuse_twin(c, names, output->n_keep, sl_job_at(c, "output.keep"), "column"));
out:
    free(names);
    return rc;
}

static sl_status check_learning_curve(const struct sl_job_check *c)
{
    struct sl_learning_curve_spec *spec = &c->job->learning_curve;
    const struct sl_json          *curve = sl_json_find(sl_job_at(c, ""), "learning_curve");
    const struct sl_json          *size = sl_json_first(sl_json_find(curve, "train_sizes"));
    sl_status                      rc;

    if (curve == NULL)
        return SL_OK;
    spec->has_partitions = sl_json_find(curve, "partitions") != NULL;
    spec->validates_on_others = sl_json_find(curve, "validate_on") != NULL;
    SL_TRY(check_selection(c, &spec->partitions, "learning_curve.partitions"));
    SL_TRY(check_selection(c, &spec->validate_on, "learning_curve.validate_on"));
    for (int i = 0; i < spec->n_train_sizes; i++, size = sl_json_next(size))
        if (spec->train_sizes[i] > 1 && spec->train_sizes[i] != floor(spec->train_sizes[i]))
            return sl_job_fail(c->reader, size, SL_EJOB, c->err,
                               "beyond 1 it is a number of rows, got %.16g", spec->train_sizes[i]);
out:
    return rc;
}
