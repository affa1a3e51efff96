/* Whether what is learned from is what the recipe promises.  Private to the model module. */
#ifndef SCORELINE_MODEL_VALUES_H
#define SCORELINE_MODEL_VALUES_H

#include "scoreline/block.h"

/** Check that numbers are finite and codes within their terms; SL_EBUG naming the first that is
 *  not.  Cost: one pass, by all threads that may be had. */
SL_MUST_CHECK sl_status sl_check_values(const struct sl_terms *terms, const struct sl_design *x,
                                        struct sl_error *err);

#endif
