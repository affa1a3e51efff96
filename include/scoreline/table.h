/* Tables as the output knows them: named, typed columns of one length.  Values of the data module:
 * /predictions is one (spread over ranks), /partitions, /metrics and /rejects are others. */
#ifndef SCORELINE_TABLE_H
#define SCORELINE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/text.h"

/* Of a text in the file: xarray takes texts of one byte for the letters of a longer one. */
enum { SL_LEAST_WIDTH = 2 };

enum sl_dtype { SL_F64, SL_I64, SL_I32, SL_I8, SL_U8, SL_FIXED_TEXT };

/* What readers are told of a column. */
struct sl_column_notes {
    const char *long_name;     /* CF: one line for people */
    const char *units;         /* NULL: none */
    const char *flag_meanings; /* NULL, or words by blanks, one for each value 0, 1, ... */
};

/* Numbers lie one after the other in `cells`, those of a row together where it has several.  Texts
 * of any length lie one after the other in `bytes`, the i-th ending at cells.end[i]; they are
 * written as wide as the longest. */
struct sl_table_column {
    char                  *name;
    enum sl_dtype          dtype;
    struct sl_column_notes notes;   /* borrowed, static texts */
    size_t                 n_items; /* cells of a row, at least 1 */
    const char            *items;   /* NULL: one cell a row; else the name of the second dimension,
                                       borrowed like the notes */
    size_t capacity;                /* rows there is room for */
    size_t width;                   /* of the longest text so far, at least SL_LEAST_WIDTH */
    union {
        double  *f64;
        int64_t *i64;
        int32_t *i32;
        int8_t  *i8;
        uint8_t *u8;
        int64_t *end;
        void    *any;
    } cells;
    struct sl_text bytes;
};

struct sl_table {
    const char             *name;      /* of its group: "partitions" */
    const char             *dimension; /* of its rows: "partition" */
    int                     n_columns;
    struct sl_table_column *columns;
    size_t                  n_rows;
};

/** Bytes of one cell of a dtype in memory; of SL_FIXED_TEXT its end mark. */
size_t sl_dtype_bytes(enum sl_dtype dtype);
/** Bytes of a row of a column in memory; of a text its end mark. */
size_t sl_column_bytes(const struct sl_table_column *column);

/** Bytes of a row of all columns in a file, texts being as wide as `widths` [n_columns] says. */
int64_t sl_table_row_bytes(const struct sl_table *table, const int64_t *widths);

/** Give a table its columns, all empty; notes are borrowed.  sl_table_release() frees it. */
SL_MUST_CHECK sl_status sl_table_init(struct sl_table *table, const char *name,
                                      const char *dimension, int n_columns, struct sl_error *err);
SL_MUST_CHECK sl_status sl_table_column_init(struct sl_table_column *column, const char *name,
                                             enum sl_dtype dtype, struct sl_column_notes notes,
                                             struct sl_error *err);
/** Make an empty column of numbers one of n_items > 0 cells a row; their dimension's name is
 *  borrowed. */
void sl_table_column_items(struct sl_table_column *column, size_t n_items, const char *dimension);
/** An empty table with the columns of another; names of dimensions and notes are borrowed. */
SL_MUST_CHECK sl_status sl_table_like(const struct sl_table *from, struct sl_table *to,
                                      struct sl_error *err);
void                    sl_table_release(struct sl_table *table);
/** No rows any more; room for them stays. */
void sl_table_clear(struct sl_table *table);

/** The column of that name, NULL if there is none. */
struct sl_table_column *sl_table_column(const struct sl_table *table, const char *name);
/** The same if it is of that dtype and has one cell a row. */
struct sl_table_column *sl_table_find(const struct sl_table *table, const char *name,
                                      enum sl_dtype dtype);

/** Room for n_more rows in every column; cells are then written in place.  SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_table_reserve(struct sl_table *table, size_t n_more,
                                         struct sl_error *err);

/** Append one text at row `row` of a text column (rows in order); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_table_put_text(struct sl_table_column *column, size_t row,
                                          struct sl_slice text, struct sl_error *err);

/** Append n texts from row `row` on, each cut behind most_bytes; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_table_put_texts(struct sl_table_column *column, size_t row,
                                           const struct sl_slice *texts, size_t n,
                                           size_t most_bytes, struct sl_error *err);

/** The text of a row; borrowed. */
struct sl_slice sl_table_text(const struct sl_table_column *column, size_t row);

/** The cell of a row of an i8 or i32 column, which hold classes: the smaller suits few of them. */
static inline int32_t sl_table_class(const struct sl_table_column *column, size_t row)
{
    return column->dtype == SL_I8 ? column->cells.i8[row] : column->cells.i32[row];
}

void sl_table_set_class(struct sl_table_column *column, size_t row, int32_t value);

#endif
