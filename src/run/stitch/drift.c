/* /drift of the whole: what the pieces counted adds up, and what it comes to is worked out anew, by
 * the model that is in the file. */
#include <stdlib.h>
#include <string.h>

#include "../run_impl.h"
#include "../scored/scored_drift.h"
#include "scoreline/memory.h"
#include "stitch.h"

static sl_status read_model(const struct sl_scored *reference, struct sl_bundle *bundle,
                            struct sl_error *err)
{
    char     *text = NULL;
    size_t    n_bytes = 0;
    sl_status rc;

    SL_TRY(sl_scored_provenance(reference, "provenance/model", &text, &n_bytes, err));
    if (text == NULL)
        rc =
            sl_fail(err, SL_EINPUT, "'%s': it has no /provenance/model", sl_scored_path(reference));
    else
        rc = sl_bundle_parse(text, n_bytes, sl_scored_path(reference), bundle, err);
out:
    free(text);
    return rc;
}

/* Each count is of the partition's rows, so that adding up cannot overflow. */
static bool counts_fit(const struct scored_drift *drift, size_t row, int64_t n_rows)
{
    const struct scored_drift_row d = scored_drift_at(drift, row);
    const int64_t                *counts = scored_drift_counts(drift, row);
    const int64_t                 places[] = {d.n_missing, d.n_unknown, d.n_below, d.n_above};
    bool                          fit = true;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        fit = fit && places[i] >= 0 && places[i] <= n_rows;
    for (size_t b = 0; b < drift->n_bins; b++)
        fit = fit && counts[b] >= 0 && counts[b] <= n_rows;
    return fit;
}

/* A row to the counts of its profile; those of a piece can be as few as its widest feature has. */
static void add_row(const struct scored_drift *drift, size_t row, const struct sl_profile *profile,
                    int64_t *to)
{
    const struct scored_drift_row d = scored_drift_at(drift, row);
    const int64_t                *counts = scored_drift_counts(drift, row);
    int64_t                      *places = to + profile->n_bins;

    for (int b = 0; b < profile->n_bins && (size_t)b < drift->n_bins; b++)
        to[b] += counts[b];
    places[SL_PROFILE_MISSING] += d.n_missing;
    places[SL_PROFILE_UNKNOWN] += d.n_unknown;
    places[SL_PROFILE_BELOW] += d.n_below;
    places[SL_PROFILE_ABOVE] += d.n_above;
}

/* A piece says of each partition what it counted of each profile, in their order. */
static sl_status add_piece(const struct stitch *s, int piece, const struct sl_bundle *bundle,
                           int64_t *counts, struct sl_error *err)
{
    const int           n_partitions = s->pieces[piece].partitions.plan.n_partitions;
    const size_t        n_profiles = (size_t)run_n_profiles(bundle);
    struct sl_scored   *scored = NULL;
    struct scored_drift drift = {.n_bins = 0};
    int32_t            *map = NULL;
    sl_status           rc;

    SL_TRY(stitch_map_partitions(s, piece, &map, err));
    SL_TRY(sl_scored_open(s->pieces[piece].path, &scored, err));
    SL_TRY(scored_drift_read(scored, n_partitions, &drift, err));
    for (size_t i = 0; i < drift.table.n_rows; i++) {
        const struct run_profile      p = run_profile_at(bundle, (int)(i % n_profiles));
        const struct scored_drift_row d = scored_drift_at(&drift, i);

        if (d.feature.n_bytes != strlen(p.name) ||
            memcmp(d.feature.data, p.name, d.feature.n_bytes) != 0) {
            rc = sl_fail(err, SL_EINPUT, "'%s': /drift/feature[%zu] is not '%s', as in the model",
                         s->pieces[piece].path, i, p.name);
            goto out;
        }
        if (map[d.partition] < 0)
            continue;
        if (!counts_fit(&drift, i, s->pieces[piece].partitions.counts[d.partition].n_rows)) {
            rc = sl_fail(err, SL_EINPUT, "'%s': /drift, row %zu counts more than there are",
                         s->pieces[piece].path, i);
            goto out;
        }
        add_row(&drift, i, p.profile,
                counts + (size_t)map[d.partition] * run_n_counts(bundle) + p.first_count);
    }
out:
    free(map);
    scored_drift_release(&drift);
    sl_scored_close(scored);
    return rc;
}

sl_status stitch_drift(const struct stitch *s, const struct sl_scored *reference,
                       struct sl_table *table, struct sl_error *err)
{
    struct sl_bundle bundle = {.recipe = NULL};
    int64_t         *counts = NULL;
    sl_status        rc;

    SL_TRY(read_model(reference, &bundle, err));
    SL_TRY(sl_alloc_array((size_t)s->n_partitions * run_n_counts(&bundle), sizeof *counts, &counts,
                          err));
    for (int p = 0; p < s->opts->n_files; p++)
        SL_TRY(add_piece(s, p, &bundle, counts, err));
    SL_TRY(run_drift_table(&bundle, s->n_partitions, counts, true, table, err));
out:
    free(counts);
    sl_bundle_release(&bundle);
    return rc;
}
