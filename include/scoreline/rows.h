/* What scoring found: the rows of the chunks that this rank did, chunk after chunk.  Values of the
 * data module. */
#ifndef SCORELINE_ROWS_H
#define SCORELINE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/error.h"
#include "scoreline/table.h"

/* Columns of /predictions that every run has; kept columns follow. */
enum sl_rows_column {
    SL_ROWS_PROBABILITY, /* f64: of class 1, beyond two classes an item for each; a value */
    SL_ROWS_STATUS,      /* u8 */
    SL_ROWS_LABEL,       /* the same as predicted; f64 of a number */
    SL_ROWS_PARTITION,   /* i32 */
    SL_ROWS_PREDICTED,   /* sl_rows_class_dtype(); only where there are classes */
    SL_ROWS_N_FIXED,
};

/* A record that was rejected; place counts from the chunk's begin until it is settled. */
struct sl_reject {
    int64_t               chunk;
    struct sl_place       place;
    enum sl_reject_reason reason;
    int32_t               column; /* request at fault, -1 if none */
};

/* The first fault in the data of a chunk that ends the run once it is verified. */
struct sl_data_fault {
    sl_status       code; /* SL_OK: none */
    struct sl_place place;
    char            text[256];
};

/* The rows of one chunk, and what is known of them. */
struct sl_rows_chunk {
    int64_t chunk;     /* index into the plan */
    size_t  first_row; /* in the table */
    int64_t n_rows;
    int64_t n_records; /* n_rows, but where the chunk was scanned only */
    int64_t n_lines;
    int64_t begin; /* where its records begin and end in the file */
    int64_t end;
    int32_t lacks; /* the label's request that the file lacks: labels are unknown; or -1 */
    int64_t n_rejected;
    int64_t n_missing;
    int64_t n_nonfinite;
    size_t  first_reject; /* into sl_rows.rejects; the first max_rejects of a chunk */
    size_t  n_rejects;
    struct sl_data_fault fault;
};

struct sl_rows {
    struct sl_table       table; /* "predictions" */
    size_t                n_chunks;
    size_t                chunk_capacity;
    struct sl_rows_chunk *chunks; /* in the order they were done; a repeat comes later */
    size_t                n_rejects;
    size_t                reject_capacity;
    struct sl_reject     *rejects;
    int64_t               max_rejects;
    size_t                n_counts; /* of a chunk */
    size_t                count_capacity;
    int64_t              *counts; /* [n_chunks][n_counts] of values as they came, see sl_profile */
};

/* Every two classes have a count in the matrix of labels and predictions. */

/** What indices of so many classes, -1 and -2 are stored as: i8 up to 127, else i32. */
enum sl_dtype sl_rows_class_dtype(int n_classes);

/** The index of the first kept column. */
int sl_rows_first_kept(int n_classes);

/**
 * Make the predictions table, kept columns last (`keep_NAME` where a name is taken).
 *
 * Shapes:  n_classes at least 2, or 0 where numbers are predicted; kept [n_kept], names and types.
 * Owner:   released by sl_rows_release(); copies the names.
 * Errors:  SL_EINPUT: more than SL_MOST_CLASSES; SL_EJOB: two columns of one name; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_rows_init(struct sl_rows *rows, int n_classes,
                                     const struct sl_column_request *kept, int n_kept,
                                     int64_t max_rejects, struct sl_error *err);
void                    sl_rows_release(struct sl_rows *rows);

/** How many counts each chunk has; to be said before the first one.  And those of a chunk, valid
 * until the next sl_rows_begin(). */
void     sl_rows_set_counts(struct sl_rows *rows, size_t n_counts);
int64_t *sl_rows_counts(const struct sl_rows *rows, const struct sl_rows_chunk *chunk);

/** Start the rows of a chunk; what an earlier try of it left on this rank is superseded. */
SL_MUST_CHECK sl_status sl_rows_begin(struct sl_rows *rows, int64_t chunk, struct sl_error *err);

/** The chunk being filled; valid until the next sl_rows_begin(). */
struct sl_rows_chunk *sl_rows_current(struct sl_rows *rows);

#endif
