/* /drift of an output file. */
#include "scored_drift.h"

enum { PARTITION, FEATURE, ROWS, MISSING, UNKNOWN, BELOW, ABOVE, PSI, N_COLUMNS };

static const struct {
    const char   *name;
    enum sl_dtype dtype;
} columns[N_COLUMNS] = {
    [PARTITION] = {"partition", SL_I32}, [FEATURE] = {"feature", SL_FIXED_TEXT},
    [ROWS] = {"rows", SL_I64},           [MISSING] = {"missing", SL_I64},
    [UNKNOWN] = {"unknown", SL_I64},     [BELOW] = {"below", SL_I64},
    [ABOVE] = {"above", SL_I64},         [PSI] = {"psi", SL_F64},
};

static sl_status check_partitions(const struct sl_scored *scored, const struct sl_table *table,
                                  int n_partitions, struct sl_error *err)
{
    const int32_t *partition = sl_table_column(table, "partition")->cells.i32;

    for (size_t i = 0; i < table->n_rows; i++)
        if (partition[i] < 0 || partition[i] >= n_partitions)
            return sl_fail(err, SL_EINPUT, "'%s': /drift/partition: there is no partition %d",
                           sl_scored_path(scored), (int)partition[i]);
    return SL_OK;
}

sl_status scored_drift_read(struct sl_scored *scored, int n_partitions, struct scored_drift *out,
                            struct sl_error *err)
{
    const struct sl_table_column *column;
    sl_status                     rc;

    *out = (struct scored_drift){.n_bins = 0};
    SL_TRY(sl_scored_table(scored, "drift", &out->table, err));
    for (int i = 0; i < N_COLUMNS; i++)
        SL_TRY(
            sl_scored_find(scored, &out->table, columns[i].name, columns[i].dtype, &column, err));
    column = sl_table_column(&out->table, "counts");
    out->n_bins = column == NULL ? 1 : column->n_items;
    SL_TRY(sl_scored_find_items(scored, &out->table, "counts", SL_I64, out->n_bins, &column, err));
    SL_TRY(check_partitions(scored, &out->table, n_partitions, err));
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

static int64_t integer(const struct scored_drift *drift, int column, size_t row)
{
    return sl_table_column(&drift->table, columns[column].name)->cells.i64[row];
}

struct scored_drift_row scored_drift_at(const struct scored_drift *drift, size_t row)
{
    const struct sl_table *table = &drift->table;

    return (struct scored_drift_row){
        .partition = sl_table_column(table, columns[PARTITION].name)->cells.i32[row],
        .feature = sl_table_text(sl_table_column(table, columns[FEATURE].name), row),
        .n_rows = integer(drift, ROWS, row),
        .n_missing = integer(drift, MISSING, row),
        .n_unknown = integer(drift, UNKNOWN, row),
        .n_below = integer(drift, BELOW, row),
        .n_above = integer(drift, ABOVE, row),
        .psi = sl_table_column(table, columns[PSI].name)->cells.f64[row],
    };
}

const int64_t *scored_drift_counts(const struct scored_drift *drift, size_t row)
{
    return sl_table_column(&drift->table, "counts")->cells.i64 + row * drift->n_bins;
}
