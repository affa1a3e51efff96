/* Dimension scales as the specification "HDF5 Dimension Scale" writes them down: four attributes.
 * Done by hand, since the library that does it (hdf5_hl) is not everywhere beside a parallel HDF5.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_internal.h"
#include "scoreline/memory.h"

/* An item of REFERENCE_LIST. */
struct use {
    hobj_ref_t dataset;
    unsigned   dimension;
};

/* CLASS and NAME: ASCII, ended by NUL, which readers insist on. */
static sl_status put_plain_text(hid_t object, const char *name, const char *text,
                                struct sl_error *err)
{
    hid_t     type = SL_HDF5_NONE;
    hid_t     space = SL_HDF5_NONE;
    hid_t     attribute = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Tcopy(H5T_C_S1), "make a type", &type, err));
    SL_TRY(sl_hdf5_check(H5Tset_size(type, strlen(text) + 1), "make a type", NULL, err));
    SL_TRY(sl_hdf5_check(H5Screate(H5S_SCALAR), "make a scalar", &space, err));
    SL_TRY(sl_hdf5_check(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), "create",
                         &attribute, err));
    SL_TRY(sl_hdf5_check(H5Awrite(attribute, type, text), "write", NULL, err));
out:
    sl_hdf5_close(attribute);
    sl_hdf5_close(space);
    sl_hdf5_close(type);
    return rc;
}

/* A dimension of a table, and its scale. */
struct dimension {
    const char *name;
    int         place; /* 0: of rows, 1: of the items of a row */
    hsize_t     extent;
    hid_t       scale;
    bool        is_column; /* the scale is a column of the table */
    hobj_ref_t  reference;
};

/* From the dataset to its scales: a list of one for each of its dimensions. */
static sl_status put_dimension_list(hid_t dataset, hobj_ref_t *const *scales, int n_dimensions,
                                    struct sl_error *err)
{
    hvl_t     lists[SL_HDF5_MOST_DIMENSIONS];
    hid_t     type = SL_HDF5_NONE;
    sl_status rc;

    for (int i = 0; i < n_dimensions; i++)
        lists[i] = (hvl_t){.len = 1, .p = scales[i]};
    SL_TRY(sl_hdf5_check(H5Tvlen_create(H5T_STD_REF_OBJ), "make a type", &type, err));
    SL_TRY(sl_hdf5_put_values(dataset, "DIMENSION_LIST", type, n_dimensions, lists, err));
out:
    sl_hdf5_close(type);
    return rc;
}

/* From the scale to the datasets that use it. */
static sl_status put_reference_list(hid_t scale, const struct use *uses, int n,
                                    struct sl_error *err)
{
    hid_t     type = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Tcreate(H5T_COMPOUND, sizeof *uses), "make a type", &type, err));
    SL_TRY(sl_hdf5_check(H5Tinsert(type, "dataset", offsetof(struct use, dataset), H5T_STD_REF_OBJ),
                         "make a type", NULL, err));
    SL_TRY(sl_hdf5_check(
        H5Tinsert(type, "dimension", offsetof(struct use, dimension), H5T_NATIVE_UINT),
        "make a type", NULL, err));
    SL_TRY(sl_hdf5_put_values(scale, "REFERENCE_LIST", type, n, uses, err));
out:
    sl_hdf5_close(type);
    return rc;
}

/* netCDF's way to say that a dimension has no values of its own: a dataset whose name tells and
 * which never gets storage. */
static sl_status create_scale(hid_t group, struct dimension *d, struct sl_error *err)
{
    const struct sl_hdf5_shape   shape = {.n_dimensions = 1, .extent = {d->extent}};
    const struct sl_hdf5_storage storage = {.when = H5D_ALLOC_TIME_LATE};
    char                         name[80];
    sl_status                    rc;

    snprintf(name, sizeof name, "This is a netCDF dimension but not a netCDF variable. %10llu",
             (unsigned long long)d->extent);
    SL_TRY(
        sl_hdf5_create_dataset(group, d->name, H5T_IEEE_F32BE, &shape, &storage, &d->scale, err));
    SL_TRY(put_plain_text(d->scale, "CLASS", "DIMENSION_SCALE", err));
    SL_TRY(put_plain_text(d->scale, "NAME", name, err));
out:
    return rc;
}

/* The column of the dimension's name if there is one, else a dataset that only names it. */
static sl_status open_scale(hid_t group, const struct sl_table *table, const hid_t *datasets,
                            struct dimension *d, struct sl_error *err)
{
    const struct sl_table_column *own = sl_table_column(table, d->name);
    sl_status                     rc;

