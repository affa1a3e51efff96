/* The job file's format as a JSON Schema, made from the tables that the program itself reads jobs
 * by, so that it cannot drift; and a judge of many jobs, to compare the schema's verdict with.
 *
 *   job_schema          print the schema
 *   job_schema --judge  for each line of standard input, a job: "ok" or what is wrong with it */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema.h"
#include "scoreline/job.h"
#include "scoreline/json.h"
#include "scoreline/model.h"
#include "scoreline/text.h"

/* A growing text and the error of whoever adds to it. */
struct out {
    struct sl_text   text;
    struct sl_error *err;
};

#define ADD(...) SL_TRY(sl_text_add(&o->text, o->err, __VA_ARGS__))

/* Of a list of features. */
#define FEATURE_RULE                                                                               \
    "\"if\": {\"type\": \"object\", \"required\": [\"categorical\"]}, "                            \
    "\"then\": {\"properties\": {\"expr\": false, \"scale\": false, \"indicator\": false, "        \
    "\"missing\": {\"enum\": [\"error\", \"drop_row\", \"level\"]}}}, "                            \
    "\"else\": {\"properties\": {\"drop\": false, \"handle_unknown\": false, \"max_levels\": "     \
    "false, "                                                                                      \
    "\"trim\": false, \"missing\": {\"not\": {\"const\": \"level\"}}}}"

/* What check.c and the readers of single values ask for beyond the tables, as far as a schema can
 * say it: members added where that path is described. */
static const struct {
    const char *path;
    const char *members;
} rules[] = {
    {"name", "\"pattern\": \"^[^/]+$\""},
    {"data.path", "\"pattern\": \"^([^{}]|\\\\{[A-Za-z_][A-Za-z_0-9]*\\\\})+$\""},
    {"features[]", FEATURE_RULE},
    {"search.features{}[]", FEATURE_RULE},
    {"search",
     "\"if\": {\"properties\": {\"method\": {\"const\": \"grid\"}}}, \"then\": {\"properties\": "
     "{\"n_iter\": false, \"random_state\": false, \"params\": {\"additionalProperties\": "
     "{\"type\": \"array\"}}}}"},
    {"search.cv",
     "\"if\": {\"properties\": {\"method\": {\"enum\": [\"kfold\", \"stratified_kfold\"]}}}, "
     "\"then\": {\"properties\": {\"by\": false, \"min_train\": false}, "
     "\"if\": {\"properties\": {\"shuffle\": {\"const\": true}}, \"required\": [\"shuffle\"]}, "
     "\"else\": {\"properties\": {\"random_state\": false}}}, "
     "\"else\": {\"required\": [\"by\"], \"properties\": {\"n_splits\": false, \"shuffle\": "
     "false, \"random_state\": false}, "
     "\"if\": {\"properties\": {\"method\": {\"const\": \"leave_one_out\"}}}, "
     "\"then\": {\"properties\": {\"min_train\": false}}}"},
    {"features.all_except", "\"uniqueItems\": true"},
    {"features.categorical", "\"uniqueItems\": true"},
    {"orient.as", "\"minItems\": 2, \"maxItems\": 2, \"uniqueItems\": true"},
    {"orient.as[]", "\"minLength\": 1"},
    {"orient.key", "\"uniqueItems\": true"},
    {"train.sample", "\"oneOf\": [{\"required\": [\"rows\"]}, {\"required\": [\"fraction\"]}]"},
    {"train.sample.fraction", "\"exclusiveMinimum\": 0"},
    {"train.bad_rows",
     "\"if\": {\"properties\": {\"policy\": {\"const\": \"fail\"}}, \"required\": [\"policy\"]}, "
     "\"then\": {\"properties\": {\"max_fraction\": false, \"max_count\": false}}"},
    {"score.bad_rows",
     "\"if\": {\"properties\": {\"policy\": {\"const\": \"fail\"}}, \"required\": [\"policy\"]}, "
     "\"then\": {\"properties\": {\"max_fraction\": false, \"max_count\": false}}"},
    {"output.keep[]",
     "\"if\": {\"properties\": {\"as\": {\"enum\": [\"int64\", \"float64\"]}}, \"required\": "
     "[\"as\"]}, \"then\": {\"properties\": {\"max_width\": false, \"truncate\": false}}"},
};

