/* The job file: what every key becomes, what it is when left out, what is refused and in which
 * words, and `--set`.  Bad jobs are edits of one good job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scoreline/job.h"
#include "scoreline/json.h"
#include "scoreline/metrics.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static const char good_job[] =
    "{ \"name\": \"good\", \"description\": \"d\",\n"
    "  \"data\": {\"root\": \"data\", \"path\": \"{tour}/m_{year}.csv\",\n"
    "    \"partitions\": {\"tour\": [\"wta\", \"atp\"], \"year\": \"2000..2016\"},\n"
    "    \"missing\": [\"-\"], \"delimiter\": \";\", \"quote\": \"'\",\n"
    "    \"max_field_bytes\": 10, \"max_record_bytes\": \"2KiB\"},\n"
    "  \"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
    "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}],\n"
    "  \"label\": \"won\",\n"
    "  \"train\": {\"partitions\": {\"year\": [2015, \"2001..2002\"]}, \"estimator\": \"e\",\n"
    "    \"params\": {\"C\": 0.5, \"fit_intercept\": false, \"how\": \"so\", \"not\": null},\n"
    "    \"bad_rows\": {\"policy\": \"reject\", \"max_count\": 7}},\n"
    "  \"score\": {\"partitions\": {\"tour\": \"wta\"}, \"bad_rows\": {\"policy\": \"fail\"},\n"
    "    \"chunk_bytes\": \"3MiB\", \"schedule\": \"static\", \"decision_threshold\": 0.25},\n"
    "  \"output\": {\"path\": \"o.h5\", \"keep\": [\"id\", {\"column\": \"num\", \"as\": "
    "\"int64\"}, {\"column\": \"txt\", \"max_width\": 9, \"truncate\": true}], "
    "\"max_rejects\": 3, \"compress\": true}, \"metrics\": {\"exact_rows\": 77} }";

static const char small_job[] = "{\"data\": {\"path\": \"m.csv\"}, \"features\": [\"x\"], "
                                "\"label\": \"y\", \"train\": {\"partitions\": \"all\", "
                                "\"estimator\": \"e\"}}";

static sl_status try_parse(const char *text, int n_sets, const char *const *sets,
                           struct sl_job **job, struct sl_error *err)
{
    *job = NULL;
    return sl_job_parse(text, strlen(text), "dir/j.json", n_sets, sets, job, err);
}

static struct sl_job *parse(const char *text, int n_sets, const char *const *sets)
{
    struct sl_error err = {0};
    struct sl_job  *job = NULL;

    if (try_parse(text, n_sets, sets, &job, &err) != SL_OK)
        fail_msg("%s", err.text);
    return job;
}

static void assert_values(const struct sl_key *key, const char *name, const char *joined)
{
    char   all[512] = "";
    size_t n = 0;

    for (int i = 0; i < key->n_values; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i > 0 ? " " : "", key->values[i]);
    assert_string_equal(key->name, name);
    assert_string_equal(all, joined);
}

static void every_key_goes_to_its_place(void **state)
{
    struct sl_job              *job = parse(good_job, 0, NULL);
    const struct sl_input_spec *in = &job->input;

    (void)state;
    assert_string_equal(job->file, "dir/j.json");
    assert_string_equal(job->name, "good");
    assert_string_equal(job->description, "d");

    assert_string_equal(in->root, "dir/data");
    assert_string_equal(in->path, "{tour}/m_{year}.csv");
    assert_int_equal(in->n_keys, 2);
    assert_values(&in->keys[0], "tour", "wta atp");
    assert_values(&in->keys[1], "year",
                  "2000 2001 2002 2003 2004 2005 2006 2007 2008 2009 2010 2011 2012 2013 2014 2015 "
                  "2016");
    assert_int_equal(in->n_missing, 1);
    assert_string_equal(in->missing[0], "-");
    assert_int_equal(in->delimiter, ';');
    assert_int_equal(in->quote, '\'');
    assert_int_equal(in->max_field_bytes, 10);
    assert_int_equal(in->max_record_bytes, 2048);

    assert_string_equal(job->recipe.label, "won");
    assert_string_equal(job->train.estimator, "e");
    assert_int_equal(job->train.partitions.n_keys, 1);
    assert_values(&job->train.partitions.keys[0], "year", "2015 2001 2002");
    assert_int_equal(job->train.n_params, 4);
    assert_string_equal(job->train.params[0].name, "C");
    assert_true(job->train.params[0].value == 0.5 && !job->train.params[0].is_bool);
    assert_string_equal(job->train.params[1].name, "fit_intercept");
    assert_true(job->train.params[1].value == 0 && job->train.params[1].is_bool);
    assert_string_equal(job->train.params[2].name, "how");
    assert_string_equal(job->train.params[2].text, "so");
    assert_true(!job->train.params[2].is_bool && !job->train.params[2].is_null);
    assert_true(job->train.params[3].is_null && job->train.params[3].text == NULL);
    assert_int_equal(job->train.bad_rows.policy, SL_BAD_ROWS_REJECT);
    assert_true(job->train.bad_rows.max_fraction == 0.001);
    assert_int_equal(job->train.bad_rows.max_count, 7);

    assert_int_equal(job->score.partitions.n_keys, 1);
    assert_values(&job->score.partitions.keys[0], "tour", "wta");
    assert_int_equal(job->score.bad_rows.policy, SL_BAD_ROWS_FAIL);
    assert_int_equal(job->score.chunk_bytes, 3 * 1024 * 1024);
    assert_int_equal(job->score.schedule, SL_SCHEDULE_STATIC);
    assert_true(job->score.decision_threshold == 0.25);
    sl_job_free(job);
}

static void features_and_kept_columns_are_read(void **state)
{
    struct sl_job                *job = parse(good_job, 0, NULL);
    const struct sl_feature_spec *f = job->recipe.features;
    const struct sl_keep_spec    *k = job->output.keep;

    (void)state;
    assert_int_equal(job->recipe.n_features, 3);
    assert_string_equal(f[0].name, "age");
    assert_string_equal(f[0].expr, "age");
    assert_true(f[0].bare);
    assert_int_equal(f[0].missing, SL_MISSING_ERROR);
    assert_int_equal(f[0].scale, SL_SCALE_NONE);
    assert_string_equal(f[1].name, "gap");
    assert_string_equal(f[1].expr, "a - b");
    assert_false(f[1].bare);
    assert_int_equal(f[1].missing, SL_MISSING_MEDIAN);
    assert_int_equal(f[1].scale, SL_SCALE_STANDARD);
    assert_string_equal(f[2].expr, "ht");
    assert_true(f[2].bare);
    assert_int_equal(f[2].missing, SL_MISSING_CONSTANT);
    assert_true(f[2].fill == -1.5);

    assert_string_equal(job->output.path, "dir/o.h5");
    assert_int_equal(job->output.max_rejects, 3);
    assert_int_equal(job->metrics.exact_rows, 77);
    assert_int_equal(job->output.compress, 4);
    assert_int_equal(job->output.n_keep, 3);
    assert_string_equal(k[0].column, "id");
    assert_int_equal(k[0].type, SL_TEXT);
    assert_int_equal(k[0].max_width, 256);
    assert_false(k[0].truncate);
    assert_string_equal(k[1].column, "num");
    assert_int_equal(k[1].type, SL_INTEGER);
    assert_int_equal(k[2].type, SL_TEXT);
    assert_int_equal(k[2].max_width, 9);
    assert_true(k[2].truncate);
    sl_job_free(job);
}

/* A job that has what `good_job` has not: orientation, weights, levels, a sample. */
static const char head_to_head[] =
    "{\"data\": {\"path\": \"m.csv\"},\n"
    "  \"orient\": {\"first\": \"winner_\", \"second\": \"loser_\", \"as\": [\"x_\", \"y_\"],\n"
    "    \"label\": \"x_won\", \"key\": [\"id\", \"n\"], \"seed\": -2015},\n"
    "  \"features\": [\"x_age\", {\"name\": \"surface\", \"categorical\": \"court\", \"missing\": "
    "\"level\", \"drop\": \"first\", \"handle_unknown\": \"Clay\", \"max_levels\": 12, \"trim\": "
    "true},\n"
    "    {\"name\": \"hand\", \"categorical\": \"x_hand\"}],\n"
    "  \"label\": \"x_won\", \"weight\": \"games / 2\",\n"
    "  \"train\": {\"partitions\": \"all\", \"estimator\": \"e\",\n"
    "    \"sample\": {\"rows\": 1000, \"seed\": 7, \"stratify\": true}}}";

