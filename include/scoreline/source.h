/* Rows in: a chunk of a file becomes blocks of decoded columns. */
#ifndef SCORELINE_SOURCE_H
#define SCORELINE_SOURCE_H

#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/error.h"
#include "scoreline/job.h"

struct sl_source; /* an open chunk */

/* What to open.  All borrowed until sl_source_close(). */
struct sl_source_range {
    const char *path;
    int64_t     first_byte;
    int64_t     end_byte; /* records that begin before it are read to their end */
    int64_t     begin;    /* where the first record begins, if known; -1: guess it.  A chunk at byte 0
                             skips byte-order mark and header, whatever is said here */
};

/* What was found; final when sl_source_next() gave an empty block. */
struct sl_source_extent {
    int64_t begin;         /* first byte of the first record (after the header at byte 0) */
    int64_t end;           /* first byte after the last record that begins in the range */
    int64_t n_records;
    int64_t n_lines;       /* line breaks (LF) from begin to end, those in the header included at byte 0 */
};

/**
 * Open a range of a file.
 *
 * Shapes:  requests [n_requests]: the columns to decode, matched by header name.
 * Owner:   *out is handed over, sl_source_close() frees it; borrows all it is given until then.
 *          A source that is opened again (*out not NULL) reuses its buffers.
 * Errors:  SL_EINPUT: cannot be read; lacks a column that is not optional (names column, file and
 *          the nearest names), has it twice; SL_ENOMEM.  A file without a header (empty) has no
 *          records and lacks nothing.
 * Ranks:   local.
 * Cost:    reads the header of the file once per open, however the range lies.
 */
SL_MUST_CHECK sl_status sl_source_open(const struct sl_input_spec *spec,
                                       const struct sl_source_range *range,
                                       const struct sl_column_request *requests, int n_requests,
                                       struct sl_source **out, struct sl_error *err);
void                    sl_source_close(struct sl_source *source);

/**
 * Decode the next block; n_rows = 0 at the end of the range.
 *
 * Owner:   fills block, which was made for the same requests; its texts live until the next call.
 * Errors:  SL_EINPUT (I/O only: a bad record is data), SL_ENOMEM.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_source_next(struct sl_source *source, struct sl_column_block *block,
                                       struct sl_error *err);

/** Where the range really began and, at its end, ended. */
void sl_source_extent(const struct sl_source *source, struct sl_source_extent *extent);

/** The field of a rejected record as it stands in the file, cut to out_bytes, for messages.  Valid
 *  until the next sl_source_next(). */
void sl_source_describe(const struct sl_source *source, const struct sl_column_block *block,
                        size_t row, char *out, size_t out_bytes);

/* What a kind of source must provide; `state` is private to the kind. */
struct sl_source_ops {
    const char *name; /* "csv" */
    sl_status (*open)(const struct sl_input_spec *spec, const struct sl_source_range *range,
                      const struct sl_column_request *requests, int n_requests, void **state,
                      struct sl_error *err);
    sl_status (*next)(void *state, struct sl_column_block *block, struct sl_error *err);
    void (*extent)(const void *state, struct sl_source_extent *extent);
    void (*describe)(const void *state, const struct sl_column_block *block, size_t row, char *out,
                     size_t out_bytes);
    void (*close)(void *state);
};

#endif
