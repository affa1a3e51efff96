/* An output as what it says of itself: rows by partition, metrics, the model, where it came from.
 * The rows themselves are not read; evaluate does that. */
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "rehearse.h"
#include "../scored/scored_rows.h"
#include "scoreline/memory.h"
#include "scoreline/scored.h"

static const char *dtype_name(enum sl_dtype dtype)
{
    static const char *const names[] = {
        [SL_F64] = "float64", [SL_I64] = "int64", [SL_I32] = "int32",
        [SL_I8] = "int8",     [SL_U8] = "uint8",  [SL_FIXED_TEXT] = "text"};

    return names[dtype];
}

/* A cell, counted over all of the column. */
static double number_at(const struct sl_table_column *column, size_t i)
{
    switch (column->dtype) {
    case SL_F64:
        return column->cells.f64[i];
    case SL_I64:
        return (double)column->cells.i64[i];
    case SL_I32:
        return column->cells.i32[i];
    case SL_I8:
        return column->cells.i8[i];
    case SL_U8:
    case SL_FIXED_TEXT:
        break;
    }
    return column->cells.u8[i];
}

/* A text, a number, or of several cells a list. */
static sl_status add_row(const struct sl_table_column *column, size_t row, struct sl_json *to,
                         struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    if (column->dtype == SL_FIXED_TEXT)
        return scored_add_text(to, column->name, sl_table_text(column, row), err);
    if (column->items == NULL)
        return sl_json_add_number(to, column->name, number_at(column, row), err);
    SL_TRY(sl_json_add_list(to, column->name, &list, err));
    for (size_t k = 0; k < column->n_items; k++)
        SL_TRY(sl_json_add_number(list, NULL, number_at(column, row * column->n_items + k), err));
out:
    return rc;
}

/* A table as a list of objects, a row each. */
static sl_status add_table(const struct sl_table *table, struct sl_json *to, struct sl_error *err)
{
    struct sl_json *list, *object;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, table->name, &list, err));
    for (size_t row = 0; row < table->n_rows; row++) {
        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        for (int k = 0; k < table->n_columns; k++)
            SL_TRY(add_row(&table->columns[k], row, object, err));
    }
out:
    return rc;
}

static sl_status add_classes(struct sl_scored *scored, struct sl_json *to, struct sl_error *err)
{
    struct scored_classes classes = {.n = 0};
    struct sl_json       *list;
    sl_status             rc;

    SL_TRY(scored_classes_read(scored, &classes, err));
    SL_TRY(sl_json_add_list(to, "classes", &list, err));
    for (int k = 0; k < classes.n; k++)
        SL_TRY(scored_add_text(list, NULL, classes.names[k], err));
out:
    scored_classes_release(&classes);
    return rc;
}

/* Whether a table that is not told of is there and readable. */
static sl_status check_table(struct sl_scored *scored, const char *name, struct sl_error *err)
{
    struct sl_table table = {0};
    sl_status       rc = sl_scored_table(scored, name, &table, err);

    sl_table_release(&table);
    return rc;
}

/* The small tables must be there and readable, also those that are only counted. */
static sl_status add_tables(struct sl_scored *scored, struct sl_json *to, struct sl_error *err)
{
    struct scored_partitions partitions = {.first_row = NULL};
    struct sl_table          metrics = {0};
    struct sl_table          rejects = {0};
    sl_status                rc;

    SL_TRY(scored_partitions_read(scored, &partitions, err));
    SL_TRY(sl_scored_table(scored, "metrics", &metrics, err));
    SL_TRY(sl_scored_table(scored, "rejects", &rejects, err));
    SL_TRY(check_table(scored, "class_metrics", err));
    SL_TRY(check_table(scored, "confusion", err));
    SL_TRY(add_table(&partitions.table, to, err));
    SL_TRY(add_table(&metrics, to, err));
    SL_TRY(sl_json_add_number(to, "rejects", (double)rejects.n_rows, err));
out:
    sl_table_release(&rejects);
    sl_table_release(&metrics);
    scored_partitions_release(&partitions);
    return rc;
}

static sl_status add_columns(const struct sl_scored *scored, struct sl_json *to,
                             struct sl_error *err)
{
    const struct sl_table *columns = sl_scored_columns(scored);
    struct sl_json        *list, *object;
    sl_status              rc;