static void what_the_model_sees_is_read(void **state)
{
    struct sl_job                *job = parse(head_to_head, 0, NULL);
    const struct sl_orient_spec  *orient = &job->recipe.orient;
    const struct sl_feature_spec *f = job->recipe.features;

    (void)state;
    assert_string_equal(orient->first, "winner_");
    assert_string_equal(orient->second, "loser_");
    assert_int_equal(orient->n_as, 2);
    assert_string_equal(orient->as[0], "x_");
    assert_string_equal(orient->as[1], "y_");
    assert_string_equal(orient->label, "x_won");
    assert_int_equal(orient->n_key, 2);
    assert_string_equal(orient->key[1], "n");
    assert_int_equal(orient->seed, -2015);
    assert_string_equal(job->recipe.weight, "games / 2");

    assert_int_equal(job->recipe.n_features, 3);
    assert_null(job->recipe.group.except);
    assert_true(f[0].bare);
    assert_null(f[0].categorical);
    assert_string_equal(f[1].categorical, "court");
    assert_null(f[1].expr);
    assert_false(f[1].bare);
    assert_int_equal(f[1].missing, SL_MISSING_LEVEL);
    assert_int_equal(f[1].drop, SL_DROP_FIRST);
    assert_string_equal(f[1].handle_unknown, "Clay");
    assert_int_equal(f[1].max_levels, 12);
    assert_true(f[1].trim);
    assert_int_equal(f[2].missing, SL_MISSING_ERROR);
    assert_int_equal(f[2].drop, SL_DROP_NONE);
    assert_string_equal(f[2].handle_unknown, "ignore");
    assert_int_equal(f[2].max_levels, 5000);
    assert_false(f[2].trim);

    assert_int_equal(job->train.sample.n_rows, 1000);
    assert_true(job->train.sample.fraction == 0.0);
    assert_int_equal(job->train.sample.seed, 7);
    assert_true(job->train.sample.stratify);
    sl_job_free(job);
}

static void features_may_be_all_columns_but_some(void **state)
{
    const char *sets[] = {"features.all_except=[\"y\", \"id\"]", "features.scale=standard",
                          "features.missing=level"};
    const char *more[] = {"features.categorical=[\"c\"]", "features.all_except.0=z",
                          "features={\"all_except\": []}", "features.missing=0.5"};
    const struct sl_group_spec *group;
    struct sl_job              *job;

    (void)state;
    job = parse("{\"data\": {\"path\": \"m.csv\"}}", 3, sets);
    group = &job->recipe.group;
    assert_int_equal(job->recipe.n_features, 0);
    assert_int_equal(group->n_except, 2);
    assert_string_equal(group->except[0], "y");
    assert_string_equal(group->except[1], "id");
    assert_int_equal(group->n_categorical, 0);
    assert_int_equal(group->like.scale, SL_SCALE_STANDARD);
    assert_int_equal(group->like.missing, SL_MISSING_LEVEL);
    assert_string_equal(group->like.handle_unknown, "ignore");
    assert_int_equal(group->like.max_levels, 5000);
    assert_null(group->like.name);
    sl_job_free(job);

    job = parse("{\"data\": {\"path\": \"m.csv\"}, \"features\": {\"all_except\": [\"y\"]}}", 2,
                more);
    group = &job->recipe.group;
    assert_int_equal(group->n_except, 1);
    assert_string_equal(group->except[0], "z");
    assert_int_equal(group->n_categorical, 1);
    assert_string_equal(group->categorical[0], "c");
    sl_job_free(job);

    job = parse(small_job, 2, more + 2); /* instead of the list that is there */
    group = &job->recipe.group;
    assert_int_equal(job->recipe.n_features, 0);
    assert_null(job->recipe.features);
    assert_non_null(group->except);
    assert_int_equal(group->n_except, 0);
    assert_int_equal(group->like.missing, SL_MISSING_CONSTANT);
    assert_true(group->like.fill == 0.5);
    sl_job_free(job);
}

/* Keys that training needs may be left out with a model, and then alone. */
static void training_needs_features_label_and_train(void **state)
{
    static const struct {
        const char *text, *lacks;
    } cases[] = {
        {"{\"data\": {\"path\": \"m.csv\"}}", "features"},
        {"{\"data\": {\"path\": \"m.csv\"}, \"features\": {\"all_except\": []}}", "label"},
        {"{\"data\": {\"path\": \"m.csv\"}, \"features\": [\"x\"], \"label\": \"y\"}", "train"},
        {small_job, NULL},
        {head_to_head, NULL},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_job  *job = parse(cases[i].text, 0, NULL);
        struct sl_error err = {0};
        char            message[200];

        assert_int_equal(sl_job_check_training(job, &err),
                         cases[i].lacks == NULL ? SL_OK : SL_EJOB);
        if (cases[i].lacks != NULL) {
            snprintf(message, sizeof message,
                     "dir/j.json: $: lacks the key '%s', which may be left out only with --model",
                     cases[i].lacks);
            assert_string_equal(err.text, message);
        }
        sl_job_free(job);
    }
}

static void sets_reach_the_new_keys(void **state)
{
    const char    *sets[] = {"orient.seed=7",           "orient.as.1=q_",
                             "orient.key.2=round",      "train.sample.rows=5",
                             "features.2.trim=true",    "features.1.handle_unknown=2015",
                             "features.2.max_levels=3", "weight=1"};
    struct sl_job *job = parse(head_to_head, (int)N_OF(sets), sets);

    (void)state;
    assert_int_equal(job->recipe.orient.seed, 7);
    assert_string_equal(job->recipe.orient.as[1], "q_");
    assert_int_equal(job->recipe.orient.n_key, 3);
    assert_string_equal(job->recipe.orient.key[2], "round");
    assert_int_equal(job->train.sample.n_rows, 5);
    assert_true(job->recipe.features[2].trim);
    assert_string_equal(job->recipe.features[1].handle_unknown, "2015");
    assert_int_equal(job->recipe.features[2].max_levels, 3);
    assert_string_equal(job->recipe.weight, "1");
    sl_job_free(job);
}

static void defaults_are_those_of_the_design(void **state)
{
    struct sl_job *job = parse(small_job, 0, NULL);

    (void)state;
    assert_null(job->recipe.orient.first);
    assert_null(job->recipe.weight);
    assert_null(job->recipe.group.except);
    assert_int_equal(job->train.sample.n_rows, 0);
    assert_true(job->train.sample.fraction == 0.0);
    assert_string_equal(job->name, "j");
    assert_string_equal(job->description, "");
    assert_string_equal(job->input.root, "dir");
    assert_int_equal(job->input.n_keys, 0);
    assert_int_equal(job->input.n_missing, 2);
    assert_string_equal(job->input.missing[0], "");
    assert_string_equal(job->input.missing[1], "NA");
    assert_int_equal(job->input.delimiter, ',');
    assert_int_equal(job->input.quote, '"');
    assert_int_equal(job->input.max_field_bytes, 1 << 20);
    assert_int_equal(job->input.max_record_bytes, 16 << 20);
    assert_int_equal(job->train.partitions.n_keys, 0);
    assert_int_equal(job->train.n_params, 0);
    assert_int_equal(job->train.bad_rows.policy, SL_BAD_ROWS_FAIL);
    assert_int_equal(job->score.partitions.n_keys, 0);
    assert_int_equal(job->score.bad_rows.policy, SL_BAD_ROWS_REJECT);
    assert_true(job->score.bad_rows.max_fraction == 0.001);
    assert_true(job->score.bad_rows.max_count == INT64_MAX);
    assert_int_equal(job->score.chunk_bytes, 16 << 20);
    assert_int_equal(job->score.schedule, SL_SCHEDULE_DYNAMIC);
    assert_true(job->score.decision_threshold == 0.5);
    assert_string_equal(job->output.path, "j.h5");
    assert_int_equal(job->output.n_keep, 0);
    assert_int_equal(job->output.compress, 0);
    assert_int_equal(job->output.max_rejects, 10000);
    assert_int_equal(job->metrics.exact_rows, SL_METRICS_EXACT_ROWS);
    sl_job_free(job);
}

/* The good job with one piece replaced (all of it where `find` is NULL). */
struct edit {
    const char *find;
    const char *replace;
};

static char *edited(const char *text, struct edit edit)
{
    const char *at = edit.find == NULL ? text : strstr(text, edit.find);
    size_t      n_found = edit.find == NULL ? strlen(text) : strlen(edit.find);
    size_t      n_bytes = strlen(text) + strlen(edit.replace) + 1;
    char       *made = malloc(n_bytes);

    assert_non_null(made);
    if (at == NULL)
        fail_msg("the good job has no %s", edit.find);
    snprintf(made, n_bytes, "%.*s%s%s", (int)(at - text), text, edit.replace, at + n_found);
    return made;
}

#define YEARS      "\"2000..2016\""
#define TRAIN_YEAR "[2015, \"2001..2002\"]"

