/* The tables themselves.  A new key of the job file is a line here, a member in job.h, a line in the
 * reference, and docs/job.schema.json made anew (build the target update_job_schema); only rules
 * between keys (check.c) are written out. */
#include "schema.h"

#include <stdint.h>
#include <string.h>

#include "scoreline/job.h"
#include "scoreline/text.h"

#define JSON(kind) (1u << SL_JSON_##kind)

const struct sl_field_form sl_field_forms[SL_N_FIELD_KINDS] = {
    [SL_FIELD_TEXT] = {"a text", JSON(TEXT)},
    [SL_FIELD_BYTE] = {"a text of one byte", JSON(TEXT)},
    [SL_FIELD_REAL] = {"a number", JSON(NUMBER)},
    [SL_FIELD_INTEGER] = {"an integer", JSON(NUMBER)},
    [SL_FIELD_LIMIT] = {"an integer, or null for no limit", JSON(NUMBER) | JSON(NULL)},
    [SL_FIELD_SIZE] = {"a size such as 4096 or \"16MiB\"", JSON(NUMBER) | JSON(TEXT)},
    [SL_FIELD_BOOL] = {"true or false", JSON(BOOL)},
    [SL_FIELD_LEVEL] = {"true, false or a level", JSON(BOOL) | JSON(NUMBER)},
    [SL_FIELD_CHOICE] = {"a text", JSON(TEXT)},
    [SL_FIELD_CHOICE_OR_NUMBER] = {"a text or a number", JSON(TEXT) | JSON(NUMBER)},
    [SL_FIELD_TEXTS] = {"a list of texts", JSON(LIST)},
    [SL_FIELD_REALS] = {"a list of numbers", JSON(LIST)},
    [SL_FIELD_VALUES] = {"a list, a range such as \"2000..2016\", a text or an integer",
                         JSON(LIST) | JSON(TEXT) | JSON(NUMBER)},
    [SL_FIELD_PARTITIONS] = {"an object of partition keys and their values", JSON(OBJECT)},
    [SL_FIELD_SELECTION] = {"\"all\" or an object of partition keys and their values",
                            JSON(TEXT) | JSON(OBJECT)},
    [SL_FIELD_PARAM] = {"a number, true, false, a text, a list of numbers or null",
                        JSON(NUMBER) | JSON(BOOL) | JSON(TEXT) | JSON(LIST) | JSON(NULL)},
    [SL_FIELD_PARAMS] = {"an object of parameters", JSON(OBJECT)},
    [SL_FIELD_RANGE] = {"a list of values, {\"uniform\": [a, b]} or {\"loguniform\": [a, b]}",
                        JSON(LIST) | JSON(OBJECT)},
    [SL_FIELD_RANGES] = {"an object of parameters and their values", JSON(OBJECT)},
    [SL_FIELD_FEATURE_SET] = {"a list of features", JSON(LIST)},
    [SL_FIELD_FEATURE_SETS] = {"an object of names and their features", JSON(OBJECT)},
    [SL_FIELD_OBJECT] = {"an object", JSON(OBJECT)},
    [SL_FIELD_OBJECTS] = {"a list", JSON(LIST)},
};

#define GIB     (1024.0 * 1024.0 * 1024.0)
#define LARGEST 9007199254740991.0 /* 2^53 - 1: integers are exact up to here */

static const char *const missing_policies[] = {"error", "drop_row", "mean", "median", "level",
                                               NULL};
static const char *const missing_partition_policies[] = {"fail", "skip", NULL};
static const char *const scales[] = {"none", "standard", NULL};
static const char *const drops[] = {"none", "first", NULL};
static const char *const bad_partitions[] = {"fail", "skip", NULL};
static const char *const bad_rows_policies[] = {"reject", "fail", NULL};
static const char *const schedules[] = {"dynamic", "static", NULL};
static const char *const train_modes[] = {"root", "distributed", NULL};
static const char *const kept_types[] = {"float64", "int64", "text", NULL};

static const char *const search_methods[] = {"grid", "random", NULL};
static const char *const cv_methods[] = {"kfold", "stratified_kfold", "leave_one_out",
                                         "expanding_window", NULL};

