/* What flows through the row loop, a block of rows at a time: decoded columns, the feature array
 * made from them, and the matrix of outputs.  Values of the data module; each grows to the largest
 * block and then stays. */
#ifndef SCORELINE_BLOCK_H
#define SCORELINE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/text.h"

enum { SL_BLOCK_ROWS = 1024 }; /* the most rows a block may hold */

/* How a column is decoded; the recipe decides, never the data. */
enum sl_type {
    SL_NUMBER,  /* double; missing is NaN */
    SL_INTEGER, /* int64_t; missing is SL_INTEGER_MISSING */
    SL_TEXT,    /* bytes as they stand in the file, quotes taken off */
};
#define SL_INTEGER_MISSING INT64_MIN

/* A column that somebody needs.  Two requests may name one column, with different types. */
struct sl_column_request {
    char        *name; /* as the header says it */
    enum sl_type type;
    bool         optional; /* a file may lack it: all missing then */
    bool         is_key;   /* not the file's but a partition key, the same in every row; the source
                              sets it where a range has a key of that name */
    char *hint;            /* what to add if a file lacks it ("..., did you mean ...?"), or NULL */
};

struct sl_column {
    enum sl_type type;
    union {
        double          *number;  /* [SL_BLOCK_ROWS] */
        int64_t         *integer; /* [SL_BLOCK_ROWS] */
        struct sl_slice *text; /* [SL_BLOCK_ROWS]; bytes live in the source until its next block */
    } values;
};

/* Why a record was rejected. */
enum sl_reject_reason {
    SL_GOOD = 0,
    SL_TOO_FEW_FIELDS,
    SL_TOO_MANY_FIELDS,
    SL_FIELD_TOO_LONG,
    SL_RECORD_TOO_LONG,
    SL_OPEN_QUOTE, /* the file ends inside quotes */
    SL_NOT_A_NUMBER,
    SL_NOT_AN_INTEGER,
};

/* Where a record stands; line is that of its first byte. */
struct sl_place {
    int64_t record; /* from 0, the first one after the header (or of the chunk, see the user) */
    int64_t line;   /* from 1, the header's first (or from 0, line feeds since the chunk's begin) */
    int64_t byte;   /* offset in the file */
};

/* Decoded rows of one chunk.  `columns` are in the order of the requests.  A rejected record keeps
 * its row: numbers missing, integers missing; texts are empty unless the fields could be told apart
 * (only SL_NOT_A_NUMBER and SL_NOT_AN_INTEGER). */
struct sl_column_block {
    size_t            n_rows;
    int               n_columns;
    struct sl_column *columns;       /* [n_columns] */
    uint8_t          *reject;        /* [SL_BLOCK_ROWS] enum sl_reject_reason */
    int32_t          *reject_column; /* [SL_BLOCK_ROWS] request at fault, -1 if none */
    struct sl_place  *places;        /* [SL_BLOCK_ROWS] record and line counted within the chunk */
};

/** Give a block its columns; freed by sl_column_block_release(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_column_block_init(struct sl_column_block         *block,
                                             const struct sl_column_request *requests,
                                             int n_requests, struct sl_error *err);
void                    sl_column_block_release(struct sl_column_block *block);

enum { SL_MOST_CLASSES = 1000 }; /* of a label */

/* How far a number is from what was predicted. */
enum sl_deviance {
    SL_DEVIANCE_SQUARE,  /* the square of the difference */
    SL_DEVIANCE_POISSON, /* 2 (y log(y / value) - y + value) */
};

/* "too few fields", ...; for messages and /rejects. */
const char *sl_reject_reason_text(enum sl_reject_reason reason);

/* What became of a row; the values of /predictions/status. */
enum sl_row_status { SL_ROW_SCORED = 0, SL_ROW_MISSING = 1, SL_ROW_REJECTED = 2 };

/* Column-major: item (i, j) is data[j * ld + i]. */
struct sl_matrix {
    size_t  n_rows;
    size_t  n_cols;
    size_t  ld; /* distance between columns, >= n_rows */
    double *data;
};

