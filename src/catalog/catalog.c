/* Partitions: the product of the keys' values, those that the job gives first and then the
 * combinations that were found, each put into the path template and looked at once. */
#include "scoreline/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "discover.h"
#include "find.h"
#include "mask.h"
#include "scoreline/bytes.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"
#include "template.h"

enum { MOST_PARTITIONS = 10000000 };

/* A plan being made. */
struct listing {
    const struct sl_input_spec *spec;
    struct sl_plan             *plan;
    struct sl_template template;
    struct sl_finder      *finder;
    struct sl_combinations found;
    int                    n_given; /* keys that the job gives values for: the first ones */
    struct sl_mask         selected;
    struct sl_mask         only;
    int                   *choice; /* [n_given + 1] of the partition at hand; last: found */
    char                 **values; /* [n_keys] of it, borrowed */
    struct sl_text         names;  /* of all partitions, one a line */
    size_t                 partition_capacity;
    size_t                 file_capacity;
};

static sl_status listing_init(struct listing *l, struct sl_error *err);
static void      listing_release(struct listing *l);
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
    SL_TRY(sl_mask_init(&l.selected, spec, &l.found, selection, err));
    SL_TRY(sl_mask_init(&l.only, spec, &l.found, only != NULL ? only : &all, err));
    SL_TRY(check_size(&l, err));
    do {
        if (l.found.n > 0 && sl_mask_takes(&l.selected, l.choice))
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

static void listing_release(struct listing *l)
{
    sl_mask_release(&l->only);
    sl_mask_release(&l->selected);
    sl_combinations_release(&l->found);
    if (l->finder != NULL)
        sl_finder_release(l->finder);
    free(l->finder);
    sl_template_release(&l->template);
    sl_text_release(&l->names);
    free(l->choice);
    free(l->values);
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
    bool            is_wanted = sl_mask_takes(&l->only, l->choice);
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
