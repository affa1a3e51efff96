/* What becomes of margins.  Private to the model module. */
#ifndef SCORELINE_MODEL_OUTPUTS_H
#define SCORELINE_MODEL_OUTPUTS_H

#include "scoreline/block.h"

/* In place; y->n_rows is set.  Every row on its own, the same bits on every instruction set. */

/** Probabilities: the sigmoid of one column, the softmax of several. */
void sl_outputs_probabilities(struct sl_matrix *y);
/** Shares of the sigmoids of several columns; of one column the sigmoid. */
void sl_outputs_sigmoid_shares(struct sl_matrix *y);
/** Exponentials. */
void sl_outputs_exp(struct sl_matrix *y);

#endif
