/* Output files read back: what a run left is input to others.  A file may come from anywhere, so
 * sizes, types and extents are checked before anything is allocated for them.  Not collective: one
 * rank reads what it wants. */
#ifndef SCORELINE_SCORED_H
#define SCORELINE_SCORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/table.h"

struct sl_scored; /* an open output file */

/**
 * Open an output that is complete.
 *
 * Owner:   *out is handed over, sl_scored_close() frees it.
 * Errors:  SL_EINPUT naming the path: cannot be opened; is no output of scoreline, and why; is of a
 *          newer format; is not complete.  SL_ENOMEM.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_scored_open(const char *path, struct sl_scored **out,
                                       struct sl_error *err);
void                    sl_scored_close(struct sl_scored *scored);

/** The path it was opened by; borrowed. */
const char *sl_scored_path(const struct sl_scored *scored);

/**
 * A text attribute of the root group.
 *
 * Owner:   *text is handed over, freed with free(); NULL where the file has no such attribute.
 * Errors:  SL_EINPUT: it is no text; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_scored_attribute(const struct sl_scored *scored, const char *name,
                                            char **text, struct sl_error *err);

/**
 * A scalar text, such as "provenance/model"; NUL-terminated.
 *
 * Owner:   *text is handed over, freed with free(); NULL where the file has no such dataset.
 * Errors:  SL_EINPUT: it is no scalar text; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_scored_provenance(const struct sl_scored *scored, const char *dataset,
                                             char **text, size_t *n_bytes, struct sl_error *err);

/**
 * The same of a file that is opened for it; here an absent dataset is a fault.
 *
 * Owner:   *text is handed over, freed with free().
 * Errors:  those of sl_scored_open() and sl_scored_provenance().
 */
SL_MUST_CHECK sl_status sl_scored_text(const char *path, const char *dataset, char **text,
                                       size_t *n_bytes, struct sl_error *err);

/** Whether a file begins as HDF5 files do; false where it cannot be read. */
bool sl_scored_is_hdf5(const char *path);

/**
 * The whole of a small table: "partitions", "metrics", "rejects", "profile".
 *
 * Owner:   table is released by sl_table_release(); its names and notes are borrowed from `scored`.
 * Errors:  SL_EINPUT naming path, dataset and what is wrong with it; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_scored_table(struct sl_scored *scored, const char *name,
                                        struct sl_table *table, struct sl_error *err);

/** Rows of /predictions. */
int64_t sl_scored_n_rows(const struct sl_scored *scored);
/** The level at which they are compressed, 0 if they are not. */
int sl_scored_level(const struct sl_scored *scored);
/** The columns of /predictions in the order they were written, without rows; `width` of a text is
 *  that of its cells.  Borrowed. */
const struct sl_table *sl_scored_columns(const struct sl_scored *scored);

/**
 * An empty table of some columns of /predictions, to be filled by sl_scored_read().
 *
 * Shapes:  names [n_names]; NULL: all.
 * Owner:   as sl_scored_table().
 * Errors:  SL_EINPUT naming a column that is not there; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_scored_select(const struct sl_scored *scored, const char *const *names,
                                         int n_names, struct sl_table *rows, struct sl_error *err);

/**
 * Rows [first_row, first_row + n_rows) of /predictions in the place of what `rows` holds.
 *
 * Owner:   `rows` is of sl_scored_select(); its memory is used again.
 * Errors:  SL_EINPUT naming path, dataset and reason; SL_ENOMEM; SL_EBUG: no such rows.
 */
SL_MUST_CHECK sl_status sl_scored_read(const struct sl_scored *scored, int64_t first_row,
                                       size_t n_rows, struct sl_table *rows, struct sl_error *err);

/** The same, behind what `rows` holds. */
SL_MUST_CHECK sl_status sl_scored_append(const struct sl_scored *scored, int64_t first_row,
                                         size_t n_rows, struct sl_table *rows,
                                         struct sl_error *err);

/**
 * A column of a table that was read, by name and type, of one cell a row.
 *
 * Owner:   *out is borrowed from table.
 * Errors:  SL_EINPUT naming path and dataset: absent, or of another type or shape.
 */
SL_MUST_CHECK sl_status sl_scored_find(const struct sl_scored *scored, const struct sl_table *table,
                                       const char *name, enum sl_dtype dtype,
                                       const struct sl_table_column **out, struct sl_error *err);

/** The same, of n_items cells a row, a second dimension; 0: of one cell, without that. */
SL_MUST_CHECK sl_status sl_scored_find_items(const struct sl_scored *scored,
                                             const struct sl_table *table, const char *name,
                                             enum sl_dtype dtype, size_t n_items,
                                             const struct sl_table_column **out,
                                             struct sl_error               *err);

#endif
