/* Rows into datasets that are there already.  All ranks open the file and its datasets together;
 * then each writes its own slabs, independently, and nothing but raw data is written, so that a
 * rank whose disk is full fails alone and the file can still be closed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "hdf5.h"
#include "hdf5_internal.h"
#include "scoreline/memory.h"
#include "scoreline/mpi_handle.h"
#include "temp_file.h"

enum {
    STAGE_BYTES = 1 << 20,  /* of texts made as wide as their column */
    PIECE_BYTES = 64 << 20, /* of one write; MPI counts bytes in an int */
};

/* --- one slab --- */

/* Rows [from, from + n) of the column as they lie in the file. */
static const void *cells_at(const struct sl_table_column *column, size_t from, size_t n,
                            size_t row_bytes, char *stage)
{
    if (column->dtype != SL_FIXED_TEXT)
        return (const char *)column->cells.any + from * row_bytes;
    sl_cells_copy(column, from, n, row_bytes, stage);
    return stage;
}

/* A column's dataset, ready to be written to. */
struct target {
    const struct sl_hdf5_column *to;
    hid_t                        type;
    hid_t                        space;
    size_t                       row_bytes; /* in the file */
    size_t                       most;      /* rows of one write */
    char                        *stage;     /* [most * row_bytes], of texts only */
};

static sl_status write_failed(const struct sl_hdf5_column *to, struct sl_error *err)
{
    int fault = errno != 0 ? errno : sl_temp_guess_errno(to->fd);

    return sl_fail(err, SL_EOUTPUT, "'%s': %s", to->column->name, strerror(fault));
}

static sl_status write_piece(const struct target *t, size_t from, int64_t to, size_t n,
                             struct sl_error *err)
{
    const struct sl_hdf5_shape piece = sl_hdf5_shape(t->to->column, (int64_t)n);
    const hsize_t              start[SL_HDF5_MOST_DIMENSIONS] = {(hsize_t)to};
    hid_t                      memory = SL_HDF5_NONE;
    sl_status                  rc;

    SL_TRY(sl_hdf5_check(H5Screate_simple(piece.n_dimensions, piece.extent, NULL), "make a space",
                         &memory, err));
    SL_TRY(sl_hdf5_check(
        H5Sselect_hyperslab(t->space, H5S_SELECT_SET, start, NULL, piece.extent, NULL),
        "select rows", NULL, err));
    errno = 0; /* HDF5 and MPI-IO leave it as the failing system call set it, but not always */
    if (H5Dwrite(t->to->dataset, t->type, memory, t->space, H5P_DEFAULT,
                 cells_at(t->to->column, from, n, t->row_bytes, t->stage)) < 0)
        rc = write_failed(t->to, err);
out:
    sl_hdf5_close(memory);
    return rc;
}

static sl_status write_run(const struct target *t, const struct sl_slab *run, struct sl_error *err)
{
    size_t    n_rows = (size_t)run->n_rows;
    sl_status rc = SL_OK;

    for (size_t done = 0; done < n_rows;) {
        size_t n = n_rows - done < t->most ? n_rows - done : t->most;

        SL_TRY(write_piece(t, run->from + done, run->to + (int64_t)done, n, err));
        done += n;
    }
out:
    return rc;
}

static sl_status target_open(struct target *t, struct sl_error *err)
{
    bool      is_text = t->to->column->dtype == SL_FIXED_TEXT;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Dget_type(t->to->dataset), "read a type", &t->type, err));
    SL_TRY(sl_hdf5_check(H5Dget_space(t->to->dataset), "read a space", &t->space, err));
    t->row_bytes = t->to->column->n_items * H5Tget_size(t->type);
    t->most = (size_t)(is_text ? STAGE_BYTES : PIECE_BYTES) / t->row_bytes;
    if (t->most == 0)
        t->most = 1;
    if (is_text)
        SL_TRY(sl_alloc_array(t->most, t->row_bytes, &t->stage, err));
out:
    return rc;
}

static void target_close(struct target *t)
{
    free(t->stage);
    sl_hdf5_close(t->space);
    sl_hdf5_close(t->type);
}

/* Takes the slabs that go on from the i-th, in memory and in the file, together; the next index. */
static size_t take_run(const struct sl_slab *slabs, size_t n_slabs, size_t i, struct sl_slab *run)
{
    *run = slabs[i++];
    while (i < n_slabs && slabs[i].from == run->from + (size_t)run->n_rows &&
           slabs[i].to == run->to + run->n_rows)
        run->n_rows += slabs[i++].n_rows;
    return i;
}

