/* Reading a JSON value into a struct, as its table says: one small function for each kind of
 * field. */
#include "job_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/text.h"

/* What every reading function is given. */
struct read {
    const struct sl_job_reader *reader;
    const struct sl_job_field  *field;
    const struct sl_json       *value; /* of a JSON kind that the field takes */
    char                       *base;  /* of the struct */
    struct sl_error            *err;
};

static sl_status read_table(const struct read *r);
static sl_status read_fallback(const struct read *r);

typedef sl_status (*read_fn)(const struct read *r);
static const read_fn readers[SL_N_FIELD_KINDS];

sl_status sl_job_read_value(const struct sl_job_reader *reader, const struct sl_job_field *field,
                            const struct sl_json *value, void *base, struct sl_error *err)
{
    struct read r = {reader, field, value, base, err};

    if (!sl_job_field_takes(field, sl_json_kind(value)))
        return sl_job_fail(reader, value, SL_EJOB, err, "expected %s%s%s, got %s",
                           field->table != NULL && field->table->shorthand ? "a text or " : "",
                           field->or_object != NULL ? "an object or " : "",
                           sl_field_forms[field->kind].expected,
                           sl_json_kind_name(sl_json_kind(value)));
    if (field->or_object != NULL && sl_json_kind(value) == SL_JSON_OBJECT)
        return sl_job_read_value(reader, field->or_object, value, base, err);
    return readers[field->kind](&r);
}

/* The struct member at `offset`. */
static void *member(const struct read *r, size_t offset)
{
    return r->base + offset;
}

static void store_index(const struct read *r, size_t index)
{
    unsigned number = (unsigned)index; /* enums without negative members */

    memcpy(member(r, r->field->at), &number, sizeof number);
}

static sl_status read_text(const struct read *r)
{
    const char *text = sl_json_text(r->value);

    if ((double)strlen(text) < r->field->min)
        return sl_job_fail(r->reader, r->value, SL_EJOB, r->err, "must not be empty");
    return sl_copy_text(text, member(r, r->field->at), r->err);
}

static sl_status read_byte(const struct read *r)
{
    const char *text = sl_json_text(r->value);

    if (strlen(text) != 1)
        return sl_job_fail(r->reader, r->value, SL_EJOB, r->err,
                           "expected a text of one byte, got '%s'", text);
    memcpy(member(r, r->field->at), text, 1);
    return SL_OK;
}

static sl_status check_range(const struct read *r, double number)
{
    const struct sl_job_field *f = r->field;

    if (number >= f->min && number <= f->max)
        return SL_OK;
    return sl_job_fail(r->reader, r->value, SL_EJOB, r->err,
                       "must be between %.16g and %.16g, got %.16g", f->min, f->max, number);
}

static sl_status read_real(const struct read *r)
{
    double    number = sl_json_number(r->value);
    sl_status rc = check_range(r, number);

    memcpy(member(r, r->field->at), &number, sizeof number);
    return rc;
}

static sl_status store_integer(const struct read *r, int64_t number)
{
    sl_status rc = check_range(r, (double)number);

    memcpy(member(r, r->field->at), &number, sizeof number);
    return rc;
}

static sl_status read_integer(const struct read *r)
{
    int64_t number;

    if (!sl_json_integer(r->value, &number))
        return sl_job_fail(r->reader, r->value, SL_EJOB, r->err, "expected an integer, got %.17g",
                           sl_json_number(r->value));
    return store_integer(r, number);
}

static sl_status read_limit(const struct read *r)
{
    int64_t no_limit = INT64_MAX;

    if (sl_json_kind(r->value) != SL_JSON_NULL)
        return read_integer(r);
    memcpy(member(r, r->field->at), &no_limit, sizeof no_limit);
    return SL_OK;
}

static sl_status read_size(const struct read *r)
{
    const char *text = sl_json_text(r->value);
    int64_t     number;

    if (text == NULL)
        return read_integer(r);
    if (!sl_parse_bytes(text, &number))
        return sl_job_fail(r->reader, r->value, SL_EJOB, r->err,
                           "expected a size such as 4096 or \"16MiB\", got '%s'", text);
    return store_integer(r, number);
}