/* Values of partition keys, and sizes; used in several places. */
static const char definitions[] =
    "{\"value\": {\"description\": \"a value of a partition key, or a range of integers, dates or "
    "months\", \"anyOf\": [{\"type\": \"integer\", \"minimum\": -9007199254740991, \"maximum\": "
    "9007199254740991}, {\"type\": \"string\", \"anyOf\": ["
    "{\"pattern\": \"^(?!\\\\.$)(?![\\\\s\\\\S]*\\\\.\\\\.)[^/*]+$\"}, "
    "{\"pattern\": \"^[0-9]{1,18}\\\\.\\\\.[0-9]{1,18}$\"}, "
    "{\"pattern\": \"^[0-9]{4}-MONTH\\\\.\\\\.[0-9]{4}-MONTH$\"}, "
    "{\"pattern\": \"^[0-9]{4}-MONTH-DAY\\\\.\\\\.[0-9]{4}-MONTH-DAY$\"}]}]}, "
    "\"values\": {\"anyOf\": [{\"$ref\": \"#/$defs/value\"}, "
    "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/value\"}, \"minItems\": 1, "
    "\"uniqueItems\": true}]}, "
    "\"partitions\": {\"type\": \"object\", \"additionalProperties\": {\"$ref\": "
    "\"#/$defs/values\"}}}";

static sl_status add_object(struct out *o, const struct sl_job_table *table, const char *path);
static sl_status add_field(struct out *o, const struct sl_job_field *field, const char *path);

/* `"minimum": a, "maximum": b` */
static sl_status add_range(struct out *o, double min, double max)
{
    sl_status rc = SL_OK;

    if (isfinite(min))
        ADD(", \"minimum\": %.17g", min);
    if (isfinite(max))
        ADD(", \"maximum\": %.17g", max);
out:
    return rc;
}

static sl_status add_number(struct out *o, const char *type, const struct sl_job_field *field)
{
    sl_status rc;

    ADD("\"type\": %s", type);
    SL_TRY(add_range(o, field->min, field->max));
out:
    return rc;
}

static sl_status add_choices(struct out *o, const struct sl_job_field *field)
{
    sl_status rc;

    ADD("\"enum\": [");
    for (size_t i = 0; field->choices[i] != NULL; i++)
        ADD("%s\"%s\"", i > 0 ? ", " : "", field->choices[i]);
    ADD("]");
out:
    return rc;
}

static sl_status add_members(struct out *o, const struct sl_job_field *field, const char *path)
{
    char      inner[200];
    sl_status rc;

    snprintf(inner, sizeof inner, "%s[]", path);
    ADD("\"type\": \"array\", \"items\": {");
    SL_TRY(add_field(o, field->member, inner));
    ADD("}");
    if (field->min > 0)
        ADD(", \"minItems\": %.0f", field->min);
out:
    return rc;
}

