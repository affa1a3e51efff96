/* Parameters of estimators: what a job gives, held against the table of its kind. */
#include "params.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scoreline/json.h"
#include "scoreline/text.h"

int sl_model_n_params(const struct sl_model_ops *ops)
{
    int n = 0;

    while (ops->params[n].name != NULL)
        n++;
    return n;
}

int sl_model_n_values(const struct sl_model_ops *ops, const double *values)
{
    int n = 0, n_numbers = 0;

    for (; ops->params[n].name != NULL; n++)
        if (ops->params[n].type == SL_PARAM_NUMBERS)
            n_numbers = (int)values[n];
    return n + n_numbers;
}

const double *sl_model_numbers(const struct sl_model_ops *ops, const double *values)
{
    return values + sl_model_n_params(ops);
}

/* The index of a parameter in a kind's table, -1 if it has none of that name. */
static int find_param(const struct sl_model_ops *ops, const char *name)
{
    for (int i = 0; ops->params[i].name != NULL; i++) {
        if (strcmp(ops->params[i].name, name) == 0)
            return i;
    }
    return -1;
}

static sl_status unknown_param(const struct sl_model_ops *ops, const char *name,
                               struct sl_error *err)
{
    const char *names[SL_MAX_PARAMS];
    char        hint[128];
    int         n = sl_model_n_params(ops);

    for (int i = 0; i < n; i++)
        names[i] = ops->params[i].name;
    return sl_fail(err, SL_EJOB, "'%s' has no such parameter%s", ops->name,
                   sl_suggest(name, names, (size_t)n, hint, sizeof hint));
}

/* Whether a value has the type of its parameter. */
static bool has_type(const struct sl_param *param, const struct sl_param_value *given)
{
    if (param->type == SL_PARAM_NUMBERS)
        return given->is_list || given->is_null;
    if (param->type == SL_PARAM_CHOICE)
        return given->text != NULL || given->is_null;
    if (given->text != NULL || given->is_null || given->is_list)
        return false;
    return (param->type == SL_PARAM_BOOL) == given->is_bool;
}

/* "'a', 'b'", cut where it does not fit; their number is returned. */
static size_t list_choices(const struct sl_param *param, char *out, size_t out_bytes)
{
    size_t n_bytes = 0, n = 0;

    out[0] = '\0';
    for (; param->choices[n] != NULL; n++)
        if (n_bytes < out_bytes)
            n_bytes += (size_t)snprintf(out + n_bytes, out_bytes - n_bytes, "%s'%s'",
                                        n > 0 ? ", " : "", param->choices[n]);
    return n;
}

static sl_status fail_type(const struct sl_param *param, const struct sl_param_value *given,
                           struct sl_error *err)
{
    const char *expected = param->type == SL_PARAM_BOOL      ? "true or false"
                           : param->type == SL_PARAM_NUMBERS ? "a list of numbers or null"
                                                             : "a number";
    const char *got = given->is_bool   ? "true or false"
                      : given->is_null ? "null"
                      : given->is_list ? "a list"
                                       : "a number";
    char        choices[256];

    if (given->text != NULL)
        return sl_fail(err, SL_EJOB, "expected %s, got '%.100s'", expected, given->text);
    if (param->type != SL_PARAM_CHOICE)
        return sl_fail(err, SL_EJOB, "expected %s, got %s", expected, got);
    list_choices(param, choices, sizeof choices);
    return sl_fail(err, SL_EJOB, "expected one of %s, got %s", choices, got);
}

/* The index of the choice; null is the first. */
static sl_status find_choice(const struct sl_param *param, const struct sl_param_value *given,
                             double *value, struct sl_error *err)
{
    char   choices[256], hint[128];
    size_t n = list_choices(param, choices, sizeof choices);

    *value = 0.0;
    for (size_t i = 0; i < n; i++) {
        *value = (double)i;
        if (given->is_null || strcmp(given->text, param->choices[i]) == 0)
            return SL_OK;
    }
    return sl_fail(err, SL_EJOB, "expected one of %s, got '%.100s'%s", choices, given->text,
                   sl_suggest(given->text, param->choices, n, hint, sizeof hint));
}