static sl_status read_bool(const struct read *r)
{
    bool value = sl_json_bool(r->value);

    memcpy(member(r, r->field->at), &value, sizeof value);
    return SL_OK;
}

static sl_status read_level(const struct read *r)
{
    int64_t level = sl_json_bool(r->value) ? SL_JOB_LEVEL : 0;

    if (sl_json_kind(r->value) == SL_JSON_NUMBER)
        return read_integer(r);
    memcpy(member(r, r->field->at), &level, sizeof level);
    return SL_OK;
}

static sl_status fail_choice(const struct read *r, const char *got, size_t n_choices)
{
    struct sl_text known = {0};
    char           hint[128];
    sl_status      rc = SL_OK;

    for (size_t i = 0; i < n_choices; i++)
        SL_TRY(sl_text_add(&known, r->err, "%s'%s'", i > 0 ? ", " : "", r->field->choices[i]));
    if (r->field->kind == SL_FIELD_CHOICE_OR_NUMBER)
        SL_TRY(sl_text_add(&known, r->err, " or a number"));
    rc = sl_job_fail(r->reader, r->value, SL_EJOB, r->err, "'%s' is not one of %s%s", got,
                     known.data, sl_suggest(got, r->field->choices, n_choices, hint, sizeof hint));
out:
    sl_text_release(&known);
    return rc;
}

static size_t count_choices(const struct sl_job_field *field)
{
    size_t n = 0;

    while (field->choices[n] != NULL)
        n++;
    return n;
}

static sl_status read_choice(const struct read *r)
{
    const struct sl_job_field *f = r->field;
    const char                *text = sl_json_text(r->value);

    for (size_t i = 0; f->choices[i] != NULL; i++) {
        if (strcmp(f->choices[i], text) == 0) {
            store_index(r, i);
            return SL_OK;
        }
    }
    return fail_choice(r, text, count_choices(f));
}

static sl_status read_choice_or_number(const struct read *r)
{
    double number = sl_json_number(r->value);

    if (sl_json_kind(r->value) == SL_JSON_TEXT)
        return read_choice(r);
    memcpy(member(r, r->field->also_at), &number, sizeof number);
    store_index(r, count_choices(r->field));
    return SL_OK;
}

/* Lists and maps: an array of members at `at`, their int count at `also_at`. */
static sl_status read_members(const struct read *r, size_t at, size_t also_at)
{
    size_t    step = sl_job_member_bytes(r->field);
    size_t    n_members = sl_json_count(r->value);
    int       n = 0;
    char     *items = NULL;
    sl_status rc;

    if ((double)n_members < r->field->min)
        return sl_job_fail(r->reader, r->value, SL_EJOB, r->err, "must not be empty");
    SL_TRY(sl_int_from_i64((int64_t)n_members, "members", &n, r->err));
    SL_TRY(sl_alloc_array(n_members, step, &items, r->err));
    memcpy(member(r, at), &items, sizeof items);
    memcpy(member(r, also_at), &n, sizeof n);
    for (const struct sl_json *v = sl_json_first(r->value); v != NULL; v = sl_json_next(v)) {
        SL_TRY(sl_job_read_value(r->reader, r->field->member, v, items, r->err));
        items += step;
    }
out:
    return rc;
}

static sl_status read_list(const struct read *r)
{
    return read_members(r, r->field->at, r->field->also_at);
}

static sl_status read_selection(const struct read *r)
{
    const char *text = sl_json_text(r->value);
    size_t      at = r->field->at;

    if (text == NULL)
        return read_members(r, at + offsetof(struct sl_selection, keys),
                            at + offsetof(struct sl_selection, n_keys));
    if (strcmp(text, "all") != 0)
        return sl_job_fail(
            r->reader, r->value, SL_EJOB, r->err,
            "expected \"all\" or an object of partition keys and their values, got '%s'", text);
    return SL_OK; /* no keys: all */
}

static sl_status read_values(const struct read *r)
{
    struct sl_key *key = member(r, 0);
    sl_status      rc = sl_copy_text(sl_json_key(r->value), &key->name, r->err);

    if (rc == SL_OK)
        rc = sl_job_read_key_values(r->reader, r->value, key, r->err);
    return rc;
}

