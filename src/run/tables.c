/* The small tables of the output: partitions and rejects; the others have files of their own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/memory.h"
#include "tables.h"

sl_status table_begin(struct sl_table *table, const char *name, const char *dimension,
                      const struct table_column *columns, int n_columns, int n_more,
                      struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_table_init(table, name, dimension, n_columns + n_more, err));
    for (int i = 0; i < n_columns; i++)
        SL_TRY(sl_table_column_init(&table->columns[i], columns[i].name, columns[i].dtype,
                                    columns[i].notes, err));
out:
    return rc;
}

sl_status table_make(struct sl_table *table, const char *name, const char *dimension,
                     const struct table_column *columns, int n_columns, size_t n_rows,
                     struct sl_error *err)
{
    sl_status rc = table_begin(table, name, dimension, columns, n_columns, 0, err);

    return rc == SL_OK ? sl_table_reserve(table, n_rows, err) : rc;
}

sl_status table_put(struct sl_table_column *column, size_t row, const char *text,
                    struct sl_error *err)
{
    return sl_table_put_text(column, row, (struct sl_slice){text, strlen(text)}, err);
}

/* --- /partitions ------------------------------------------------------------------------------ */

enum {
    P_NAME,
    P_SOURCE,
    P_FILES,
    P_FIRST_ROW,
    P_ROWS,
    P_SCORED,
    P_MISSING,
    P_REJECTED,
    P_BYTES,
    P_FIRST_BYTE,
    P_END_BYTE,
    P_TRAINED_ON,
    P_STATUS,
    P_REASON,
    P_INDEX,
    P_FIRST_RECORD,
    P_FINGERPRINT,
    P_KEYS
};

static const struct table_column partition_columns[P_KEYS] = {
    [P_NAME] = {"name", SL_FIXED_TEXT, {.long_name = "key values"}},
    [P_SOURCE] = {"source",
                  SL_FIXED_TEXT,
                  {.long_name = "file it was read from, or the pattern of its files"}},
    [P_FILES] = {"files", SL_I64, {.long_name = "number of its files"}},
    [P_FIRST_ROW] = {"first_row", SL_I64, {.long_name = "its first row in /predictions"}},
    [P_ROWS] = {"rows", SL_I64, {.long_name = "records"}},
    [P_SCORED] = {"scored", SL_I64, {.long_name = "records with a prediction"}},
    [P_MISSING] = {"missing", SL_I64, {.long_name = "records that lack an input"}},
    [P_REJECTED] = {"rejected", SL_I64, {.long_name = "bad records"}},
    [P_BYTES] = {"bytes", SL_I64, {.long_name = "size of its files", .units = "byte"}},
    [P_FIRST_BYTE] = {"first_byte", SL_I64, {.long_name = "first byte scored", .units = "byte"}},
    [P_END_BYTE] = {"end_byte",
                    SL_I64,
                    {.long_name = "one past the last byte scored", .units = "byte"}},
    [P_TRAINED_ON] = {"trained_on",
                      SL_U8,
                      {.long_name = "whether the model was trained on it",
                       .flag_meanings = "no yes"}},
    [P_STATUS] = {"status",
                  SL_U8,
                  {.long_name = "what became of it", .flag_meanings = "complete skipped"}},
    [P_REASON] = {"reason", SL_FIXED_TEXT, {.long_name = "why it was skipped, if it was"}},
    [P_INDEX] = {"index",
                 SL_I64,
                 {.long_name = "its place among all partitions of the job, see "
                               "/provenance/partitions"}},
    [P_FIRST_RECORD] = {"first_record",
                        SL_I64,
                        {.long_name = "number of its first record here, from 0"}},
    [P_FINGERPRINT] = {"fingerprint",
                       SL_FIXED_TEXT,
                       {.long_name = "hash of sizes, times and ends of its files"}},
};

static sl_status init_partitions(const struct run *run, struct sl_table *table, size_t n_rows,
                                 struct sl_error *err)
{
    int       n_keys = run->plan.n_keys;
    char      name[300];
    sl_status rc;

    SL_TRY(table_begin(table, "partitions", "partition", partition_columns, P_KEYS, n_keys, err));
    for (int k = 0; k < n_keys; k++) {
        snprintf(name, sizeof name, "key_%s", run->plan.keys[k]);
        SL_TRY(sl_table_column_init(&table->columns[P_KEYS + k], name, SL_FIXED_TEXT,
                                    (struct sl_column_notes){.long_name = "partition key"}, err));
    }
    SL_TRY(sl_table_reserve(table, n_rows, err));
out:
    return rc;
}

static const char *reason_of(const struct run *run, size_t i)
{
    return run->totals.reasons != NULL && run->totals.reasons[i] != NULL ? run->totals.reasons[i]
                                                                         : "";
}