static sl_status check_numbers(const struct sl_param *param, const struct sl_param_value *given,
                               double *value, struct sl_error *err)
{
    for (int i = 0; i < given->n_numbers; i++)
        if (!(given->numbers[i] >= param->min && given->numbers[i] <= param->max))
            return sl_fail(err, SL_EJOB, "expected numbers from %g to %g, got %g", param->min,
                           param->max, given->numbers[i]);
    if (given->is_list && (given->n_numbers == 0 || given->n_numbers > SL_MOST_CLASSES))
        return sl_fail(err, SL_EJOB, "expected 1 to %d numbers, got %d", SL_MOST_CLASSES,
                       given->n_numbers);
    *value = given->n_numbers;
    return SL_OK;
}

static sl_status check_value(const struct sl_param *param, const struct sl_param_value *given,
                             double *value, struct sl_error *err)
{
    if (!has_type(param, given))
        return fail_type(param, given, err);
    if (param->type == SL_PARAM_CHOICE)
        return find_choice(param, given, value, err);
    if (param->type == SL_PARAM_NUMBERS)
        return check_numbers(param, given, value, err);
    if (param->type == SL_PARAM_INTEGER && given->value != floor(given->value))
        return sl_fail(err, SL_EJOB, "expected an integer, got %g", given->value);
    if (!(given->value >= param->min && given->value <= param->max))
        return sl_fail(err, SL_EJOB, "expected %g to %g, got %g", param->min, param->max,
                       given->value);
    *value = given->value;
    return SL_OK;
}

sl_status sl_model_param(const struct sl_model_ops *ops, const struct sl_param_value *given,
                         int *index, double *value, struct sl_error *err)
{
    const int found = find_param(ops, given->name);

    if (found < 0)
        return unknown_param(ops, given->name, err);
    *index = found;
    return check_value(&ops->params[found], given, value, err);
}

sl_status sl_check_params(const struct sl_train_spec *spec, const struct sl_model_ops *ops,
                          double *params, struct sl_error *err)
{
    int       n = sl_model_n_params(ops);
    sl_status rc = SL_OK;

    assert(n <= SL_MAX_PARAMS);
    for (int i = 0; i < n; i++)
        params[i] = ops->params[i].fallback;
    for (int i = 0; i < spec->n_params && rc == SL_OK; i++) {
        const struct sl_param_value *given = &spec->params[i];
        double                       value = 0.0;
        int                          index = 0;

        rc = sl_model_param(ops, given, &index, &value, err);
        if (rc == SL_OK)
            params[index] = value;
        if (rc == SL_OK && given->n_numbers > 0)
            memcpy(params + n, given->numbers, (size_t)given->n_numbers * sizeof *params);
        if (rc != SL_OK)
            sl_error_in(err, "$.train.params.%.100s", given->name);
    }
    return rc;
}

static sl_status print_numbers(const struct sl_model_ops *ops, const double *values,
                               const char *name, struct sl_json *to, struct sl_error *err)
{
    const int       n = sl_model_n_values(ops, values) - sl_model_n_params(ops);
    struct sl_json *list;
    sl_status       rc = SL_OK;

    if (n == 0)
        return SL_OK;
    SL_TRY(sl_json_add_list(to, name, &list, err));
    for (int i = 0; i < n; i++)
        SL_TRY(sl_json_add_number(list, NULL, sl_model_numbers(ops, values)[i], err));
out:
    return rc;
}

sl_status sl_model_print_params(const struct sl_model_ops *ops, const double *values,
                                struct sl_json *to, struct sl_error *err)
{
    const struct sl_param *params = ops->params;
    struct sl_json        *object;
    sl_status              rc;

    SL_TRY(sl_json_add_object(to, "params", &object, err));
    for (int i = 0; params[i].name != NULL; i++) {
        if (params[i].type == SL_PARAM_BOOL)
            SL_TRY(sl_json_add_bool(object, params[i].name, values[i] != 0.0, err));
        else if (params[i].type == SL_PARAM_NUMBERS)
            SL_TRY(print_numbers(ops, values, params[i].name, object, err));
        else if (params[i].type == SL_PARAM_CHOICE)
            SL_TRY(
                sl_json_add_text(object, params[i].name, params[i].choices[(int)values[i]], err));
        else
            SL_TRY(sl_json_add_number(object, params[i].name, values[i], err));
    }
out:
    return rc;
}
