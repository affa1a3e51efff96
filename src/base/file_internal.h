/* What files that are written have in common.  Private to base. */
#ifndef SCORELINE_BASE_FILE_INTERNAL_H
#define SCORELINE_BASE_FILE_INTERNAL_H

/** mkstemp() makes files for their owner alone; a result is as public as umask says.  -1 and errno
 *  where it cannot be. */
int file_make_public(int fd);

#endif