static sl_status read_numbers(const struct read *r, struct sl_param_value *param)
{
    const size_t n = sl_json_count(r->value);
    sl_status    rc;

    if (sl_json_key(r->value) == NULL) /* one of a list that a search tries */
        return sl_job_fail(r->reader, r->value, SL_EJOB, r->err,
                           "expected a number, true, false, a text or null, got a list");
    param->is_list = true;
    SL_TRY(sl_alloc_array(n, sizeof *param->numbers, &param->numbers, r->err));
    for (const struct sl_json *v = sl_json_first(r->value); v != NULL; v = sl_json_next(v)) {
        if (sl_json_kind(v) != SL_JSON_NUMBER)
            return sl_job_fail(r->reader, v, SL_EJOB, r->err, "expected a number, got %s",
                               sl_json_kind_name(sl_json_kind(v)));
        param->numbers[param->n_numbers++] = sl_json_number(v);
    }
out:
    return rc;
}

static sl_status read_param(const struct read *r)
{
    struct sl_param_value  *param = member(r, 0);
    const enum sl_json_kind kind = sl_json_kind(r->value);
    sl_status               rc = SL_OK;

    param->is_bool = kind == SL_JSON_BOOL;
    param->is_null = kind == SL_JSON_NULL;
    if (kind == SL_JSON_TEXT)
        rc = sl_copy_text(sl_json_text(r->value), &param->text, r->err);
    else if (kind == SL_JSON_NUMBER)
        param->value = sl_json_number(r->value);
    else if (kind == SL_JSON_LIST)
        rc = read_numbers(r, param);
    else
        param->value = (double)sl_json_bool(r->value);
    if (rc == SL_OK && sl_json_key(r->value) != NULL) /* none of a list's */
        rc = sl_copy_text(sl_json_key(r->value), &param->name, r->err);
    return rc;
}

/* {"uniform": [a, b]} or {"loguniform": [a, b]}. */
static sl_status read_distribution(const struct read *r)
{
    struct sl_range_spec *range = member(r, 0);
    const struct sl_json *limits = sl_json_first(r->value);
    const char           *name = limits != NULL ? sl_json_key(limits) : "";
    const struct sl_json *low = sl_json_first(limits);

    range->draw = strcmp(name, "loguniform") == 0 ? SL_DRAW_LOGUNIFORM : SL_DRAW_UNIFORM;
    if (sl_json_count(r->value) != 1 ||
        (range->draw == SL_DRAW_UNIFORM && strcmp(name, "uniform") != 0) ||
        sl_json_kind(limits) != SL_JSON_LIST || sl_json_count(limits) != 2 ||
        sl_json_kind(low) != SL_JSON_NUMBER || sl_json_kind(sl_json_next(low)) != SL_JSON_NUMBER)
        return sl_job_fail(r->reader, r->value, SL_EJOB, r->err, "expected %s",
                           sl_field_forms[SL_FIELD_RANGE].expected);
    range->low = sl_json_number(low);
    range->high = sl_json_number(sl_json_next(low));
    if (range->draw == SL_DRAW_LOGUNIFORM && !(range->low > 0.0))
        return sl_job_fail(r->reader, low, SL_EJOB, r->err, "must be more than 0, got %.16g",
                           range->low);
    if (!(range->low < range->high))
        return sl_job_fail(r->reader, limits, SL_EJOB, r->err,
                           "a distribution's limits must rise, got %.16g and %.16g", range->low,
                           range->high);
    return SL_OK;
}

/* Of a member of a map, whose name stands first in its struct. */
static sl_status read_name(const struct read *r)
{
    return sl_copy_text(sl_json_key(r->value), member(r, 0), r->err);
}

static sl_status read_range(const struct read *r)
{
    sl_status rc = read_name(r);

    if (rc != SL_OK)
        return rc;
    return sl_json_kind(r->value) == SL_JSON_LIST ? read_list(r) : read_distribution(r);
}

static sl_status read_feature_set(const struct read *r)
{
    sl_status rc = read_name(r);

    return rc == SL_OK ? read_list(r) : rc;
}

