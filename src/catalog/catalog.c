/* Partitions: the product of the keys' values, each put into the path template and looked at
 * once. */
#include "scoreline/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/bytes.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

/* A plan being made. */
struct listing {
    const struct sl_input_spec *spec;
    struct sl_plan             *plan;
    int                        *choice; /* [n_keys] value of each key, of the partition at hand */
    size_t                      capacity;
    size_t                      file_capacity;
};

/* --- selection ---------------------------------------------------------------------------- */

static int find_text(const char *text, char *const *texts, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(text, texts[i]) == 0)
            return i;
    return -1;
}

static const struct sl_key *find_key(const struct sl_key *keys, int n_keys, const char *name)
{
    for (int k = 0; k < n_keys; k++)
        if (strcmp(keys[k].name, name) == 0)
            return &keys[k];
    return NULL;
}

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

static sl_status check_selection(const struct sl_input_spec *spec,
                                 const struct sl_selection *selection, struct sl_error *err)
{
    for (int s = 0; s < selection->n_keys; s++) {
        const struct sl_key *wanted = &selection->keys[s];
        const struct sl_key *key = find_key(spec->keys, spec->n_keys, wanted->name);

        if (key == NULL)
            return fail_key(spec, wanted->name, err);
        for (int v = 0; v < wanted->n_values; v++)
            if (find_text(wanted->values[v], key->values, key->n_values) < 0)
                return sl_fail(err, SL_EJOB, "data.partitions: key '%s' has no value '%s'",
                               key->name, wanted->values[v]);
    }
    return SL_OK;
}

static bool is_selected(const struct sl_selection *selection, const struct sl_key *key,
                        const char *value)
{
    const struct sl_key *wanted = find_key(selection->keys, selection->n_keys, key->name);

    return wanted == NULL || find_text(value, wanted->values, wanted->n_values) >= 0;
}

/* --- one partition ------------------------------------------------------------------------ */

static sl_status add_key_value(const struct sl_input_spec *spec, char *const *values,
                               const char *name, size_t n_bytes, struct sl_text *path,
                               struct sl_error *err)
{
    for (int k = 0; k < spec->n_keys; k++)
        if (sl_slice_equals((struct sl_slice){name, n_bytes}, spec->keys[k].name))
            return sl_text_add(path, err, "%s", values[k]);
    return sl_fail(err, SL_EJOB, "data.path: '{%.*s}' is no key of data.partitions", (int)n_bytes,
                   name);
}

/* The template with values for {keys}; a brace that is not closed stands for itself. */
static sl_status expand_path(const struct sl_input_spec *spec, char *const *values, char **out,
                             struct sl_error *err)
{
    struct sl_text path = {0};
    const char    *p = spec->path;
    sl_status      rc;

    if (spec->root[0] != '\0' && p[0] != '/')
        SL_TRY(sl_text_add(&path, err, "%s/", spec->root));
    for (;;) {
        size_t      n_plain = strcspn(p, "{");
        const char *close = strchr(p + n_plain, '}');

        if (close == NULL)
            break;
        SL_TRY(sl_text_add_bytes(&path, p, n_plain, err));
        p += n_plain;
        SL_TRY(add_key_value(spec, values, p + 1, (size_t)(close - p - 1), &path, err));
        p = close + 1;
    }
    SL_TRY(sl_text_add_bytes(&path, p, strlen(p), err));
    *out = path.data;
    return SL_OK;
out:
    sl_text_release(&path);
    return rc;
}

static sl_status join_name(const struct sl_input_spec *spec, char *const *values, char **out,
                           struct sl_error *err)
{
    struct sl_text name = {0};
    sl_status      rc;

    if (spec->n_keys == 0)
        return sl_copy_text(spec->path, out, err);
    for (int k = 0; k < spec->n_keys; k++)
        SL_TRY(sl_text_add(&name, err, "%s%s", k > 0 ? "/" : "", values[k]));
    *out = name.data;
    return SL_OK;
out:
    sl_text_release(&name);
    return rc;
}

/* A file, looked at, at the end of the plan's; path is taken over. */
static sl_status add_file_take(struct listing *listing, char *path, int64_t first_byte,
                               struct sl_error *err)
{
    struct sl_plan      *plan = listing->plan;
    struct sl_bytes_info info = {0};
    sl_status            rc;

    SL_TRY(sl_bytes_stat(path, &info, err));
    SL_TRY(sl_grow_array(&plan->files, &listing->file_capacity, (size_t)plan->n_files + 1,
                         sizeof *plan->files, err));
    plan->files[plan->n_files++] = (struct sl_file){.path = path,
                                                    .n_bytes = info.n_bytes,
                                                    .mtime_ns = info.mtime_ns,
                                                    .first_byte = first_byte};
    path = NULL;
out:
    free(path);
    return rc;
}

