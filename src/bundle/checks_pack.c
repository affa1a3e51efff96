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

        if (column->type == SL_TEXT) {
            const struct sl_slice text = column->values.text[row];

            SL_TRY(sl_text_add_bytes(to, (const char *)&text.n_bytes, sizeof text.n_bytes, err));
            SL_TRY(sl_text_add_bytes(to, text.data, text.n_bytes, err));
        } else {
            SL_TRY(sl_text_add_bytes(to, (const char *)&column->values.number[row], sizeof(double),
                                     err));
        }
    }
out:
    return rc;
}

void sl_checks_unpack(const char *from, struct sl_column_block *row)
{
    for (int k = 0; k < row->n_columns; k++) {
        struct sl_column *column = &row->columns[k];

        if (column->type == SL_TEXT) {
            struct sl_slice *text = &column->values.text[0];

            memcpy(&text->n_bytes, from, sizeof text->n_bytes);
            text->data = from + sizeof text->n_bytes;
            from = text->data + text->n_bytes;
        } else {
            memcpy(&column->values.number[0], from, sizeof(double));
            from += sizeof(double);
        }
    }
    row->n_rows = 1;
}
