/* `--only`: selections given as text, and what is left where several hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job_internal.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

static void release_key(struct sl_key *key)
{
    for (int i = 0; i < key->n_values; i++)
        free(key->values[i]);
    free(key->values);
    free(key->name);
    *key = (struct sl_key){0};
}

void sl_selection_release(struct sl_selection *selection)
{
    for (int i = 0; i < selection->n_keys; i++)
        release_key(&selection->keys[i]);
    free(selection->keys);
    *selection = (struct sl_selection){0};
}

const struct sl_key *sl_job_find_key(const struct sl_key *keys, int n_keys, struct sl_slice name)
{
    for (int i = 0; i < n_keys; i++)
        if (sl_slice_equals(name, keys[i].name))
            return &keys[i];
    return NULL;
}

sl_status sl_job_fail_key(const struct sl_input_spec *spec, const char *name, sl_status code,
                          struct sl_error *err)
{
    const char **names = NULL;
    char         hint[160];
    sl_status    rc;

    SL_TRY(sl_alloc_array((size_t)spec->n_keys, sizeof *names, &names, err));
    for (int k = 0; k < spec->n_keys; k++)
        names[k] = spec->keys[k].name;
    rc = sl_fail(err, code, "unknown partition key '%s'%s", name,
                 sl_suggest(name, names, (size_t)spec->n_keys, hint, sizeof hint));
out:
    free(names);
    return rc;
}

/* "2003,2004" */
static sl_status split_values(const char *text, struct sl_key *key, struct sl_error *err)
{
    size_t    capacity = 0;
    char     *copy = NULL;
    char     *next;
    sl_status rc;

    SL_TRY(sl_copy_text(text, &copy, err));
    for (char *value = copy; value != NULL; value = next) {
        next = strchr(value, ',');
        if (next != NULL)
            *next++ = '\0';
        SL_TRY(sl_job_add_key_values(key, &capacity, value, err));
    }
out:
    free(copy);
    return rc;
}

/* "year=2003,2004" as a key of its own. */
static sl_status parse_one(const struct sl_input_spec *spec, const char *text, struct sl_key *out,
                           struct sl_error *err)
{
    const char          *equals = strchr(text, '=');
    const struct sl_key *key;
    const char          *stranger = NULL;
    char                 hint[160];
    sl_status            rc;

    if (equals == NULL)
        return sl_fail(err, SL_EUSAGE, "expected KEY=VALUE,...");
    SL_TRY(sl_copy_text(text, &out->name, err));
    out->name[equals - text] = '\0';
    key = sl_job_find_key(spec->keys, spec->n_keys,
                          (struct sl_slice){out->name, (size_t)(equals - text)});
    if (key == NULL)
        return sl_job_fail_key(spec, out->name, SL_EUSAGE, err);
    SL_TRY(split_values(equals + 1, out, err));
    if (key->n_values == 0) /* to be discovered */
        return SL_OK;
    SL_TRY(sl_job_find_stranger((const char *const *)out->values, (size_t)out->n_values,
                                (const char *const *)key->values, (size_t)key->n_values, &stranger,
                                err));
    if (stranger != NULL)
        rc = sl_fail(err, SL_EUSAGE, "'%s' is not among data.partitions.%s%s", stranger, key->name,
                     sl_suggest(stranger, (const char *const *)key->values, (size_t)key->n_values,
                                hint, sizeof hint));
out:
    return rc;
}

/* Leave in `key` the values that stand in `with` too. */
static sl_status intersect(struct sl_key *key, const struct sl_key *with, struct sl_error *err)
{
    const char **known = NULL;
    size_t       n_known = (size_t)with->n_values;
    int          n = 0;
    sl_status    rc = sl_text_sort((const char *const *)with->values, n_known, &known, err);

    for (int i = 0; rc == SL_OK && i < key->n_values; i++) {
        if (sl_text_is_among(known, n_known, key->values[i]))
            key->values[n++] = key->values[i];
        else
            free(key->values[i]);
    }
    if (rc == SL_OK)
        key->n_values = n;
    free(known);
    if (rc == SL_OK && n == 0)
        rc = sl_fail(err, SL_EUSAGE, "no value of '%s' is left", key->name);
    return rc;
}

/* *key is taken over. */
static sl_status add_take(struct sl_selection *to, size_t *capacity, struct sl_key *key,
                          struct sl_error *err)
{
    sl_status rc;

    for (int i = 0; i < to->n_keys; i++)
        if (strcmp(to->keys[i].name, key->name) == 0)
            return intersect(&to->keys[i], key, err);
    SL_TRY(sl_grow_array(&to->keys, capacity, (size_t)to->n_keys + 1, sizeof *to->keys, err));
    to->keys[to->n_keys++] = *key;
    *key = (struct sl_key){0};
out:
    return rc;
}

sl_status sl_selection_parse(const struct sl_input_spec *spec, int n, const char *const *texts,
                             struct sl_selection *out, struct sl_error *err)
{
    size_t    capacity = 0;
    sl_status rc = SL_OK;

    *out = (struct sl_selection){0};
    for (int i = 0; i < n && rc == SL_OK; i++) {
        struct sl_key key = {0};

        rc = parse_one(spec, texts[i], &key, err);
        if (rc == SL_OK)
            rc = add_take(out, &capacity, &key, err);
        release_key(&key);
        if (rc == SL_EJOB) /* a value that would not fit the job either */
            rc = err->code = SL_EUSAGE;
        if (rc != SL_OK)
            sl_error_in(err, "--only '%s'", texts[i]);
    }
    if (rc != SL_OK)
        sl_selection_release(out);
    return rc;
}