static sl_status refuse_unknown(const struct read *r)
{
    const struct sl_job_field *field;

    for (const struct sl_json *v = sl_json_first(r->value); v != NULL; v = sl_json_next(v)) {
        sl_status rc = sl_job_field_find(r->field->table, sl_json_key(v), &field, r->err);

        if (rc != SL_OK) {
            struct sl_error fault = *r->err;

            return sl_job_fail(r->reader, r->value, rc, r->err, "%s", fault.text);
        }
    }
    return SL_OK;
}

/* A bare text stands for the shorthand key alone. */
static sl_status read_object(const struct read *r)
{
    struct read inner = *r;
    sl_status   rc = SL_OK;

    inner.base = member(r, r->field->at);
    if (sl_json_kind(r->value) == SL_JSON_OBJECT)
        rc = refuse_unknown(r);
    return rc == SL_OK ? read_table(&inner) : rc;
}

/* `r->base` is the struct that the table of r->field fills. */
static sl_status read_table(const struct read *r)
{
    const struct sl_job_table *table = r->field->table;
    bool                       bare = sl_json_kind(r->value) == SL_JSON_TEXT;
    sl_status                  rc = SL_OK;

    for (const struct sl_job_field *f = table->fields; f->key != NULL && rc == SL_OK; f++) {
        struct read           inner = {r->reader, f, r->value, r->base, r->err};
        const struct sl_json *given = sl_json_find(r->value, f->key);

        if (bare && strcmp(f->key, table->shorthand) == 0)
            given = r->value;
        if (given != NULL)
            rc = sl_job_read_value(r->reader, f, given, r->base, r->err);
        else if (f->required)
            rc = sl_job_fail(r->reader, r->value, SL_EJOB, r->err, "lacks the key '%s'", f->key);
        else if (f->fallback != NULL)
            rc = read_fallback(&inner);
    }
    return rc;
}

/* Defaults stand in the tables as JSON and are read as if they had been given. */
static sl_status read_fallback(const struct read *r)
{
    const char          *text = r->field->fallback;
    struct sl_json_doc  *doc = NULL;
    struct sl_job_reader reader = {.file = r->reader->file};
    sl_status            rc;

    SL_TRY(sl_json_parse(text, strlen(text), "default", &doc, r->err));
    reader.doc = doc;
    SL_TRY(sl_job_read_value(&reader, r->field, sl_json_root(doc), r->base, r->err));
out:
    sl_json_close(doc);
    return rc;
}

static sl_status read_later(const struct read *r)
{
    return sl_fail(r->err, SL_EBUG, "job: read a key of a later version, '%s'", r->field->key);
}

static const read_fn readers[SL_N_FIELD_KINDS] = {
    [SL_FIELD_TEXT] = read_text,
    [SL_FIELD_BYTE] = read_byte,
    [SL_FIELD_REAL] = read_real,
    [SL_FIELD_INTEGER] = read_integer,
    [SL_FIELD_LIMIT] = read_limit,
    [SL_FIELD_SIZE] = read_size,
    [SL_FIELD_BOOL] = read_bool,
    [SL_FIELD_LEVEL] = read_level,
    [SL_FIELD_CHOICE] = read_choice,
    [SL_FIELD_CHOICE_OR_NUMBER] = read_choice_or_number,
    [SL_FIELD_TEXTS] = read_list,
    [SL_FIELD_VALUES] = read_values,
    [SL_FIELD_PARTITIONS] = read_list,
    [SL_FIELD_SELECTION] = read_selection,
    [SL_FIELD_PARAM] = read_param,
    [SL_FIELD_PARAMS] = read_list,
    [SL_FIELD_REALS] = read_list,
    [SL_FIELD_RANGE] = read_range,
    [SL_FIELD_RANGES] = read_list,
    [SL_FIELD_FEATURE_SET] = read_feature_set,
    [SL_FIELD_FEATURE_SETS] = read_list,
    [SL_FIELD_OBJECT] = read_object,
    [SL_FIELD_OBJECTS] = read_list,
    [SL_FIELD_LATER] = read_later,
};
