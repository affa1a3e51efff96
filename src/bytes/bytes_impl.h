/* What the files of bytes share.  Private to bytes. */
#ifndef SCORELINE_BYTES_IMPL_H
#define SCORELINE_BYTES_IMPL_H

#include "scoreline/error.h"

/** SL_EINPUT with the system's words for an errno, in our style: no capital at the beginning, and
 *  short ones where it is clear. */
sl_status sl_bytes_fail(const char *path, int number, struct sl_error *err);

#endif