static const struct {
    struct edit edit;
    sl_status   status;
    const char *message; /* after "dir/j.json: " */
} bad[] = {
    /* the whole */
    {{NULL, "[]"}, SL_EJOB, "$: expected an object, got a list"},
    {{NULL, "{}"}, SL_EJOB, "$: lacks the key 'data'"},
    {{NULL, "{\"data\": {\"path\": \"x\"},\n}"}, SL_EJOB, "line 2, column 1: expected a key"},
    {{"\"label\": \"won\"", "\"label\": \"\""}, SL_EJOB, "$.label: must not be empty"},
    {{"\"label\": \"won\"", "\"label\": true"},
     SL_EJOB,
     "$.label: expected a text, got true or false"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"label\": \"won\""},
     SL_EJOB,
     "$.label: this key is given twice"},
    {{"\"label\": \"won\"", "\"lable\": \"won\""},
     SL_EJOB,
     "$: unknown key 'lable', did you mean 'label'?"},
    {{"\"score\"", "\"sco\""}, SL_EJOB, "$: unknown key 'sco'"},
    {{"\"name\": \"good\"", "\"name\": \"\""}, SL_EJOB, "$.name: must not be empty"},
    {{"\"name\": \"good\"", "\"name\": \"a/b\""}, SL_EJOB, "$.name: must not contain '/'"},
    {{"\"description\": \"d\"", "\"description\": null"},
     SL_EJOB,
     "$.description: expected a text, got null"},
    /* data */
    {{"\"path\": \"{tour}", "\"pth\": \"{tour}"},
     SL_EJOB,
     "$.data: unknown key 'pth', did you mean 'path'?"},
    {{"\"root\": \"data\"", "\"root\": 3"}, SL_EJOB, "$.data.root: expected a text, got a number"},
    {{"{tour}/m_{year}", "{tour}/m_{yaer}"},
     SL_EJOB,
     "$.data.partitions.year: data.path has no '{year}', did you mean 'yaer'?"},
    {{"{tour}/m_{year}", "m_{year}"}, SL_EJOB, "$.data.partitions.tour: data.path has no '{tour}'"},
    {{"{tour}/m_{year}", "{tour}/m_{year"}, SL_EJOB, "$.data.path: unmatched '{'"},
    {{"{tour}/m_{year}", "{tour}/m_year}"}, SL_EJOB, "$.data.path: unmatched '}'"},
    {{"{tour}/m_{year}", "{tour}/m_{}"}, SL_EJOB, "$.data.path: '{}' is no key"},
    {{"{tour}/m_{year}", "{tour}/m_{a b}"}, SL_EJOB, "$.data.path: '{a b}' is no key"},
    {{"{tour}/m_{year}", "{tour}/m_{1}"}, SL_EJOB, "$.data.path: '{1}' is no key"},
    {{"\"root\": \"data\"", "\"missing_partitions\": \"skp\""},
     SL_EJOB,
     "$.data.missing_partitions: 'skp' is not one of 'fail', 'skip', did you mean 'skip'?"},
    {{"{tour}/m_{year}.csv", ""}, SL_EJOB, "$.data.path: must not be empty"},
    {{"\"tour\": [\"wta\", \"atp\"]", "\"tour\": []"},
     SL_EJOB,
     "$.data.partitions.tour: must not be empty"},
    {{"\"tour\": [\"wta\", \"atp\"]", "\"tour\": [\"a\", \"b\", \"a\"]"},
     SL_EJOB,
     "$.data.partitions.tour: the value 'a' is given twice"},
    {{"\"tour\": [\"wta\", \"atp\"]", "\"tour\": [\"a/b\"]"},
     SL_EJOB,
     "$.data.partitions.tour[0]: the value 'a/b' leads to another directory"},
    {{"\"tour\": [\"wta\", \"atp\"]", "\"tour\": \"..\""},
     SL_EJOB,
     "$.data.partitions.tour: the value '..' leads to another directory"},
    {{"\"tour\": [\"wta\", \"atp\"]", "\"tour\": [1, \"\"]"},
     SL_EJOB,
     "$.data.partitions.tour[1]: a value must not be empty"},
    {{"\"tour\": [\"wta\", \"atp\"]", "\"tour\": [\"wta\", \"*\"]"},
     SL_EJOB,
     "$.data.partitions.tour[1]: the value '*' has a '*'; a key that is left out takes the values "
     "found"},
    {{"\"year\": " YEARS, "\"year\": \"2015-13..2016-01\""},
     SL_EJOB,
     "$.data.partitions.year: '2015-13' is no month of the calendar"},
    {{"\"year\": " YEARS, "\"year\": \"2015-00-01..2016-01-01\""},
     SL_EJOB,
     "$.data.partitions.year: '2015-00-01' is no month of the calendar"},
    {{"\"year\": " YEARS, "\"year\": \"2015-02-01..2015-02-29\""},
     SL_EJOB,
     "$.data.partitions.year: '2015-02-29' is no day of the calendar"},
    {{"\"year\": " YEARS, "\"year\": \"1900-02-29..1900-03-01\""},
     SL_EJOB,
     "$.data.partitions.year: '1900-02-29' is no day of the calendar"},
    {{"\"year\": " YEARS, "\"year\": \"2015-02..2015-03-01\""},
     SL_EJOB,
     "$.data.partitions.year: the ends of '2015-02..2015-03-01' must both be days or both be "
     "months"},
    {{"\"year\": " YEARS, "\"year\": \"2016-01..2015-12\""},
     SL_EJOB,
     "$.data.partitions.year: the range '2016-01..2015-12' is empty"},
    {{"\"year\": " YEARS, "\"year\": \"2015-1..2015-3\""},
     SL_EJOB,
     "$.data.partitions.year: '2015-1..2015-3' is no range of integers (2000..2016), dates "
     "(2015-01-01..2015-03-31) or months (2015-11..2016-02)"},
    {{"\"tour\": [\"wta\", \"atp\"]", "\"tour\": [[1]]"},
     SL_EJOB,
     "$.data.partitions.tour[0]: expected a text or an integer, got a list"},
    {{"\"tour\": [\"wta\", \"atp\"]", "\"tour\": {\"a\": 1}"},
     SL_EJOB,
     "$.data.partitions.tour: expected a list, a range such as \"2000..2016\", a text or an "
     "integer, got an object"},
    {{"\"year\": " YEARS, "\"year\": 1.5"},
     SL_EJOB,
     "$.data.partitions.year: expected a text or an integer, got 1.5"},
    {{"\"year\": " YEARS, "\"year\": \"2016..2000\""},
     SL_EJOB,
     "$.data.partitions.year: the range '2016..2000' is empty"},
    {{"\"year\": " YEARS, "\"year\": \"1..x\""},
     SL_EJOB,
     "$.data.partitions.year: '1..x' is no range of integers"},
    {{"\"year\": " YEARS, "\"year\": \"1..\""},
     SL_EJOB,
     "$.data.partitions.year: '1..' is no range of integers"},
    {{"\"year\": " YEARS, "\"year\": \"1..2..3\""},
     SL_EJOB,
     "$.data.partitions.year: '1..2..3' is no range of integers"},
    {{"\"year\": " YEARS, "\"year\": \"01..100\""},
     SL_EJOB,
     "$.data.partitions.year: the ends of '01..100' must be of one width"},
    {{"\"year\": " YEARS, "\"year\": \"1..2000000\""},
     SL_EJOB,
     "$.data.partitions.year: more than 1000000 values"},
    {{"\"partitions\": {\"tour\"", "\"partitions\": [], \"x\": {\"tour\""},
     SL_EJOB,
     "$.data: unknown key 'x'"},
    {{"[\"-\"]", "\"-\""}, SL_EJOB, "$.data.missing: expected a list of texts, got a text"},
    {{"[\"-\"]", "[\"-\", 9]"}, SL_EJOB, "$.data.missing[1]: expected a text, got a number"},
    {{"\";\"", "\";;\""}, SL_EJOB, "$.data.delimiter: expected a text of one byte, got ';;'"},
    {{"\";\"", "\"\\n\""}, SL_EJOB, "$.data.delimiter: must not be a line end"},
    {{"\"'\"", "\"\\r\""}, SL_EJOB, "$.data.quote: must not be a line end"},
    {{"\"'\"", "\";\""}, SL_EJOB, "$.data: delimiter and quote are both ';'"},
    {{"\"'\"", "\"\""}, SL_EJOB, "$.data.quote: expected a text of one byte, got ''"},
    {{"\"max_field_bytes\": 10", "\"max_field_bytes\": 0"},
     SL_EJOB,
     "$.data.max_field_bytes: must be between 1 and 1073741824, got 0"},
    {{"\"2KiB\"", "\"2Kib\""},
     SL_EJOB,
     "$.data.max_record_bytes: expected a size such as 4096 or \"16MiB\", got '2Kib'"},
    {{"\"2KiB\"", "\"2GiB\""},
     SL_EJOB,
     "$.data.max_record_bytes: must be between 1 and 1073741824, got 2147483648"},
    /* features */
    {{"\"features\": [", "\"features\": [], \"x\": ["}, SL_EJOB, "$: unknown key 'x'"},
    {{"\"age\", {\"name\": \"gap\"", "\"gap\", {\"name\": \"gap\""},
     SL_EJOB,
     "$.features[1]: the feature 'gap' is given twice"},
    {{"\"age\"", "3"}, SL_EJOB, "$.features[0]: expected a text or an object, got a number"},
    {{"\"age\"", "\"\""}, SL_EJOB, "$.features[0]: must not be empty"},
    {{"\"age\"", "{\"expr\": \"a\"}"}, SL_EJOB, "$.features[0]: lacks the key 'name'"},
    {{"\"expr\": \"a - b\"", "\"expr\": \"\""}, SL_EJOB, "$.features[1].expr: must not be empty"},
    {{"\"expr\"", "\"exp\""}, SL_EJOB, "$.features[1]: unknown key 'exp', did you mean 'expr'?"},
    {{"\"median\"", "\"meadian\""},
     SL_EJOB,
     "$.features[1].missing: 'meadian' is not one of 'error', 'drop_row', 'mean', 'median', "
     "'level' or a number, did you mean 'median'?"},
    {{"\"median\"", "null"},
     SL_EJOB,
     "$.features[1].missing: expected a text or a number, got null"},
    {{"\"standard\"", "\"minmax\""},
     SL_EJOB,
     "$.features[1].scale: 'minmax' is not one of 'none', 'standard'"},
    {{"\"standard\"", "1"}, SL_EJOB, "$.features[1].scale: expected a text, got a number"},
    /* train */
    {{"\"estimator\": \"e\"", "\"estimator\": \"\""},
     SL_EJOB,
     "$.train.estimator: must not be empty"},
    {{"\"estimator\": \"e\",", ""}, SL_EJOB, "$.train: lacks the key 'estimator'"},
    {{"\"partitions\": {\"year\": " TRAIN_YEAR "},", ""},
     SL_EJOB,
     "$.train: lacks the key 'partitions'"},
    {{TRAIN_YEAR, "1999"},
     SL_EJOB,
     "$.train.partitions.year: '1999' is not among data.partitions.year"},
    {{TRAIN_YEAR, "[2015, \"20O5\"]"},
     SL_EJOB,
     "$.train.partitions.year: '20O5' is not among data.partitions.year, did you mean '2005'?"},
    {{"{\"year\": " TRAIN_YEAR, "{\"yaer\": " TRAIN_YEAR},
     SL_EJOB,
     "$.train.partitions.yaer: unknown partition key 'yaer', did you mean 'year'?"},
    {{"{\"year\": " TRAIN_YEAR "}", "\"al\""},
     SL_EJOB,
     "$.train.partitions: expected \"all\" or an object of partition keys and their values, got "
     "'al'"},
    {{"{\"year\": " TRAIN_YEAR "}", "[2015]"},
     SL_EJOB,
     "$.train.partitions: expected \"all\" or an object of partition keys and their values, got a "
     "list"},
    {{"\"C\": 0.5", "\"C\": [0.5, \"1\"]"},
     SL_EJOB,
     "$.train.params.C[1]: expected a number, got a text"},
    {{"\"C\": 0.5", "\"C\": {}"},
     SL_EJOB,
     "$.train.params.C: expected a number, true, false, a text, a list of numbers or null, got an "
     "object"},
    {{"\"max_count\": 7", "\"max_count\": -1"},
     SL_EJOB,
     "$.train.bad_rows.max_count: must be between 0 and 9007199254740991, got -1"},
    {{"\"max_count\": 7", "\"max_count\": 1.5"},
     SL_EJOB,
     "$.train.bad_rows.max_count: expected an integer, got 1.5"},
    {{"\"max_count\": 7", "\"max_fraction\": 1.01"},
     SL_EJOB,
     "$.train.bad_rows.max_fraction: must be between 0 and 1, got 1.01"},
    {{"\"max_count\": 7", "\"max_fraction\": null"},
     SL_EJOB,
     "$.train.bad_rows.max_fraction: expected a number, got null"},
    /* score */
    {{"\"tour\": \"wta\"}", "\"tour\": \"wt\"}"},
     SL_EJOB,
     "$.score.partitions.tour: 'wt' is not among data.partitions.tour, did you mean 'wta'?"},
    {{"{\"policy\": \"fail\"}", "{\"policy\": \"fail\", \"max_fraction\": 0.5}"},
     SL_EJOB,
     "$.score.bad_rows.max_fraction: has no meaning with the policy 'fail'"},
    {{"{\"policy\": \"fail\"}", "{\"policy\": \"skip\"}"},
     SL_EJOB,
     "$.score.bad_rows.policy: 'skip' is not one of 'reject', 'fail'"},
    {{"{\"policy\": \"fail\"}", "\"fail\""},
     SL_EJOB,
     "$.score.bad_rows: expected an object, got a text"},
    {{"\"3MiB\"", "0"},
     SL_EJOB,
     "$.score.chunk_bytes: must be between 1 and 9007199254740991, got 0"},
    {{"\"3MiB\"", "-5"}, SL_EJOB, "$.score.chunk_bytes: must be between 1"},
    {{"\"3MiB\"", "1.5"}, SL_EJOB, "$.score.chunk_bytes: expected an integer, got 1.5"},
    {{"\"3MiB\"", "true"},
     SL_EJOB,
     "$.score.chunk_bytes: expected a size such as 4096 or \"16MiB\", got true or false"},
    {{"\"static\"", "\"statik\""},
     SL_EJOB,
     "$.score.schedule: 'statik' is not one of 'dynamic', 'static', did you mean 'static'?"},
    {{"0.25", "1.5"}, SL_EJOB, "$.score.decision_threshold: must be between 0 and 1, got 1.5"},
    {{"0.25", "\"half\""}, SL_EJOB, "$.score.decision_threshold: expected a number, got a text"},
    /* output */
    {{"\"o.h5\"", "\"\""}, SL_EJOB, "$.output.path: must not be empty"},
    {{"\"id\", {\"column\": \"num\"", "\"num\", {\"column\": \"num\""},
     SL_EJOB,
     "$.output.keep[1]: the column 'num' is given twice"},
    {{"\"int64\"", "\"int32\""},
     SL_EJOB,
     "$.output.keep[1].as: 'int32' is not one of 'float64', 'int64', 'text', did you mean "
     "'int64'?"},
    {{"\"as\": \"int64\"", "\"as\": \"int64\", \"truncate\": false"},
     SL_EJOB,
     "$.output.keep[1].truncate: is for columns kept as text"},
    {{"\"max_width\": 9", "\"max_width\": 0"},
     SL_EJOB,
     "$.output.keep[2].max_width: must be between 1 and 1048576, got 0"},
    {{"\"truncate\": true", "\"truncate\": 1"},
     SL_EJOB,
     "$.output.keep[2].truncate: expected true or false, got a number"},
    {{"\"max_rejects\": 3", "\"max_rejects\": -3"},
     SL_EJOB,
     "$.output.max_rejects: must be between 0 and 1000000000, got -3"},
    {{"\"max_rejects\": 3", "\"max_rejects\": null"},
     SL_EJOB,
     "$.output.max_rejects: expected an integer, got null"},
    {{"\"exact_rows\": 77", "\"exact_rows\": 0"},
     SL_EJOB,
     "$.metrics.exact_rows: must be between 1 and 4294967295, got 0"},
    {{"\"exact_rows\": 77", "\"exact_rows\": 4294967296"},
     SL_EJOB,
     "$.metrics.exact_rows: must be between 1 and 4294967295, got 4294967296"},
    {{"\"exact_rows\": 77", "\"exact_rows\": 1.5"},
     SL_EJOB,
     "$.metrics.exact_rows: expected an integer, got 1.5"},
    {{"\"exact_rows\": 77", "\"exact_row\": 77"},
     SL_EJOB,
     "$.metrics: unknown key 'exact_row', did you mean 'exact_rows'?"},
    {{"\"compress\": true", "\"compress\": 0"},
     SL_EJOB,
     "$.output.compress: must be between 1 and 9, got 0"},
    {{"\"compress\": true", "\"compress\": 4.5"},
     SL_EJOB,
     "$.output.compress: expected an integer, got 4.5"},
    {{"\"compress\": true", "\"compress\": \"deflate\""},
     SL_EJOB,
     "$.output.compress: expected true, false or a level, got a text"},
    {{"\"expr\": \"a - b\"", "\"indicator\": 1"},
     SL_EJOB,
     "$.features[1].indicator: expected true or false, got a number"},
    /* orient */
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": \"w_\""},
     SL_EJOB,
     "$.orient: expected an object, got a text"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {}"},
     SL_EJOB,
     "$.orient: lacks the key 'first'"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\"}"},
     SL_EJOB,
     "$.orient: lacks the key 'second'"},
    {{"\"label\": \"won\"",
      "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": \"l_\"}"},
     SL_EJOB,
     "$.orient: lacks the key 'key'"},
    {{"\"label\": \"won\"",
      "\"label\": \"won\", \"orient\": {\"first\": \"\", \"second\": \"l_\", \"key\": [\"id\"]}"},
     SL_EJOB,
     "$.orient.first: must not be empty"},
    {{"\"label\": \"won\"",
      "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": \"l_\", \"key\": []}"},
     SL_EJOB,
     "$.orient.key: must not be empty"},
    {{"\"label\": \"won\"",
      "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": \"l_\", \"key\": \"id\"}"},
     SL_EJOB,
     "$.orient.key: expected a list of texts, got a text"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\", \"n\", \"id\"]}"},
     SL_EJOB,
     "$.orient.key[2]: the column 'id' is given twice"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"seed\": 0.5}"},
     SL_EJOB,
     "$.orient.seed: expected an integer, got 0.5"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"seed\": 1e16}"},
     SL_EJOB,
     "$.orient.seed: expected an integer, got 10000000000000000"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"as\": [\"a_\"]}"},
     SL_EJOB,
     "$.orient.as: expected two prefixes, such as [\"a_\", \"b_\"]"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"as\": [\"a_\", \"b_\", \"c_\"]}"},
     SL_EJOB,
     "$.orient.as: expected two prefixes, such as [\"a_\", \"b_\"]"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"as\": [\"a_\", \"\"]}"},
     SL_EJOB,
     "$.orient.as: expected two prefixes, such as [\"a_\", \"b_\"]"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"as\": [\"a_\", 1]}"},
     SL_EJOB,
     "$.orient.as[1]: expected a text, got a number"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"as\": [\"a_\", \"a_b\"]}"},
     SL_EJOB,
     "$.orient: the prefixes 'a_' and 'a_b' begin alike: no column could be told to have the one "
     "or the other"},
    {{"\"label\": \"won\"",
      "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": \"w\", \"key\": [\"id\"]}"},
     SL_EJOB,
     "$.orient: the prefixes 'w_' and 'w' begin alike"},
    {{"\"label\": \"won\"",
      "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": \"b_\", \"key\": [\"id\"]}"},
     SL_EJOB,
     "$.orient: the prefixes 'b_' and 'b_' begin alike"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"label\": \"\"}"},
     SL_EJOB,
     "$.orient.label: must not be empty"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"label\": \"w_won\"}"},
     SL_EJOB,
     "$.orient.label: must not begin with 'w_'"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"label\": \"l_won\"}"},
     SL_EJOB,
     "$.orient.label: must not begin with 'l_'"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"orient\": {\"first\": \"w_\", \"second\": "
                            "\"l_\", \"key\": [\"id\"], \"seeds\": 1}"},
     SL_EJOB,
     "$.orient: unknown key 'seeds', did you mean 'seed'?"},
    /* weight */
    {{"\"label\": \"won\"", "\"label\": \"won\", \"weight\": \"\""},
     SL_EJOB,
     "$.weight: must not be empty"},
    {{"\"label\": \"won\"", "\"label\": \"won\", \"weight\": 2"},
     SL_EJOB,
     "$.weight: expected a text, got a number"},
    /* kinds of features */
    {{"\"expr\": \"a - b\"", "\"categorical\": \"\""},
     SL_EJOB,
     "$.features[1].categorical: must not be empty"},
    {{"\"expr\": \"a - b\"", "\"categorical\": \"c\""},
     SL_EJOB,
     "$.features[1].missing: a categorical feature takes 'level', 'drop_row' or 'error'"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"missing\": 0"},
     SL_EJOB,
     "$.features[1].missing: a categorical feature takes 'level', 'drop_row' or 'error'"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"missing\": \"mean\""},
     SL_EJOB,
     "$.features[1].missing: a categorical feature takes 'level', 'drop_row' or 'error'"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"scale\": \"none\""},
     SL_EJOB,
     "$.features[1].scale: is for numeric features"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"expr\": \"c\""},
     SL_EJOB,
     "$.features[1].expr: is for numeric features"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"indicator\": false"},
     SL_EJOB,
     "$.features[1].indicator: is for numeric features"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"drop\": \"last\""},
     SL_EJOB,
     "$.features[1].drop: 'last' is not one of 'none', 'first'"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"handle_unknown\": \"\""},
     SL_EJOB,
     "$.features[1].handle_unknown: must not be empty"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"max_levels\": 0"},
     SL_EJOB,
     "$.features[1].max_levels: must be between 1 and 1000000, got 0"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"max_levels\": 1000001"},
     SL_EJOB,
     "$.features[1].max_levels: must be between 1 and 1000000, got 1000001"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"max_levels\": 1.5"},
     SL_EJOB,
     "$.features[1].max_levels: expected an integer, got 1.5"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"trim\": 1"},
     SL_EJOB,
     "$.features[1].trim: expected true or false, got a number"},
    {{"\"expr\": \"a - b\", \"missing\": \"median\", \"scale\": \"standard\"",
      "\"categorical\": \"c\", \"name2\": 1"},
     SL_EJOB,
     "$.features[1]: unknown key 'name2', did you mean 'name'?"},
    {{"\"expr\": \"a - b\"", "\"drop\": \"none\""},
     SL_EJOB,
     "$.features[1].drop: is for categorical features"},
    {{"\"expr\": \"a - b\"", "\"handle_unknown\": \"ignore\""},
     SL_EJOB,
     "$.features[1].handle_unknown: is for categorical features"},
    {{"\"expr\": \"a - b\"", "\"max_levels\": 9"},
     SL_EJOB,
     "$.features[1].max_levels: is for categorical features"},
    {{"\"expr\": \"a - b\"", "\"trim\": false"},
     SL_EJOB,
     "$.features[1].trim: is for categorical features"},
    {{"\"median\"", "\"level\""},
     SL_EJOB,
     "$.features[1].missing: 'level' is for categorical features"},
    /* features that are found in the header */
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {}"},
     SL_EJOB,
     "$.features: lacks the key 'all_except'"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {\"all_except\": \"y\"}"},
     SL_EJOB,
     "$.features.all_except: expected a list of texts, got a text"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {\"all_except\": [\"y\", 1]}"},
     SL_EJOB,
     "$.features.all_except[1]: expected a text, got a number"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {\"all_except\": [\"y\", \"z\", \"y\"]}"},
     SL_EJOB,
     "$.features.all_except[2]: the column 'y' is given twice"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {\"all_except\": [], \"categorical\": [\"c\", \"c\"]}"},
     SL_EJOB,
     "$.features.categorical[1]: the column 'c' is given twice"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {\"all_except\": [], \"categorical\": \"c\"}"},
     SL_EJOB,
     "$.features.categorical: expected a list of texts, got a text"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {\"all_except\": [], \"expr\": \"a\"}"},
     SL_EJOB,
     "$.features: unknown key 'expr'"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {\"all_except\": [], \"missing\": \"meen\"}"},
     SL_EJOB,
     "$.features.missing: 'meen' is not one of"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": {\"all_except\": [], \"max_levels\": 0}"},
     SL_EJOB,
     "$.features.max_levels: must be between 1 and 1000000, got 0"},
    {{"\"features\": [\"age\", {\"name\": \"gap\", \"expr\": \"a - b\", \"missing\": \"median\", "
      "\"scale\": \"standard\"}, {\"name\": \"ht\", \"missing\": -1.5}]",
      "\"features\": 3"},
     SL_EJOB,
     "$.features: expected an object or a list, got a number"},
    /* samples */
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {}"},
     SL_EJOB,
     "$.train.sample: expected either 'rows' or 'fraction'"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": 5"},
     SL_EJOB,
     "$.train.sample: expected an object, got a number"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"rows\": 5, \"fraction\": 0.5}"},
     SL_EJOB,
     "$.train.sample: expected either 'rows' or 'fraction'"},
    {{"\"estimator\": \"e\"",
      "\"estimator\": \"e\", \"sample\": {\"seed\": 5, \"stratify\": true}"},
     SL_EJOB,
     "$.train.sample: expected either 'rows' or 'fraction'"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"fraction\": 0}"},
     SL_EJOB,
     "$.train.sample.fraction: must be more than 0"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"fraction\": 1.01}"},
     SL_EJOB,
     "$.train.sample.fraction: must be between 0 and 1, got 1.01"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"fraction\": -0.5}"},
     SL_EJOB,
     "$.train.sample.fraction: must be between 0 and 1, got -0.5"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"rows\": 0}"},
     SL_EJOB,
     "$.train.sample.rows: must be between 1 and 9007199254740991, got 0"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"rows\": 1.5}"},
     SL_EJOB,
     "$.train.sample.rows: expected an integer, got 1.5"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"rows\": 5, \"stratify\": 1}"},
     SL_EJOB,
     "$.train.sample.stratify: expected true or false, got a number"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"rows\": 5, \"seed\": \"1\"}"},
     SL_EJOB,
     "$.train.sample.seed: expected an integer, got a text"},
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"sample\": {\"row\": 5}"},
     SL_EJOB,
     "$.train.sample: unknown key 'row', did you mean 'rows'?"},
    /* of the format, but not of this version */
    {{"\"estimator\": \"e\"", "\"estimator\": \"e\", \"class_weight\": \"balanced\""},
     SL_EJOB,
     "$.train: unknown key 'class_weight'"},
    {{"\"static\"", "\"static\", \"tries\": 0"},
     SL_EJOB,
     "$.score.tries: must be between 1 and 100, got 0"},
    {{"\"max_rejects\": 3", "\"journal_after\": -1"},
     SL_EJOB,
     "$.output.journal_after: must be between 0 and 1000000000, got -1"},
    {{"\"max_rejects\": 3", "\"writers\": 2"},
     SL_EUNSUPPORTED,
     "$.output: 'writers' is not supported by this version"},
};

