/* The HDF5 file as a whole: root attributes, provenance, tables; what is ours and complete. Handles
 * are closed whatever happened: a file with one left open stays open. */
#include "hdf5.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cells.h"
#include "hdf5_internal.h"

enum {
    FORMAT_VERSION = 1,
    HEADER_BYTES = 8 << 10,      /* of a dataset with its attributes, more than enough */
    STRUCTURE_BYTES = 256 << 10, /* of groups and half-used blocks */
};

static sl_status put_root(hid_t file, const struct sl_sink_spec *spec, struct sl_error *err)
{
    const int32_t version = FORMAT_VERSION;
    const int8_t  complete = 0;
    sl_status     rc;

    SL_TRY(sl_hdf5_put_number(file, "scoreline_format", H5T_NATIVE_INT32, &version, err));
    for (int i = 0; i < spec->n_attributes; i++)
        SL_TRY(sl_hdf5_put_text(file, spec->attributes[i].name, spec->attributes[i].text, err));
    SL_TRY(sl_hdf5_put_number(file, "complete", H5T_NATIVE_INT8, &complete, err));
out:
    return rc;
}

static sl_status put_provenance(hid_t group, const struct sl_named_text *item, struct sl_error *err)
{
    hid_t     type = SL_HDF5_NONE;
    hid_t     space = SL_HDF5_NONE;
    hid_t     dataset = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_text_type(strlen(item->text), &type, err));
    SL_TRY(sl_hdf5_check(H5Screate(H5S_SCALAR), "make a scalar", &space, err));
    SL_TRY(sl_hdf5_check(
        H5Dcreate2(group, item->name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "create",
        &dataset, err));
    SL_TRY(sl_hdf5_check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, item->text),
                         "write", NULL, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "'%s'", item->name);
    sl_hdf5_close(dataset);
    sl_hdf5_close(space);
    sl_hdf5_close(type);
    return rc;
}

static sl_status put_all_provenance(hid_t file, const struct sl_sink_spec *spec,
                                    struct sl_error *err)
{
    hid_t     group = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Gcreate2(file, "provenance", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         "create", &group, err));
    for (int i = 0; i < spec->n_provenance; i++)
        SL_TRY(put_provenance(group, &spec->provenance[i], err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "/provenance");
    sl_hdf5_close(group);
    return rc;
}

/* --- the file --- */

static sl_status put_everything(hid_t file, const struct sl_sink_spec *spec,
                                const struct sl_block_shape *shape, struct sl_error *err)
{
    const struct sl_hdf5_table rows = {.table = spec->rows,
                                       .widths = spec->widths,
                                       .n_rows = spec->n_rows,
                                       .shape = shape,
                                       .level = spec->compress};
    sl_status                  rc;

    SL_TRY(put_root(file, spec, err));
    SL_TRY(put_all_provenance(file, spec, err));
    for (int i = 0; i < spec->n_tables; i++) {
        const struct sl_hdf5_table small = {.table = &spec->tables[i],
                                            .n_rows = (int64_t)spec->tables[i].n_rows,
                                            .with_rows = true};

        SL_TRY(sl_hdf5_create_table(file, &small, err));
    }
    SL_TRY(sl_hdf5_create_table(file, &rows, err));
out:
    return rc;
}

sl_status sl_hdf5_close_file(hid_t file, sl_status rc, struct sl_error *err)
{
    sl_status closed;

    if (file < 0)
        return rc;
    closed =
        sl_hdf5_check(H5Fclose(file), "close", NULL, rc == SL_OK ? err : &(struct sl_error){0});
    return rc == SL_OK ? closed : rc;
}

sl_status sl_hdf5_create_file(const char *path, const struct sl_sink_spec *spec,
                              const struct sl_block_shape *shape, hid_t *file, struct sl_error *err)
{
    hid_t     how = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_access(&how, err));
    /* the default driver resolves links in names, and that of a file in memory leads nowhere */
    SL_TRY(sl_hdf5_check(H5Pset_fapl_stdio(how), "set access", NULL, err));
    SL_TRY(sl_hdf5_check(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, how), "create", file, err));
    SL_TRY(put_everything(*file, spec, shape, err));
out:
    sl_hdf5_close(how);
    return rc;
}

sl_status sl_hdf5_build(const char *path, const struct sl_sink_spec *spec, struct sl_error *err)
{
    hid_t     file = SL_HDF5_NONE;
    sl_status rc = sl_hdf5_create_file(path, spec, NULL, &file, err);

    return sl_hdf5_close_file(file, rc, err);
}

static sl_status mark_complete(hid_t file, struct sl_error *err)
{
    const int8_t complete = 1;
    hid_t        attribute = SL_HDF5_NONE;
    sl_status    rc;

    SL_TRY(
        sl_hdf5_check(H5Aopen(file, "complete", H5P_DEFAULT), "open 'complete'", &attribute, err));
    SL_TRY(sl_hdf5_check(H5Awrite(attribute, H5T_NATIVE_INT8, &complete), "write 'complete'", NULL,
                         err));
out:
    sl_hdf5_close(attribute);
    return rc;
}

