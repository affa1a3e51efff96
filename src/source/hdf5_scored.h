/* What the files of the reader of outputs share. */
#ifndef SCORELINE_SOURCE_HDF5_SCORED_H
#define SCORELINE_SOURCE_HDF5_SCORED_H

#include <hdf5.h>
#include <stdbool.h>

#include "scoreline/scored.h"

enum { SL_SCORED_NONE = -1 }; /* no handle; scored_close_id() passes it over */
enum { SL_SCORED_MOST_DIMENSIONS = 2 };

/* A dataset that is a column, open. */
struct scored_column {
    char                  *name;
    enum sl_dtype          dtype;
    size_t                 width; /* bytes of a cell in the file */
    int                    n_dimensions;
    size_t                 n_items; /* cells of a row */
    const char            *items;   /* name of the second dimension, kept by the file */
    struct sl_column_notes notes;   /* texts kept by the file */
    hid_t                  dataset;
    hid_t                  type; /* of cells in memory */
};

/* A dataset that says that a scale is one of its dimensions, 0 the first. */
struct scored_use {
    hobj_ref_t dataset;
    int        dimension;
};

/* A dataset that only names a dimension. */
struct scored_scale {
    const char        *name; /* kept by the file */
    int64_t            extent;
    size_t             n_uses;
    struct scored_use *uses;
};

/* A group whose datasets are columns of one length. */
struct scored_group {
    const char           *dimension; /* kept by the file; NULL if it does not say */
    int64_t               n_rows;
    int                   n_columns;
    size_t                capacity;
    struct scored_column *columns;
    size_t                n_scales;
    size_t                scale_capacity;
    struct scored_scale  *scales;
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

/** Keep a copy of a text until the file is closed; *kept is borrowed. */
SL_MUST_CHECK sl_status scored_keep_text(struct sl_scored *scored, const char *text,
                                         const char **kept, struct sl_error *err);

/** Whether a dataset has no values and only names a dimension, as netCDF does it. */
bool scored_is_scale(hid_t dataset);
/** Such a dataset becomes a scale of the group; whose it is, is not followed but compared. */
SL_MUST_CHECK sl_status scored_add_scale(struct sl_scored *scored, struct scored_group *group,
                                         hid_t dataset, const char *name, struct sl_error *err);
/** When all members of the open group are known: its dimension and those of its columns.  SL_EINPUT
 *  naming a column whose second one has no name. */
SL_MUST_CHECK sl_status scored_name_dimensions(struct scored_group *group, hid_t id,
                                               struct sl_error *err);

/** Open the group of a table with all its columns; freed by scored_group_close(). */
SL_MUST_CHECK sl_status scored_group_open(struct sl_scored *scored, const char *name,
                                          struct scored_group *group, struct sl_error *err);
void                    scored_group_close(struct scored_group *group);

/** An empty column as in the file. */
SL_MUST_CHECK sl_status scored_column_init(const struct scored_column *from,
                                           struct sl_table_column *to, struct sl_error *err);
/** An empty table with columns as in the group. */
SL_MUST_CHECK sl_status scored_table_init(const char *name, const struct scored_group *group,
                                          struct sl_table *table, struct sl_error *err);

/** Rows of a column appended to `to`, which has room for their cells. */
SL_MUST_CHECK sl_status scored_read_column(const struct scored_column *from, int64_t first_row,
                                           size_t n_rows, struct sl_table_column *to, size_t at,
                                           struct sl_error *err);

#endif
