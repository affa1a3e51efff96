/* What the HDF5 files of this module share: error idiom, handles, tables and their scales. */
#ifndef SCORELINE_SINK_HDF5_INTERNAL_H
#define SCORELINE_SINK_HDF5_INTERNAL_H

#include <hdf5.h>
#include <stdbool.h>

#include "blocks.h"
#include "scoreline/sink.h"
#include "scoreline/table.h"

enum { SL_HDF5_NONE = -1 }; /* no handle; the functions below pass it over */

/** Turn what HDF5 returned (negative: failure) into a status; `what` as in "cannot <what>: reason".
 *  A handle is stored in *id, unless id is NULL. */
SL_MUST_CHECK sl_status sl_hdf5_check(int64_t result, const char *what, hid_t *id,
                                      struct sl_error *err);

/** Close a handle of any kind but a file's. */
void sl_hdf5_close(hid_t id);

/** Access properties for a file of our own that one process opens: no lock, no buffer for rows. */
SL_MUST_CHECK sl_status sl_hdf5_access(hid_t *how, struct sl_error *err);

/** Fixed-length text of `width` bytes: UTF-8, padded with NUL. */
SL_MUST_CHECK sl_status sl_hdf5_text_type(size_t width, hid_t *type, struct sl_error *err);

/** How much of a text fits an attribute, without cutting a UTF-8 character. */
size_t sl_hdf5_attribute_bytes(const char *text);

/** Attributes: one text, one number, n values of a native type. */
SL_MUST_CHECK sl_status sl_hdf5_put_text(hid_t object, const char *name, const char *text,
                                         struct sl_error *err);
SL_MUST_CHECK sl_status sl_hdf5_put_number(hid_t object, const char *name, hid_t type,
                                           const void *value, struct sl_error *err);
SL_MUST_CHECK sl_status sl_hdf5_put_values(hid_t object, const char *name, hid_t type, int n,
                                           const void *values, struct sl_error *err);

/* Which table goes where. */
struct sl_hdf5_table {
    const struct sl_table       *table;
    const int64_t               *widths; /* [n_columns] of texts; NULL: those of the columns */
    int64_t                      n_rows;
    bool                         with_rows; /* false: room only, they are written later */
    const struct sl_block_shape *shape; /* NULL: contiguous datasets; else chunks of these rows */
    int                          level; /* of compressed chunks */
};

/** Create a file with all but the distributed rows, `complete` 0; closed by sl_hdf5_close_file().
 */
SL_MUST_CHECK sl_status sl_hdf5_create_file(const char *path, const struct sl_sink_spec *spec,
                                            const struct sl_block_shape *shape, hid_t *file,
                                            struct sl_error *err);

/** Close a file, if it is open, and say `rc`, or what close says: it is the close that writes. */
SL_MUST_CHECK sl_status sl_hdf5_close_file(hid_t file, sl_status rc, struct sl_error *err);

/** A group with a dataset for each column, attributes and scales attached, and its rows. */
SL_MUST_CHECK sl_status sl_hdf5_create_table(hid_t file, const struct sl_hdf5_table *what,
                                             struct sl_error *err);

enum { SL_HDF5_MOST_DIMENSIONS = 2 }; /* rows, and the items of a row */

/* The shape of a dataset. */
struct sl_hdf5_shape {
    int     n_dimensions;
    hsize_t extent[SL_HDF5_MOST_DIMENSIONS];
};

/** That of so many rows of a column. */
struct sl_hdf5_shape sl_hdf5_shape(const struct sl_table_column *column, int64_t n_rows);

/* How a dataset is stored. */
struct sl_hdf5_storage {
    H5D_alloc_time_t when;
    hsize_t          chunk_rows; /* 0: contiguous */
    int              level;      /* of chunks */
};

/** A dataset without attributes. */
SL_MUST_CHECK sl_status sl_hdf5_create_dataset(hid_t group, const char *name, hid_t type,
                                               const struct sl_hdf5_shape   *shape,
                                               const struct sl_hdf5_storage *storage,
                                               hid_t *dataset, struct sl_error *err);

/** A scale for each dimension of a table, attached to its datasets [n_columns]. */
SL_MUST_CHECK sl_status sl_hdf5_put_scales(hid_t group, const struct sl_hdf5_table *what,
                                           const hid_t *datasets, struct sl_error *err);

/* A column of a table in memory, and where it goes. */
struct sl_hdf5_column {
    const struct sl_table_column *column;
    hid_t                         dataset;
    int                           fd; /* of the file, to ask why a write failed; -1: do not */
};

/** Write slabs of one column; texts as wide as the dataset says.  SL_EOUTPUT, SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_hdf5_write_slabs(const struct sl_hdf5_column *to,
                                            const struct sl_slab *slabs, size_t n_slabs,
                                            struct sl_error *err);

#endif
