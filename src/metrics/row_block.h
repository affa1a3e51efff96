/* Some rows that count, side by side: what the loops over rows go through. */
#ifndef SCORELINE_METRICS_ROW_BLOCK_H
#define SCORELINE_METRICS_ROW_BLOCK_H

#include "scoreline/metrics.h"

enum { SL_ROWS_AT_ONCE = 256 };

struct sl_row_block {
    const struct sl_scores *scores;
    int                     n_classes;
    size_t                  n;
    size_t                  row[SL_ROWS_AT_ONCE];
    int32_t                 label[SL_ROWS_AT_ONCE];
};

/** Of rows [at, end), at most SL_ROWS_AT_ONCE, those that were scored and have a class for label.
 */
void sl_row_block_find(struct sl_row_block *block, size_t at, size_t end);

/** Their probabilities of a class: out [SL_ROWS_AT_ONCE]. */
void sl_row_block_scores(const struct sl_row_block *block, int class, double *out);

/**
 * Add them to a tally and to a matrix [n_classes][n_classes] of labels and predictions.
 *
 * Errors:  SL_EBUG where a probability is outside [0, 1] or a class is none.
 */
SL_MUST_CHECK sl_status sl_row_block_tally(const struct sl_row_block *block, struct sl_tally *tally,
                                           int64_t *matrix, struct sl_error *err);

#endif
