/* A file of an earlier run may have been made by anyone: checksums hold for whoever computes them.
 * What indices and counts are used for must be safe all the same. */
#include "record.h"

static bool counts_are_sound(const struct record_head *head, const struct sl_rows *rows)
{
    for (size_t i = 0; i < rows->n_counts; i++)
        if (rows->counts[i] < 0 || rows->counts[i] > head->n_records)
            return false;
    return true;
}

static bool rejects_are_sound(const struct record_head *head, const struct sl_rows *rows)
{
    for (size_t i = 0; i < rows->n_rejects; i++) {
        const struct sl_reject *reject = &rows->rejects[i];
        const struct sl_place  *place = &reject->place;

        if (reject->reason <= SL_GOOD || reject->reason > SL_NOT_AN_INTEGER ||
            reject->column < -1 || reject->column >= rows->n_requests || place->record < 0 ||
            place->record >= head->n_records || place->line < 0 || place->line > head->n_lines ||
            place->byte < head->begin || place->byte >= head->end)
            return false;
    }
    return true;
}

static int32_t class_at(const struct sl_table_column *column, size_t i)
{
    return column->dtype == SL_I8 ? column->cells.i8[i] : column->cells.i32[i];
}

/* NaN is, where a row is not scored. */
static bool probabilities_are_sound(const struct sl_table_column *column, const uint8_t *status,
                                    size_t i)
{
    for (size_t k = 0; k < column->n_items; k++) {
        const double p = column->cells.f64[i * column->n_items + k];

        if (!(p >= 0 && p <= 1) && (status[i] == SL_ROW_SCORED || p == p))
            return false;
    }
    return true;
}

static bool classes_are_sound(const struct sl_rows *rows, const uint8_t *status, size_t i)
{
    const struct sl_table_column *columns = rows->table.columns;
    const int32_t                 predicted = class_at(&columns[SL_ROWS_PREDICTED], i);
    const int32_t                 label = class_at(&columns[SL_ROWS_LABEL], i);

    return predicted >= -1 && predicted < rows->n_classes &&
           (predicted < 0) == (status[i] != SL_ROW_SCORED) && label >= SL_LABEL_OTHER &&
           label < rows->n_classes &&
           probabilities_are_sound(&columns[SL_ROWS_PROBABILITY], status, i);
}

/* Any number may be a label, or predicted. */
static bool value_is_sound(const struct sl_rows *rows, const uint8_t *status, size_t i)
{
    const double value = rows->table.columns[SL_ROWS_PROBABILITY].cells.f64[i];

    return status[i] == SL_ROW_SCORED || value != value;
}

static bool scores_are_sound(const struct sl_rows *rows, size_t first)
{
    const uint8_t *status = rows->table.columns[SL_ROWS_STATUS].cells.u8;

    for (size_t i = first; i < rows->table.n_rows; i++)
        if (status[i] > SL_ROW_REJECTED ||
            !(rows->n_classes == 0 ? value_is_sound : classes_are_sound)(rows, status, i))
            return false;
    return true;
}

bool record_part_is_sound(const struct record_head *head, enum sl_journal_part part,
                          const struct sl_rows *rows, size_t first)
{
    if (part == SL_JOURNAL_COUNTS)
        return counts_are_sound(head, rows);
    return part == SL_JOURNAL_REJECTS ? rejects_are_sound(head, rows)
                                      : scores_are_sound(rows, first);
}
