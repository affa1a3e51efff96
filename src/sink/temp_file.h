/* The file an output is until it is whole: made under another name, then given its own. */
#ifndef SCORELINE_SINK_TEMP_FILE_H
#define SCORELINE_SINK_TEMP_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

/**
 * Create PATH.tmp-XXXXXXXX, which nobody had, readable by its owner only.
 *
 * Owner:   *temp is freed with free(), *fd closed with close().
 * Errors:  SL_EOUTPUT with the system's reason; SL_ENOMEM.  Rank-local, as all here.
 */
SL_MUST_CHECK sl_status sl_temp_create(const char *path, char **temp, int *fd,
                                       struct sl_error *err);

/** Fail now, and with the right reason, if a file of n_bytes is more than this process may write.
 */
SL_MUST_CHECK sl_status sl_temp_check_limit(int64_t n_bytes, struct sl_error *err);

/** Take the blocks of a file of n_bytes, where the file system can, so that it cannot fill later.
 */
SL_MUST_CHECK sl_status sl_temp_reserve(int fd, int64_t n_bytes, struct sl_error *err);

/** Why a write failed that left no errno: 27 "File too large", 28 "No space left on device", ... */
int sl_temp_guess_errno(int fd);

/** Have the system begin to write what it holds of the file, and do not wait: syncing it later has
 *  less left to do.  Only where it can: nothing is lost otherwise. */
void sl_temp_begin_sync(int fd);

/** Give a synced file the user's usual permissions and its name; sync its directory. */
SL_MUST_CHECK sl_status sl_temp_publish(const char *temp, const char *path, int fd,
                                        struct sl_error *err);

#endif