static void assert_message(const struct sl_error *err, const char *start, const char *message)
{
    char expected[SL_ERROR_BYTES];

    snprintf(expected, sizeof expected, "%s%s", start, message);
    if (strncmp(err->text, expected, strlen(expected)) != 0)
        fail_msg("expected: %s\ngot:      %s", expected, err->text);
}

static void bad_jobs_are_refused_in_so_many_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        char           *text = edited(good_job, bad[i].edit);
        struct sl_error err = {0};
        struct sl_job  *job = NULL;
        sl_status       rc = try_parse(text, 0, NULL, &job, &err);

        if (rc == SL_OK)
            fail_msg("accepted: %s", bad[i].edit.replace);
        assert_message(&err, "dir/j.json: ", bad[i].message);
        assert_int_equal(rc, bad[i].status);
        assert_int_equal(err.code, bad[i].status);
        assert_null(job);
        free(text);
    }
}

/* An unfit default would be our own fault; every optional key is left out once. */
static void empty_objects_take_defaults(void **state)
{
    const char    *sets[] = {"score={}", "output={}", "train.bad_rows={}", "data.missing=[]"};
    struct sl_job *job = parse(good_job, 4, sets);

    (void)state;
    assert_int_equal(job->score.schedule, SL_SCHEDULE_DYNAMIC);
    assert_int_equal(job->output.n_keep, 0);
    assert_int_equal(job->train.bad_rows.policy, SL_BAD_ROWS_REJECT);
    assert_int_equal(job->input.n_missing, 0);
    assert_string_equal(job->output.path, "good.h5");
    sl_job_free(job);
}

