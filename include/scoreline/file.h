/* Files out: whole or absent. */
#ifndef SCORELINE_FILE_H
#define SCORELINE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

/**
 * Write a file under a temporary name in the same directory, sync it, give it its name.
 *
 * Errors:  SL_EOUTPUT naming path and reason; nothing is left behind.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_file_save(const char *path, const void *data, size_t n_bytes,
                                     struct sl_error *err);

/** Write all of n_bytes at an offset; SL_EOUTPUT with the system's reason.  Rank-local. */
SL_MUST_CHECK sl_status sl_file_write_at(int fd, const void *data, size_t n_bytes, int64_t offset,
                                         struct sl_error *err);
/** Read n_bytes at an offset, *n_read fewer at the file's end; SL_EOUTPUT with the system's reason.
 *  Rank-local. */
SL_MUST_CHECK sl_status sl_file_read_at(int fd, void *data, size_t n_bytes, int64_t offset,
                                        size_t *n_read, struct sl_error *err);

/* A file that is written piece by piece, and has its name only when it is whole. */
struct sl_file_out;

/**
 * Start a file under a temporary name in the same directory; "-" is the standard output.
 *
 * Owner:   *out is handed over; sl_file_out_commit() or sl_file_out_abandon() frees it.
 * Errors:  SL_EOUTPUT naming path and reason; SL_ENOMEM.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_file_out_create(const char *path, struct sl_file_out **out,
                                           struct sl_error *err);

/**
 * Room for n_bytes (at most SL_FILE_OUT_ROOM) behind what was written; *to is where they go.
 * sl_file_out_wrote() says how many of them it were.
 *
 * Errors:  SL_EOUTPUT naming path and reason.
 */
enum { SL_FILE_OUT_ROOM = 64 << 10 };
SL_MUST_CHECK sl_status sl_file_out_room(struct sl_file_out *file, size_t n_bytes, char **to,
                                         struct sl_error *err);
void                    sl_file_out_wrote(struct sl_file_out *file, size_t n_bytes);

/** Append any number of bytes; SL_EOUTPUT naming path and reason. */
SL_MUST_CHECK sl_status sl_file_out_add(struct sl_file_out *file, const void *data, size_t n_bytes,
                                        struct sl_error *err);

/** Write what is left, sync, give the file its name, free it; on failure nothing is left behind. */
SL_MUST_CHECK sl_status sl_file_out_commit(struct sl_file_out *file, struct sl_error *err);
/** Remove what was written and free it; NULL-safe. */
void sl_file_out_abandon(struct sl_file_out *file);

#endif
