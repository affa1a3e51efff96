/* A structure in memory that learns, chunk by chunk, where compressed rows lie.  Chunks are handed
 * over as they are to be stored, so that HDF5 gives them a place and indexes them, no more. */
#include <stdlib.h>

#include "hdf5.h"
#include "hdf5_internal.h"
#include "scoreline/memory.h"

struct sl_hdf5_chunks {
    hid_t  file;
    hid_t *datasets; /* [n_columns] */
    int    n_columns;
};

static sl_status open_datasets(struct sl_hdf5_chunks *chunks, const struct sl_table *rows,
                               struct sl_error *err)
{
    hid_t     group = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(
        sl_alloc_array((size_t)rows->n_columns, sizeof *chunks->datasets, &chunks->datasets, err));
    SL_TRY(sl_hdf5_check(H5Gopen2(chunks->file, rows->name, H5P_DEFAULT), "open", &group, err));
    for (; chunks->n_columns < rows->n_columns; chunks->n_columns++)
        SL_TRY(sl_hdf5_check(H5Dopen2(group, rows->columns[chunks->n_columns].name, H5P_DEFAULT),
                             "open", &chunks->datasets[chunks->n_columns], err));
out:
    sl_hdf5_close(group);
    return rc;
}

sl_status sl_hdf5_chunks_open(const char *path, const struct sl_sink_spec *spec,
                              const struct sl_block_shape *shape, struct sl_hdf5_chunks **out,
                              struct sl_error *err)
{
    struct sl_hdf5_chunks *chunks = NULL;
    sl_status              rc;

    SL_TRY(sl_alloc_array(1, sizeof *chunks, &chunks, err));
    chunks->file = SL_HDF5_NONE;
    SL_TRY(sl_hdf5_create_file(path, spec, shape, &chunks->file, err));
    SL_TRY(open_datasets(chunks, spec->rows, err));
    *out = chunks;
    chunks = NULL;
out:
    sl_hdf5_chunks_free(chunks);
    return rc;
}

sl_status sl_hdf5_chunks_put(struct sl_hdf5_chunks *chunks, int column, int64_t first_row,
                             const void *data, size_t n_bytes, int64_t *address,
                             struct sl_error *err)
{
    hid_t         dataset = chunks->datasets[column];
    const hsize_t at[SL_HDF5_MOST_DIMENSIONS] = {(hsize_t)first_row};
    unsigned      mask = 0;
    haddr_t       place = HADDR_UNDEF;
    hsize_t       stored = 0;
    sl_status     rc;

    SL_TRY(sl_hdf5_check(H5Dwrite_chunk(dataset, H5P_DEFAULT, mask, at, n_bytes, data),
                         "store a chunk", NULL, err));
    SL_TRY(sl_hdf5_check(H5Dget_chunk_info_by_coord(dataset, at, &mask, &place, &stored),
                         "find a chunk", NULL, err));
    if (place == HADDR_UNDEF || stored != n_bytes)
        return sl_fail(err, SL_EBUG, "sink: a chunk is not where it was put");
    *address = (int64_t)place;
out:
    return rc;
}

sl_status sl_hdf5_chunks_finish(struct sl_hdf5_chunks *chunks, struct sl_error *err)
{
    hid_t file = chunks->file;

    for (int i = 0; i < chunks->n_columns; i++)
        sl_hdf5_close(chunks->datasets[i]);
    chunks->n_columns = 0;
    chunks->file = SL_HDF5_NONE;
    return sl_hdf5_close_file(file, SL_OK, err);
}

void sl_hdf5_chunks_free(struct sl_hdf5_chunks *chunks)
{
    struct sl_error ignored;

    if (chunks == NULL)
        return;
    if (sl_hdf5_chunks_finish(chunks, &ignored) != SL_OK)
        chunks->file = SL_HDF5_NONE; /* nobody wants it any more */
    free(chunks->datasets);
    free(chunks);
}