const char *const sl_scoring_names[SL_N_SCORINGS + 1] = {
    [SL_SCORING_DEFAULT] = "default",
    [SL_SCORING_ACCURACY] = "accuracy",
    [SL_SCORING_NEG_LOG_LOSS] = "neg_log_loss",
    [SL_SCORING_ROC_AUC] = "roc_auc",
    [SL_SCORING_NEG_BRIER] = "neg_brier_score",
    [SL_SCORING_R2] = "r2",
    [SL_SCORING_NEG_RMSE] = "neg_root_mean_squared_error",
    [SL_SCORING_NEG_MSE] = "neg_mean_squared_error",
    [SL_SCORING_NEG_MAE] = "neg_mean_absolute_error",
    [SL_SCORING_NEG_POISSON_DEVIANCE] = "neg_mean_poisson_deviance",
};

static const struct sl_job_field text_member = {.kind = SL_FIELD_TEXT};
static const struct sl_job_field values_member = {.kind = SL_FIELD_VALUES, .member = &text_member};
static const struct sl_job_field param_member = {.kind = SL_FIELD_PARAM};

#define AT(type, name)     .at = offsetof(struct type, name)
#define COUNT(type, name)  .also_at = offsetof(struct type, name)
#define RANGE(least, most) .min = (least), .max = (most)

static const struct sl_job_field data_fields[] = {
    {"root", SL_FIELD_TEXT, AT(sl_input_spec, root), .fallback = "\"\""},
    {"path", SL_FIELD_TEXT, .required = true, AT(sl_input_spec, path), .min = 1},
    {"partitions", SL_FIELD_PARTITIONS, AT(sl_input_spec, keys), COUNT(sl_input_spec, n_keys),
     .member = &values_member},
    {"missing", SL_FIELD_TEXTS, AT(sl_input_spec, missing), COUNT(sl_input_spec, n_missing),
     .member = &text_member, .fallback = "[\"\", \"NA\"]"},
    {"delimiter", SL_FIELD_BYTE, AT(sl_input_spec, delimiter), .fallback = "\",\""},
    {"quote", SL_FIELD_BYTE, AT(sl_input_spec, quote), .fallback = "\"\\\"\""},
    {"max_field_bytes", SL_FIELD_SIZE, AT(sl_input_spec, max_field_bytes), RANGE(1, GIB),
     .fallback = "\"1MiB\""},
    {"max_record_bytes", SL_FIELD_SIZE, AT(sl_input_spec, max_record_bytes), RANGE(1, GIB),
     .fallback = "\"16MiB\""},
    {"missing_partitions", SL_FIELD_CHOICE, AT(sl_input_spec, holes),
     .choices = missing_partition_policies, .fallback = "\"fail\""},
    {.key = NULL},
};

#define MOST_LEVELS 1000000

/* What a feature may say, and a group of them for all. */
#define FEATURE_OPTIONS(type, in)                                                                  \
    {"missing", SL_FIELD_CHOICE_OR_NUMBER, AT(type, in missing),                                   \
     .also_at = offsetof(struct type, in fill), .choices = missing_policies,                       \
     .fallback = "\"error\""},                                                                     \
    {"scale", SL_FIELD_CHOICE, AT(type, in scale), .choices = scales, .fallback = "\"none\""},     \
    {"indicator", SL_FIELD_BOOL, AT(type, in indicator), .fallback = "false"},                     \
    {"drop", SL_FIELD_CHOICE, AT(type, in drop), .choices = drops, .fallback = "\"none\""},        \
    {"handle_unknown", SL_FIELD_TEXT, AT(type, in handle_unknown), .min = 1,                       \
     .fallback = "\"ignore\""},                                                                    \
    {"max_levels", SL_FIELD_INTEGER, AT(type, in max_levels), RANGE(1, MOST_LEVELS),               \
     .fallback = "5000"},                                                                          \
    {"trim", SL_FIELD_BOOL, AT(type, in trim), .fallback = "false"}

static const struct sl_job_field feature_fields[] = {
    {"name", SL_FIELD_TEXT, .required = true, AT(sl_feature_spec, name), .min = 1},
    {"expr", SL_FIELD_TEXT, AT(sl_feature_spec, expr), .min = 1},
    {"categorical", SL_FIELD_TEXT, AT(sl_feature_spec, categorical), .min = 1},
    FEATURE_OPTIONS(sl_feature_spec, ),
    {.key = NULL},
};

