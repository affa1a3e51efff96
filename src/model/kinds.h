/* The kinds of models there are, in the order in which they are listed.  Private to the model
 * module. */
#ifndef SCORELINE_MODEL_KINDS_H
#define SCORELINE_MODEL_KINDS_H

#include "scoreline/model.h"

/* One line each: KIND(the vtable that a file of its own defines). */
#define SL_MODEL_KINDS(KIND)                                                                       \
    KIND(sl_model_logistic)                                                                        \
    KIND(sl_model_linear_svc)                                                                      \
    KIND(sl_model_gaussian_nb)                                                                     \
    KIND(sl_model_linear_regression)                                                               \
    KIND(sl_model_ridge)                                                                           \
    KIND(sl_model_lasso)                                                                           \
    KIND(sl_model_elastic_net)                                                                     \
    KIND(sl_model_poisson)

#define SL_MODEL_DECLARE(kind) extern const struct sl_model_ops kind;
SL_MODEL_KINDS(SL_MODEL_DECLARE)

#endif