/* What is filled of the partition is the plan's, whatever happens. */
static sl_status fill_partition(struct listing *listing, struct sl_partition *partition,
                                struct sl_error *err)
{
    const struct sl_input_spec *spec = listing->spec;
    struct sl_plan             *plan = listing->plan;
    char                       *path = NULL;
    sl_status                   rc;

    SL_TRY(
        sl_alloc_array((size_t)spec->n_keys, sizeof *partition->values, &partition->values, err));
    for (int k = 0; k < spec->n_keys; k++)
        SL_TRY(sl_copy_text(spec->keys[k].values[listing->choice[k]], &partition->values[k], err));
    SL_TRY(join_name(spec, partition->values, &partition->name, err));
    SL_TRY(expand_path(spec, partition->values, &partition->source, err));
    SL_TRY(sl_copy_text(partition->source, &path, err));
    rc = add_file_take(listing, path, 0, err);
    if (rc != SL_OK) {
        sl_error_in(err, "partition '%s'", partition->name);
        goto out;
    }
    partition->first_file = plan->n_files - 1;
    partition->n_files = 1;
    partition->n_bytes = plan->files[partition->first_file].n_bytes;
out:
    return rc;
}

/* --- all of them -------------------------------------------------------------------------- */

/* The next combination of values, the last key fastest; false after the last one. */
static bool next_choice(const struct sl_input_spec *spec, int *choice)
{
    for (int k = spec->n_keys - 1; k >= 0; k--) {
        if (++choice[k] < spec->keys[k].n_values)
            return true;
        choice[k] = 0;
    }
    return false;
}

static bool choice_is_selected(const struct sl_input_spec *spec,
                               const struct sl_selection *selection, const int *choice)
{
    for (int k = 0; k < spec->n_keys; k++)
        if (!is_selected(selection, &spec->keys[k], spec->keys[k].values[choice[k]]))
            return false;
    return true;
}

static bool any_key_is_empty(const struct sl_input_spec *spec)
{
    for (int k = 0; k < spec->n_keys; k++)
        if (spec->keys[k].n_values == 0)
            return true;
    return false;
}

static sl_status copy_keys(const struct sl_input_spec *spec, struct sl_plan *plan,
                           struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)spec->n_keys, sizeof *plan->keys, &plan->keys, err));
    plan->n_keys = spec->n_keys;
    for (int k = 0; k < spec->n_keys; k++)
        SL_TRY(sl_copy_text(spec->keys[k].name, &plan->keys[k], err));
out:
    return rc;
}

static sl_status add_partition(struct listing *listing, struct sl_error *err)
{
    struct sl_plan *plan = listing->plan;
    size_t          n = (size_t)plan->n_partitions;
    sl_status       rc;

    SL_TRY(sl_grow_array(&plan->partitions, &listing->capacity, n + 1, sizeof *plan->partitions,
                         err));
    plan->partitions[n] = (struct sl_partition){.index = plan->n_all};
    plan->n_partitions++;
    SL_TRY(fill_partition(listing, &plan->partitions[n], err));
out:
    return rc;
}

sl_status sl_catalog_list(const struct sl_input_spec *spec, const struct sl_selection *selection,
                          const struct sl_selection *only, struct sl_plan *plan,
                          struct sl_error *err)
{
    struct listing listing = {.spec = spec, .plan = plan};
    sl_status      rc;

    *plan = (struct sl_plan){0};
    SL_TRY(check_selection(spec, selection, err));
    SL_TRY(copy_keys(spec, plan, err));
    SL_TRY(sl_alloc_array((size_t)spec->n_keys, sizeof *listing.choice, &listing.choice, err));
    if (any_key_is_empty(spec))
        goto out;
    do {
        if (!choice_is_selected(spec, selection, listing.choice))
            continue;
        if (only == NULL || choice_is_selected(spec, only, listing.choice))
            SL_TRY(add_partition(&listing, err));
        plan->n_all++;
    } while (next_choice(spec, listing.choice));
out:
    free(listing.choice);
    if (rc != SL_OK)
        sl_plan_release(plan);
    return rc;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

sl_status sl_catalog_mark_trained(struct sl_plan *plan, const struct sl_plan *trained,
                                  struct sl_error *err)
{
    size_t       n = (size_t)trained->n_partitions;
    const char **names = NULL;
    sl_status    rc;

    SL_TRY(sl_alloc_array(n, sizeof *names, &names, err));
    for (size_t i = 0; i < n; i++)
        names[i] = trained->partitions[i].name;
    if (n > 0)
        qsort(names, n, sizeof *names, by_text);
    for (int i = 0; i < plan->n_partitions; i++)
        plan->partitions[i].trained_on =
            n > 0 && bsearch(&plan->partitions[i].name, names, n, sizeof *names, by_text) != NULL;
out:
    free(names);
    return rc;
}
