/* A partition key as a column: decoded once for a range, then copied into every block, whatever
 * kind of source the other columns come from. */
#include "key_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/number.h"

static const char *value_of(const struct sl_source_range *range, const char *name)
{
    for (int k = 0; k < range->n_keys; k++)
        if (strcmp(range->keys[k], name) == 0)
            return range->values[k];
    return NULL;
}

static bool is_missing(const struct sl_input_spec *spec, const char *text)
{
    for (int i = 0; i < spec->n_missing; i++)
        if (strcmp(text, spec->missing[i]) == 0)
            return true;
    return false;
}

/* The value as the request wants it: numbers are read as the fields of a file are. */
static sl_status decode(const struct sl_input_spec *spec, const struct sl_column_request *request,
                        const char *value, struct sl_key_column *to, struct sl_error *err)
{
    const char *wanted = request->type == SL_NUMBER ? "number" : "integer";
    bool        fits = true;

    to->number = NAN;
    to->integer = SL_INTEGER_MISSING;
    to->text = (struct sl_slice){value, strlen(value)};
    if (request->type == SL_TEXT || is_missing(spec, value))
        return SL_OK;
    if (request->type == SL_NUMBER)
        fits = sl_parse_f64(to->text, &to->number);
    else
        fits = sl_parse_i64(sl_slice_trim(to->text), &to->integer);
    if (!fits)
        return sl_fail(err, SL_EINPUT, "partition key '%s' is '%s', which is no %s", request->name,
                       value, wanted);
    if (isinf(to->number))
        to->number = NAN;
    return SL_OK;
}

sl_status sl_key_columns_set(struct sl_key_columns *keys, const struct sl_input_spec *spec,
                             const struct sl_source_range   *range,
                             const struct sl_column_request *requests, int n_requests,
                             struct sl_error *err)
{
    size_t    n = (size_t)n_requests;
    sl_status rc;

    keys->n_columns = 0;
    SL_TRY(sl_grow_array(&keys->requests, &keys->request_capacity, n, sizeof *keys->requests, err));
    SL_TRY(sl_grow_array(&keys->columns, &keys->capacity, n, sizeof *keys->columns, err));
    for (int i = 0; i < n_requests; i++) {
        const char *value = value_of(range, requests[i].name);

        keys->requests[i] = requests[i];
        keys->requests[i].is_key = value != NULL;
        if (value == NULL)
            continue;
        keys->columns[keys->n_columns].column = i;
        SL_TRY(decode(spec, &requests[i], value, &keys->columns[keys->n_columns], err));
        keys->n_columns++;
    }
out:
    return rc;
}

void sl_key_columns_fill(const struct sl_key_columns *keys, struct sl_column_block *block)
{
    for (int k = 0; k < keys->n_columns; k++) {
        const struct sl_key_column *key = &keys->columns[k];
        struct sl_column           *to = &block->columns[key->column];

        for (size_t i = 0; i < block->n_rows; i++) {
            if (to->type == SL_NUMBER)
                to->values.number[i] = key->number;
            else if (to->type == SL_INTEGER)
                to->values.integer[i] = key->integer;
            else
                to->values.text[i] = key->text;
        }
    }
}

void sl_key_columns_release(struct sl_key_columns *keys)
{
    free(keys->requests);
    free(keys->columns);
    *keys = (struct sl_key_columns){0};
}
