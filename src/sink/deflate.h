/* Compression as HDF5's filters shuffle and deflate do it. */
#ifndef SCORELINE_SINK_DEFLATE_H
#define SCORELINE_SINK_DEFLATE_H

#include <stddef.h>

#include "scoreline/error.h"
#include "scoreline/text.h"

/**
 * Append n_cells cells, shuffled and deflated, to a text.
 *
 * Shapes:  cells, scratch [n_cells * cell_bytes].
 * Errors:  SL_ENOMEM.  Rank-local.
 */
SL_MUST_CHECK sl_status sl_deflate(const char *cells, size_t n_cells, size_t cell_bytes, int level,
                                   char *scratch, struct sl_text *out, struct sl_error *err);

#endif
