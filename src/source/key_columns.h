/* Columns that hold a partition key.  Private to source. */
#ifndef SCORELINE_SOURCE_KEY_COLUMNS_H
#define SCORELINE_SOURCE_KEY_COLUMNS_H

#include "scoreline/source.h"

/* One request that a key answers, decoded. */
struct sl_key_column {
    int             column; /* of the block */
    double          number;
    int64_t         integer;
    struct sl_slice text; /* the caller's */
};

/* The requests of an open range; {0} is empty, opened again it keeps its arrays. */
struct sl_key_columns {
    struct sl_column_request *requests; /* the caller's, those that a key answers marked */
    size_t                    request_capacity;
    struct sl_key_column     *columns; /* [n_columns] */
    int                       n_columns;
    size_t                    capacity;
};

/** Tell key columns from the file's; SL_EINPUT (a value that is no number), SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_key_columns_set(struct sl_key_columns          *keys,
                                           const struct sl_input_spec     *spec,
                                           const struct sl_source_range   *range,
                                           const struct sl_column_request *requests, int n_requests,
                                           struct sl_error *err);
void sl_key_columns_fill(const struct sl_key_columns *keys, struct sl_column_block *block);
void sl_key_columns_release(struct sl_key_columns *keys);

#endif
