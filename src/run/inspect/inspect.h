/* The parts of inspection, a file for each kind. */
#ifndef SCORELINE_RUN_INSPECT_H
#define SCORELINE_RUN_INSPECT_H

#include "scoreline/inspect.h"
#include "scoreline/json.h"

/** What a model file holds, in words of its terms; `text` may come from anywhere; SL_EJOB naming
 *  `source`. */
SL_MUST_CHECK sl_status inspect_describe_model(const char *text, size_t n_bytes, const char *source,
                                               struct sl_json *to, struct sl_error *err);
SL_MUST_CHECK sl_status inspect_output(const struct sl_inspect_opts *opts, struct sl_error *err);

#endif
