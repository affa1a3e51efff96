/* Profiles of training columns: which bins a column has, and what training had in them. */
#include "scoreline/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/numeric.h"

struct ranked {
    int64_t count;
    int32_t level;
};

void sl_profile_release(struct sl_profile *profile)
{
    free(profile->level_counts);
    free(profile->places);
    *profile = (struct sl_profile){0};
}

size_t sl_profile_n_counts(const struct sl_profile *profile)
{
    return (size_t)profile->n_bins + SL_PROFILE_PLACES;
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* The finite values in order; zeros lose their sign, so that equal values are the same bits. */
static sl_status sort_values(const double *x, size_t n_rows, double **values, size_t *n_values,
                             struct sl_error *err)
{
    sl_status rc = sl_alloc_array(n_rows, sizeof **values, values, err);

    if (rc != SL_OK)
        return rc;
    *n_values = 0;
    for (size_t i = 0; i < n_rows; i++)
        if (isfinite(x[i]))
            (*values)[(*n_values)++] = x[i] + 0.0;
    qsort(*values, *n_values, sizeof **values, sl_compare_f64);
    return SL_OK;
}

static void describe(struct sl_profile *profile, const double *values, size_t n)
{
    struct sl_moments moments = {.min = (double)NAN, .max = (double)NAN, .mean = (double)NAN};

    if (n > 0)
        sl_moments(values, n, &moments);
    profile->min = moments.min;
    profile->max = moments.max;
    profile->mean = moments.mean;
}

static double decile_of(const double *values, size_t n, size_t d)
{
    return values[(n * d + 9) / 10 - 1];
}

/* The greatest value below that of decile d, or that one itself if there is none. */
static double before_decile(const double *values, size_t n, size_t d)
{
    size_t i = (n * d + 9) / 10 - 1;
    double decile = values[i];

    while (i > 0 && values[i] == decile)
        i--;
    return values[i];
}

/* Unless it is there already, or would leave nothing of training beyond it. */
static void add_edge(struct sl_profile *profile, double edge)
{
    if (profile->n_bins > 1 && edge <= profile->edges[profile->n_bins - 2])
        return;
    if (edge < profile->max)
        profile->edges[profile->n_bins++ - 1] = edge;
}

/* A value that is m > 1 deciles adds two edges at most, so there are never more than deciles. */
static void take_deciles(struct sl_profile *profile, const double *values, size_t n)
{
    for (size_t d = 1; n > 0 && d < SL_PROFILE_BINS; d++) {
        double decile = decile_of(values, n, d);

        if (d + 1 < SL_PROFILE_BINS && decile == decile_of(values, n, d + 1))
            add_edge(profile, before_decile(values, n, d));
        add_edge(profile, decile);
    }
}

sl_status sl_profile_init_numbers(struct sl_profile *profile, const double *x, size_t n_rows,
                                  struct sl_error *err)
{
    double   *values = NULL;
    size_t    n_values;
    sl_status rc;

    *profile = (struct sl_profile){.n_bins = 1, .n_rows = (int64_t)n_rows};
    SL_TRY(sort_values(x, n_rows, &values, &n_values, err));
    describe(profile, values, n_values);
    take_deciles(profile, values, n_values);
    sl_profile_count_numbers(profile, x, NULL, n_rows, profile->counts);
out:
    free(values);
    return rc;
}

sl_status sl_profile_init_scores(struct sl_profile *profile, const double *x, size_t n_rows,
                                 struct sl_error *err)
{
    double   *values = NULL;
    size_t    n_values;
    sl_status rc;

    *profile = (struct sl_profile){.n_bins = SL_PROFILE_BINS, .n_rows = (int64_t)n_rows};
    SL_TRY(sort_values(x, n_rows, &values, &n_values, err));
    describe(profile, values, n_values);
    for (int b = 1; b < SL_PROFILE_BINS; b++)
        profile->edges[b - 1] = (double)b / SL_PROFILE_BINS;
    sl_profile_count_numbers(profile, x, NULL, n_rows, profile->counts);
out:
    free(values);
    return rc;
}

/* --- levels ----------------------------------------------------------------------------------- */

/* The most frequent first, of equals the lower one. */
static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return (x->level > y->level) - (x->level < y->level);
}

/* Marks with 1 in `own` the levels that have a bin to themselves. */
static sl_status choose_own(const struct sl_profile *profile, uint8_t *own, struct sl_error *err)
{
    size_t         n = (size_t)profile->n_levels;
    size_t         n_own = n > SL_PROFILE_LEVELS ? SL_PROFILE_LEVELS - 1 : n;
    struct ranked *ranked = NULL;
    sl_status      rc = sl_alloc_array(n, sizeof *ranked, &ranked, err);

    if (rc != SL_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        ranked[i] = (struct ranked){.count = profile->level_counts[i], .level = (int32_t)i};
    qsort(ranked, n, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < n_own; i++)
        own[ranked[i].level] = 1;
    free(ranked);
    return SL_OK;
}

/* `places` comes with the marks of choose_own(). */
static void place_levels(struct sl_profile *profile)
{
    uint8_t *places = profile->places;
    int      n = profile->n_levels;
    uint8_t  bin = 0;

    profile->n_bins = n > SL_PROFILE_LEVELS ? SL_PROFILE_LEVELS : n;
    for (int i = 0; i < n; i++)
        places[i] = places[i] != 0 ? bin++ : SL_PROFILE_LEVELS - 1;
    places[n] = (uint8_t)(profile->n_bins + SL_PROFILE_MISSING);
    places[n + 1] = (uint8_t)(profile->n_bins + SL_PROFILE_UNKNOWN);
}

sl_status sl_profile_init_levels(struct sl_profile *profile, const int64_t *level_counts,
                                 int32_t n_levels, int64_t n_missing, struct sl_error *err)
{
    size_t    n = (size_t)n_levels;
    sl_status rc;

    *profile = (struct sl_profile){.is_categorical = true,
                                   .n_rows = n_missing,
                                   .min = (double)NAN,
                                   .max = (double)NAN,
                                   .mean = (double)NAN,
                                   .n_levels = n_levels};
    SL_TRY(sl_alloc_array(n, sizeof *profile->level_counts, &profile->level_counts, err));
    SL_TRY(sl_alloc_array(n + 2, sizeof *profile->places, &profile->places, err));
    if (n > 0)
        memcpy(profile->level_counts, level_counts, n * sizeof *level_counts);
    SL_TRY(choose_own(profile, profile->places, err));
    place_levels(profile);
    profile->counts[profile->n_bins + SL_PROFILE_MISSING] = n_missing;
    for (size_t i = 0; i < n; i++) {
        profile->counts[profile->places[i]] += level_counts[i];
        profile->n_rows += level_counts[i];
    }
out:
    return rc;
}