    SL_TRY(sl_json_add_number(to, "rows", (double)sl_scored_n_rows(scored), err));
    SL_TRY(sl_json_add_list(to, "columns", &list, err));
    for (int k = 0; k < columns->n_columns; k++) {
        const struct sl_table_column *column = &columns->columns[k];

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(sl_json_add_text(object, "name", column->name, err));
        SL_TRY(sl_json_add_text(object, "type", dtype_name(column->dtype), err));
        if (column->dtype == SL_FIXED_TEXT)
            SL_TRY(sl_json_add_number(object, "width", (double)column->width, err));
        if (column->items != NULL) {
            SL_TRY(sl_json_add_text(object, "dimension", column->items, err));
            SL_TRY(sl_json_add_number(object, "items", (double)column->n_items, err));
        }
    }
out:
    return rc;
}

/* Texts that the file has of these names. */
static sl_status add_texts(const struct sl_scored *scored, struct sl_json *to, struct sl_error *err)
{
    static const char *const attributes[] = {"title", "source", "run_id", "fingerprint"};
    static const char *const provenance[] = {"created", "command", "directory", "job_file",
                                             "version", "host",    "ranks"};
    struct sl_json          *object;
    char                    *text = NULL;
    char                     name[64];
    size_t                   n_bytes;
    sl_status                rc;

    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        SL_TRY(sl_scored_attribute(scored, attributes[i], &text, err));
        if (text != NULL)
            SL_TRY(sl_json_add_text(to, attributes[i], text, err));
        free(text);
        text = NULL;
    }
    SL_TRY(sl_json_add_object(to, "provenance", &object, err));
    for (size_t i = 0; i < sizeof provenance / sizeof *provenance; i++) {
        snprintf(name, sizeof name, "provenance/%s", provenance[i]);
        SL_TRY(sl_scored_provenance(scored, name, &text, &n_bytes, err));
        if (text != NULL)
            SL_TRY(sl_json_add_text(object, provenance[i], text, err));
        free(text);
        text = NULL;
    }
out:
    free(text);
    return rc;
}

static sl_status add_model(const struct sl_scored *scored, struct sl_json *to, struct sl_error *err)
{
    struct sl_json *object;
    char           *text = NULL;
    size_t          n_bytes;
    sl_status       rc;

    SL_TRY(sl_scored_provenance(scored, "provenance/model", &text, &n_bytes, err));
    if (text == NULL)
        return SL_OK;
    SL_TRY(sl_json_add_object(to, "model", &object, err));
    rc = inspect_describe_model(text, n_bytes, "/provenance/model", object, err);
    if (rc == SL_EJOB) { /* the model is part of the input here */
        rc = err->code = SL_EINPUT;
        sl_error_in(err, "'%s'", sl_scored_path(scored));
    }
out:
    free(text);
    return rc;
}

static sl_status describe(struct sl_scored *scored, struct sl_json *to, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_json_add_text(to, "format", "scoreline-inspection", err));
    SL_TRY(sl_json_add_number(to, "version", 1, err));
    SL_TRY(sl_json_add_text(to, "kind", "output", err));
    SL_TRY(sl_json_add_text(to, "file", sl_scored_path(scored), err));
    SL_TRY(add_texts(scored, to, err));
    SL_TRY(add_columns(scored, to, err));
    SL_TRY(add_classes(scored, to, err));
    SL_TRY(add_tables(scored, to, err));
    SL_TRY(add_model(scored, to, err));
    SL_TRY(sl_json_add_bool(to, "complete", true, err)); /* others cannot be opened */
    SL_TRY(sl_json_add_bool(to, "valid", true, err));
out:
    return rc;
}

sl_status inspect_output(const struct sl_inspect_opts *opts, struct sl_error *err)
{
    struct sl_scored   *scored = NULL;
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, err));
    SL_TRY(sl_scored_open(opts->file, &scored, err));
    SL_TRY(describe(scored, sl_json_root(doc), err));
    SL_TRY(run_tell(opts->results, opts->as_json, sl_json_root(doc), sl_report_output, err));
out:
    sl_json_close(doc);
    sl_scored_close(scored);
    return rc;
}
