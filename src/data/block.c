/* Blocks of rows: each array is made once, as large as a block can be. */
#include "scoreline/block.h"

#include <stdlib.h>

#include "scoreline/memory.h"

static sl_status column_init(struct sl_column *column, enum sl_type type, struct sl_error *err)
{
    column->type = type;
    switch (type) {
    case SL_NUMBER:
        return sl_alloc_array(SL_BLOCK_ROWS, sizeof(double), &column->values.number, err);
    case SL_INTEGER:
        return sl_alloc_array(SL_BLOCK_ROWS, sizeof(int64_t), &column->values.integer, err);
    case SL_TEXT:
        return sl_alloc_array(SL_BLOCK_ROWS, sizeof(struct sl_slice), &column->values.text, err);
    }
    return sl_fail(err, SL_EBUG, "column of unknown type %d", (int)type);
}

sl_status sl_column_block_init(struct sl_column_block         *block,
                               const struct sl_column_request *requests, int n_requests,
                               struct sl_error *err)
{
    sl_status rc;

    *block = (struct sl_column_block){.n_columns = n_requests};
    SL_TRY(sl_alloc_array((size_t)n_requests, sizeof *block->columns, &block->columns, err));
    for (int i = 0; i < n_requests; i++)
        SL_TRY(column_init(&block->columns[i], requests[i].type, err));
    SL_TRY(sl_alloc_array(SL_BLOCK_ROWS, sizeof *block->reject, &block->reject, err));
    SL_TRY(sl_alloc_array(SL_BLOCK_ROWS, sizeof *block->reject_column, &block->reject_column, err));
    SL_TRY(sl_alloc_array(SL_BLOCK_ROWS, sizeof *block->places, &block->places, err));
out:
    if (rc != SL_OK)
        sl_column_block_release(block);
    return rc;
}

void sl_column_block_release(struct sl_column_block *block)
{
    for (int i = 0; block->columns != NULL && i < block->n_columns; i++)
        free(block->columns[i].values.number); /* whichever of the union it is */
    free(block->columns);
    free(block->reject);
    free(block->reject_column);
    free(block->places);
    *block = (struct sl_column_block){0};
}

const char *sl_reject_reason_text(enum sl_reject_reason reason)
{
    switch (reason) {
    case SL_GOOD:
        return "good";
    case SL_TOO_FEW_FIELDS:
        return "too few fields";
    case SL_TOO_MANY_FIELDS:
        return "too many fields";
    case SL_FIELD_TOO_LONG:
        return "field over the limit";
    case SL_RECORD_TOO_LONG:
        return "record over the limit";
    case SL_OPEN_QUOTE:
        return "file ends inside quotes";
    case SL_NOT_A_NUMBER:
        return "not a number";
    case SL_NOT_AN_INTEGER:
        return "not an integer";
    }
    return "unknown reason";
}

sl_status sl_matrix_init(struct sl_matrix *matrix, size_t n_rows, size_t n_cols,
                         struct sl_error *err)
{
    *matrix = (struct sl_matrix){.n_rows = n_rows, .n_cols = n_cols, .ld = n_rows > 0 ? n_rows : 1};
    if (n_cols > 0 && matrix->ld > SIZE_MAX / n_cols)
        return sl_fail(err, SL_ENOMEM, "out of memory: a matrix of %zu by %zu", n_rows, n_cols);
    return sl_alloc_array(matrix->ld * n_cols, sizeof *matrix->data, &matrix->data, err);
}

/* Realloc, not a new matrix: of what is large, pages move and nothing is copied. */
sl_status sl_matrix_widen(struct sl_matrix *matrix, size_t n_cols, struct sl_error *err)
{
    double *data = NULL;

    if (n_cols <= matrix->n_cols)
        return SL_OK;
    if (matrix->ld <= SIZE_MAX / sizeof *data / n_cols)
        data = realloc(matrix->data, matrix->ld * n_cols * sizeof *data);
    if (data == NULL)
        return sl_fail(err, SL_ENOMEM, "out of memory: a matrix of %zu by %zu", matrix->n_rows,
                       n_cols);
    matrix->data = data;
    matrix->n_cols = n_cols;
    return SL_OK;
}

void sl_matrix_release(struct sl_matrix *matrix)
{
    free(matrix->data);
    *matrix = (struct sl_matrix){0};
}