static void ranges_are_written_out(void **state)
{
    static const struct {
        const char *set;
        const char *values;
    } cases[] = {
        {"data.partitions.year=08..11", "08 09 10 11"},
        {"data.partitions.year=8..11", "8 9 10 11"},
        {"data.partitions.year=0..2", "0 1 2"},
        {"data.partitions.year=000..002", "000 001 002"},
        {"data.partitions.year=5..5", "5"},
        {"data.partitions.year=2015", "2015"},
        {"data.partitions.year=007", "007"},
        {"data.partitions.year=[3, \"x\", \"1..2\"]", "3 x 1 2"},
        {"data.partitions.year=a.b", "a.b"},
        {"data.partitions.year=2015-01-01", "2015-01-01"},
        {"data.partitions.year=2015-11..2016-02", "2015-11 2015-12 2016-01 2016-02"},
        {"data.partitions.year=2015-12..2015-12", "2015-12"},
        {"data.partitions.year=0099-12..0100-01", "0099-12 0100-01"},
        {"data.partitions.year=2015-12-30..2016-01-02",
         "2015-12-30 2015-12-31 2016-01-01 2016-01-02"},
        {"data.partitions.year=2016-02-28..2016-03-01", "2016-02-28 2016-02-29 2016-03-01"},
        {"data.partitions.year=2000-02-28..2000-03-01", "2000-02-28 2000-02-29 2000-03-01"},
        {"data.partitions.year=1900-02-28..1900-03-01", "1900-02-28 1900-03-01"},
        {"data.partitions.year=9999-12-31..9999-12-31", "9999-12-31"},
        {"data.partitions.year=[\"2015-01..2015-02\", \"all\"]", "2015-01 2015-02 all"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        const char    *sets[] = {cases[i].set, "train.partitions=all"};
        struct sl_job *job = parse(good_job, 2, sets);

        assert_values(&job->input.keys[1], "year", cases[i].values);
        sl_job_free(job);
    }
}

/* A key without values is to be discovered. */
static void keys_left_out_come_last(void **state)
{
    static const char *const sets[] = {"data.path={a}/{b}-{a}-{c}*.csv",
                                       "data.partitions={\"c\": \"1..2\"}",
                                       "data.missing_partitions=skip",
                                       "train.partitions={\"b\": \"any\"}", "score.partitions=all"};
    struct sl_job           *job = parse(good_job, N_OF(sets), sets);

    (void)state;
    assert_int_equal(job->input.n_keys, 3);
    assert_values(&job->input.keys[0], "c", "1 2");
    assert_values(&job->input.keys[1], "a", "");
    assert_values(&job->input.keys[2], "b", "");
    assert_int_equal(job->input.holes, SL_HOLES_SKIP);
    sl_job_free(job);
}

static void only_narrows(void **state)
{
    static const struct {
        const char *texts[3];
        const char *years; /* NULL: all */
        const char *tours;
    } cases[] = {
        {{NULL}, NULL, NULL},
        {{"year=2003"}, "2003", NULL},
        {{"year=2003,2001"}, "2003 2001", NULL},
        {{"year=2003..2005,2001"}, "2003 2004 2005 2001", NULL},
        {{"year=2003,2004", "tour=atp"}, "2003 2004", "atp"},
        {{"year=2003,2004,2005", "year=2005,2003"}, "2003 2005", NULL},
        {{"year=2003..2010", "tour=wta,atp", "year=2009..2016"}, "2009 2010", "wta atp"},
    };
    struct sl_job *job = parse(good_job, 0, NULL);

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        const char         *wanted[] = {cases[i].years, cases[i].tours};
        const char         *names[] = {"year", "tour"};
        struct sl_selection only;
        struct sl_error     err = {0};
        int                 n = 0;

        while (n < 3 && cases[i].texts[n] != NULL)
            n++;
        assert_int_equal(sl_selection_parse(&job->input, n, cases[i].texts, &only, &err), SL_OK);
        assert_int_equal(only.n_keys, (wanted[0] != NULL) + (wanted[1] != NULL));
        for (int k = 0; k < only.n_keys; k++)
            assert_values(&only.keys[k], names[k], wanted[k]);
        sl_selection_release(&only);
    }
    sl_job_free(job);
}

