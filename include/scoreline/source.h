/* Rows in: a chunk of a file becomes blocks of decoded columns. */
#ifndef SCORELINE_SOURCE_H
#define SCORELINE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/error.h"
#include "scoreline/job.h"
#include "scoreline/stopwatch.h"

struct sl_source; /* an open chunk */

/* How ranges make a chain.  A boundary is the first byte behind the header, and the first byte
 * behind every line end outside quotes after it; the end of the file is one too.  What lies between
 * two is a record or a blank line.  A range has what begins at its boundaries: its extent goes from
 * the first boundary at or behind first_byte to the first one at or behind end_byte.  So where one
 * range ends the next begins, and a range without a boundary begins and ends where its predecessor
 * ended, behind it. */

/* What to open.  All borrowed until sl_source_close(). */
struct sl_source_range {
    const char *path;
    int64_t     first_byte;
    int64_t     end_byte; /* records that begin before it are read to their end */
    int64_t     begin; /* where the first record begins, if known; -1: guess it.  A chunk at byte 0
                          skips byte-order mark and header, whatever is said here */
    bool is_certain;   /* begin rests on no guess: the last record is read to its end, however
                          long.  Otherwise the source gives up max_record_bytes past end_byte.
                          What begins at the header is certain, whatever is said here */
    int          n_keys; /* of the partition that the file belongs to; 0 where nobody needs them */
    char *const *keys;   /* [n_keys] names */
    char *const *values; /* [n_keys] */
    struct sl_stopwatch *watch; /* whose phase becomes READ and DECODE while that is done, and is
                                   the caller's otherwise; NULL: nobody wants to know */
};

/* What was found; final when sl_source_next() gave an empty block.  Places in blocks count records
 * and lines from `begin`, both from 0; at byte 0 lines count from the top of the file.  So a
 * record's line in the file is 1 + n_lines of all ranges before + its place's line. */
struct sl_source_extent {
    int64_t begin; /* the first boundary in the range, or behind it */
    int64_t end;   /* the first boundary at or behind end_byte */
    int64_t n_records;
    int64_t n_lines; /* line feeds from begin to end; at byte 0 those before begin too */
    bool    gave_up; /* the last record's end, or any boundary, was not looked for any further:
                        see is_certain.  The extent means nothing then */
};

/**
 * Open a range of a file.
 *
 * Shapes:  requests [n_requests]: the columns to decode, matched by header name.
 * Keys:    a request that names one of the range's keys is the key's value in every row, those of
 *          rejected records too; the file may have a column of that name and is not asked for it.
 *          As a number or integer it is read like a field.
 * Owner:   *out is handed over, sl_source_close() frees it; borrows all it is given until then.
 *          A source that is opened again (*out not NULL) reuses its buffers; if that fails it has
 *          no rows and is still to be closed, or opened again.
 * Errors:  SL_EINPUT: cannot be read; lacks a column that is not optional (names column, file and
 *          nearest name), has it twice; a key's value is no number where one is wanted; its header
 *          ends inside quotes or is longer than both max_record_bytes and 1 MiB; SL_ENOMEM.  A
 *          file without a header (empty, or blank lines only) has no records and lacks nothing.
 * Ranks:   local.
 * Cost:    reads the header of the file once per open, however the range lies.
 */
SL_MUST_CHECK sl_status sl_source_open(const struct sl_input_spec     *spec,
                                       const struct sl_source_range   *range,
                                       const struct sl_column_request *requests, int n_requests,
                                       struct sl_source **out, struct sl_error *err);
void                    sl_source_close(struct sl_source *source);

/**
 * Decode the next block; n_rows = 0 at the end of the range.
 *
 * Rejects: the first of these that holds: SL_OPEN_QUOTE; SL_RECORD_TOO_LONG, the record without its
 *          line end being over max_record_bytes (limits above 1 GiB count as 1 GiB);
 *          SL_FIELD_TOO_LONG, the text of any field, needed or not, quotes taken off, being over
 *          max_field_bytes; SL_TOO_FEW_FIELDS, SL_TOO_MANY_FIELDS; SL_NOT_A_NUMBER,
 *          SL_NOT_AN_INTEGER for the first request at fault, in the order of requests.
 * Numbers: optional sign, decimal digits with an optional point, optional exponent, blanks and tabs
 *          around; rounded as strtod rounds; what overflows is missing.  A field whose bytes,
 *          quotes taken off, equal one of spec->missing is missing, quoted or not.  An integer is
 *          sign and digits, within 64 bits.
 * Owner:   fills block, which was made for the same requests; its texts live until the next call.
 * Errors:  SL_EINPUT (I/O only: a bad record is data), SL_ENOMEM.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_source_next(struct sl_source *source, struct sl_column_block *block,
                                       struct sl_error *err);

/** Where the range really began and, at its end, ended. */
void sl_source_extent(const struct sl_source *source, struct sl_source_extent *extent);

/** The first optional request that the file lacks, -1 if it has all. */
int sl_source_lacks(const struct sl_source *source);

/** Name i of the file's header, in its order; NULL past the last.  Borrowed until it is closed or
 *  opened again. */
const char *sl_source_column(const struct sl_source *source, int64_t i);

/** What was found at the place of a reject, for messages, cut to out_bytes: the text of the field
 *  at fault, else the beginning of the record (nothing if that was too long to be held).  Control
 *  characters appear as '?'.  Valid until the next sl_source_next(). */
void sl_source_describe(const struct sl_source *source, const struct sl_column_block *block,
                        size_t row, char *out, size_t out_bytes);

/* What a kind of source must provide; `state` is private to the kind.  open gets NULL in *state, or
 * what an earlier open left there, to be used again. */
struct sl_source_ops {
    const char *name; /* "csv" */
    sl_status (*open)(const struct sl_input_spec *spec, const struct sl_source_range *range,
                      const struct sl_column_request *requests, int n_requests, void **state,
                      struct sl_error *err);
    sl_status (*next)(void *state, struct sl_column_block *block, struct sl_error *err);
    void (*extent)(const void *state, struct sl_source_extent *extent);
    int (*lacks)(const void *state);
    const char *(*column)(const void *state, int64_t i);
    void (*describe)(const void *state, const struct sl_column_block *block, size_t row, char *out,
                     size_t out_bytes);
    void (*close)(void *state);
};

#endif
