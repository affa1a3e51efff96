/* What writer and reader of the model file share.  Private to the bundle module. */
#ifndef SCORELINE_BUNDLE_IMPL_H
#define SCORELINE_BUNDLE_IMPL_H

#include "scoreline/bundle.h"

#define SL_BUNDLE_FORMAT "scoreline-model"

enum { SL_BUNDLE_VERSION = 1 };

/** Write the list "checks" of a model file. */
SL_MUST_CHECK sl_status sl_checks_save(const struct sl_checks *checks,
                                       const struct sl_recipe *recipe, struct sl_json *to,
                                       struct sl_error *err);

/** Read it back and see whether the model says the same, to the bit; SL_EJOB. */
SL_MUST_CHECK sl_status sl_checks_load(const struct sl_json_doc *doc, const struct sl_json *model,
                                       struct sl_bundle *bundle, struct sl_error *err);

#endif