static void only_is_refused_in_so_many_words(void **state)
{
    static const struct {
        const char *texts[2];
        const char *message;
    } cases[] = {
        {{"year"}, "--only 'year': expected KEY=VALUE,..."},
        {{"yaer=2003"}, "--only 'yaer=2003': unknown partition key 'yaer', did you mean 'year'?"},
        {{"tour=wt"},
         "--only 'tour=wt': 'wt' is not among data.partitions.tour, did you mean 'wta'?"},
        {{"year=2016..2017"}, "--only 'year=2016..2017': '2017' is not among data.partitions.year"},
        {{"year="}, "--only 'year=': a value must not be empty"},
        {{"year=2003,"}, "--only 'year=2003,': a value must not be empty"},
        {{"year=2004..2003"}, "--only 'year=2004..2003': the range '2004..2003' is empty"},
        {{"year=2003", "year=2004"}, "--only 'year=2004': no value of 'year' is left"},
    };
    struct sl_job *job = parse(good_job, 0, NULL);

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        int                 n = cases[i].texts[1] == NULL ? 1 : 2;
        struct sl_selection only;
        struct sl_error     err = {0};

        assert_int_equal(sl_selection_parse(&job->input, n, cases[i].texts, &only, &err),
                         SL_EUSAGE);
        assert_message(&err, "", cases[i].message);
        assert_int_equal(err.code, SL_EUSAGE);
        assert_null(only.keys);
    }
    sl_job_free(job);
}

/* A value of the effective job, as JSON on one line. */
static char *value_at(const struct sl_job *job, const char *path)
{
    struct sl_json_doc   *doc = NULL;
    const struct sl_json *value;
    struct sl_error       err = {0};
    char                 *text = NULL;

    assert_int_equal(sl_json_parse(job->text, strlen(job->text), "text", &doc, &err), SL_OK);
    value = sl_json_root(doc);
    while (value != NULL && *path != '\0') {
        char   key[32];
        size_t n = strcspn(path, ".");

        snprintf(key, sizeof key, "%.*s", (int)n, path);
        if (sl_json_kind(value) == SL_JSON_LIST) {
            value = sl_json_first(value);
            for (int i = atoi(key); i > 0 && value != NULL; i--)
                value = sl_json_next(value);
        } else {
            value = sl_json_find(value, key);
        }
        path += path[n] == '.' ? n + 1 : n;
    }
    assert_non_null(value);
    assert_int_equal(sl_json_print(value, false, &text, &err), SL_OK);
    sl_json_close(doc);
    return text;
}