/* A feature as a model sees it: a numeric column, or a categorical one whose levels are columns of
 * the model that are never written out. */
struct sl_term {
    int32_t first_column; /* of the model's columns */
    int32_t n_columns;    /* 1; of a categorical one its levels that have a column, perhaps none */
    int32_t index;        /* of its column in a design's x, or of its codes */
    bool    is_categorical;
};

/* All of them, in the order of the model's columns. */
struct sl_terms {
    int             n_terms;
    struct sl_term *items;     /* [n_terms] */
    int32_t         n_columns; /* of the model: of all terms together */
    int32_t         n_numeric;
    int32_t         n_categorical;
};

/** Add a term behind the others; SL_ENOMEM.  {0} has none; freed by sl_terms_release(). */
SL_MUST_CHECK sl_status sl_terms_add(struct sl_terms *terms, bool is_categorical, int32_t n_columns,
                                     struct sl_error *err);
SL_MUST_CHECK sl_status sl_terms_copy(const struct sl_terms *from, struct sl_terms *to,
                                      struct sl_error *err);
void                    sl_terms_release(struct sl_terms *terms);

/* Labels that are no class. */
enum { SL_LABEL_UNKNOWN = -1, SL_LABEL_OTHER = -2 };

/* The feature array of rows, ready for a model.  The code of a row in a categorical term is the
 * column within the term that is 1 there, or the term's n_columns where none is.  Rows whose status
 * is not SL_ROW_SCORED hold zeros and are predicted all the same; who stores the outputs passes
 * them over. */
struct sl_design {
    struct sl_matrix x;           /* numeric columns [n_rows, n_numeric] */
    int              n_codes;     /* categorical terms */
    int32_t         *codes;       /* [n_codes][x.ld] */
    uint8_t         *status;      /* [n_rows] enum sl_row_status */
    double          *label;       /* [n_rows] index of the class, SL_LABEL_OTHER, or NaN: unknown */
    double          *weight;      /* [n_rows] of rows to train on; NaN: unknown */
    int64_t          n_nonfinite; /* results of expressions that were not finite, so far */
    int64_t         *counts;    /* borrowed: where values are counted as they come; NULL: nowhere */
    int64_t          fault_row; /* first row that may not be as it is, -1 if none */
    int              fault_feature; /* and the feature at fault */
};

/** Room for n_rows rows; freed by sl_design_release(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_design_init(struct sl_design *design, size_t n_rows, int n_numeric,
                                       int n_codes, struct sl_error *err);
void                    sl_design_release(struct sl_design *design);

/** Room for n_rows rows at least, growing by half at least; the rows that are there keep their
 *  values, not their place.  After SL_ENOMEM it is to be released.  Cost: amortised O(1) per item.
 */
SL_MUST_CHECK sl_status sl_design_reserve(struct sl_design *design, size_t n_rows,
                                          struct sl_error *err);

/** Rows [first, first + n_rows) of a design; they are borrowed from it. */
struct sl_design sl_design_part(const struct sl_design *design, size_t first, size_t n_rows);

/** Keep the rows of which keep [n_rows] is true, in their order. */
void sl_design_keep(struct sl_design *design, const bool *keep);

/** Append a row of a design of the same shape, which must have room for it. */
void sl_design_append(struct sl_design *design, const struct sl_design *from, size_t row);

/** Room for [n_rows, n_cols], zeroed; freed by sl_matrix_release(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_matrix_init(struct sl_matrix *matrix, size_t n_rows, size_t n_cols,
                                       struct sl_error *err);
/** Add columns behind the others, not initialised, until there are n_cols of them; those that are
 *  there keep their values, not their place.  SL_ENOMEM leaves all as it was. */
SL_MUST_CHECK sl_status sl_matrix_widen(struct sl_matrix *matrix, size_t n_cols,
                                        struct sl_error *err);
void                    sl_matrix_release(struct sl_matrix *matrix);

#endif
