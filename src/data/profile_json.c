/* Profiles in a model file.  What is read may come from anybody: nothing is taken that a profile of
 * some rows could not be, and no number in the file says how much is allocated. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "scoreline/json_need.h"
#include "scoreline/memory.h"
#include "scoreline/profile.h"

/* --- writing ---------------------------------------------------------------------------------- */

static sl_status save_counts(const int64_t *counts, size_t n, struct sl_json *to,
                             struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "counts", &list, err));
    for (size_t i = 0; i < n; i++)
        SL_TRY(sl_json_add_number(list, NULL, (double)counts[i], err));
out:
    return rc;
}

static sl_status save_numbers(const struct sl_profile *profile, struct sl_json *to,
                              struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    if (!isnan(profile->mean)) {
        SL_TRY(sl_json_add_number(to, "min", profile->min, err));
        SL_TRY(sl_json_add_number(to, "max", profile->max, err));
        SL_TRY(sl_json_add_number(to, "mean", profile->mean, err));
    }
    SL_TRY(sl_json_add_list(to, "edges", &list, err));
    for (int b = 0; b < profile->n_bins - 1; b++)
        SL_TRY(sl_json_add_number(list, NULL, profile->edges[b], err));
    SL_TRY(save_counts(profile->counts, (size_t)profile->n_bins, to, err));
out:
    return rc;
}

sl_status sl_profile_save(const struct sl_profile *profile, struct sl_json *to,
                          struct sl_error *err)
{
    int64_t   n_missing = profile->counts[profile->n_bins + SL_PROFILE_MISSING];
    sl_status rc;

    SL_TRY(sl_json_add_number(to, "rows", (double)profile->n_rows, err));
    SL_TRY(sl_json_add_number(to, "missing", (double)n_missing, err));
    if (profile->is_categorical)
        SL_TRY(save_counts(profile->level_counts, (size_t)profile->n_levels, to, err));
    else
        SL_TRY(save_numbers(profile, to, err));
out:
    return rc;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A profile's object, and how many rows it speaks of. */
struct reader {
    const struct sl_json_doc *doc;
    const struct sl_json     *from;
    int64_t                   n_rows;
    int64_t                   n_missing;
    struct sl_error          *err;
};

static sl_status take_count(const struct reader *r, const struct sl_json *value, int64_t *out)
{
    if (sl_json_integer(value, out) && *out >= 0)
        return SL_OK;
    return sl_json_fail(r->doc, value, SL_EJOB, r->err,
                        "expected a count (a whole number below 2^53)");
}

static sl_status need_count(const struct reader *r, const char *key, int64_t *out)
{
    const struct sl_json *value;
    sl_status             rc;

    SL_TRY(sl_json_need(r->doc, r->from, key, SL_JSON_NUMBER, &value, r->err));
    SL_TRY(take_count(r, value, out));
out:
    return rc;
}

static sl_status need_rows(struct reader *r)
{
    sl_status rc;

    SL_TRY(need_count(r, "rows", &r->n_rows));
    SL_TRY(need_count(r, "missing", &r->n_missing));
    if (r->n_missing > r->n_rows)
        rc = sl_json_fail(r->doc, sl_json_find(r->from, "missing"), SL_EJOB, r->err,
                          "more than the %" PRId64 " rows", r->n_rows);
out:
    return rc;
}

/* The list of n counts that says how the rows that are not missing fall into n classes. */
static sl_status need_list(const struct reader *r, size_t n, const struct sl_json **list)
{
    size_t    n_found;
    sl_status rc;

    SL_TRY(sl_json_need(r->doc, r->from, "counts", SL_JSON_LIST, list, r->err));
    n_found = sl_json_count(*list);
    if (n_found != n)
        rc = sl_json_fail(r->doc, *list, SL_EJOB, r->err, "expected %zu count%s, got %zu", n,
                          n == 1 ? "" : "s", n_found);
out:
    return rc;
}

/* Subtracts from what is left, so that no sum can overflow. */
static sl_status take_counts(const struct reader *r, const struct sl_json *list, int64_t *counts)
{
    int64_t   n_left = r->n_rows - r->n_missing;
    size_t    i = 0;
    sl_status rc = SL_OK;

    for (const struct sl_json *item = sl_json_first(list); item != NULL;
         item = sl_json_next(item)) {
        SL_TRY(take_count(r, item, &counts[i]));
        if (counts[i] > n_left)
            return sl_json_fail(r->doc, item, SL_EJOB, r->err,
                                "the counts are more than the %" PRId64 " rows not missing",
                                r->n_rows - r->n_missing);
        n_left -= counts[i++];
    }
    if (n_left > 0)
        rc = sl_json_fail(r->doc, list, SL_EJOB, r->err,
                          "the counts are %" PRId64 " less than the rows not missing", n_left);
out:
    return rc;
}

/* "min", "max" and "mean" are there where there is a value. */
static sl_status take_range(const struct reader *r, struct sl_profile *profile)
{
    sl_status rc;

    SL_TRY(sl_json_need_number(r->doc, r->from, "min", &profile->min, r->err));
    SL_TRY(sl_json_need_number(r->doc, r->from, "max", &profile->max, r->err));
    SL_TRY(sl_json_need_number(r->doc, r->from, "mean", &profile->mean, r->err));
    if (profile->min > profile->max)
        return sl_json_fail(r->doc, sl_json_find(r->from, "min"), SL_EJOB, r->err,
                            "more than \"max\"");
    if (profile->mean < profile->min || profile->mean > profile->max)
        rc = sl_json_fail(r->doc, sl_json_find(r->from, "mean"), SL_EJOB, r->err,
                          "not between \"min\" and \"max\"");
out:
    return rc;
}

static sl_status take_edges(const struct reader *r, struct sl_profile *profile)
{
    const struct sl_json *list, *item;
    size_t                n;
    sl_status             rc;

    SL_TRY(sl_json_need(r->doc, r->from, "edges", SL_JSON_LIST, &list, r->err));
    n = sl_json_count(list);
    if (n > SL_PROFILE_BINS - 1)
        return sl_json_fail(r->doc, list, SL_EJOB, r->err, "expected at most %d numbers, got %zu",
                            SL_PROFILE_BINS - 1, n);
    SL_TRY(sl_json_need_numbers(r->doc, list, n, profile->edges, r->err));
    profile->n_bins = (int)n + 1;
    item = sl_json_first(list);
    for (size_t b = 1; b < n; b++) {
        item = sl_json_next(item);
        if (profile->edges[b] <= profile->edges[b - 1])
            return sl_json_fail(r->doc, item, SL_EJOB, r->err, "not more than the edge before it");
    }
out:
    return rc;
}

sl_status sl_profile_load_numbers(const struct sl_json_doc *doc, const struct sl_json *from,
                                  struct sl_profile *profile, struct sl_error *err)
{
    static const char *const keys[] = {"rows", "missing", "edges", "counts", "min", "max", "mean"};
    struct reader            r = {.doc = doc, .from = from, .err = err};
    const struct sl_json    *list;
    bool                     has_values;
    sl_status                rc;

