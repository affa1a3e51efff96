/* The kinds of models there are, for the registry.  Private to the model module. */
#ifndef SCORELINE_MODEL_KINDS_H
#define SCORELINE_MODEL_KINDS_H

#include "scoreline/model.h"

extern const struct sl_model_ops sl_model_linear_regression; /* linear_regression.c */
extern const struct sl_model_ops sl_model_logistic;          /* logistic.c */
extern const struct sl_model_ops sl_model_ridge;             /* ridge.c */

#endif
