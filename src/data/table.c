/* Tables of typed columns: numbers in place, texts behind end marks. */
#include "scoreline/table.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

size_t sl_dtype_bytes(enum sl_dtype dtype)
{
    switch (dtype) {
    case SL_F64:
        return sizeof(double);
    case SL_I64:
    case SL_FIXED_TEXT:
        return sizeof(int64_t);
    case SL_I32:
        return sizeof(int32_t);
    case SL_I8:
    case SL_U8:
        break;
    }
    return 1;
}

size_t sl_column_bytes(const struct sl_table_column *column)
{
    return column->n_items * sl_dtype_bytes(column->dtype);
}

int64_t sl_table_row_bytes(const struct sl_table *table, const int64_t *widths)
{
    int64_t n_bytes = 0;

    for (int i = 0; i < table->n_columns; i++)
        n_bytes += table->columns[i].dtype == SL_FIXED_TEXT
                       ? widths[i]
                       : (int64_t)sl_column_bytes(&table->columns[i]);
    return n_bytes;
}

sl_status sl_table_init(struct sl_table *table, const char *name, const char *dimension,
                        int n_columns, struct sl_error *err)
{
    *table = (struct sl_table){.name = name, .dimension = dimension, .n_columns = n_columns};
    return sl_alloc_array((size_t)n_columns, sizeof *table->columns, &table->columns, err);
}

sl_status sl_table_column_init(struct sl_table_column *column, const char *name,
                               enum sl_dtype dtype, struct sl_column_notes notes,
                               struct sl_error *err)
{
    *column = (struct sl_table_column){
        .dtype = dtype, .notes = notes, .n_items = 1, .width = SL_LEAST_WIDTH};
    return sl_copy_text(name, &column->name, err);
}

void sl_table_column_items(struct sl_table_column *column, size_t n_items, const char *dimension)
{
    column->n_items = n_items;
    column->items = dimension;
}

sl_status sl_table_like(const struct sl_table *from, struct sl_table *to, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_table_init(to, from->name, from->dimension, from->n_columns, err));
    for (int i = 0; i < from->n_columns; i++) {
        const struct sl_table_column *column = &from->columns[i];

        SL_TRY(
            sl_table_column_init(&to->columns[i], column->name, column->dtype, column->notes, err));
        sl_table_column_items(&to->columns[i], column->n_items, column->items);
    }
out:
    if (rc != SL_OK)
        sl_table_release(to);
    return rc;
}

void sl_table_release(struct sl_table *table)
{
    for (int i = 0; table->columns != NULL && i < table->n_columns; i++) {
        free(table->columns[i].name);
        free(table->columns[i].cells.any);
        sl_text_release(&table->columns[i].bytes);
    }
    free(table->columns);
    *table = (struct sl_table){0};
}

void sl_table_clear(struct sl_table *table)
{
    table->n_rows = 0;
    for (int i = 0; i < table->n_columns; i++) {
        table->columns[i].bytes.n_bytes = 0;
        table->columns[i].width = SL_LEAST_WIDTH;
    }
}

struct sl_table_column *sl_table_column(const struct sl_table *table, const char *name)
{
    for (int i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

struct sl_table_column *sl_table_find(const struct sl_table *table, const char *name,
                                      enum sl_dtype dtype)
{
    struct sl_table_column *column = sl_table_column(table, name);

    return column != NULL && column->dtype == dtype && column->items == NULL ? column : NULL;
}

sl_status sl_table_reserve(struct sl_table *table, size_t n_more, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < table->n_columns; i++) {
        struct sl_table_column *column = &table->columns[i];

        SL_TRY(sl_grow_array(&column->cells.any, &column->capacity, table->n_rows + n_more,
                             sl_column_bytes(column), err));
    }
out:
    return rc;
}

sl_status sl_table_put_text(struct sl_table_column *column, size_t row, struct sl_slice text,
                            struct sl_error *err)
{
    sl_status rc = sl_text_add_bytes(&column->bytes, text.data, text.n_bytes, err);

    if (rc != SL_OK)
        return rc;
    column->cells.end[row] = (int64_t)column->bytes.n_bytes;
    if (text.n_bytes > column->width)
        column->width = text.n_bytes;
    return SL_OK;
}

/* Copies without a call where that is most of the work: the ends overlap in the middle. */
static void copy_text(char *to, const char *from, size_t n_bytes)
{
    uint64_t wide[2];
    uint32_t narrow[2];

    if (n_bytes > 2 * sizeof *wide) {
        memcpy(to, from, n_bytes);
    } else if (n_bytes >= sizeof *wide) {
        memcpy(&wide[0], from, sizeof *wide);
        memcpy(&wide[1], from + n_bytes - sizeof *wide, sizeof *wide);
        memcpy(to, &wide[0], sizeof *wide);
        memcpy(to + n_bytes - sizeof *wide, &wide[1], sizeof *wide);
    } else if (n_bytes >= sizeof *narrow) {
        memcpy(&narrow[0], from, sizeof *narrow);
        memcpy(&narrow[1], from + n_bytes - sizeof *narrow, sizeof *narrow);
        memcpy(to, &narrow[0], sizeof *narrow);
        memcpy(to + n_bytes - sizeof *narrow, &narrow[1], sizeof *narrow);
    } else if (n_bytes > 0) {
        to[0] = from[0];
        to[n_bytes / 2] = from[n_bytes / 2];
        to[n_bytes - 1] = from[n_bytes - 1];
    }
}

sl_status sl_table_put_texts(struct sl_table_column *column, size_t row,
                             const struct sl_slice *texts, size_t n, size_t most_bytes,
                             struct sl_error *err)
{
    struct sl_text *bytes = &column->bytes;
    size_t          total = 0;
    char           *to;
    sl_status       rc;

    for (size_t i = 0; i < n; i++)
        total += texts[i].n_bytes < most_bytes ? texts[i].n_bytes : most_bytes;
    rc = sl_text_reserve(bytes, total, err);
    if (rc != SL_OK)
        return rc;
    to = bytes->data + bytes->n_bytes;
    for (size_t i = 0; i < n; i++) {
        const size_t n_bytes = texts[i].n_bytes < most_bytes ? texts[i].n_bytes : most_bytes;

        copy_text(to, texts[i].data, n_bytes);
        to += n_bytes;
        column->cells.end[row + i] = to - bytes->data;
        column->width = n_bytes > column->width ? n_bytes : column->width;
    }
    bytes->n_bytes += total;
    *to = '\0';
    return SL_OK;
}

struct sl_slice sl_table_text(const struct sl_table_column *column, size_t row)
{
    size_t begin = row > 0 ? (size_t)column->cells.end[row - 1] : 0;

    return (struct sl_slice){column->bytes.data + begin, (size_t)column->cells.end[row] - begin};
}

void sl_table_set_class(struct sl_table_column *column, size_t row, int32_t value)
{
    if (column->dtype == SL_I8)
        column->cells.i8[row] = (int8_t)value;
    else
        column->cells.i32[row] = value;
}
