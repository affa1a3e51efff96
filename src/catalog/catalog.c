/* Partitions: the product of the keys' values, those that the job gives first and then the
 * combinations that were found, each put into the path template and looked at once. */
#include "scoreline/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "discover.h"
#include "find.h"
#include "scoreline/bytes.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"
#include "template.h"

enum { MOST_PARTITIONS = 10000000 };

/* A selection as one flag for each value, so that ten thousand partitions are asked for cheaply. */
struct mask {
    bool **given; /* [n_given][n_values] */
    bool  *found; /* [found.n] */
};

/* A plan being made. */
struct listing {
    const struct sl_input_spec *spec;
    struct sl_plan             *plan;
    struct sl_template template;
    struct sl_finder      *finder;
    struct sl_combinations found;
    int                    n_given; /* keys that the job gives values for: the first ones */
    struct mask            selected;
    struct mask            only;
    int                   *choice; /* [n_given + 1] of the partition at hand; last: found */
    char                 **values; /* [n_keys] of it, borrowed */
    struct sl_text         names;  /* of all partitions, one a line */
    size_t                 partition_capacity;
    size_t                 file_capacity;
};

static sl_status listing_init(struct listing *l, struct sl_error *err);
static void      listing_release(struct listing *l);
static sl_status mask_init(const struct listing *l, const struct sl_selection *selection,
                           struct mask *mask, struct sl_error *err);
static bool      is_selected(const struct listing *l, const struct mask *mask);
static sl_status check_size(const struct listing *l, struct sl_error *err);
static bool      next_choice(struct listing *l);
static sl_status list_partition(struct listing *l, struct sl_error *err);
static sl_status check_overlap(const struct sl_plan *plan, struct sl_error *err);
static sl_status fail_empty(const struct listing *l, struct sl_error *err);

sl_status sl_catalog_list(const struct sl_input_spec *spec, const struct sl_selection *selection,
                          const struct sl_selection *only, struct sl_plan *plan,
                          struct sl_error *err)
{
    const struct sl_selection all = {0};
    struct listing            l = {.spec = spec, .plan = plan};
    sl_status                 rc;

    *plan = (struct sl_plan){0};
    SL_TRY(listing_init(&l, err));
    SL_TRY(sl_discover(spec, &l.template, l.finder, &l.found, err));
    SL_TRY(mask_init(&l, selection, &l.selected, err));
    SL_TRY(mask_init(&l, only != NULL ? only : &all, &l.only, err));
    SL_TRY(check_size(&l, err));
    do {
        if (l.found.n > 0 && is_selected(&l, &l.selected))
            SL_TRY(list_partition(&l, err));
    } while (next_choice(&l));
    rc = plan->n_partitions == 0 ? fail_empty(&l, err) : check_overlap(plan, err);
    plan->names = l.names.data;
    l.names = (struct sl_text){0};
out:
    listing_release(&l);
    if (rc != SL_OK)
        sl_plan_release(plan);
    return rc;
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

static sl_status listing_init(struct listing *l, struct sl_error *err)
{
    const struct sl_input_spec *spec = l->spec;
    size_t                      n_keys = (size_t)spec->n_keys;
    sl_status                   rc;

    while (l->n_given < spec->n_keys && spec->keys[l->n_given].n_values > 0)
        l->n_given++;
    SL_TRY(copy_keys(spec, l->plan, err));
    SL_TRY(sl_template_init(&l->template, spec, err));
    SL_TRY(sl_alloc_array(1, sizeof *l->finder, &l->finder, err));
    SL_TRY(sl_alloc_array(n_keys + 1, sizeof *l->choice, &l->choice, err));
    SL_TRY(sl_alloc_array(n_keys, sizeof *l->values, &l->values, err));
out:
    return rc;
}

static void mask_release(struct mask *mask, int n_given)
{
    for (int k = 0; mask->given != NULL && k < n_given; k++)
        free(mask->given[k]);
    free(mask->given);
    free(mask->found);
}

static void listing_release(struct listing *l)
{
    mask_release(&l->only, l->n_given);
    mask_release(&l->selected, l->n_given);
    sl_combinations_release(&l->found);
    if (l->finder != NULL)
        sl_finder_release(l->finder);
    free(l->finder);
    sl_template_release(&l->template);
    sl_text_release(&l->names);
    free(l->choice);
    free(l->values);
}

/* --- selection ---------------------------------------------------------------------------- */

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
static sl_status fail_value(const struct listing *l, int key, const char *value,
                            const char *const *known, size_t n_known, struct sl_error *err)
{
    const char *name = l->spec->keys[key].name;
    char        nearest[160];

    sl_suggest(value, known, n_known, nearest, sizeof nearest);
    if (key < l->n_given)
        return sl_fail(err, SL_EJOB, "data.partitions: key '%s' has no value '%s'%s", name, value,
                       nearest);
    return sl_fail(err, SL_EINPUT, "'%s': no file with '%s' for {%s}%s", l->spec->path, value, name,
                   nearest);
}

/* The values that a key has: given ones as they stand, found ones once for each combination. */
static const char *const *values_of(const struct listing *l, int key, const char **found, size_t *n)
{
    int place = key - l->n_given;

    if (key < l->n_given) {
        *n = (size_t)l->spec->keys[key].n_values;
        return (const char *const *)l->spec->keys[key].values;
    }
    *n = l->found.n;
    for (size_t i = 0; i < *n; i++)
        found[i] = l->found.values[i * (size_t)l->found.n_keys + (size_t)place];
    return found;
}

static sl_status check_wanted(const struct listing *l, int key, const struct sl_key *wanted,
                              const char *const *values, size_t n, struct sl_error *err)
{
    const char **known = NULL;
    sl_status    rc = sl_text_sort(values, n, &known, err);

    if (key >= l->n_given && l->spec->holes == SL_HOLES_SKIP)
        goto out;
    for (int v = 0; rc == SL_OK && v < wanted->n_values; v++)
        if (!sl_text_is_among(known, n, wanted->values[v]))
            rc = fail_value(l, key, wanted->values[v], known, n, err);
out:
    free(known);
    return rc;
}

/* Take from a mask what one key of a selection leaves out. */
static sl_status apply_wanted(const struct listing *l, const struct sl_key *wanted,
                              struct mask *mask, struct sl_error *err)
{
    const char       **found = NULL;
    const char       **sorted = NULL;
    const char *const *values;
    size_t             n;
    int                key = 0;
    bool              *flags;
    sl_status          rc;