static const struct sl_job_field group_fields[] = {
    {"all_except", SL_FIELD_TEXTS, .required = true, AT(sl_group_spec, except),
     COUNT(sl_group_spec, n_except), .member = &text_member},
    {"categorical", SL_FIELD_TEXTS, AT(sl_group_spec, categorical),
     COUNT(sl_group_spec, n_categorical), .member = &text_member},
    FEATURE_OPTIONS(sl_group_spec, like.),
    {.key = NULL},
};

static const struct sl_job_field orient_fields[] = {
    {"first", SL_FIELD_TEXT, .required = true, AT(sl_orient_spec, first), .min = 1},
    {"second", SL_FIELD_TEXT, .required = true, AT(sl_orient_spec, second), .min = 1},
    {"as", SL_FIELD_TEXTS, AT(sl_orient_spec, as), COUNT(sl_orient_spec, n_as),
     .member = &text_member, .fallback = "[\"a_\", \"b_\"]"},
    {"label", SL_FIELD_TEXT, AT(sl_orient_spec, label), .min = 1, .fallback = "\"a_won\""},
    {"key", SL_FIELD_TEXTS, .required = true, AT(sl_orient_spec, key),
     COUNT(sl_orient_spec, n_key), .min = 1, .member = &text_member},
    {"seed", SL_FIELD_INTEGER, AT(sl_orient_spec, seed), RANGE(-LARGEST, LARGEST),
     .fallback = "0"},
    {.key = NULL},
};

static const struct sl_job_field bad_rows_fields[] = {
    {"policy", SL_FIELD_CHOICE, AT(sl_bad_rows_spec, policy), .choices = bad_rows_policies,
     .fallback = "\"reject\""},
    {"max_fraction", SL_FIELD_REAL, AT(sl_bad_rows_spec, max_fraction), RANGE(0, 1),
     .fallback = "0.001"},
    {"max_count", SL_FIELD_LIMIT, AT(sl_bad_rows_spec, max_count), RANGE(0, LARGEST),
     .fallback = "null"},
    {.key = NULL},
};
static const struct sl_job_table bad_rows_table = {bad_rows_fields, sizeof(struct sl_bad_rows_spec),
                                                   NULL};

static const struct sl_job_field sample_fields[] = {
    {"rows", SL_FIELD_INTEGER, AT(sl_sample_spec, n_rows), RANGE(1, LARGEST)},
    {"fraction", SL_FIELD_REAL, AT(sl_sample_spec, fraction), RANGE(0, 1)},
    {"seed", SL_FIELD_INTEGER, AT(sl_sample_spec, seed), RANGE(-LARGEST, LARGEST),
     .fallback = "0"},
    {"stratify", SL_FIELD_BOOL, AT(sl_sample_spec, stratify), .fallback = "false"},
    {.key = NULL},
};
static const struct sl_job_table sample_table = {sample_fields, sizeof(struct sl_sample_spec), NULL};

static const struct sl_job_field train_fields[] = {
    {"partitions", SL_FIELD_SELECTION, .required = true, AT(sl_train_spec, partitions),
     .member = &values_member},
    {"estimator", SL_FIELD_TEXT, .required = true, AT(sl_train_spec, estimator), .min = 1},
    {"params", SL_FIELD_PARAMS, AT(sl_train_spec, params), COUNT(sl_train_spec, n_params),
     .member = &param_member},
    {"bad_rows", SL_FIELD_OBJECT, AT(sl_train_spec, bad_rows), .table = &bad_rows_table,
     .fallback = "{\"policy\": \"fail\"}"},
    {"max_bytes", SL_FIELD_SIZE, AT(sl_train_spec, max_bytes), RANGE(1, LARGEST)},
    {"sample", SL_FIELD_OBJECT, AT(sl_train_spec, sample), .table = &sample_table},
    {"mode", SL_FIELD_CHOICE, AT(sl_train_spec, mode), .choices = train_modes,
     .fallback = "\"root\""},
    {.key = NULL},
};

