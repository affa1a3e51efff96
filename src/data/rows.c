/* The predictions table of one chunk, and what is known of it. */
#include "scoreline/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

static const char class_dimension[] = "class"; /* of probabilities, beyond two classes */

static const struct {
    const char            *name;
    enum sl_dtype          dtype;
    struct sl_column_notes notes;
} fixed_columns[SL_ROWS_N_FIXED] = {
    [SL_ROWS_PROBABILITY] = {"probability",
                             SL_F64,
                             {.long_name = "probability of class 1", .units = "1"}},
    [SL_ROWS_PREDICTED] = {"predicted",
                           SL_I8,
                           {.long_name = "index of the predicted class, -1 where not scored"}},
    [SL_ROWS_STATUS] = {"status",
                        SL_U8,
                        {.long_name = "what became of the record",
                         .flag_meanings = "scored missing_input rejected"}},
    [SL_ROWS_LABEL] = {"label",
                       SL_I8,
                       {.long_name = "index of the true class, -1 unknown, -2 not a class"}},
    [SL_ROWS_PARTITION] = {"partition", SL_I32, {.long_name = "index into /partitions"}},
};

static bool name_is_taken(const char *name)
{
    for (int i = 0; i < SL_ROWS_N_FIXED; i++)
        if (strcmp(name, fixed_columns[i].name) == 0)
            return true;
    return strcmp(name, "value") == 0 || strcmp(name, "row") == 0 ||
           strcmp(name, class_dimension) == 0;
}

int sl_rows_n_fixed(int n_classes)
{
    return n_classes == 0 ? SL_ROWS_PREDICTED : SL_ROWS_N_FIXED;
}

enum sl_dtype sl_rows_class_dtype(int n_classes)
{
    return n_classes <= INT8_MAX ? SL_I8 : SL_I32;
}

/* Of numbers value and label are numbers. */
static sl_status number_column_init(struct sl_table_column *column, int i, struct sl_error *err)
{
    if (i == SL_ROWS_PROBABILITY)
        return sl_table_column_init(
            column, "value", SL_F64,
            (struct sl_column_notes){.long_name = "predicted value, NaN where not scored"}, err);
    return sl_table_column_init(column, fixed_columns[i].name, SL_F64,
                                (struct sl_column_notes){.long_name = "true value, NaN unknown"},
                                err);
}

static sl_status fixed_column_init(struct sl_table_column *column, int i, int n_classes,
                                   struct sl_error *err)
{
    const bool             is_class = i == SL_ROWS_PREDICTED || i == SL_ROWS_LABEL;
    const bool             is_several = i == SL_ROWS_PROBABILITY && n_classes > 2;
    struct sl_column_notes notes = fixed_columns[i].notes;
    sl_status              rc;

    if (n_classes == 0 && (i == SL_ROWS_PROBABILITY || i == SL_ROWS_LABEL))
        return number_column_init(column, i, err);
    if (is_several)
        notes.long_name = "probability of each class";
    rc = sl_table_column_init(column, fixed_columns[i].name,
                              is_class ? sl_rows_class_dtype(n_classes) : fixed_columns[i].dtype,
                              notes, err);
    if (is_several)
        sl_table_column_items(column, (size_t)n_classes, class_dimension);
    return rc;
}

/* Two columns of the input may end up under one name. */
static sl_status check_names(const struct sl_table *table, int first, int last,
                             const struct sl_column_request *kept, struct sl_error *err)
{
    for (int i = first; i < last; i++)
        if (strcmp(table->columns[i].name, table->columns[last].name) == 0)
            return sl_fail(
                err, SL_EJOB, "$.output.keep: columns '%s' and '%s' would both be kept as '%s'",
                kept[i - first].name, kept[last - first].name, table->columns[last].name);
    return SL_OK;
}

static sl_status kept_column_init(struct sl_table_column         *column,
                                  const struct sl_column_request *kept, struct sl_error *err)
{
    static const enum sl_dtype dtypes[] = {
        [SL_NUMBER] = SL_F64, [SL_INTEGER] = SL_I64, [SL_TEXT] = SL_FIXED_TEXT};
    struct sl_text name = {0};
    sl_status      rc;

    SL_TRY(sl_text_add(&name, err, "%s%s", name_is_taken(kept->name) ? "keep_" : "", kept->name));
    for (char *c = name.data; *c != '\0'; c++)
        if (*c == '/') /* separates groups in HDF5 */
            *c = '_';
    SL_TRY(sl_table_column_init(
        column, name.data, dtypes[kept->type],
        (struct sl_column_notes){.long_name = kept->type == SL_INTEGER
                                                  ? "kept from the input; missing is -2^63"
                                                  : "kept from the input"},
        err));
out:
    sl_text_release(&name);
    return rc;
}

sl_status sl_rows_init(struct sl_rows *rows, const struct sl_rows_spec *spec, struct sl_error *err)
{
    const int        first = sl_rows_n_fixed(spec->n_classes);
    struct sl_table *table = &rows->table;
    sl_status        rc;

    *rows = (struct sl_rows){.n_fixed = first,
                             .max_rejects = spec->max_rejects,
                             .n_classes = spec->n_classes,
                             .n_requests = spec->n_requests,
                             .n_counts = spec->n_counts};
    if (spec->n_classes > SL_MOST_CLASSES)
        return sl_fail(err, SL_EINPUT, "%d classes, more than %d", spec->n_classes,
                       SL_MOST_CLASSES);
    SL_TRY(sl_table_init(table, "predictions", "row", first + spec->n_kept, err));
    for (int i = 0; i < first; i++)
        SL_TRY(fixed_column_init(&table->columns[i], i, spec->n_classes, err));
    for (int i = 0; i < spec->n_kept; i++) {
        SL_TRY(kept_column_init(&table->columns[first + i], &spec->kept[i], err));
        SL_TRY(check_names(table, first, first + i, spec->kept, err));
    }
    SL_TRY(sl_alloc_array(spec->n_counts, sizeof *rows->counts, &rows->counts, err));
out:
    if (rc != SL_OK)
        sl_rows_release(rows);
    return rc;
}

void sl_rows_release(struct sl_rows *rows)
{
    sl_table_release(&rows->table);
    free(rows->rejects);
    free(rows->counts);
    *rows = (struct sl_rows){0};
}

void sl_rows_begin(struct sl_rows *rows, int64_t chunk)
{
    sl_table_clear(&rows->table);
    rows->chunk = (struct sl_rows_chunk){.chunk = chunk, .lacks = -1};
    rows->n_rejects = 0;
    if (rows->n_counts > 0)
        memset(rows->counts, 0, rows->n_counts * sizeof *rows->counts);
}

sl_status sl_rows_reject(struct sl_rows *rows, const struct sl_reject *reject, struct sl_error *err)
{
    sl_status rc;

    if ((int64_t)rows->n_rejects >= rows->max_rejects)
        return SL_OK;
    rc = sl_grow_array(&rows->rejects, &rows->reject_capacity, rows->n_rejects + 1,
                       sizeof *rows->rejects, err);
    if (rc == SL_OK)
        rows->rejects[rows->n_rejects++] = *reject;
    return rc;
}
