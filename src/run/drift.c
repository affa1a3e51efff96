/* How far what is scored is from what was trained on: counts by partition, feature by feature, and
 * last of the scores; what they come to as /drift. */
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/memory.h"
#include "tables.h"

int run_n_profiles(const struct sl_bundle *bundle)
{
    return sl_recipe_n_features(bundle->recipe) + 1;
}

struct run_profile run_profile_at(const struct sl_bundle *bundle, int j)
{
    struct run_profile p = {.profile = &bundle->score_profile,
                            .name = "(score)",
                            .first_count = sl_recipe_n_counts(bundle->recipe)};

    if (j < sl_recipe_n_features(bundle->recipe))
        p.profile = sl_recipe_profile(bundle->recipe, j, &p.name, &p.first_count);
    return p;
}

size_t run_n_counts(const struct sl_bundle *bundle)
{
    return sl_recipe_n_counts(bundle->recipe) + sl_profile_n_counts(&bundle->score_profile);
}

/* Counts of this rank's chunks. */
static sl_status add_counts(struct run *run, int64_t *drift, struct sl_error *err)
{
    const size_t n_counts = run->rows.n_counts;
    sl_status    rc = SL_OK;

    for (int64_t c = 0; c < run->plan.n_chunks && rc == SL_OK; c++) {
        const int64_t i = run->totals.mine[c];
        int64_t      *to = drift + (size_t)run->plan.chunks[c].partition * n_counts;

        if (i < 0)
            continue;
        rc = sl_journal_read(run->journal, (size_t)i, SL_JOURNAL_COUNTS, &run->rows, err);
        for (size_t k = 0; k < n_counts && rc == SL_OK; k++)
            to[k] += run->rows.counts[k];
    }
    return rc;
}

sl_status run_collect_drift(struct run *run, struct sl_error *err)
{
    const size_t n = (size_t)run->plan.n_partitions * run->rows.n_counts;
    int64_t    **drift = &run->totals.drift;
    sl_status    rc = sl_alloc_array(n, sizeof **drift, drift, err);

    SL_TRY(sl_comm_agree(run->comm, rc, err));
    SL_TRY(sl_comm_agree(run->comm, add_counts(run, *drift, err), err));
    sl_comm_sum_i64(run->comm, *drift, n);
out:
    return rc;
}

/* --- /drift ----------------------------------------------------------------------------------- */

enum {
    D_PARTITION,
    D_FEATURE,
    D_ROWS,
    D_MISSING,
    D_UNKNOWN,
    D_BELOW,
    D_ABOVE,
    D_PSI,
    D_COUNTS,
    D_COLUMNS
};

static const struct table_column drift_columns[D_COLUMNS] = {
    [D_PARTITION] = {"partition", SL_I32, {.long_name = "index into /partitions"}},
    [D_FEATURE] = {"feature", SL_FIXED_TEXT, {.long_name = "feature, or the score"}},
    [D_ROWS] = {"rows", SL_I64, {.long_name = "good records; of the score rows scored"}},
    [D_MISSING] = {"missing", SL_I64, {.long_name = "of them without a value"}},
    [D_UNKNOWN] = {"unknown", SL_I64, {.long_name = "with a level that training had not"}},
    [D_BELOW] = {"below", SL_I64, {.long_name = "with a value below all in training"}},
    [D_ABOVE] = {"above", SL_I64, {.long_name = "with a value above all in training"}},
    [D_PSI] = {"psi", SL_F64, {.long_name = "population stability index", .units = "1"}},
    [D_COUNTS] = {"counts", SL_I64, {.long_name = "values by bin of the model's profile"}},
};

static size_t most_bins(const struct sl_bundle *bundle)
{
    size_t most = 1;

    for (int j = 0; j < run_n_profiles(bundle); j++) {
        const size_t n = (size_t)run_profile_at(bundle, j).profile->n_bins;

        most = n > most ? n : most;
    }
    return most;
}

static sl_status init_table(const struct sl_bundle *bundle, size_t n_rows, struct sl_table *table,
                            struct sl_error *err)
{
    sl_status rc;

    SL_TRY(table_begin(table, "drift", "drift", drift_columns, D_COLUMNS, 0, err));
    sl_table_column_items(&table->columns[D_COUNTS], most_bins(bundle), "bin");
    SL_TRY(sl_table_reserve(table, n_rows, err));
out:
    return rc;
}

static sl_status add_row(int32_t partition, const struct run_profile *p, const int64_t *counts,
                         struct sl_table *table, struct sl_error *err)
{
    const size_t            row = table->n_rows;
    const size_t            n_bins = (size_t)p->profile->n_bins;
    const size_t            n_items = table->columns[D_COUNTS].n_items;
    const int64_t          *places = counts + n_bins;
    struct sl_table_column *c = table->columns;
    int64_t                *bins = c[D_COUNTS].cells.i64 + row * n_items;

    c[D_PARTITION].cells.i32[row] = partition;
    c[D_ROWS].cells.i64[row] = sl_profile_n_counted(p->profile, counts);
    c[D_MISSING].cells.i64[row] = places[SL_PROFILE_MISSING];
    c[D_UNKNOWN].cells.i64[row] = places[SL_PROFILE_UNKNOWN];
    c[D_BELOW].cells.i64[row] = places[SL_PROFILE_BELOW];
    c[D_ABOVE].cells.i64[row] = places[SL_PROFILE_ABOVE];
    c[D_PSI].cells.f64[row] = sl_profile_psi(p->profile, counts);
    memset(bins, 0, n_items * sizeof *bins);
    memcpy(bins, counts, n_bins * sizeof *bins);
    table->n_rows++;
    return table_put(&c[D_FEATURE], row, p->name, err);
}

sl_status run_drift_table(const struct sl_bundle *bundle, int n_partitions, const int64_t *counts,
                          bool fill, struct sl_table *table, struct sl_error *err)
{
    const size_t n_counts = run_n_counts(bundle);
    const int    n_profiles = run_n_profiles(bundle);
    const int    n = fill ? n_partitions : 0;
    sl_status    rc;

    SL_TRY(init_table(bundle, (size_t)n * (size_t)n_profiles, table, err));
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n_profiles; j++) {
            const struct run_profile p = run_profile_at(bundle, j);

            SL_TRY(add_row(i, &p, counts + (size_t)i * n_counts + p.first_count, table, err));
        }
    }
out:
    return rc;
}

/* --- unknown levels --------------------------------------------------------------------------- */

sl_status run_find_unknown(const struct run *run, struct run_unknown **out, size_t *n,
                           struct sl_error *err)
{
    const struct sl_bundle *bundle = &run->bundle;
    const size_t            n_counts = run_n_counts(bundle);
    size_t                  capacity = 0;
    sl_status               rc = SL_OK;

    *out = NULL;
    *n = 0;
    for (int32_t i = 0; i < run->plan.n_partitions; i++) {
        for (int j = 0; j < sl_recipe_n_features(bundle->recipe); j++) {
            const struct run_profile p = run_profile_at(bundle, j);
            const int64_t *counts = run->totals.drift + (size_t)i * n_counts + p.first_count;
            const int64_t  n_unknown = counts[p.profile->n_bins + SL_PROFILE_UNKNOWN];

            if (n_unknown == 0)
                continue;
            SL_TRY(sl_grow_array(out, &capacity, *n + 1, sizeof **out, err));
            (*out)[(*n)++] = (struct run_unknown){i, p.name, n_unknown};
        }
    }
out:
    return rc;
}