static const struct sl_job_field score_fields[] = {
    {"partitions", SL_FIELD_SELECTION, AT(sl_score_spec, partitions), .member = &values_member,
     .fallback = "\"all\""},
    {"bad_rows", SL_FIELD_OBJECT, AT(sl_score_spec, bad_rows), .table = &bad_rows_table,
     .fallback = "{}"},
    {"chunk_bytes", SL_FIELD_SIZE, AT(sl_score_spec, chunk_bytes), RANGE(1, LARGEST),
     .fallback = "\"16MiB\""},
    {"schedule", SL_FIELD_CHOICE, AT(sl_score_spec, schedule), .choices = schedules,
     .fallback = "\"dynamic\""},
    {"decision_threshold", SL_FIELD_REAL, AT(sl_score_spec, decision_threshold), RANGE(0, 1),
     .fallback = "0.5"},
    {"bad_partitions", SL_FIELD_CHOICE, AT(sl_score_spec, bad_partitions),
     .choices = bad_partitions, .fallback = "\"fail\""},
    {"tries", SL_FIELD_INTEGER, AT(sl_score_spec, tries), RANGE(1, 100), .fallback = "1"},
    {.key = NULL},
};

static const struct sl_job_field keep_fields[] = {
    {"column", SL_FIELD_TEXT, .required = true, AT(sl_keep_spec, column), .min = 1},
    {"as", SL_FIELD_CHOICE, AT(sl_keep_spec, type), .choices = kept_types, .fallback = "\"text\""},
    {"max_width", SL_FIELD_INTEGER, AT(sl_keep_spec, max_width), RANGE(1, 1048576),
     .fallback = "256"},
    {"truncate", SL_FIELD_BOOL, AT(sl_keep_spec, truncate), .fallback = "false"},
    {.key = NULL},
};
static const struct sl_job_table keep_table = {keep_fields, sizeof(struct sl_keep_spec), "column"};
static const struct sl_job_field keep_member = {.kind = SL_FIELD_OBJECT, .table = &keep_table};

static const struct sl_job_field output_fields[] = {
    {"path", SL_FIELD_TEXT, AT(sl_output_spec, path), .min = 1},
    {"keep", SL_FIELD_OBJECTS, AT(sl_output_spec, keep), COUNT(sl_output_spec, n_keep),
     .member = &keep_member},
    {"max_rejects", SL_FIELD_INTEGER, AT(sl_output_spec, max_rejects), RANGE(0, 1e9),
     .fallback = "10000"},
    {"compress", SL_FIELD_LEVEL, AT(sl_output_spec, compress), RANGE(1, 9), .fallback = "false"},
    {"journal_after", SL_FIELD_REAL, AT(sl_output_spec, journal_after), RANGE(0, 1e9),
     .fallback = "5"},
    {"writers", .kind = SL_FIELD_LATER},
    {.key = NULL},
};

static const struct sl_job_field metrics_fields[] = {
    {"exact_rows", SL_FIELD_INTEGER, AT(sl_measuring_spec, exact_rows), RANGE(1, 4294967295.0),
     .fallback = "100000000"},
    {.key = NULL},
};

static const struct sl_job_table data_table = {data_fields, sizeof(struct sl_input_spec), NULL};
static const struct sl_job_table feature_table = {feature_fields, sizeof(struct sl_feature_spec),
                                                  "name"};
static const struct sl_job_field feature_member = {.kind = SL_FIELD_OBJECT,
                                                   .table = &feature_table};
static const struct sl_job_table group_table = {group_fields, sizeof(struct sl_group_spec), NULL};
static const struct sl_job_field group_field = {
    .kind = SL_FIELD_OBJECT, AT(sl_job, recipe.group), .table = &group_table};
static const struct sl_job_table orient_table = {orient_fields, sizeof(struct sl_orient_spec),
                                                 NULL};
static const struct sl_job_table train_table = {train_fields, sizeof(struct sl_train_spec), NULL};
static const struct sl_job_table score_table = {score_fields, sizeof(struct sl_score_spec), NULL};
static const struct sl_job_table output_table = {output_fields, sizeof(struct sl_output_spec),
                                                 NULL};

