/* Rows go by rounds: in a round every rank gathers one block, compresses its columns and sends them
 * to rank 0, which enters the chunks into the structure in memory and writes them to the place they
 * have there.  Compression takes nearly all the time, and all ranks do it; HDF5 never sees the
 * disk, so that a full one is a failed write and nothing more. */
#include "packed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"
#include "deflate.h"
#include "hdf5.h"
#include "image.h"
#include "scoreline/file.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"
#include "temp_file.h"

enum { INDEX_BYTES = 128 }; /* of a chunk in HDF5's tree, half-filled nodes counted */

struct sl_packed {
    const struct sl_comm *comm;
    int                   level;
    struct sl_block_shape shape;
    struct sl_blocks     *blocks;
    char                 *scratch; /* the largest chunk, shuffled */
    struct sl_text        chunks;  /* of the last block, as they are sent to rank 0 */

    /* rank 0 */
    int                    fd;
    struct sl_image        image;
    struct sl_hdf5_chunks *index;
    int64_t                n_stored;        /* blocks */
    int64_t                end;             /* of the chunks in the file */
    int64_t                structure_bytes; /* at most, of what is not chunks */
};

static sl_status open_index(struct sl_packed *packed, const struct sl_sink_spec *spec,
                            struct sl_error *err);
static size_t    most_chunk_bytes(const struct sl_block_shape *shape);
static sl_status do_round(struct sl_packed *packed, int64_t round, struct sl_slab_cursor *cursor,
                          struct sl_error *err);
static sl_status pack_block(struct sl_packed *packed, int64_t round, struct sl_error *err);
static sl_status store_blocks(struct sl_packed *packed, const char *data, size_t n_bytes,
                              struct sl_error *err);

sl_status sl_packed_open(const struct sl_comm *comm, const struct sl_sink_spec *spec, int fd,
                         struct sl_packed **out, struct sl_error *err)
{
    struct sl_packed *packed = NULL;
    sl_status         rc;