    if (own == NULL) {
        SL_TRY(create_scale(group, d, err));
    } else {
        if (d->place > 0)
            return sl_fail(err, SL_EBUG, "'%s' is a column and a dimension of others", d->name);
        d->is_column = true;
        d->scale = datasets[own - table->columns];
        SL_TRY(put_plain_text(d->scale, "CLASS", "DIMENSION_SCALE", err));
        SL_TRY(put_plain_text(d->scale, "NAME", d->name, err));
    }
    rc = sl_hdf5_check(H5Rcreate(&d->reference, d->scale, ".", H5R_OBJECT, SL_HDF5_NONE), "refer",
                       NULL, err);
out:
    return rc;
}

/* That of the rows, then each that a column names. */
static sl_status list_dimensions(const struct sl_hdf5_table *what, struct dimension *d, int *n,
                                 struct sl_error *err)
{
    const struct sl_table *table = what->table;

    d[0] = (struct dimension){
        .name = table->dimension, .extent = (hsize_t)what->n_rows, .scale = SL_HDF5_NONE};
    *n = 1;
    for (int i = 0; i < table->n_columns; i++) {
        const struct sl_table_column *column = &table->columns[i];
        int                           k = 0;

        if (column->items == NULL)
            continue;
        while (k < *n && strcmp(d[k].name, column->items) != 0)
            k++;
        if (k == *n)
            d[(*n)++] = (struct dimension){.name = column->items,
                                           .place = 1,
                                           .extent = column->n_items,
                                           .scale = SL_HDF5_NONE};
        if (d[k].place != 1 || d[k].extent != column->n_items)
            return sl_fail(err, SL_EBUG, "'%s': dimension '%s' is of another size elsewhere",
                           column->name, column->items);
    }
    return SL_OK;
}

static bool has_dimension(const struct sl_table_column *column, const struct dimension *d)
{
    return d->place == 0 || (column->items != NULL && strcmp(column->items, d->name) == 0);
}

/* One dataset to its scales; one that is a scale itself has none. */
static sl_status attach(const struct sl_table_column *column, hid_t dataset, struct dimension *d,
                        int n, struct sl_error *err)
{
    hobj_ref_t *scales[SL_HDF5_MOST_DIMENSIONS] = {NULL};

    for (int k = 0; k < n; k++) {
        if (d[k].scale == dataset)
            return SL_OK;
        if (has_dimension(column, &d[k]))
            scales[d[k].place] = &d[k].reference;
    }
    return put_dimension_list(dataset, scales, column->items != NULL ? 2 : 1, err);
}

static sl_status list_uses(const struct sl_table *table, const hid_t *datasets,
                           const struct dimension *d, struct use *uses, struct sl_error *err)
{
    int       n = 0;
    sl_status rc = SL_OK;

    for (int i = 0; i < table->n_columns; i++) {
        if (datasets[i] == d->scale || !has_dimension(&table->columns[i], d))
            continue;
        uses[n].dimension = (unsigned)d->place;
        SL_TRY(
            sl_hdf5_check(H5Rcreate(&uses[n++].dataset, datasets[i], ".", H5R_OBJECT, SL_HDF5_NONE),
                          "refer", NULL, err));
    }
    if (n > 0)
        SL_TRY(put_reference_list(d->scale, uses, n, err));
out:
    return rc;
}

sl_status sl_hdf5_put_scales(hid_t group, const struct sl_hdf5_table *what, const hid_t *datasets,
                             struct sl_error *err)
{
    const struct sl_table *table = what->table;
    struct dimension      *d = NULL;
    struct use            *uses = NULL;
    int                    n = 0;
    sl_status              rc;

    SL_TRY(sl_alloc_array((size_t)table->n_columns + 1, sizeof *d, &d, err));
    SL_TRY(sl_alloc_array((size_t)table->n_columns, sizeof *uses, &uses, err));
    SL_TRY(list_dimensions(what, d, &n, err));
    for (int k = 0; k < n; k++)
        SL_TRY(open_scale(group, table, datasets, &d[k], err));
    for (int i = 0; i < table->n_columns; i++)
        SL_TRY(attach(&table->columns[i], datasets[i], d, n, err));
    for (int k = 0; k < n; k++)
        SL_TRY(list_uses(table, datasets, &d[k], uses, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "dimension scale");
    for (int k = 0; k < n; k++)
        if (!d[k].is_column)
            sl_hdf5_close(d[k].scale);
    free(uses);
    free(d);
    return rc;
}