static const struct sl_job_table metrics_table = {metrics_fields,
                                                  sizeof(struct sl_measuring_spec), NULL};

/* The name of a member stands first in its struct. */
static const struct sl_job_field range_member = {
    .kind = SL_FIELD_RANGE, AT(sl_range_spec, values), COUNT(sl_range_spec, n_values), .min = 1,
    .member = &param_member};
static const struct sl_job_field feature_set_member = {
    .kind = SL_FIELD_FEATURE_SET, AT(sl_feature_set_spec, features),
    COUNT(sl_feature_set_spec, n_features), .min = 1, .member = &feature_member};

static const struct sl_job_field cv_fields[] = {
    {"method", SL_FIELD_CHOICE, AT(sl_cv_spec, method), .choices = cv_methods,
     .fallback = "\"kfold\""},
    {"n_splits", SL_FIELD_INTEGER, AT(sl_cv_spec, n_splits), RANGE(2, 1e6), .fallback = "5"},
    {"shuffle", SL_FIELD_BOOL, AT(sl_cv_spec, shuffle), .fallback = "false"},
    {"random_state", SL_FIELD_INTEGER, AT(sl_cv_spec, random_state), RANGE(-LARGEST, LARGEST),
     .fallback = "0"},
    {"by", SL_FIELD_TEXT, AT(sl_cv_spec, by), .min = 1},
    {"min_train", SL_FIELD_INTEGER, AT(sl_cv_spec, min_train), RANGE(1, 1e6), .fallback = "1"},
    {.key = NULL},
};
static const struct sl_job_table cv_table = {cv_fields, sizeof(struct sl_cv_spec), NULL};

static const struct sl_job_field search_fields[] = {
    {"method", SL_FIELD_CHOICE, AT(sl_search_spec, method), .choices = search_methods,
     .fallback = "\"grid\""},
    {"n_iter", SL_FIELD_INTEGER, AT(sl_search_spec, n_iter), RANGE(1, 1e6), .fallback = "10"},
    {"random_state", SL_FIELD_INTEGER, AT(sl_search_spec, random_state), RANGE(-LARGEST, LARGEST),
     .fallback = "0"},
    {"params", SL_FIELD_RANGES, AT(sl_search_spec, params), COUNT(sl_search_spec, n_params),
     .member = &range_member},
    {"features", SL_FIELD_FEATURE_SETS, AT(sl_search_spec, features),
     COUNT(sl_search_spec, n_features), .min = 1, .member = &feature_set_member},
    {"cv", SL_FIELD_OBJECT, AT(sl_search_spec, cv), .table = &cv_table, .fallback = "{}"},
    {"scoring", SL_FIELD_CHOICE, AT(sl_search_spec, scoring), .choices = sl_scoring_names,
     .fallback = "\"default\""},
    {"refit", SL_FIELD_BOOL, AT(sl_search_spec, refit), .fallback = "true"},
    {.key = NULL},
};
static const struct sl_job_table search_table = {search_fields, sizeof(struct sl_search_spec),
                                                 NULL};

/* A fraction of the rows, or a number of them. */
static const struct sl_job_field size_member = {.kind = SL_FIELD_REAL, RANGE(1e-9, LARGEST)};

static const struct sl_job_field learning_curve_fields[] = {
    {"partitions", SL_FIELD_SELECTION, AT(sl_learning_curve_spec, partitions),
     .member = &values_member},
    {"validate_on", SL_FIELD_SELECTION, AT(sl_learning_curve_spec, validate_on),
     .member = &values_member},
    {"train_sizes", SL_FIELD_REALS, AT(sl_learning_curve_spec, train_sizes),
     COUNT(sl_learning_curve_spec, n_train_sizes), .min = 1, .member = &size_member},
    {"n_splits", SL_FIELD_INTEGER, AT(sl_learning_curve_spec, n_splits), RANGE(2, 1000),
     .fallback = "5"},
    {"n_repeats", SL_FIELD_INTEGER, AT(sl_learning_curve_spec, n_repeats), RANGE(1, 1000),
     .fallback = "5"},
    {"random_state", SL_FIELD_INTEGER, AT(sl_learning_curve_spec, random_state),
     RANGE(-LARGEST, LARGEST), .fallback = "0"},
    {"scoring", SL_FIELD_CHOICE, AT(sl_learning_curve_spec, scoring), .choices = sl_scoring_names,
     .fallback = "\"default\""},
    {.key = NULL},
};
static const struct sl_job_table learning_curve_table = {
    learning_curve_fields, sizeof(struct sl_learning_curve_spec), NULL};

