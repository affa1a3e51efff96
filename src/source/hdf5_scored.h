/* What the files of the reader of outputs share. */
#ifndef SCORELINE_SOURCE_HDF5_SCORED_H
#define SCORELINE_SOURCE_HDF5_SCORED_H

#include <hdf5.h>
#include <stdbool.h>

#include "scoreline/scored.h"

enum { SL_SCORED_NONE = -1 }; /* no handle; scored_close_id() passes it over */

/* A dataset that is a column, open. */
struct scored_column {
    char                  *name;
    enum sl_dtype          dtype;
    size_t                 width; /* bytes of a cell in the file */
    struct sl_column_notes notes; /* texts kept by the file */
    hid_t                  dataset;
    hid_t                  type; /* of cells in memory */
};

/* A group whose datasets are columns of one length. */
struct scored_group {
    const char           *dimension; /* kept by the file; NULL if it does not say */
    int64_t               n_rows;
    int                   n_columns;
    size_t                capacity;
    struct scored_column *columns;
};

struct sl_scored {
    char               *path;
    hid_t               file;
    int64_t             n_bytes; /* of the file: no dataset may claim what it cannot hold */
    size_t              n_kept;
    size_t              kept_capacity;
    char              **kept; /* texts that tables borrow */
    struct scored_group predictions;
    struct sl_table     columns; /* of predictions, without rows */
};

/** Turn what HDF5 returned (negative: failure) into a status; a handle is stored in *id, unless id
 *  is NULL. */
SL_MUST_CHECK sl_status scored_check(int64_t result, const char *what, hid_t *id,
                                     struct sl_error *err);
/** Close a handle of any kind but a file's. */
void scored_close_id(hid_t id);

/** Whether `name` is a hard link in `group`: others lead to places that the file's maker chose. */
bool scored_has(hid_t group, const char *name);

/** Text attribute of an object, freed with free(); NULL if absent. */
SL_MUST_CHECK sl_status scored_text_attribute(hid_t object, const char *name, char **text,
                                              struct sl_error *err);

/** Open a dataset and make sure that its storage is plain, in this file and as large as it says. */
SL_MUST_CHECK sl_status scored_open_dataset(const struct sl_scored *scored, hid_t group,
                                            const char *name, hid_t *dataset, struct sl_error *err);

/** Open the group of a table with all its columns; freed by scored_group_close(). */
SL_MUST_CHECK sl_status scored_group_open(struct sl_scored *scored, const char *name,
                                          struct scored_group *group, struct sl_error *err);
void                    scored_group_close(struct scored_group *group);

/** An empty table with columns as in the group. */
SL_MUST_CHECK sl_status scored_table_init(const char *name, const struct scored_group *group,
                                          struct sl_table *table, struct sl_error *err);

/** Rows of a column appended to `to`, which has room for their cells. */
SL_MUST_CHECK sl_status scored_read_column(const struct scored_column *from, int64_t first_row,
                                           size_t n_rows, struct sl_table_column *to, size_t at,
                                           struct sl_error *err);

#endif