/* Lists of values, or distributions to draw from. */
static const char range_values[] =
    "\"anyOf\": [{\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": [\"number\", "
    "\"boolean\", \"string\", \"null\"]}}, "
    "{\"type\": \"object\", \"required\": [\"uniform\"], \"additionalProperties\": false, "
    "\"properties\": {\"uniform\": {\"type\": \"array\", \"items\": {\"type\": \"number\"}, "
    "\"minItems\": 2, \"maxItems\": 2}}}, "
    "{\"type\": \"object\", \"required\": [\"loguniform\"], \"additionalProperties\": false, "
    "\"properties\": {\"loguniform\": {\"type\": \"array\", \"items\": {\"type\": \"number\", "
    "\"exclusiveMinimum\": 0}, \"minItems\": 2, \"maxItems\": 2}}}]";

/* A map of what its members are. */
static sl_status add_map(struct out *o, const struct sl_job_field *field, const char *path)
{
    char      inner[200];
    sl_status rc;

    snprintf(inner, sizeof inner, "%s{}", path);
    ADD("\"type\": \"object\", \"additionalProperties\": {");
    SL_TRY(add_field(o, field->member, inner));
    ADD("}");
    if (field->min > 0)
        ADD(", \"minProperties\": %.0f", field->min);
out:
    return rc;
}

/* Units as sl_parse_bytes() knows them. */
static const char size_text[] =
    "{\"type\": \"string\", \"pattern\": \"^[0-9]+ *(B|kB|MB|GB|KiB|MiB|GiB|TiB)?$\"}";

static sl_status add_object_or_text(struct out *o, const struct sl_job_field *field,
                                    const char *path)
{
    sl_status rc;

    if (field->table->shorthand == NULL)
        return add_object(o, field->table, path);
    ADD("\"anyOf\": [{\"type\": \"string\", \"minLength\": 1}, {");
    SL_TRY(add_object(o, field->table, path));
    ADD("}]");
out:
    return rc;
}

static sl_status add_kind(struct out *o, const struct sl_job_field *f, const char *path)
{
    sl_status rc = SL_OK;

    switch (f->kind) {
    case SL_FIELD_TEXT:
        ADD("\"type\": \"string\"");
        if (f->min > 0)
            ADD(", \"minLength\": %.0f", f->min);
        break;
    case SL_FIELD_BYTE:
        ADD("\"type\": \"string\", \"maxLength\": 1, "
            "\"pattern\": \"^[\\\\u0001-\\\\u0009\\\\u000B\\\\u000C\\\\u000E-\\\\u007F]$\"");
        break;
    case SL_FIELD_REAL:
        rc = add_number(o, "\"number\"", f);
        break;
    case SL_FIELD_INTEGER:
        rc = add_number(o, "\"integer\"", f);
        break;
    case SL_FIELD_LIMIT:
        rc = add_number(o, "[\"integer\", \"null\"]", f);
        break;
    case SL_FIELD_LEVEL:
        rc = add_number(o, "[\"boolean\", \"integer\"]", f);
        break;
    case SL_FIELD_SIZE:
        ADD("\"anyOf\": [{\"type\": \"integer\"");
        SL_TRY(add_range(o, f->min, f->max));
        ADD("}, %s]", size_text);
        break;
    case SL_FIELD_BOOL:
        ADD("\"type\": \"boolean\"");
        break;
    case SL_FIELD_CHOICE:
        rc = add_choices(o, f);
        break;
    case SL_FIELD_CHOICE_OR_NUMBER:
        ADD("\"anyOf\": [{\"type\": \"number\"}, {");
        SL_TRY(add_choices(o, f));
        ADD("}]");
        break;
    case SL_FIELD_TEXTS:
    case SL_FIELD_REALS:
    case SL_FIELD_OBJECTS:
    case SL_FIELD_FEATURE_SET:
        rc = add_members(o, f, path);
        break;
    case SL_FIELD_RANGE:
        ADD("%s", range_values);
        break;
    case SL_FIELD_RANGES:
    case SL_FIELD_FEATURE_SETS:
        rc = add_map(o, f, path);
        break;
    case SL_FIELD_VALUES:
        ADD("\"$ref\": \"#/$defs/values\"");
        break;
    case SL_FIELD_PARTITIONS:
        ADD("\"$ref\": \"#/$defs/partitions\"");
        break;
    case SL_FIELD_SELECTION:
        ADD("\"anyOf\": [{\"const\": \"all\"}, {\"$ref\": \"#/$defs/partitions\"}]");
        break;
    case SL_FIELD_PARAM:
        ADD("\"type\": [\"number\", \"boolean\", \"string\", \"array\", \"null\"]");
        break;
    case SL_FIELD_PARAMS:
        ADD("\"type\": \"object\"");
        break;
    case SL_FIELD_OBJECT:
        rc = add_object_or_text(o, f, path);
        break;
    case SL_FIELD_LATER:
    case SL_N_FIELD_KINDS:
        rc = sl_fail(o->err, SL_EBUG, "'%s' has no schema", path);
        break;
    }
out:
    return rc;
}

/* A list, or the object that may stand in its place. */
static sl_status add_either(struct out *o, const struct sl_job_field *field, const char *path)
{
    sl_status rc;

    ADD("\"anyOf\": [{");
    SL_TRY(add_kind(o, field, path));
    ADD("}, {");
    SL_TRY(add_object(o, field->or_object->table, path));
    ADD("}]");
out:
    return rc;
}

static sl_status add_field(struct out *o, const struct sl_job_field *field, const char *path)
{
    sl_status rc;

    SL_TRY(field->or_object != NULL ? add_either(o, field, path) : add_kind(o, field, path));
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].path, path) == 0)
            ADD(", %s", rules[i].members);
    if (field->fallback != NULL)
        ADD(", \"default\": %s", field->fallback);