    while (key < l->spec->n_keys && strcmp(l->spec->keys[key].name, wanted->name) != 0)
        key++;
    if (key == l->spec->n_keys)
        return fail_key(l->spec, wanted->name, err);
    SL_TRY(sl_alloc_array(l->found.n, sizeof *found, &found, err));
    values = values_of(l, key, found, &n);
    SL_TRY(check_wanted(l, key, wanted, values, n, err));
    SL_TRY(
        sl_text_sort((const char *const *)wanted->values, (size_t)wanted->n_values, &sorted, err));
    flags = key < l->n_given ? mask->given[key] : mask->found;
    for (size_t i = 0; i < n; i++)
        flags[i] = flags[i] && sl_text_is_among(sorted, (size_t)wanted->n_values, values[i]);
out:
    free(found);
    free(sorted);
    return rc;
}

static sl_status mask_init(const struct listing *l, const struct sl_selection *selection,
                           struct mask *mask, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)l->n_given, sizeof *mask->given, &mask->given, err));
    for (int k = 0; k < l->n_given; k++) {
        size_t n = (size_t)l->spec->keys[k].n_values;

        SL_TRY(sl_alloc_array(n, sizeof **mask->given, &mask->given[k], err));
        memset(mask->given[k], true, n);
    }
    SL_TRY(sl_alloc_array(l->found.n, sizeof *mask->found, &mask->found, err));
    if (l->found.n > 0)
        memset(mask->found, true, l->found.n);
    for (int s = 0; s < selection->n_keys && l->found.n > 0; s++)
        SL_TRY(apply_wanted(l, &selection->keys[s], mask, err));
out:
    return rc;
}

static bool is_selected(const struct listing *l, const struct mask *mask)
{
    for (int k = 0; k < l->n_given; k++)
        if (!mask->given[k][l->choice[k]])
            return false;
    return mask->found[l->choice[l->n_given]];
}

/* --- the product -------------------------------------------------------------------------- */

static sl_status check_size(const struct listing *l, struct sl_error *err)
{
    int64_t n = (int64_t)l->found.n;

    for (int k = 0; k < l->n_given && n <= MOST_PARTITIONS; k++)
        n *= l->spec->keys[k].n_values; /* each at most a million */
    if (n > MOST_PARTITIONS)
        return sl_fail(err, SL_EJOB, "data.partitions: more than %d partitions", MOST_PARTITIONS);
    return SL_OK;
}