/* What a set makes of the job, in the effective job. */
static const struct {
    const char *set;
    const char *path;
    const char *json;
} sets_good[] = {
    {"name=2015", "name", "\"2015\""},
    {"label=a == b", "label", "\"a == b\""},
    {"label={x}", "label", "\"{x}\""},
    {"description=", "description", "\"\""},
    {"score.chunk_bytes=1MiB", "score.chunk_bytes", "\"1MiB\""},
    {"score.chunk_bytes=77", "score.chunk_bytes", "\"77\""},
    {"score.decision_threshold=1e-3", "score.decision_threshold", "0.001"},
    {"score.schedule=dynamic", "score.schedule", "\"dynamic\""},
    {"score.partitions=all", "score.partitions", "\"all\""},
    {"score.partitions={\"year\": 2001}", "score.partitions", "{\"year\":2001}"},
    {"score.partitions.year=[2001,2002]", "score.partitions",
     "{\"tour\":\"wta\",\"year\":[2001,2002]}"},
    {"score={\"schedule\": \"static\"}", "score", "{\"schedule\":\"static\"}"},
    {"train.params.tol=1e-9", "train.params",
     "{\"C\":0.5,\"fit_intercept\":false,\"how\":\"so\",\"not\":null,\"tol\":1e-09}"},
    {"train.params.fit_intercept=true", "train.params.fit_intercept", "true"},
    {"train.params.class_weight=balanced", "train.params.class_weight", "\"balanced\""},
    {"train.params.class_weight=none", "train.params.class_weight", "\"none\""},
    {"train.params.class_weight=null", "train.params.class_weight", "null"},
    {"train.params.class_weight=", "train.params.class_weight", "\"\""},
    {"train.partitions.year=2014", "train.partitions", "{\"year\":\"2014\"}"},
    {"train.partitions.year.1=2014", "train.partitions", "{\"year\":[2015,\"2014\"]}"},
    {"train.bad_rows.max_count=null", "train.bad_rows.max_count", "null"},
    {"features.1.scale=none", "features.1.scale", "\"none\""},
    {"features.1.missing=0.5", "features.1.missing", "0.5"},
    {"features.1.missing=mean", "features.1.missing", "\"mean\""},
    {"features.0.scale=standard", "features.0", "{\"name\":\"age\",\"scale\":\"standard\"}"},
    {"features.0.name=x", "features.0", "{\"name\":\"x\"}"},
    {"features.0=x", "features.0", "\"x\""},
    {"features.3=x", "features.3", "\"x\""},
    {"features.3.name=x", "features.3", "{\"name\":\"x\"}"},
    {"features=[\"x\"]", "features", "[\"x\"]"},
    {"features.2={\"name\": \"z\"}", "features.2", "{\"name\":\"z\"}"},
    {"features={\"all_except\": [\"y\"]}", "features", "{\"all_except\":[\"y\"]}"},
    {"features.1={\"name\": \"c\", \"categorical\": \"c\"}", "features.1.categorical", "\"c\""},
    {"orient={\"first\": \"w_\", \"second\": \"l_\", \"key\": [\"id\"]}", "orient.key", "[\"id\"]"},
    {"weight=games + 1", "weight", "\"games + 1\""},
    {"train.sample.fraction=0.5", "train.sample", "{\"fraction\":0.5}"},
    {"train.sample.rows=1000", "train.sample", "{\"rows\":1000}"},
    {"train.sample={\"rows\": 9, \"stratify\": true}", "train.sample",
     "{\"rows\":9,\"stratify\":true}"},
    {"data.missing.0=NA", "data.missing", "[\"NA\"]"},
    {"data.missing.1=NA", "data.missing", "[\"-\",\"NA\"]"},
    {"data.delimiter=\t", "data.delimiter", "\"\\u0009\""},
    {"output.keep.0=other", "output.keep.0", "\"other\""},
    {"output.keep.2.truncate=false", "output.keep.2.truncate", "false"},
    {"output.max_rejects=0", "output.max_rejects", "0"},
    {"output.compress=true", "output.compress", "true"},
    {"output.compress=9", "output.compress", "9"},
};

static void sets_become_what_the_schema_wants(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(sets_good); i++) {
        struct sl_job *job = parse(good_job, 1, &sets_good[i].set);
        char          *json = value_at(job, sets_good[i].path);

        assert_string_equal(json, sets_good[i].json);
        free(json);
        sl_job_free(job);
    }
}

static void sets_make_what_is_not_there(void **state)
{
    const char    *sets[] = {"score.bad_rows.policy=fail",
                             "output.keep.0.column=id",
                             "output.keep.0.as=int64",
                             "train.params.C=2",
                             "orient.first=w_",
                             "orient.second=l_",
                             "orient.key.0=id",
                             "train.sample.fraction=0.5"};
    struct sl_job *job = parse(small_job, N_OF(sets), sets);

    (void)state;
    assert_int_equal(job->score.bad_rows.policy, SL_BAD_ROWS_FAIL);
    assert_int_equal(job->output.n_keep, 1);
    assert_int_equal(job->output.keep[0].type, SL_INTEGER);
    assert_true(job->train.params[0].value == 2);
    assert_string_equal(job->recipe.orient.as[0], "a_");
    assert_string_equal(job->recipe.orient.as[1], "b_");
    assert_string_equal(job->recipe.orient.label, "a_won");
    assert_int_equal(job->recipe.orient.seed, 0);
    assert_true(job->train.sample.fraction == 0.5);
    assert_false(job->train.sample.stratify);
    assert_int_equal(job->train.sample.seed, 0);
    sl_job_free(job);
}

static void the_last_set_wins(void **state)
{
    const char    *sets[] = {"score.decision_threshold=0.1", "score={}",
                             "score.decision_threshold=0.2", "score.decision_threshold=0.3"};
    struct sl_job *job = parse(good_job, 4, sets);

    (void)state;
    assert_true(job->score.decision_threshold == 0.3);
    assert_int_equal(job->score.schedule, SL_SCHEDULE_DYNAMIC);
    sl_job_free(job);
}

/* Sets that are refused; the message begins with the set itself... */
static const struct {
    const char *set;
    sl_status   status;
    const char *message;
} sets_bad[] = {
    {"nothing", SL_EUSAGE, "expected key.path=value"},
    {"", SL_EUSAGE, "expected key.path=value"},
    {"=1", SL_EJOB, "unknown key ''"},
    {"scor=1", SL_EJOB, "unknown key 'scor', did you mean 'score'?"},
    {"score.chunk_byte=1", SL_EJOB, "unknown key 'chunk_byte', did you mean 'chunk_bytes'?"},
    {"score.=1", SL_EJOB, "unknown key ''"},
    {"output.writers=1", SL_EUNSUPPORTED, "'writers' is not supported by this version"},
    {"name.x=1", SL_EJOB, "there is nothing below a text, so no 'x'"},
    {"features.x=1", SL_EJOB, "unknown key 'x'"},
    {"features.-1=a", SL_EJOB, "unknown key '-1'"},
    {"features.=a", SL_EJOB, "expected an index into the list, got ''"},
    {"features.4=a", SL_EJOB, "the list has 3 entries, counted from 0"},
    {"features.1.scael=none", SL_EJOB, "unknown key 'scael', did you mean 'scale'?"},
    {"features.all_except=[]", SL_EJOB, "cannot set 'all_except' inside a list"},
    {"features.all_excpt=[]", SL_EJOB, "unknown key 'all_excpt', did you mean 'all_except'?"},
    {"features.all_except.x=y", SL_EJOB, "expected an index into the list, got 'x'"},
    {"orient.seed=seven", SL_EJOB, "expected an integer, got 'seven'"},
    {"orient.as=a_", SL_EJOB, "expected a list of texts, got 'a_'"},
    {"train.sample.fraction=half", SL_EJOB, "expected a number, got 'half'"},
    {"train.sample=0.5", SL_EJOB, "expected an object, got a number"},
    {"data.partitions.=1", SL_EJOB, "an empty key"},
    {"data.partitions.year.0=1", SL_EJOB, "cannot set '0' inside a text"},
    {"score.decision_threshold=half", SL_EJOB, "expected a number, got 'half'"},
    {"score.decision_threshold=", SL_EJOB, "expected a number, got ''"},
    {"score.decision_threshold=true", SL_EJOB, "expected a number, got true or false"},
    {"output.max_rejects=[1]", SL_EJOB, "expected an integer, got a list"},
    {"output.keep.2.truncate=yes", SL_EJOB, "expected true or false, got 'yes'"},
    {"train.params.C=1e", SL_EJOB,
     "expected a number, true, false, a text, a list of numbers or null, got '1e'"},
    {"score=1", SL_EJOB, "expected an object, got a number"},
    {"score={\"schedule\": }", SL_EJOB, "JSON: line 1, column 14: expected a value, got '}'"},
    {"features=[\"x\"", SL_EJOB, "JSON: line 1, column 5: expected ',' or ']'"},
    {"features.0={\"name\":\"a\",\"name\":\"b\"}", SL_EJOB,
     "JSON: $.name: this key is given twice"},
};

