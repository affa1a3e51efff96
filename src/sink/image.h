/* A file in memory, in which the structure of an output is built before a disk is touched. */
#ifndef SCORELINE_SINK_IMAGE_H
#define SCORELINE_SINK_IMAGE_H

#include <stdint.h>

#include "scoreline/error.h"

enum { SL_IMAGE_PATH_BYTES = 64 };

/** An empty file in memory; *fd is closed with close(), `path` opens it.  Rank-local. */
SL_MUST_CHECK sl_status sl_image_create(int *fd, char path[SL_IMAGE_PATH_BYTES],
                                        struct sl_error *err);

/**
 * Copy what was written to the image, holes left out, into an empty file of the same size.
 *
 * Errors:  SL_EOUTPUT with the system's reason.
 */
SL_MUST_CHECK sl_status sl_image_copy(int image, int to, int64_t *n_bytes, struct sl_error *err);

#endif
