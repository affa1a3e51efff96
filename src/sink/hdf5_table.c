/* A table as HDF5: a group, a dataset for each column, contiguous or in compressed chunks, and what
 * readers are told of it in the terms of the CF conventions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_internal.h"
#include "scoreline/block.h"
#include "scoreline/memory.h"

enum { MOST_FLAGS = 128 }; /* as many as an int8 has room for */

static sl_status type_of(const struct sl_hdf5_table *what, int i, hid_t *type, struct sl_error *err)
{
    const struct sl_table_column *column = &what->table->columns[i];

    switch (column->dtype) {
    case SL_F64:
        return sl_hdf5_check(H5Tcopy(H5T_NATIVE_DOUBLE), "make a type", type, err);
    case SL_I64:
        return sl_hdf5_check(H5Tcopy(H5T_NATIVE_INT64), "make a type", type, err);
    case SL_I32:
        return sl_hdf5_check(H5Tcopy(H5T_NATIVE_INT32), "make a type", type, err);
    case SL_I8:
        return sl_hdf5_check(H5Tcopy(H5T_NATIVE_INT8), "make a type", type, err);
    case SL_U8:
        return sl_hdf5_check(H5Tcopy(H5T_NATIVE_UINT8), "make a type", type, err);
    case SL_FIXED_TEXT:
        break;
    }
    return sl_hdf5_text_type(what->widths == NULL ? column->width : (size_t)what->widths[i], type,
                             err);
}

struct sl_hdf5_shape sl_hdf5_shape(const struct sl_table_column *column, int64_t n_rows)
{
    return (struct sl_hdf5_shape){.n_dimensions = column->items != NULL ? 2 : 1,
                                  .extent = {(hsize_t)n_rows, column->n_items}};
}

/* A chunk has whole rows. */
static sl_status set_chunks(hid_t properties, const struct sl_hdf5_shape *shape,
                            const struct sl_hdf5_storage *storage, struct sl_error *err)
{
    const hsize_t chunk[SL_HDF5_MOST_DIMENSIONS] = {storage->chunk_rows, shape->extent[1]};
    sl_status     rc;

    SL_TRY(sl_hdf5_check(H5Pset_chunk(properties, shape->n_dimensions, chunk), "set chunks", NULL,
                         err));
    SL_TRY(sl_hdf5_check(H5Pset_shuffle(properties), "set shuffle", NULL, err));
    SL_TRY(sl_hdf5_check(H5Pset_deflate(properties, (unsigned)storage->level), "set deflate", NULL,
                         err));
out:
    return rc;
}

/* No fill: every row is written.  No times: the same run gives the same bytes. */
static sl_status creation(const struct sl_hdf5_shape *shape, const struct sl_hdf5_storage *storage,
                          hid_t *properties, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Pcreate(H5P_DATASET_CREATE), "set creation", properties, err));
    SL_TRY(sl_hdf5_check(H5Pset_alloc_time(*properties, storage->when), "set creation", NULL, err));
    SL_TRY(sl_hdf5_check(H5Pset_fill_time(*properties, H5D_FILL_TIME_NEVER), "set creation", NULL,
                         err));
    SL_TRY(sl_hdf5_check(H5Pset_obj_track_times(*properties, false), "set creation", NULL, err));
    if (storage->chunk_rows > 0)
        SL_TRY(set_chunks(*properties, shape, storage, err));
out:
    return rc;
}

sl_status sl_hdf5_create_dataset(hid_t group, const char *name, hid_t type,
                                 const struct sl_hdf5_shape   *shape,
                                 const struct sl_hdf5_storage *storage, hid_t *dataset,
                                 struct sl_error *err)
{
    hid_t     space = SL_HDF5_NONE;
    hid_t     links = SL_HDF5_NONE;
    hid_t     properties = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Screate_simple(shape->n_dimensions, shape->extent, NULL), "make a space",
                         &space, err));
    SL_TRY(sl_hdf5_check(H5Pcreate(H5P_LINK_CREATE), "name", &links, err));
    SL_TRY(sl_hdf5_check(H5Pset_char_encoding(links, H5T_CSET_UTF8), "name", NULL, err));
    SL_TRY(creation(shape, storage, &properties, err));
    SL_TRY(sl_hdf5_check(H5Dcreate2(group, name, type, space, links, properties, H5P_DEFAULT),
                         "create", dataset, err));
out:
    sl_hdf5_close(properties);
    sl_hdf5_close(links);
    sl_hdf5_close(space);
    return rc;
}

/* flag_values 0, 1, ...: one for each word of flag_meanings, of the dataset's own type. */
static sl_status put_flags(hid_t dataset, hid_t type, const struct sl_table_column *column,
                           struct sl_error *err)
{
    union {
        int8_t  i8[MOST_FLAGS];
        int32_t i32[MOST_FLAGS];
        int64_t i64[MOST_FLAGS];
    } flags;
    int n = 1;