/* The next combination of values, the last key fastest; false after the last one. */
static bool next_choice(struct listing *l)
{
    for (int k = l->n_given; k >= 0; k--) {
        int n = k == l->n_given ? (int)l->found.n : l->spec->keys[k].n_values;

        if (++l->choice[k] < n)
            return true;
        l->choice[k] = 0;
    }
    return false;
}

static void take_values(struct listing *l)
{
    size_t combination = (size_t)l->choice[l->n_given];

    for (int k = 0; k < l->n_given; k++)
        l->values[k] = l->spec->keys[k].values[l->choice[k]];
    for (int k = 0; k < l->found.n_keys; k++)
        l->values[l->n_given + k] =
            l->found.values[combination * (size_t)l->found.n_keys + (size_t)k];
}

/* --- one partition ------------------------------------------------------------------------ */

static sl_status join_name(const struct listing *l, char **out, struct sl_error *err)
{
    struct sl_text name = {0};
    sl_status      rc;

    if (l->spec->n_keys == 0)
        return sl_copy_text(l->spec->path, out, err);
    for (int k = 0; k < l->spec->n_keys; k++)
        SL_TRY(sl_text_add(&name, err, "%s%s", k > 0 ? "/" : "", l->values[k]));
    *out = name.data;
    return SL_OK;
out:
    sl_text_release(&name);
    return rc;
}

/* A file at the end of the plan's, if it is there; then *path is taken. */
static sl_status add_file(struct listing *l, char **path, struct sl_partition *partition,
                          struct sl_error *err)
{
    struct sl_plan      *plan = l->plan;
    struct sl_bytes_info info = {0};
    bool                 found = false;
    sl_status            rc;

    SL_TRY(sl_bytes_find(*path, &info, &found, err));
    if (!found)
        return SL_OK;
    SL_TRY(sl_grow_array(&plan->files, &l->file_capacity, (size_t)plan->n_files + 1,
                         sizeof *plan->files, err));
    plan->files[plan->n_files++] = (struct sl_file){.path = *path,
                                                    .n_bytes = info.n_bytes,
                                                    .mtime_ns = info.mtime_ns,
                                                    .first_byte = partition->n_bytes};
    *path = NULL;
    partition->n_files++;
    partition->n_bytes += info.n_bytes;
out:
    return rc;
}

static sl_status find_files(struct listing *l, struct sl_partition *partition, struct sl_error *err)
{
    struct sl_paths paths = {0};
    char           *path = NULL;
    size_t          n_root;
    sl_status       rc;

    partition->first_file = l->plan->n_files;
    SL_TRY(sl_template_expand(&l->template, l->values, &partition->source, &n_root, err));
    if (l->template.has_star) {
        SL_TRY(sl_finder_match(l->finder, partition->source, n_root, &paths, err));
        for (size_t i = 0; i < paths.n; i++)
            SL_TRY(add_file(l, &paths.paths[i], partition, err));
    } else {
        SL_TRY(sl_copy_text(partition->source, &path, err));
        SL_TRY(add_file(l, &path, partition, err));
    }
    if (partition->n_files == 0 && l->spec->holes == SL_HOLES_FAIL)
        rc = sl_fail(err, SL_EINPUT, "'%s': no %s", partition->source,
                     l->template.has_star ? "file matches" : "such file");
out:
    free(path);
    sl_paths_release(&paths);
    return rc;
}

/* What is filled of the partition is the plan's, whatever happens. */
static sl_status fill_partition(struct listing *l, struct sl_partition *partition,
                                struct sl_error *err)
{
    int       n_keys = l->spec->n_keys;
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)n_keys, sizeof *partition->values, &partition->values, err));
    for (int k = 0; k < n_keys; k++)
        SL_TRY(sl_copy_text(l->values[k], &partition->values[k], err));
    SL_TRY(join_name(l, &partition->name, err));
    rc = find_files(l, partition, err);
    if (rc != SL_OK)
        sl_error_in(err, "partition '%s'", partition->name);
out:
    return rc;
}

/* Whether it is wanted or not, it has its place and name among all. */
static sl_status count_in(struct listing *l, struct sl_error *err)
{
    char     *name = NULL;
    sl_status rc;

    take_values(l);
    SL_TRY(join_name(l, &name, err));
    SL_TRY(sl_text_add(&l->names, err, "%s\n", name));
    l->plan->n_all++;
out:
    free(name);
    return rc;
}