/* Texts are as wide as when the table was made, and so are not written again. */
static sl_status put_numbers(hid_t file, const struct sl_table *table, struct sl_error *err)
{
    const struct sl_slab all = {.n_rows = (int64_t)table->n_rows};
    hid_t                group = SL_HDF5_NONE;
    hid_t                dataset = SL_HDF5_NONE;
    sl_status            rc;

    SL_TRY(sl_hdf5_check(H5Gopen2(file, table->name, H5P_DEFAULT), "open", &group, err));
    for (int i = 0; i < table->n_columns; i++) {
        const struct sl_table_column *column = &table->columns[i];

        if (column->dtype == SL_FIXED_TEXT)
            continue;
        SL_TRY(sl_hdf5_check(H5Dopen2(group, column->name, H5P_DEFAULT), "open", &dataset, err));
        SL_TRY(sl_hdf5_write_slabs(&(struct sl_hdf5_column){column, dataset, -1}, &all, 1, err));
        sl_hdf5_close(dataset);
        dataset = SL_HDF5_NONE;
    }
out:
    if (rc != SL_OK)
        sl_error_in(err, "/%s", table->name);
    sl_hdf5_close(dataset);
    sl_hdf5_close(group);
    return rc;
}

sl_status sl_hdf5_finish(const char *path, const struct sl_table *late, bool is_complete,
                         struct sl_error *err)
{
    hid_t     how = SL_HDF5_NONE;
    hid_t     file = SL_HDF5_NONE;
    sl_status rc;

    if (late == NULL && !is_complete)
        return SL_OK;
    SL_TRY(sl_hdf5_access(&how, err));
    SL_TRY(sl_hdf5_check(H5Fopen(path, H5F_ACC_RDWR, how), "open", &file, err));
    if (late != NULL)
        SL_TRY(put_numbers(file, late, err));
    if (is_complete)
        SL_TRY(mark_complete(file, err));
out:
    rc = sl_hdf5_close_file(file, rc, err);
    sl_hdf5_close(how);
    return rc;
}

/* --- how large --- */

static int64_t table_bytes(const struct sl_table *table, const int64_t *widths, int64_t n_rows)
{
    int64_t n_bytes = HEADER_BYTES;

    for (int i = 0; i < table->n_columns; i++) {
        const struct sl_table_column *column = &table->columns[i];
        int64_t                       width = widths == NULL ? (int64_t)column->width : widths[i];

        n_bytes += HEADER_BYTES + n_rows * (int64_t)sl_cells_bytes(column, width);
    }
    return n_bytes;
}

int64_t sl_hdf5_most_bytes(const struct sl_sink_spec *spec)
{
    int64_t n_bytes = STRUCTURE_BYTES + table_bytes(spec->rows, spec->widths, spec->n_rows);

    for (int i = 0; i < spec->n_tables; i++)
        n_bytes += table_bytes(&spec->tables[i], NULL, (int64_t)spec->tables[i].n_rows);
    for (int i = 0; i < spec->n_provenance; i++)
        n_bytes += HEADER_BYTES + (int64_t)strlen(spec->provenance[i].text);
    for (int i = 0; i < spec->n_attributes; i++)
        n_bytes += (int64_t)sl_hdf5_attribute_bytes(spec->attributes[i].text);
    return n_bytes;
}

/* --- what stands there --- */

static bool read_complete(hid_t file)
{
    int8_t complete = 0;
    hid_t  attribute = H5Aopen(file, "complete", H5P_DEFAULT);

    if (attribute >= 0 && H5Aread(attribute, H5T_NATIVE_INT8, &complete) < 0)
        complete = 0;
    sl_hdf5_close(attribute);
    return complete == 1;
}

static bool read_fingerprint(hid_t file, char *out, size_t out_bytes)
{
    struct sl_error ignored;
    hid_t           type = SL_HDF5_NONE;
    hid_t           attribute = H5Aopen(file, "fingerprint", H5P_DEFAULT);
    bool            found = false;

    memset(out, 0, out_bytes);
    if (attribute >= 0 && sl_hdf5_text_type(out_bytes - 1, &type, &ignored) == SL_OK)
        found = H5Aread(attribute, type, out) >= 0;
    sl_hdf5_close(type);
    sl_hdf5_close(attribute);
    return found;
}

enum sl_output_state sl_sink_look(const char *path, char *fingerprint, size_t out_bytes)
{
    struct sl_error ignored;
    struct stat     status;
    bool            ours = false;
    bool            complete = false;
    hid_t           how = SL_HDF5_NONE;
    hid_t           file = SL_HDF5_NONE;

    if (stat(path, &status) != 0)
        return errno == ENOENT || errno == ENOTDIR ? SL_OUTPUT_ABSENT : SL_OUTPUT_FOREIGN;
    if (!S_ISREG(status.st_mode)) /* a pipe would keep us waiting */
        return SL_OUTPUT_FOREIGN;
    if (sl_hdf5_access(&how, &ignored) == SL_OK)
        file = H5Fopen(path, H5F_ACC_RDONLY, how);
    if (file >= 0) {
        ours = read_fingerprint(file, fingerprint, out_bytes);
        complete = read_complete(file);
        H5Fclose(file);
    }
    sl_hdf5_close(how);
    if (!ours)
        return SL_OUTPUT_FOREIGN;
    return complete ? SL_OUTPUT_COMPLETE : SL_OUTPUT_PARTIAL;
}
