/* How the small tables are made, for the files that make them. */
#ifndef SCORELINE_RUN_TABLES_H
#define SCORELINE_RUN_TABLES_H

#include "scoreline/table.h"

struct table_column {
    const char            *name;
    enum sl_dtype          dtype;
    struct sl_column_notes notes;
};

/** A table with the given columns and behind them n_more that are the caller's to make, who then
 *  calls sl_table_reserve(); SL_ENOMEM. */
SL_MUST_CHECK sl_status table_begin(struct sl_table *table, const char *name, const char *dimension,
                                    const struct table_column *columns, int n_columns, int n_more,
                                    struct sl_error *err);

/** A table with the given columns and room for n_rows; SL_ENOMEM. */
SL_MUST_CHECK sl_status table_make(struct sl_table *table, const char *name, const char *dimension,
                                   const struct table_column *columns, int n_columns, size_t n_rows,
                                   struct sl_error *err);

/** Append a text at a row, rows in order; SL_ENOMEM. */
SL_MUST_CHECK sl_status table_put(struct sl_table_column *column, size_t row, const char *text,
                                  struct sl_error *err);

#endif
