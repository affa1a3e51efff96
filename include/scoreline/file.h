/* Small files out: whole or absent. */
#ifndef SCORELINE_FILE_H
#define SCORELINE_FILE_H

#include <stddef.h>

#include "scoreline/error.h"

/**
 * Write a file under a temporary name in the same directory, sync it, give it its name.
 *
 * Errors:  SL_EOUTPUT naming path and reason; nothing is left behind.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_file_save(const char *path, const void *data, size_t n_bytes,
                                     struct sl_error *err);

#endif
