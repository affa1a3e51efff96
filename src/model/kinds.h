/* The kinds of models there are, for the registry.  Private to the model module. */
#ifndef SCORELINE_MODEL_KINDS_H
#define SCORELINE_MODEL_KINDS_H

#include "scoreline/model.h"

extern const struct sl_model_ops sl_model_logistic; /* logistic.c */

#endif