sl_status sl_hdf5_write_slabs(const struct sl_hdf5_column *to, const struct sl_slab *slabs,
                              size_t n_slabs, struct sl_error *err)
{
    struct target  t = {.to = to, .type = SL_HDF5_NONE, .space = SL_HDF5_NONE};
    struct sl_slab run;
    sl_status      rc = SL_OK;

    if (n_slabs == 0)
        return SL_OK;
    SL_TRY(target_open(&t, err));
    for (size_t i = 0; i < n_slabs;) {
        i = take_run(slabs, n_slabs, i, &run);
        SL_TRY(write_run(&t, &run, err));
    }
out:
    target_close(&t);
    return rc;
}

/* --- all ranks together --- */

/* A file that all ranks have open, and the datasets of a table in it. */
struct sl_hdf5_rows {
    const struct sl_comm *comm;
    int                   fd; /* of the file, to ask why a write failed */
    hid_t                 file;
    hid_t                *datasets; /* [n_columns] */
    int                   n_columns;
};

static sl_status access_together(const struct sl_comm *comm, hid_t *how, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_hdf5_access(how, err));
    if (sl_comm_size(comm) == 1)
        return SL_OK;
    SL_TRY(sl_hdf5_check(H5Pset_fapl_mpio(*how, sl_comm_mpi(comm), MPI_INFO_NULL), "use MPI-IO",
                         NULL, err));
    /* one rank reads headers and tells the others */
    SL_TRY(sl_hdf5_check(H5Pset_all_coll_metadata_ops(*how, true), "use MPI-IO", NULL, err));
out:
    return rc;
}

static sl_status open_file(const struct sl_comm *comm, const char *path, hid_t *file,
                           struct sl_error *err)
{
    hid_t     how = SL_HDF5_NONE;
    sl_status rc = access_together(comm, &how, err);

    rc = sl_comm_agree(comm, rc, err);
    if (rc == SL_OK)
        rc = sl_hdf5_check(H5Fopen(path, H5F_ACC_RDWR, how), "open", file, err);
    sl_hdf5_close(how);
    return sl_comm_agree(comm, rc, err);
}

static sl_status open_datasets(const struct sl_comm *comm, const struct sl_table *rows,
                               struct sl_hdf5_rows *shared, struct sl_error *err)
{
    hid_t     group = SL_HDF5_NONE;
    sl_status rc;

    rc = sl_alloc_array((size_t)rows->n_columns, sizeof *shared->datasets, &shared->datasets, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    rc = sl_hdf5_check(H5Gopen2(shared->file, rows->name, H5P_DEFAULT), "open", &group, err);
    for (int i = 0; i < rows->n_columns; i++) {
        hid_t     dataset = H5Dopen2(group, rows->columns[i].name, H5P_DEFAULT);
        sl_status opened = sl_hdf5_check(dataset, "open", &shared->datasets[i], err);

        shared->n_columns++;
        rc = rc == SL_OK ? opened : rc; /* no rank leaves the others alone in a collective open */
    }
    rc = sl_comm_agree(comm, rc, err);
out:
    sl_hdf5_close(group);
    return rc;
}

static sl_status write_columns(const struct sl_hdf5_rows *shared, const struct sl_table *rows,
                               const struct sl_slab *slabs, size_t n_slabs, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < rows->n_columns; i++) {
        const struct sl_hdf5_column to = {&rows->columns[i], shared->datasets[i], shared->fd};

        SL_TRY(sl_hdf5_write_slabs(&to, slabs, n_slabs, err));
    }
out:
    return rc;
}

sl_status sl_hdf5_rows_open(const struct sl_comm *comm, const char *path, int fd,
                            const struct sl_table *rows, struct sl_hdf5_rows **out,
                            struct sl_error *err)
{
    struct sl_hdf5_rows *shared = NULL;
    struct sl_error      ignored;
    sl_status            rc;

    SL_TRY(sl_comm_agree(comm, sl_alloc_array(1, sizeof *shared, &shared, err), err));
    *shared = (struct sl_hdf5_rows){.comm = comm, .fd = fd, .file = SL_HDF5_NONE};
    SL_TRY(open_file(comm, path, &shared->file, err));
    SL_TRY(open_datasets(comm, rows, shared, err));
    *out = shared;
    shared = NULL;
out:
    if (sl_hdf5_rows_close(shared, &ignored) != SL_OK)
        return rc; /* which came first */
    return rc;
}

sl_status sl_hdf5_rows_write(struct sl_hdf5_rows *shared, const struct sl_table *rows,
                             const struct sl_slab *slabs, size_t n_slabs, struct sl_error *err)
{
    return sl_comm_agree(shared->comm, write_columns(shared, rows, slabs, n_slabs, err), err);
}

sl_status sl_hdf5_rows_close(struct sl_hdf5_rows *shared, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (shared == NULL)
        return SL_OK;
    for (int i = 0; i < shared->n_columns; i++)
        sl_hdf5_close(shared->datasets[i]);
    if (shared->file >= 0)
        rc = sl_comm_agree(shared->comm, sl_hdf5_check(H5Fclose(shared->file), "close", NULL, err),
                           err);
    free(shared->datasets);
    free(shared);
    return rc;
}
