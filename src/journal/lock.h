/* Who is at work in a directory. */
#ifndef SCORELINE_JOURNAL_LOCK_H
#define SCORELINE_JOURNAL_LOCK_H

#include "scoreline/error.h"

#define LOCK_NAME "lock"

/**
 * Lock a directory, given as its open descriptor and its path for messages.
 *
 * Errors:  SL_EOUTPUT naming the run that has it; *fd is the lock's file, kept open while it holds.
 */
SL_MUST_CHECK sl_status lock_take(int directory, const char *path, const char *run_id, int *fd,
                                  struct sl_error *err);

/** Show that the holder is alive; called every LOCK_BEAT_S. */
enum { LOCK_BEAT_S = 1, LOCK_STALE_S = 12 };
void lock_beat(int fd);

/** Give it back, and close it. */
void lock_release(int directory, int fd);

#endif
