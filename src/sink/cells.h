/* Cells of a column in memory as they lie in a file. */
#ifndef SCORELINE_SINK_CELLS_H
#define SCORELINE_SINK_CELLS_H

#include <stddef.h>

#include "scoreline/table.h"

/** Bytes of a row in the file; `width` is that of texts. */
size_t sl_cells_bytes(const struct sl_table_column *column, int64_t width);

/** Copy rows [from, from + n) to `to` [n * row_bytes]; texts are cut or padded with NUL. */
void sl_cells_copy(const struct sl_table_column *column, size_t from, size_t n, size_t row_bytes,
                   char *to);

#endif
