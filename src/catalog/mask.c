/* Selections as flags: which of its keys' values a selection names, and what is wrong with it. */
#include "mask.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/text.h"

/* What a selection is held against: the values that keys have. */
struct values {
    const struct sl_input_spec   *spec;
    const struct sl_combinations *found;
    int                           n_given; /* keys that the job gives values for */
};

static sl_status fail_key(const struct sl_input_spec *spec, const char *name, struct sl_error *err)
{
    const char **names = NULL;
    char         nearest[160];
    sl_status    rc;

    SL_TRY(sl_alloc_array((size_t)spec->n_keys, sizeof *names, &names, err));
    for (int k = 0; k < spec->n_keys; k++)
        names[k] = spec->keys[k].name;
    rc = sl_fail(err, SL_EJOB, "data.partitions has no key '%s'%s", name,
                 sl_suggest(name, names, (size_t)spec->n_keys, nearest, sizeof nearest));
out:
    free(names);
    return rc;
}

/* A wanted value that is not there: the job's fault where the job says which there are, otherwise a
 * hole in the input. */
static sl_status fail_value(const struct values *v, int key, const char *value,
                            const char *const *known, size_t n_known, struct sl_error *err)
{
    const char *name = v->spec->keys[key].name;
    char        nearest[160];

    sl_suggest(value, known, n_known, nearest, sizeof nearest);
    if (key < v->n_given)
        return sl_fail(err, SL_EJOB, "data.partitions: key '%s' has no value '%s'%s", name, value,
                       nearest);
    return sl_fail(err, SL_EINPUT, "'%s': no file with '%s' for {%s}%s", v->spec->path, value, name,
                   nearest);
}

/* The values that a key has: given ones as they stand, found ones once for each combination. */
static const char *const *values_of(const struct values *v, int key, const char **found, size_t *n)
{
    int place = key - v->n_given;

    if (key < v->n_given) {
        *n = (size_t)v->spec->keys[key].n_values;
        return (const char *const *)v->spec->keys[key].values;
    }
    *n = v->found->n;
    for (size_t i = 0; i < *n; i++)
        found[i] = v->found->values[i * (size_t)v->found->n_keys + (size_t)place];
    return found;
}

static sl_status check_wanted(const struct values *v, int key, const struct sl_key *wanted,
                              const char *const *values, size_t n, struct sl_error *err)
{
    const char **known = NULL;
    sl_status    rc = sl_text_sort(values, n, &known, err);

    if (key >= v->n_given && v->spec->holes == SL_HOLES_SKIP)
        goto out;
    for (int i = 0; rc == SL_OK && i < wanted->n_values; i++)
        if (!sl_text_is_among(known, n, wanted->values[i]))
            rc = fail_value(v, key, wanted->values[i], known, n, err);
out:
    free(known);
    return rc;
}

/* Take from a mask what one key of a selection leaves out. */
static sl_status apply_wanted(const struct values *v, const struct sl_key *wanted,
                              struct sl_mask *mask, struct sl_error *err)
{
    const char       **found = NULL;
    const char       **sorted = NULL;
    const char *const *values;
    size_t             n;
    int                key = 0;
    bool              *flags;
    sl_status          rc;

    while (key < v->spec->n_keys && strcmp(v->spec->keys[key].name, wanted->name) != 0)
        key++;
    if (key == v->spec->n_keys)
        return fail_key(v->spec, wanted->name, err);
    SL_TRY(sl_alloc_array(v->found->n, sizeof *found, &found, err));
    values = values_of(v, key, found, &n);
    SL_TRY(check_wanted(v, key, wanted, values, n, err));
    SL_TRY(
        sl_text_sort((const char *const *)wanted->values, (size_t)wanted->n_values, &sorted, err));
    flags = key < v->n_given ? mask->given[key] : mask->found;
    for (size_t i = 0; i < n; i++)
        flags[i] = flags[i] && sl_text_is_among(sorted, (size_t)wanted->n_values, values[i]);
out:
    free(found);
    free(sorted);
    return rc;
}

sl_status sl_mask_init(struct sl_mask *mask, const struct sl_input_spec *spec,
                       const struct sl_combinations *found, const struct sl_selection *selection,
                       struct sl_error *err)
{
    const struct values v = {spec, found, spec->n_keys - found->n_keys};
    sl_status           rc;

    *mask = (struct sl_mask){.n_given = v.n_given};
    SL_TRY(sl_alloc_array((size_t)v.n_given, sizeof *mask->given, &mask->given, err));
    for (int k = 0; k < v.n_given; k++) {
        size_t n = (size_t)spec->keys[k].n_values;

        SL_TRY(sl_alloc_array(n, sizeof **mask->given, &mask->given[k], err));
        memset(mask->given[k], true, n);
    }
    SL_TRY(sl_alloc_array(found->n, sizeof *mask->found, &mask->found, err));
    if (found->n > 0)
        memset(mask->found, true, found->n);
    for (int s = 0; s < selection->n_keys && found->n > 0; s++)
        SL_TRY(apply_wanted(&v, &selection->keys[s], mask, err));
out:
    return rc;
}

void sl_mask_release(struct sl_mask *mask)
{
    for (int k = 0; mask->given != NULL && k < mask->n_given; k++)
        free(mask->given[k]);
    free(mask->given);
    free(mask->found);
}

bool sl_mask_takes(const struct sl_mask *mask, const int *choice)
{
    for (int k = 0; k < mask->n_given; k++)
        if (!mask->given[k][choice[k]])
            return false;
    return mask->found[choice[mask->n_given]];
}