    SL_TRY(sl_comm_agree(comm, sl_alloc_array(1, sizeof *packed, &packed, err), err));
    *packed = (struct sl_packed){.comm = comm, .level = spec->compress, .fd = fd, .image.fd = -1};
    rc = sl_block_shape_init(&packed->shape, spec, err);
    if (rc == SL_OK)
        rc = sl_blocks_create(comm, &packed->shape, &packed->blocks, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(most_chunk_bytes(&packed->shape), 1, &packed->scratch, err);
    if (rc == SL_OK && sl_comm_rank(comm) == 0)
        rc = open_index(packed, spec, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    *out = packed;
    packed = NULL;
out:
    sl_packed_close(packed);
    return rc;
}

static int64_t structure_bytes(const struct sl_block_shape *shape, const struct sl_sink_spec *spec)
{
    struct sl_sink_spec without_rows = *spec;
    int64_t             n_chunks = 0;

    without_rows.n_rows = 0;
    for (int i = 0; i < shape->n_columns; i++)
        n_chunks += sl_block_chunks(&shape->columns[i], shape->n_rows);
    return sl_hdf5_most_bytes(&without_rows) + n_chunks * INDEX_BYTES;
}

static sl_status open_index(struct sl_packed *packed, const struct sl_sink_spec *spec,
                            struct sl_error *err)
{
    sl_status rc;

    packed->structure_bytes = structure_bytes(&packed->shape, spec);
    SL_TRY(sl_temp_check_limit(packed->structure_bytes, err));
    SL_TRY(sl_image_create(&packed->image, err));
    SL_TRY(sl_hdf5_chunks_open(packed->image.path, spec, &packed->shape, &packed->index, err));
out:
    return rc;
}

void sl_packed_close(struct sl_packed *packed)
{
    if (packed == NULL)
        return;
    sl_hdf5_chunks_free(packed->index);
    sl_image_close(&packed->image);
    sl_text_release(&packed->chunks);
    free(packed->scratch);
    sl_blocks_free(packed->blocks);
    sl_block_shape_release(&packed->shape);
    free(packed);
}

static size_t most_chunk_bytes(const struct sl_block_shape *shape)
{
    size_t most = 0;

    for (int i = 0; i < shape->n_columns; i++) {
        size_t n_bytes = (size_t)shape->columns[i].chunk_rows * shape->columns[i].row_bytes;

        most = n_bytes > most ? n_bytes : most;
    }
    return most;
}

/* --- all ranks --- */

sl_status sl_packed_write(struct sl_packed *packed, const struct sl_table *rows,
                          const struct sl_slab *slabs, size_t n_slabs, struct sl_error *err)
{
    struct sl_slab_cursor cursor = {.rows = rows, .slabs = slabs, .n_slabs = n_slabs};
    int64_t               per_round = packed->shape.block_rows * sl_comm_size(packed->comm);
    int64_t               reach[2] = {-INT64_MAX, -1}; /* minus the first row, and the last */
    sl_status             rc = SL_OK;

    if (n_slabs > 0) {
        reach[0] = -slabs[0].to;
        reach[1] = slabs[n_slabs - 1].to + slabs[n_slabs - 1].n_rows - 1;
    }
    sl_comm_max_i64(packed->comm, reach, 2);
    for (int64_t r = -reach[0] / per_round; r * per_round <= reach[1] && rc == SL_OK; r++)
        rc = do_round(packed, r, &cursor, err);
    return rc;
}

static sl_status do_round(struct sl_packed *packed, int64_t round, struct sl_slab_cursor *cursor,
                          struct sl_error *err)
{
    const struct sl_comm *comm = packed->comm;
    void                 *all = NULL;
    size_t                n_all = 0;
    sl_status             rc;

    SL_TRY(sl_blocks_gather(packed->blocks, round, cursor, err));
    SL_TRY(sl_comm_agree(comm, pack_block(packed, round, err), err));
    SL_TRY(
        sl_comm_gather_bytes(comm, packed->chunks.data, packed->chunks.n_bytes, &all, &n_all, err));
    rc = sl_comm_agree(comm, store_blocks(packed, all, n_all, err), err);
out:
    free(all);
    return rc;
}

static sl_status pack_chunk(struct sl_packed *packed, const struct sl_block_column *column,
                            const char *cells, struct sl_error *err)
{
    struct sl_text *to = &packed->chunks;
    size_t          head = to->n_bytes;
    int64_t         n_bytes = 0;
    sl_status       rc;

    SL_TRY(sl_text_add_bytes(to, &n_bytes, sizeof n_bytes, err));
    SL_TRY(sl_deflate(cells, (size_t)column->chunk_rows * column->n_items,
                      column->row_bytes / column->n_items, packed->level, packed->scratch, to,
                      err));
    n_bytes = (int64_t)(to->n_bytes - head - sizeof n_bytes);
    memcpy(to->data + head, &n_bytes, sizeof n_bytes);
out:
    return rc;
}

/* This rank's block of the round, if it is whole: its number, then for each chunk of each column
 * its size and its bytes. */
static sl_status pack_block(struct sl_packed *packed, int64_t round, struct sl_error *err)
{
    const struct sl_block_shape *shape = &packed->shape;
    const char                  *cells = sl_blocks_whole(packed->blocks, round);
    int64_t   b = round * sl_comm_size(packed->comm) + sl_comm_rank(packed->comm);
    sl_status rc;

    packed->chunks.n_bytes = 0;
    if (cells == NULL)
        return SL_OK;
    SL_TRY(sl_text_add_bytes(&packed->chunks, &b, sizeof b, err));
    for (int i = 0; i < shape->n_columns; i++) {
        const struct sl_block_column *column = &shape->columns[i];
        size_t                        step = (size_t)column->chunk_rows * column->row_bytes;
        int64_t                       n = sl_block_chunks(column, sl_block_rows(shape, b));

        for (int64_t c = 0; c < n; c++)
            SL_TRY(pack_chunk(packed, column, cells + column->at + (size_t)c * step, err));
    }
    sl_blocks_drop(packed->blocks, round);
out:
    return rc;
}

/* --- rank 0 --- */

static int64_t take_i64(const char **data)
{
    int64_t value;

    memcpy(&value, *data, sizeof value);
    *data += sizeof value;
    return value;
}

static sl_status store_chunk(struct sl_packed *packed, int column, int64_t first_row,
                             const char **data, struct sl_error *err)
{
    size_t    n_bytes = (size_t)take_i64(data);
    int64_t   address;
    sl_status rc;

    /* the limit is that of the file in memory too, and HDF5 must not meet it */
    SL_TRY(sl_temp_check_limit(packed->end + (int64_t)n_bytes + packed->structure_bytes, err));
    SL_TRY(sl_hdf5_chunks_put(packed->index, column, first_row, *data, n_bytes, &address, err));
    SL_TRY(sl_file_write_at(packed->fd, *data, n_bytes, address, err));
    SL_TRY(sl_image_leave_out(&packed->image, address, address + (int64_t)n_bytes, err));
    if (packed->end < address + (int64_t)n_bytes)
        packed->end = address + (int64_t)n_bytes;
    *data += n_bytes;
out:
    return rc;
}

static sl_status store_blocks(struct sl_packed *packed, const char *data, size_t n_bytes,
                              struct sl_error *err)
{
    const struct sl_block_shape *shape = &packed->shape;
    const char                  *end = data + n_bytes;
    sl_status                    rc = SL_OK;

    while (data < end) {
        int64_t b = take_i64(&data);

        for (int i = 0; i < shape->n_columns; i++) {
            const struct sl_block_column *column = &shape->columns[i];
            int64_t                       n = sl_block_chunks(column, sl_block_rows(shape, b));

            for (int64_t c = 0; c < n; c++)
                SL_TRY(store_chunk(packed, i, b * shape->block_rows + c * column->chunk_rows, &data,
                                   err));
        }
        packed->n_stored++;
    }
out:
    return rc;
}

static sl_status finish_file(struct sl_packed *packed, struct sl_error *err)
{
    int64_t   n_bytes;
    sl_status rc;

    if (packed->n_stored != packed->shape.n_blocks)
        return sl_fail(err, SL_EBUG, "sink: %" PRId64 " of %" PRId64 " blocks of rows were given",
                       packed->n_stored, packed->shape.n_blocks);
    SL_TRY(sl_hdf5_chunks_finish(packed->index, err));
    SL_TRY(sl_image_copy(&packed->image, packed->fd, &n_bytes, err));
out:
    return rc;
}

sl_status sl_packed_finish(struct sl_packed *packed, struct sl_error *err)
{
    sl_status rc = sl_comm_rank(packed->comm) == 0 ? finish_file(packed, err) : SL_OK;

    return sl_comm_agree(packed->comm, rc, err);
}