out:
    return rc;
}

/* --- estimators --- */

/* What null means is the first choice. */
static sl_status add_choice_param(struct out *o, const struct sl_param *param)
{
    sl_status rc;

    ADD("\"%s\": {\"enum\": [null", param->name);
    for (size_t i = 0; param->choices[i] != NULL; i++)
        ADD(", \"%s\"", param->choices[i]);
    ADD("], \"default\": \"%s\"}", param->choices[(int)param->fallback]);
out:
    return rc;
}

/* None is null. */
static sl_status add_numbers_param(struct out *o, const struct sl_param *param)
{
    sl_status rc;

    ADD("\"%s\": {\"type\": [\"array\", \"null\"], \"items\": {\"type\": \"number\"", param->name);
    SL_TRY(add_range(o, param->min, param->max));
    ADD("}, \"default\": null}");
out:
    return rc;
}

static sl_status add_param(struct out *o, const struct sl_param *param)
{
    static const char *const types[] = {
        [SL_PARAM_REAL] = "number", [SL_PARAM_INTEGER] = "integer", [SL_PARAM_BOOL] = "boolean"};
    sl_status rc;

    if (param->type == SL_PARAM_CHOICE)
        return add_choice_param(o, param);
    if (param->type == SL_PARAM_NUMBERS)
        return add_numbers_param(o, param);
    ADD("\"%s\": {\"type\": \"%s\"", param->name, types[param->type]);
    if (param->type == SL_PARAM_BOOL) {
        ADD(", \"default\": %s}", param->fallback != 0 ? "true" : "false");
        return SL_OK;
    }
    SL_TRY(add_range(o, param->min, param->max));
    ADD(", \"default\": %.17g}", param->fallback);
out:
    return rc;
}

static sl_status add_params(struct out *o, const struct sl_model_ops *ops)
{
    sl_status rc;

    ADD("{\"if\": {\"properties\": {\"estimator\": {\"const\": \"%s\"}}}, \"then\": "
        "{\"properties\": {\"params\": {\"properties\": {",
        ops->name);
    for (int i = 0; i < sl_model_n_params(ops); i++) {
        ADD("%s", i > 0 ? ", " : "");
        SL_TRY(add_param(o, &ops->params[i]));
    }
    ADD("}, \"additionalProperties\": false}}}}");
out:
    return rc;
}

/* Beside the members of `train`: which estimators there are, and what each may be given. */
static sl_status add_estimators(struct out *o)
{
    size_t                            n;
    const struct sl_model_ops *const *kinds = sl_model_kinds(&n);
    sl_status                         rc;

    ADD(", \"allOf\": [{\"properties\": {\"estimator\": {\"enum\": [");
    for (size_t i = 0; i < n; i++)
        ADD("%s\"%s\"", i > 0 ? ", " : "", kinds[i]->name);
    ADD("]}}}");
    for (size_t i = 0; i < n; i++) {
        ADD(", ");
        SL_TRY(add_params(o, kinds[i]));
    }
    ADD("]");
out:
    return rc;
}

/* --- the whole --- */

