/* Arrays as the rows that metrics read. */
#ifndef SCORELINE_TEST_SCORE_ROWS_H
#define SCORELINE_TEST_SCORE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/metrics.h"

struct score_rows {
    size_t         n;
    int            n_classes;
    const int     *partition; /* [n]; NULL: 0 */
    const double  *p;         /* [n], beyond two classes [n][n_classes] */
    const int8_t  *predicted;
    const int8_t  *label;
    const uint8_t *status;
};

/* The columns of a table that borrows the arrays. */
static inline void score_columns(const struct score_rows *rows, struct sl_table_column columns[4])
{
    columns[0] = (struct sl_table_column){
        .dtype = SL_F64, .n_items = rows->n_classes > 2 ? (size_t)rows->n_classes : 1};
    columns[1] = (struct sl_table_column){.dtype = SL_I8, .n_items = 1};
    columns[2] = columns[1];
    columns[3] = (struct sl_table_column){.dtype = SL_U8, .n_items = 1};
    columns[0].cells.any = (void *)(uintptr_t)rows->p; /* they are only read */
    columns[1].cells.any = (void *)(uintptr_t)rows->predicted;
    columns[2].cells.any = (void *)(uintptr_t)rows->label;
    columns[3].cells.any = (void *)(uintptr_t)rows->status;
}

static inline struct sl_scores scores_at(const struct sl_table_column columns[4], size_t at,
                                         size_t n)
{
    return (struct sl_scores){.probability = &columns[0],
                              .predicted = &columns[1],
                              .label = &columns[2],
                              .status = &columns[3],
                              .at = at,
                              .n_rows = n};
}

#endif
