/* What writer and reader of the model file share.  Private to the bundle module. */
#ifndef SCORELINE_BUNDLE_IMPL_H
#define SCORELINE_BUNDLE_IMPL_H

#define SL_BUNDLE_FORMAT "scoreline-model"

enum { SL_BUNDLE_VERSION = 1, SL_BUNDLE_MAX_CHECKS = 256 };

#endif
