/* Rows as lines of CSV.  Numbers are formatted in place, in room that is asked for once a row. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "export.h"
#include "scoreline/decimal.h"

/* Many texts are one word: a byte is looked at once. */
static bool needs_quotes(struct sl_slice field)
{
    for (size_t i = 0; i < field.n_bytes; i++) {
        char c = field.data[i];

        if (c == ',' || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

static sl_status quoted_field(struct sl_file_out *to, struct sl_slice field, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_file_out_add(to, "\"", 1, err));
    while (field.n_bytes > 0) {
        const char *quote = memchr(field.data, '"', field.n_bytes);
        size_t      n = quote != NULL ? (size_t)(quote - field.data) + 1 : field.n_bytes;

        SL_TRY(sl_file_out_add(to, field.data, n, err));
        if (quote != NULL)
            SL_TRY(sl_file_out_add(to, "\"", 1, err));
        field.data += n;
        field.n_bytes -= n;
    }
    SL_TRY(sl_file_out_add(to, "\"", 1, err));
out:
    return rc;
}

sl_status export_field(struct sl_file_out *to, struct sl_slice field, struct sl_error *err)
{
    return needs_quotes(field) ? quoted_field(to, field, err)
                               : sl_file_out_add(to, field.data, field.n_bytes, err);
}

static size_t format_integer(const struct export_column *column, int64_t value, char *to)
{
    return column->has_missing && value == column->missing ? 0 : sl_format_i64(value, to);
}

/* A cell that is a number; bytes written. */
static size_t format_cell(const struct export_column *column, size_t row, char *to)
{
    const struct sl_table_column *from = column->from;
    const size_t                  i = row * from->n_items + column->item;

    switch (from->dtype) {
    case SL_F64:
        return isnan(from->cells.f64[i]) ? 0 : sl_format_f64(from->cells.f64[i], to);
    case SL_I64:
        return format_integer(column, from->cells.i64[i], to);
    case SL_I32:
        return format_integer(column, from->cells.i32[i], to);
    case SL_I8:
        return format_integer(column, from->cells.i8[i], to);
    case SL_U8:
        return format_integer(column, from->cells.u8[i], to);
    case SL_FIXED_TEXT:
        break;
    }
    return 0;
}

static sl_status add_number(struct sl_file_out *to, const struct export_column *column, size_t row,
                            struct sl_error *err)
{
    char     *room;
    sl_status rc = sl_file_out_room(to, SL_DECIMAL_BYTES, &room, err);

    if (rc == SL_OK)
        sl_file_out_wrote(to, format_cell(column, row, room));
    return rc;
}

static sl_status add_status(struct sl_file_out *to, const struct export_rows *rows, uint8_t status,
                            struct sl_error *err)
{
    if (status >= rows->n_status)
        return sl_fail(err, SL_EINPUT, "/predictions/status: %d has no meaning", status);
    return sl_file_out_add(to, rows->status_words[status], strlen(rows->status_words[status]), err);
}

static sl_status add_record(struct sl_file_out *to, int64_t record, struct sl_error *err)
{
    char     *room;
    sl_status rc = sl_file_out_room(to, SL_DECIMAL_BYTES, &room, err);

    if (rc == SL_OK)
        sl_file_out_wrote(to, sl_format_i64(record, room));
    return rc;
}

static sl_status add_cell(struct sl_file_out *to, const struct export_rows *rows, int i, size_t row,
                          struct sl_error *err)
{
    const struct export_column *column = &rows->columns[i];

    switch (column->kind) {
    case EXPORT_KEY: /* in the prefix */
        break;
    case EXPORT_RECORD:
        return add_record(to, rows->first_record + (int64_t)(row - rows->at), err);
    case EXPORT_STATUS:
        return add_status(to, rows, column->from->cells.u8[row], err);
    case EXPORT_CELL:
        return column->from->dtype == SL_FIXED_TEXT
                   ? export_field(to, sl_table_text(column->from, row), err)
                   : add_number(to, column, row, err);
    }
    return SL_OK;
}

static sl_status add_row(struct sl_file_out *to, const struct export_rows *rows, int first,
                         size_t row, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_file_out_add(to, rows->prefix.data, rows->prefix.n_bytes, err));
    for (int i = first; i < rows->n_columns; i++) {
        SL_TRY(add_cell(to, rows, i, row, err));
        SL_TRY(sl_file_out_add(to, i + 1 < rows->n_columns ? "," : "\n", 1, err));
    }
out:
    return rc;
}

sl_status export_rows(struct sl_file_out *to, const struct export_rows *rows, struct sl_error *err)
{
    int       first = 0;
    sl_status rc = SL_OK;

    while (first < rows->n_columns && rows->columns[first].kind == EXPORT_KEY)
        first++;
    for (size_t i = 0; i < rows->n_rows && rc == SL_OK; i++)
        rc = add_row(to, rows, first, rows->at + i, err);
    return rc;
}
