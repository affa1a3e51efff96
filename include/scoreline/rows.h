/* What scoring found: the rows of one chunk, and what is known of it.  Values of the data module;
 * a journal (scoreline/journal.h) keeps those of chunks that are done. */
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

/* What is known of a chunk beside its rows. */
struct sl_rows_chunk {
    int64_t chunk;     /* index into the plan */
    int64_t n_rows;    /* of the table */
    int64_t n_records; /* n_rows, but where the chunk was scanned only */
    int64_t n_lines;
    int64_t begin; /* where its records begin and end in the file */
    int64_t end;
    int32_t lacks; /* the label's request that the file lacks: labels are unknown; or -1 */
    int64_t n_rejected;
    int64_t n_missing;
    int64_t n_nonfinite;
    bool    is_certain; /* where it begins rests on no guess */
    bool    is_resumed; /* an earlier run did it */
    bool    is_void;    /* it could not be read: fault says why, and nothing else is known */
    struct sl_data_fault fault;
};

/* The chunk under way. */
struct sl_rows {
    struct sl_table      table;   /* "predictions"; the partition's column is not filled */
    int                  n_fixed; /* columns of it before the kept ones */
    struct sl_rows_chunk chunk;
    size_t               n_rejects; /* the first max_rejects of it */
    size_t               reject_capacity;
    struct sl_reject    *rejects;
    int64_t              max_rejects;
    int                  n_classes;
    int                  n_requests; /* that a reject's column may be one of */
    size_t               n_counts;
    int64_t             *counts; /* [n_counts] of values as they came, see sl_profile */
};

/* What a run's rows are like. */
struct sl_rows_spec {
    int                             n_classes;  /* at least 2; 0: numbers are predicted */
    int                             n_requests; /* columns that are read */
    const struct sl_column_request *kept;       /* [n_kept] names and types */
    int                             n_kept;
    int64_t                         max_rejects; /* of a chunk */
    size_t                          n_counts;    /* of a chunk */
};

/** What indices of so many classes, -1 and -2 are stored as: i8 up to 127, else i32. */
enum sl_dtype sl_rows_class_dtype(int n_classes);

/** How many columns come before the kept ones; 0 classes: numbers are predicted. */
int sl_rows_n_fixed(int n_classes);

/**
 * Make an empty predictions table, kept columns last (`keep_NAME` where a name is taken).
 *
 * Owner:   released by sl_rows_release(); copies the names.
 * Errors:  SL_EINPUT: more than SL_MOST_CLASSES; SL_EJOB: two columns of one name; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_rows_init(struct sl_rows *rows, const struct sl_rows_spec *spec,
                                     struct sl_error *err);
void                    sl_rows_release(struct sl_rows *rows);

/** Start the rows of a chunk; those of the chunk before it are forgotten. */
void sl_rows_begin(struct sl_rows *rows, int64_t chunk);

/** Append a reject, unless there are as many as are kept; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_rows_reject(struct sl_rows *rows, const struct sl_reject *reject,
                                       struct sl_error *err);

#endif
