/* Numbers lie in the file as they do in memory; texts, of any length there, have one width here. */
#include "cells.h"

#include <string.h>

size_t sl_cells_bytes(const struct sl_table_column *column, int64_t width)
{
    if (column->dtype != SL_FIXED_TEXT)
        return sl_column_bytes(column);
    return width > 0 ? (size_t)width : 1;
}

static void copy_texts(const struct sl_table_column *column, size_t from, size_t n, size_t width,
                       char *to)
{
    memset(to, 0, n * width);
    for (size_t i = 0; i < n; i++) {
        size_t begin = from + i > 0 ? (size_t)column->cells.end[from + i - 1] : 0;
        size_t n_bytes = (size_t)column->cells.end[from + i] - begin;

        if (n_bytes > 0)
            memcpy(to + i * width, column->bytes.data + begin, n_bytes < width ? n_bytes : width);
    }
}

void sl_cells_copy(const struct sl_table_column *column, size_t from, size_t n, size_t row_bytes,
                   char *to)
{
    if (column->dtype == SL_FIXED_TEXT)
        copy_texts(column, from, n, row_bytes, to);
    else if (n > 0)
        memcpy(to, (const char *)column->cells.any + from * row_bytes, n * row_bytes);
}