static const struct sl_job_field job_fields[] = {
    {"name", SL_FIELD_TEXT, AT(sl_job, name), .min = 1},
    {"description", SL_FIELD_TEXT, AT(sl_job, description), .fallback = "\"\""},
    {"data", SL_FIELD_OBJECT, .required = true, AT(sl_job, input), .table = &data_table},
    {"features", SL_FIELD_OBJECTS, AT(sl_job, recipe.features),
     COUNT(sl_job, recipe.n_features), .min = 1, .member = &feature_member,
     .or_object = &group_field},
    {"orient", SL_FIELD_OBJECT, AT(sl_job, recipe.orient), .table = &orient_table},
    {"label", SL_FIELD_TEXT, AT(sl_job, recipe.label), .min = 1},
    {"weight", SL_FIELD_TEXT, AT(sl_job, recipe.weight), .min = 1},
    {"train", SL_FIELD_OBJECT, AT(sl_job, train), .table = &train_table},
    {"score", SL_FIELD_OBJECT, AT(sl_job, score), .table = &score_table, .fallback = "{}"},
    {"output", SL_FIELD_OBJECT, AT(sl_job, output), .table = &output_table, .fallback = "{}"},
    {"metrics", SL_FIELD_OBJECT, AT(sl_job, metrics), .table = &metrics_table, .fallback = "{}"},
    {"search", SL_FIELD_OBJECT, AT(sl_job, search), .table = &search_table, .fallback = "{}"},
    {"learning_curve", SL_FIELD_OBJECT, AT(sl_job, learning_curve), .table = &learning_curve_table,
     .fallback = "{}"},
    {.key = NULL},
};
static const struct sl_job_table job_table = {job_fields, sizeof(struct sl_job), NULL};

const struct sl_job_field sl_job_root = {.kind = SL_FIELD_OBJECT, .table = &job_table};

bool sl_job_field_takes(const struct sl_job_field *field, enum sl_json_kind kind)
{
    const struct sl_job_table *table = field->table;

    if (kind == SL_JSON_TEXT && table != NULL && table->shorthand != NULL)
        return true;
    if (kind == SL_JSON_OBJECT && field->or_object != NULL)
        return true;
    return (sl_field_forms[field->kind].json & (1u << kind)) != 0;
}

sl_status sl_job_field_find(const struct sl_job_table *table, const char *key,
                            const struct sl_job_field **field, struct sl_error *err)
{
    const char *names[SL_JOB_MAX_FIELDS];
    char        hint[128];
    size_t      n = 0;

    for (const struct sl_job_field *f = table->fields; f->key != NULL; f++) {
        if (strcmp(f->key, key) == 0 && f->kind == SL_FIELD_LATER)
            return sl_fail(err, SL_EUNSUPPORTED, "'%s' is not supported by this version", key);
        if (strcmp(f->key, key) == 0) {
            *field = f;
            return SL_OK;
        }
        if (f->kind != SL_FIELD_LATER && n < SL_JOB_MAX_FIELDS)
            names[n++] = f->key;
    }
    return sl_fail(err, SL_EJOB, "unknown key '%s'%s", key,
                   sl_suggest(key, names, n, hint, sizeof hint));
}

size_t sl_job_member_bytes(const struct sl_job_field *field)
{
    switch (field->member->kind) {
    case SL_FIELD_OBJECT:
        return field->member->table->n_bytes;
    case SL_FIELD_VALUES:
        return sizeof(struct sl_key);
    case SL_FIELD_PARAM:
        return sizeof(struct sl_param_value);
    case SL_FIELD_REAL:
        return sizeof(double);
    case SL_FIELD_RANGE:
        return sizeof(struct sl_range_spec);
    case SL_FIELD_FEATURE_SET:
        return sizeof(struct sl_feature_set_spec);
    default:
        return sizeof(char *);
    }
}
