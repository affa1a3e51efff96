/* Parameters of estimators.  Private to the model module. */
#ifndef SCORELINE_MODEL_PARAMS_H
#define SCORELINE_MODEL_PARAMS_H

#include "scoreline/model.h"

/** The values [sl_model_n_params()] of a training, those that it leaves out by default; SL_EJOB
 *  naming the parameter. */
SL_MUST_CHECK sl_status sl_check_params(const struct sl_train_spec *spec,
                                        const struct sl_model_ops *ops, double *params,
                                        struct sl_error *err);

#endif