/* ... or ends with it, where the value has the right type and is wrong all the same. */
static const struct {
    const char *set;
    sl_status   status;
    const char *message;
} sets_unfit[] = {
    {"score.decision_threshold=2", SL_EJOB,
     "$.score.decision_threshold: must be between 0 and 1, got 2"},
    {"score.chunk_bytes=0", SL_EJOB,
     "$.score.chunk_bytes: must be between 1 and 9007199254740991, got 0"},
    {"score.chunk_bytes=big", SL_EJOB,
     "$.score.chunk_bytes: expected a size such as 4096 or \"16MiB\", got 'big'"},
    {"score.schedule=x", SL_EJOB, "$.score.schedule: 'x' is not one of 'dynamic', 'static'"},
    {"score={\"x\": 1}", SL_EJOB, "$.score: unknown key 'x'"},
    {"train.partitions.year=1999", SL_EJOB,
     "$.train.partitions.year: '1999' is not among data.partitions.year"},
    {"features.3=age", SL_EJOB, "$.features[3]: the feature 'age' is given twice"},
    {"features=[]", SL_EJOB, "$.features: must not be empty"},
    {"features.1.missing=level", SL_EJOB,
     "$.features[1].missing: 'level' is for categorical features"},
    {"orient={\"seed\": 1}", SL_EJOB, "$.orient: lacks the key 'first'"},
    {"orient={\"first\": \"w_\", \"second\": \"w_\", \"key\": [\"id\"]}", SL_EJOB,
     "$.orient: the prefixes 'w_' and 'w_' begin alike: no column could be told to have the one or "
     "the other"},
    {"weight=", SL_EJOB, "$.weight: must not be empty"},
    {"train.sample={\"stratify\": true}", SL_EJOB,
     "$.train.sample: expected either 'rows' or 'fraction'"},
    {"train.sample.fraction=2", SL_EJOB, "$.train.sample.fraction: must be between 0 and 1, got 2"},
    {"features.1={\"name\": \"c\", \"categorical\": \"c\", \"missing\": 1}", SL_EJOB,
     "$.features[1].missing: a categorical feature takes 'level', 'drop_row' or 'error'"},
    {"output.path=", SL_EJOB, "$.output.path: must not be empty"},
};

static void unfit_sets_are_named(void **state)
{
    char expected[SL_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < N_OF(sets_bad) + N_OF(sets_unfit); i++) {
        bool            early = i < N_OF(sets_bad);
        size_t          j = early ? i : i - N_OF(sets_bad);
        const char     *set = early ? sets_bad[j].set : sets_unfit[j].set;
        sl_status       wanted = early ? sets_bad[j].status : sets_unfit[j].status;
        const char     *sets[] = {"name=n", set, "label=z"};
        struct sl_error err = {0};
        struct sl_job  *job = NULL;
        sl_status       rc = try_parse(good_job, 3, sets, &job, &err);

        if (rc == SL_OK)
            fail_msg("accepted: %s", set);
        if (early)
            snprintf(expected, sizeof expected, "--set '%s': %s", set, sets_bad[j].message);
        else
            snprintf(expected, sizeof expected, "dir/j.json: %s (by --set '%s')",
                     sets_unfit[j].message, set);
        assert_message(&err, expected, "");
        assert_int_equal(rc, wanted);
        assert_null(job);
    }
}

static void faults_of_the_file_name_no_set(void **state)
{
    char           *text = edited(good_job, (struct edit){"0.25", "7"});
    const char     *sets[] = {"score.schedule=dynamic", "nam=1"};
    struct sl_error err = {0};
    struct sl_job  *job = NULL;

    (void)state;
    assert_int_equal(try_parse(text, 1, sets, &job, &err), SL_EJOB);
    assert_string_equal(err.text,
                        "dir/j.json: $.score.decision_threshold: must be between 0 and 1, got 7");
    assert_int_equal(try_parse("[1]", 1, sets, &job, &err), SL_EJOB);
    assert_string_equal(err.text, "dir/j.json: $: expected an object, got a list");
    free(text);
}

static void paths_are_placed(void **state)
{
    static const struct {
        const char *file;
        const char *set;
        const char *root;
        const char *output;
    } cases[] = {
        {"j.json", "name=n", "data", "o.h5"},
        {"/a/b/j.json", "name=n", "/a/b/data", "/a/b/o.h5"},
        {"/j.json", "name=n", "/data", "/o.h5"},
        {"../j.json", "name=n", "../data", "../o.h5"},
        {"a/j.json", "data.root=there", "there", "a/o.h5"},
        {"a/j.json", "data.root=", "", "a/o.h5"},
        {"a/j.json", "data.root=/abs", "/abs", "a/o.h5"},
        {"a/j.json", "output.path=b/p.h5", "a/data", "b/p.h5"},
        {"a/j.json", "output={\"path\": \"p.h5\"}", "a/data", "p.h5"},
        {"a/j.json", "output={}", "a/data", "good.h5"},
        {"a/j.json", "data.path=/abs/{tour}{year}", "", "a/o.h5"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_error err = {0};
        struct sl_job  *job = NULL;

        assert_int_equal(
            sl_job_parse(good_job, strlen(good_job), cases[i].file, 1, &cases[i].set, &job, &err),
            SL_OK);
        assert_string_equal(job->input.root, cases[i].root);
        assert_string_equal(job->output.path, cases[i].output);
        sl_job_free(job);
    }
}

static void files_are_read_or_refused(void **state)
{
    char            file[] = "/tmp/scoreline-job-XXXXXX";
    int             fd = mkstemp(file);
    const char     *bad_set = "oops";
    struct sl_error err = {0};
    struct sl_job  *job = NULL;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, small_job, strlen(small_job)), strlen(small_job));
    close(fd);
    assert_int_equal(sl_job_read(file, 0, NULL, &job, &err), SL_OK);
    assert_string_equal(job->file, file);
    assert_string_equal(job->input.root, "/tmp");
    assert_string_equal(job->name, strrchr(file, '/') + 1);
    sl_job_free(job);
    unlink(file);

    job = NULL;
    assert_int_equal(sl_job_read("no/such.json", 0, NULL, &job, &err), SL_EJOB);
    assert_string_equal(err.text, "cannot open job file 'no/such.json': No such file or directory");
    assert_int_equal(sl_job_read("/tmp", 0, NULL, &job, &err), SL_EJOB);
    assert_string_equal(err.text, "cannot read job file '/tmp': Is a directory");
    assert_int_equal(sl_job_read("no/such.json", 1, &bad_set, &job, &err), SL_EUSAGE);
    assert_int_equal(sl_job_read("/dev/zero", 0, NULL, &job, &err), SL_EJOB);
    assert_string_equal(err.text, "job file '/dev/zero' is larger than 16 MiB");
    assert_null(job);
}

/* The job that ships, found beside this file's own directory. */
static void the_seed_job_is_sound(void **state)
{
    const char     *here = __FILE__;
    size_t          n_top = strlen(here) - strlen("tests/unit/test_job.c");
    char            file[4096];
    struct sl_error err = {0};
    struct sl_job  *job = NULL;

    (void)state;
    snprintf(file, sizeof file, "%.*sjobs/wta-seed.json", (int)n_top, here);
    if (sl_job_read(file, 0, NULL, &job, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_string_equal(job->name, "wta-seed");
    assert_int_equal(job->input.n_keys, 1);
    assert_int_equal(job->input.keys[0].n_values, 17);
    assert_int_equal(job->recipe.n_features, 1);
    assert_string_equal(job->recipe.features[0].expr, "winner_rank_points - loser_rank_points");
    assert_int_equal(job->recipe.features[0].missing, SL_MISSING_DROP_ROW);
    assert_string_equal(job->recipe.label, "point_diff > 0");
    assert_values(&job->train.partitions.keys[0], "year", "2015");
    assert_string_equal(job->train.estimator, "logistic_regression");
    assert_int_equal(job->output.n_keep, 2);
    assert_int_equal(job->output.keep[0].type, SL_TEXT); /* "2015-D001" is no number */
    assert_int_equal(job->output.keep[1].type, SL_INTEGER);
    sl_job_free(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_goes_to_its_place),
        cmocka_unit_test(features_and_kept_columns_are_read),
        cmocka_unit_test(what_the_model_sees_is_read),
        cmocka_unit_test(features_may_be_all_columns_but_some),
        cmocka_unit_test(training_needs_features_label_and_train),
        cmocka_unit_test(sets_reach_the_new_keys),
        cmocka_unit_test(defaults_are_those_of_the_design),
        cmocka_unit_test(bad_jobs_are_refused_in_so_many_words),
        cmocka_unit_test(empty_objects_take_defaults),
        cmocka_unit_test(ranges_are_written_out),
        cmocka_unit_test(keys_left_out_come_last),
        cmocka_unit_test(only_narrows),
        cmocka_unit_test(only_is_refused_in_so_many_words),
        cmocka_unit_test(sets_become_what_the_schema_wants),
        cmocka_unit_test(sets_make_what_is_not_there),
        cmocka_unit_test(the_last_set_wins),
        cmocka_unit_test(unfit_sets_are_named),
        cmocka_unit_test(faults_of_the_file_name_no_set),
        cmocka_unit_test(paths_are_placed),
        cmocka_unit_test(files_are_read_or_refused),
        cmocka_unit_test(the_seed_job_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