static sl_status fill_partition(const struct run *run, struct sl_table *table, size_t i,
                                int64_t first_row, struct sl_error *err)
{
    const struct sl_partition  *p = &run->plan.partitions[i];
    const struct sl_row_counts *n = &run->totals.counts[i];
    const struct run_extent    *extent = &run->totals.extents[i];
    struct sl_table_column     *c = table->columns;
    char                        fingerprint[17];
    sl_status                   rc;

    SL_TRY(table_put(&c[P_NAME], i, p->name, err));
    SL_TRY(table_put(&c[P_SOURCE], i, p->source, err));
    c[P_FILES].cells.i64[i] = p->n_files;
    c[P_FIRST_ROW].cells.i64[i] = first_row;
    c[P_ROWS].cells.i64[i] = n->n_rows;
    c[P_SCORED].cells.i64[i] = n->n_scored;
    c[P_MISSING].cells.i64[i] = n->n_missing;
    c[P_REJECTED].cells.i64[i] = n->n_rejected;
    c[P_BYTES].cells.i64[i] = p->n_bytes;
    c[P_FIRST_BYTE].cells.i64[i] = extent->first_byte;
    c[P_END_BYTE].cells.i64[i] = extent->end_byte;
    c[P_TRAINED_ON].cells.u8[i] = p->trained_on;
    c[P_STATUS].cells.u8[i] = run->totals.skipped != NULL && run->totals.skipped[i];
    SL_TRY(table_put(&c[P_REASON], i, reason_of(run, i), err));
    c[P_INDEX].cells.i64[i] = p->index;
    c[P_FIRST_RECORD].cells.i64[i] = extent->first_record;
    run_print_hash(p->input, fingerprint);
    SL_TRY(table_put(&c[P_FINGERPRINT], i, fingerprint, err));
    for (int k = 0; k < run->plan.n_keys; k++)
        SL_TRY(table_put(&c[P_KEYS + k], i, p->values[k], err));
out:
    return rc;
}

static sl_status make_partitions(const struct run *run, struct sl_table *table, bool fill,
                                 struct sl_error *err)
{
    size_t    n = fill ? (size_t)run->plan.n_partitions : 0;
    int64_t   first_row = 0;
    sl_status rc;

    SL_TRY(init_partitions(run, table, n, err));
    for (size_t i = 0; i < n; i++) {
        SL_TRY(fill_partition(run, table, i, first_row, err));
        first_row += run->totals.counts[i].n_rows;
    }
    table->n_rows = n;
out:
    return rc;
}

/* --- /rejects --------------------------------------------------------------------------------- */

enum { R_PARTITION, R_SOURCE, R_RECORD, R_LINE, R_BYTE, R_REASON, R_COLUMN, R_COLUMNS };

static const struct table_column reject_columns[R_COLUMNS] = {
    [R_PARTITION] = {"partition", SL_I32, {.long_name = "index into /partitions"}},
    [R_SOURCE] = {"source", SL_FIXED_TEXT, {.long_name = "file it stands in"}},
    [R_RECORD] = {"record", SL_I64, {.long_name = "record in its partition, from 0"}},
    [R_LINE] = {"line", SL_I64, {.long_name = "line in its file, from 1"}},
    [R_BYTE] = {"byte", SL_I64, {.long_name = "offset of the record in its file", .units = "byte"}},
    [R_REASON] = {"reason", SL_FIXED_TEXT, {.long_name = "why it was rejected"}},
    [R_COLUMN] = {"column", SL_FIXED_TEXT, {.long_name = "column at fault, if one is"}},
};

static sl_status make_rejects(const struct run *run, struct sl_table *table, bool fill,
                              struct sl_error *err)
{
    size_t    n = fill ? run->totals.n_rejects : 0;
    sl_status rc;

    SL_TRY(table_make(table, "rejects", "reject", reject_columns, R_COLUMNS, n, err));
    for (size_t i = 0; i < n; i++) {
        const struct sl_reject *reject = &run->totals.rejects[i];
        const struct sl_chunk  *chunk = &run->plan.chunks[reject->chunk];
        struct sl_table_column *c = table->columns;

        c[R_PARTITION].cells.i32[i] = chunk->partition;
        SL_TRY(table_put(&c[R_SOURCE], i, run->plan.files[chunk->file].path, err));
        c[R_RECORD].cells.i64[i] = reject->place.record;
        c[R_LINE].cells.i64[i] = reject->place.line + 1;
        c[R_BYTE].cells.i64[i] = reject->place.byte;
        SL_TRY(table_put(&c[R_REASON], i, sl_reject_reason_text(reject->reason), err));
        SL_TRY(table_put(&c[R_COLUMN], i, run_reject_column(run, reject->column), err));
    }
    table->n_rows = n;
out:
    return rc;
}

/* --- all of them ------------------------------------------------------------------------------ */

sl_status run_tables(const struct run *run, struct sl_table tables[RUN_N_TABLES],
                     struct sl_error *err)
{
    bool      fill = sl_comm_rank(run->comm) == 0;
    int       n_classes;
    sl_status rc;

    rc = run_make_profile(run->comm, run->watch, &run->pace, &tables[RUN_TABLE_PROFILE], err);
    if (rc == SL_OK)
        rc = make_partitions(run, &tables[RUN_TABLE_PARTITIONS], fill, err);
    if (rc == SL_OK)
        rc = run_metric_tables(&run->plan, sl_recipe_classes(run->bundle.recipe, &n_classes),
                               &run->totals.measured, fill, tables, err);
    if (rc == SL_OK)
        rc = make_rejects(run, &tables[RUN_TABLE_REJECTS], fill, err);
    if (rc == SL_OK)
        rc = run_drift_table(&run->bundle, run->plan.n_partitions, run->totals.drift, fill,
                             &tables[RUN_TABLE_DRIFT], err);
    return sl_comm_agree(run->comm, rc, err);
}
