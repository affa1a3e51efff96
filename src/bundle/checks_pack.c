/* Rows of checks as bytes, to go from rank to rank. */
#include <string.h>

#include "scoreline/bundle.h"

/* A number, or a text behind its length. */
sl_status sl_checks_pack(const struct sl_checks *checks, size_t row, struct sl_text *to,
                         struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int k = 0; k < checks->block.n_columns; k++) {
        const struct sl_column *column = &checks->block.columns[k];

        if (column->type == SL_TEXT)
            SL_TRY(sl_text_add_slice(to, column->values.text[row], err));
        else
            SL_TRY(sl_text_add_bytes(to, &column->values.number[row], sizeof(double), err));
    }
out:
    return rc;
}

void sl_checks_unpack(const char *from, struct sl_column_block *row)
{
    for (int k = 0; k < row->n_columns; k++) {
        struct sl_column *column = &row->columns[k];

        if (column->type == SL_TEXT) {
            column->values.text[0] = sl_slice_take(&from);
        } else {
            memcpy(&column->values.number[0], from, sizeof(double));
            from += sizeof(double);
        }
    }
    row->n_rows = 1;
}
