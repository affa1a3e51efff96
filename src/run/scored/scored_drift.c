/* /drift of an output file. */
#include "scored_drift.h"

static const struct {
    const char   *name;
    enum sl_dtype dtype;
} columns[SCORED_DRIFT_COUNTS] = {
    [SCORED_DRIFT_PARTITION] = {"partition", SL_I32},
    [SCORED_DRIFT_FEATURE] = {"feature", SL_FIXED_TEXT},
    [SCORED_DRIFT_ROWS] = {"rows", SL_I64},
    [SCORED_DRIFT_MISSING] = {"missing", SL_I64},
    [SCORED_DRIFT_UNKNOWN] = {"unknown", SL_I64},
    [SCORED_DRIFT_BELOW] = {"below", SL_I64},
    [SCORED_DRIFT_ABOVE] = {"above", SL_I64},
    [SCORED_DRIFT_PSI] = {"psi", SL_F64},
};

static sl_status check_partitions(const struct sl_scored *scored, const struct scored_drift *drift,
                                  int n_partitions, struct sl_error *err)
{
    const int32_t *partition = drift->columns[SCORED_DRIFT_PARTITION]->cells.i32;

    for (size_t i = 0; i < drift->table.n_rows; i++)
        if (partition[i] < 0 || partition[i] >= n_partitions)
            return sl_fail(err, SL_EINPUT, "'%s': /drift/partition: there is no partition %d",
                           sl_scored_path(scored), (int)partition[i]);
    return SL_OK;
}

sl_status scored_drift_read(struct sl_scored *scored, int n_partitions, struct scored_drift *out,
                            struct sl_error *err)
{
    const struct sl_table_column *counts;
    sl_status                     rc;

    *out = (struct scored_drift){.n_bins = 0};
    SL_TRY(sl_scored_table(scored, "drift", &out->table, err));
    for (int i = 0; i < SCORED_DRIFT_COUNTS; i++)
        SL_TRY(sl_scored_find(scored, &out->table, columns[i].name, columns[i].dtype,
                              &out->columns[i], err));
    counts = sl_table_column(&out->table, "counts");
    out->n_bins = counts == NULL ? 1 : counts->n_items;
    SL_TRY(sl_scored_find_items(scored, &out->table, "counts", SL_I64, out->n_bins,
                                &out->columns[SCORED_DRIFT_COUNTS], err));
    SL_TRY(check_partitions(scored, out, n_partitions, err));
out:
    if (rc != SL_OK)
        scored_drift_release(out);
    return rc;
}

void scored_drift_release(struct scored_drift *drift)
{
    sl_table_release(&drift->table);
    *drift = (struct scored_drift){.n_bins = 0};
}

struct scored_drift_row scored_drift_at(const struct scored_drift *drift, size_t row)
{
    const struct sl_table_column *const *c = drift->columns;

    return (struct scored_drift_row){
        .partition = c[SCORED_DRIFT_PARTITION]->cells.i32[row],
        .feature = sl_table_text(c[SCORED_DRIFT_FEATURE], row),
        .n_rows = c[SCORED_DRIFT_ROWS]->cells.i64[row],
        .n_missing = c[SCORED_DRIFT_MISSING]->cells.i64[row],
        .n_unknown = c[SCORED_DRIFT_UNKNOWN]->cells.i64[row],
        .n_below = c[SCORED_DRIFT_BELOW]->cells.i64[row],
        .n_above = c[SCORED_DRIFT_ABOVE]->cells.i64[row],
        .psi = c[SCORED_DRIFT_PSI]->cells.f64[row],
    };
}

const int64_t *scored_drift_counts(const struct scored_drift *drift, size_t row)
{
    return drift->columns[SCORED_DRIFT_COUNTS]->cells.i64 + row * drift->n_bins;
}