/* Names go into lists, a line each, and to terminals. */
static sl_status check_name(const char *name, struct sl_error *err)
{
    for (const char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return sl_fail(err, SL_EINPUT,
                           "partition '%.*s...': a key value holds a control character (0x%02x); "
                           "rename the file",
                           (int)(c - name), name, (unsigned)(unsigned char)*c);
    return SL_OK;
}

/* The partition at hand.  Where holes are skipped, one that --only leaves out is looked for all the
 * same, as its place is counted if it is there. */
static sl_status list_partition(struct listing *l, struct sl_error *err)
{
    struct sl_plan *plan = l->plan;
    size_t          n = (size_t)plan->n_partitions;
    bool            is_wanted = is_selected(l, &l->only);
    bool            is_there = true;
    sl_status       rc;

    if (!is_wanted && l->spec->holes == SL_HOLES_FAIL)
        return count_in(l, err);
    SL_TRY(sl_grow_array(&plan->partitions, &l->partition_capacity, n + 1, sizeof *plan->partitions,
                         err));
    plan->partitions[n] = (struct sl_partition){.index = plan->n_all};
    plan->n_partitions++;
    take_values(l);
    SL_TRY(fill_partition(l, &plan->partitions[n], err));
    SL_TRY(check_name(plan->partitions[n].name, err));
    is_there = plan->partitions[n].n_files > 0;
    if (is_there)
        SL_TRY(count_in(l, err));
    if (!is_there || !is_wanted)
        sl_plan_drop_last(plan);
out:
    return rc;
}

static sl_status fail_overlap(const struct sl_plan *plan, const char *path, struct sl_error *err)
{
    const char *names[2] = {"", ""};
    int         n = 0;

    for (int i = 0; i < plan->n_partitions && n < 2; i++) {
        const struct sl_partition *partition = &plan->partitions[i];

        for (int32_t f = partition->first_file; f < partition->first_file + partition->n_files; f++)
            if (n < 2 && strcmp(plan->files[f].path, path) == 0)
                names[n++] = partition->name;
    }
    return sl_fail(err, SL_EJOB, "'%s' belongs to two partitions, '%s' and '%s'", path, names[0],
                   names[1]);
}

/* A file in two partitions would be scored twice; patterns such as '*{n}.csv' may come to that. */
static sl_status check_overlap(const struct sl_plan *plan, struct sl_error *err)
{
    size_t       n = (size_t)plan->n_files;
    const char **paths = NULL;
    const char **sorted = NULL;
    sl_status    rc;

    SL_TRY(sl_alloc_array(n, sizeof *paths, &paths, err));
    for (size_t i = 0; i < n; i++)
        paths[i] = plan->files[i].path;
    SL_TRY(sl_text_sort(paths, n, &sorted, err));
    for (size_t i = 1; i < n; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0) {
            rc = fail_overlap(plan, sorted[i], err);
            break;
        }
out:
    free(paths);
    free(sorted);
    return rc;
}

static sl_status fail_empty(const struct listing *l, struct sl_error *err)
{
    const char *root = l->spec->root;
    bool        has_root = root[0] != '\0' && l->spec->path[0] != '/';

    return sl_fail(err, SL_EINPUT, "'%s%s%s': no file %s", has_root ? root : "",
                   has_root ? "/" : "", l->spec->path,
                   l->found.n == 0 ? "matches" : "for any of the partitions wanted");
}

/* --- trained on --------------------------------------------------------------------------- */

sl_status sl_catalog_mark_trained(struct sl_plan *plan, const struct sl_plan *trained,
                                  struct sl_error *err)
{
    size_t       n = (size_t)trained->n_partitions;
    const char **names = NULL;
    const char **sorted = NULL;
    sl_status    rc;

    SL_TRY(sl_alloc_array(n, sizeof *names, &names, err));
    for (size_t i = 0; i < n; i++)
        names[i] = trained->partitions[i].name;
    SL_TRY(sl_text_sort(names, n, &sorted, err));
    for (int i = 0; i < plan->n_partitions; i++)
        plan->partitions[i].trained_on = sl_text_is_among(sorted, n, plan->partitions[i].name);
out:
    free(names);
    free(sorted);
    return rc;
}