static sl_status add_required(struct out *o, const struct sl_job_table *table)
{
    bool      any = false;
    sl_status rc = SL_OK;

    for (const struct sl_job_field *f = table->fields; f->key != NULL; f++) {
        if (!f->required)
            continue;
        ADD("%s\"%s\"", any ? ", " : ", \"required\": [", f->key);
        any = true;
    }
    if (any)
        ADD("]");
out:
    return rc;
}

static sl_status add_object(struct out *o, const struct sl_job_table *table, const char *path)
{
    char        inner[200];
    const char *comma = "";
    sl_status   rc;

    ADD("\"type\": \"object\", \"properties\": {");
    for (const struct sl_job_field *f = table->fields; f->key != NULL; f++) {
        if (f->kind == SL_FIELD_LATER)
            continue;
        snprintf(inner, sizeof inner, "%s%s%s", path, path[0] != '\0' ? "." : "", f->key);
        ADD("%s\"%s\": {", comma, f->key);
        SL_TRY(add_field(o, f, inner));
        ADD("}");
        comma = ", ";
    }
    ADD("}, \"additionalProperties\": false");
    SL_TRY(add_required(o, table));
    if (strcmp(path, "train") == 0)
        SL_TRY(add_estimators(o));
out:
    return rc;
}

/* Months and days stand in the definitions as words. */
static sl_status add_definitions(struct out *o)
{
    const char *p = definitions;
    sl_status   rc = SL_OK;

    while (*p != '\0') {
        if (strncmp(p, "MONTH", 5) == 0) {
            ADD("(0[1-9]|1[0-2])");
            p += 5;
        } else if (strncmp(p, "DAY", 3) == 0) {
            ADD("(0[1-9]|[12][0-9]|3[01])");
            p += 3;
        } else {
            ADD("%c", *p++);
        }
    }
out:
    return rc;
}

static sl_status make_schema(struct out *o)
{
    sl_status rc;

    ADD("{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"title\": \"Scoreline "
        "job\", \"description\": \"A job file less its comments; docs/job.md says what it means\", "
        "\"$defs\": ");
    SL_TRY(add_definitions(o));
    ADD(", ");
    SL_TRY(add_object(o, sl_job_root.table, ""));
    ADD("}");
out:
    return rc;
}

static sl_status print_schema(struct sl_error *err)
{
    struct out          o = {.err = err};
    struct sl_json_doc *doc = NULL;
    char               *text = NULL;
    sl_status           rc;

    SL_TRY(make_schema(&o));
    SL_TRY(sl_json_parse(o.text.data, o.text.n_bytes, "schema", &doc, err));
    SL_TRY(sl_json_print(sl_json_root(doc), true, &text, err));
    fputs(text, stdout);
out:
    free(text);
    sl_json_close(doc);
    sl_text_release(&o.text);
    return rc;
}

/* --- judging --- */

static sl_status judge(const char *text, size_t n_bytes, struct sl_error *err)
{
    const struct sl_model_ops *ops;
    struct sl_job             *job = NULL;
    double                    *params = NULL;
    sl_status                  rc;

    SL_TRY(sl_job_parse(text, n_bytes, "job", 0, NULL, &job, err));
    if (job->train.estimator != NULL) /* a model file may bring it */
        rc = sl_model_check(&job->train, &ops, &params, err);
out:
    free(params);
    sl_job_free(job);
    return rc;
}

static void judge_all(void)
{
    struct sl_error err;
    char           *line = NULL;
    size_t          capacity = 0;
    ssize_t         n;

    while ((n = getline(&line, &capacity, stdin)) >= 0) {
        sl_status rc = judge(line, (size_t)n, &err);

        for (char *c = err.text; rc != SL_OK && *c != '\0'; c++)
            if (*c == '\n')
                *c = ' ';
        puts(rc == SL_OK ? "ok" : err.text);
    }
    free(line);
}

int main(int argc, char **argv)
{
    struct sl_error err;

    if (argc == 2 && strcmp(argv[1], "--judge") == 0)
        judge_all();
    else if (argc != 1 || print_schema(&err) != SL_OK)
        return 1;
    return 0;
}