    *profile = (struct sl_profile){
        .n_bins = 1, .min = (double)NAN, .max = (double)NAN, .mean = (double)NAN};
    SL_TRY(need_rows(&r));
    has_values = r.n_rows > r.n_missing;
    SL_TRY(sl_json_only(doc, from, keys, has_values ? 7 : 4, err));
    if (has_values)
        SL_TRY(take_range(&r, profile));
    SL_TRY(take_edges(&r, profile));
    SL_TRY(need_list(&r, (size_t)profile->n_bins, &list));
    SL_TRY(take_counts(&r, list, profile->counts));
    profile->n_rows = r.n_rows;
    profile->counts[profile->n_bins + SL_PROFILE_MISSING] = r.n_missing;
out:
    return rc;
}

/* Room is made only after the file was found to have n_levels counts. */
sl_status sl_profile_load_levels(const struct sl_json_doc *doc, const struct sl_json *from,
                                 int32_t n_levels, struct sl_profile *profile, struct sl_error *err)
{
    static const char *const keys[] = {"rows", "missing", "counts"};
    struct reader            r = {.doc = doc, .from = from, .err = err};
    const struct sl_json    *list;
    int64_t                 *counts = NULL;
    sl_status                rc;

    *profile = (struct sl_profile){.is_categorical = true};
    SL_TRY(need_rows(&r));
    SL_TRY(sl_json_only(doc, from, keys, 3, err));
    SL_TRY(need_list(&r, (size_t)n_levels, &list));
    SL_TRY(sl_alloc_array((size_t)n_levels, sizeof *counts, &counts, err));
    SL_TRY(take_counts(&r, list, counts));
    SL_TRY(sl_profile_init_levels(profile, counts, n_levels, r.n_missing, err));
out:
    free(counts);
    return rc;
}