    for (const char *c = column->notes.flag_meanings; *c != '\0'; c++)
        n += *c == ' ';
    if (n > MOST_FLAGS || column->dtype == SL_F64 || column->dtype == SL_FIXED_TEXT)
        return sl_fail(err, SL_EBUG, "'%s' cannot have flags", column->name);
    for (int i = 0; i < n; i++) {
        if (column->dtype == SL_I64)
            flags.i64[i] = i;
        else if (column->dtype == SL_I32)
            flags.i32[i] = i;
        else
            flags.i8[i] = (int8_t)i;
    }
    return sl_hdf5_put_values(dataset, "flag_values", type, n, &flags, err);
}

/* Integers have no fill value: readers would turn ids beyond 2^53 into doubles for its sake. */
static sl_status put_fill_value(hid_t dataset, hid_t type, const struct sl_table_column *column,
                                struct sl_error *err)
{
    const double missing_number = (double)NAN;

    if (column->dtype != SL_F64)
        return SL_OK;
    return sl_hdf5_put_values(dataset, "_FillValue", type, 1, &missing_number, err);
}

static sl_status put_notes(hid_t dataset, hid_t type, const struct sl_table_column *column,
                           struct sl_error *err)
{
    const struct sl_column_notes *notes = &column->notes;
    sl_status                     rc = SL_OK;

    if (notes->long_name != NULL)
        SL_TRY(sl_hdf5_put_text(dataset, "long_name", notes->long_name, err));
    if (notes->units != NULL)
        SL_TRY(sl_hdf5_put_text(dataset, "units", notes->units, err));
    if (notes->flag_meanings != NULL) {
        SL_TRY(put_flags(dataset, type, column, err));
        SL_TRY(sl_hdf5_put_text(dataset, "flag_meanings", notes->flag_meanings, err));
    }
    SL_TRY(put_fill_value(dataset, type, column, err));
out:
    return rc;
}

/* Early allocation: room is there, at a place that never moves, when the ranks come to write; but a
 * compressed chunk gets its place when its size is known. */
static struct sl_hdf5_storage storage_of(const struct sl_hdf5_table *what, int i)
{
    if (what->shape == NULL)
        return (struct sl_hdf5_storage){.when = H5D_ALLOC_TIME_EARLY};
    return (struct sl_hdf5_storage){H5D_ALLOC_TIME_INCR,
                                    (hsize_t)what->shape->columns[i].chunk_rows, what->level};
}

static sl_status create_column(hid_t group, const struct sl_hdf5_table *what, int i, hid_t *dataset,
                               struct sl_error *err)
{
    const struct sl_table_column *column = &what->table->columns[i];
    const struct sl_slab          all = {.n_rows = what->n_rows};
    const struct sl_hdf5_storage  storage = storage_of(what, i);
    const struct sl_hdf5_shape    shape = sl_hdf5_shape(column, what->n_rows);
    hid_t                         type = SL_HDF5_NONE;
    sl_status                     rc;

    SL_TRY(type_of(what, i, &type, err));
    SL_TRY(sl_hdf5_create_dataset(group, column->name, type, &shape, &storage, dataset, err));
    SL_TRY(put_notes(*dataset, type, column, err));
    if (what->with_rows)
        SL_TRY(sl_hdf5_write_slabs(&(struct sl_hdf5_column){column, *dataset, -1}, &all, 1, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "'%s'", column->name);
    sl_hdf5_close(type);
    return rc;
}

static sl_status create_columns(hid_t group, const struct sl_hdf5_table *what, hid_t *datasets,
                                struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < what->table->n_columns; i++)
        datasets[i] = SL_HDF5_NONE;
    for (int i = 0; i < what->table->n_columns; i++)
        SL_TRY(create_column(group, what, i, &datasets[i], err));
out:
    return rc;
}

/* Readers see the columns in the order of writing, not of the alphabet. */
static sl_status create_group(hid_t file, const char *name, hid_t *group, struct sl_error *err)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t          properties = SL_HDF5_NONE;
    sl_status      rc;

    SL_TRY(sl_hdf5_check(H5Pcreate(H5P_GROUP_CREATE), "set creation", &properties, err));
    SL_TRY(sl_hdf5_check(H5Pset_link_creation_order(properties, order), "set creation", NULL, err));
    SL_TRY(sl_hdf5_check(H5Gcreate2(file, name, H5P_DEFAULT, properties, H5P_DEFAULT), "create",
                         group, err));
out:
    sl_hdf5_close(properties);
    return rc;
}

sl_status sl_hdf5_create_table(hid_t file, const struct sl_hdf5_table *what, struct sl_error *err)
{
    const struct sl_table *table = what->table;
    hid_t                 *datasets = NULL;
    hid_t                  group = SL_HDF5_NONE;
    sl_status              rc;

    SL_TRY(sl_alloc_array((size_t)table->n_columns, sizeof *datasets, &datasets, err));
    SL_TRY(create_group(file, table->name, &group, err));
    SL_TRY(create_columns(group, what, datasets, err));
    SL_TRY(sl_hdf5_put_scales(group, what, datasets, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "/%s", table->name);
    for (int i = 0; datasets != NULL && group >= 0 && i < table->n_columns; i++)
        sl_hdf5_close(datasets[i]);
    sl_hdf5_close(group);
    free(datasets);
    return rc;
}
