/* A rank sends the rows of a block as messages: first row, count, then the cells of each column.
 * Rows may come in any order and in several calls, so a block is kept until it is whole. */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

enum {
    MOST_BLOCK_ROWS = 1 << 16,
    MOST_BLOCK_BYTES = 16 << 20,
    MOST_CHUNK_BYTES = 1 << 20, /* what h5py and netCDF keep in their caches by default */
};

/* --- shape --- */

/* The most rows, a power of two, that keep within n_bytes. */
static int64_t fit_rows(int64_t rows, size_t row_bytes, size_t n_bytes)
{
    while (rows > 1 && (size_t)rows * row_bytes > n_bytes)
        rows /= 2;
    return rows;
}

sl_status sl_block_shape_init(struct sl_block_shape *shape, const struct sl_sink_spec *spec,
                              struct sl_error *err)
{
    int       n = spec->rows->n_columns;
    size_t    row_bytes = 0;
    sl_status rc;

    *shape = (struct sl_block_shape){.n_rows = spec->n_rows, .n_columns = n};
    rc = sl_alloc_array((size_t)n, sizeof *shape->columns, &shape->columns, err);
    if (rc != SL_OK)
        return rc;
    for (int i = 0; i < n; i++) {
        shape->columns[i].n_items = spec->rows->columns[i].n_items;
        shape->columns[i].row_bytes = sl_cells_bytes(&spec->rows->columns[i], spec->widths[i]);
        row_bytes += shape->columns[i].row_bytes;
    }
    shape->block_rows = fit_rows(MOST_BLOCK_ROWS, row_bytes, MOST_BLOCK_BYTES);
    shape->n_blocks = (spec->n_rows + shape->block_rows - 1) / shape->block_rows;
    for (int i = 0; i < n; i++) {
        struct sl_block_column *column = &shape->columns[i];
        int64_t chunk = fit_rows(shape->block_rows, column->row_bytes, MOST_CHUNK_BYTES);

        column->chunk_rows = chunk < spec->n_rows ? chunk : spec->n_rows;
        column->at = shape->n_bytes;
        shape->n_bytes += (size_t)shape->block_rows * column->row_bytes;
    }
    return SL_OK;
}

void sl_block_shape_release(struct sl_block_shape *shape)
{
    free(shape->columns);
    *shape = (struct sl_block_shape){0};
}

int64_t sl_block_rows(const struct sl_block_shape *shape, int64_t b)
{
    int64_t left = shape->n_rows - b * shape->block_rows;

    return left < shape->block_rows ? left : shape->block_rows;
}

int64_t sl_block_chunks(const struct sl_block_column *column, int64_t n_rows)
{
    return (n_rows + column->chunk_rows - 1) / column->chunk_rows;
}

/* --- blocks --- */

/* The head of a message. */
struct piece {
    int64_t first_row;
    int64_t n_rows;
};

struct block {
    int64_t index;
    int64_t n_filled;
    char   *cells;
};

struct sl_blocks {
    const struct sl_comm        *comm;
    const struct sl_block_shape *shape;
    size_t                      *n_to; /* [size] bytes */
    size_t                      *n_from;
    struct sl_text               outgoing;
    size_t                       n_blocks;
    size_t                       capacity;
    struct block                *blocks; /* a few: those that are not whole, and one more */
};

sl_status sl_blocks_create(const struct sl_comm *comm, const struct sl_block_shape *shape,
                           struct sl_blocks **out, struct sl_error *err)
{
    size_t            size = (size_t)sl_comm_size(comm);
    struct sl_blocks *blocks = NULL;
    sl_status         rc;

    SL_TRY(sl_alloc_array(1, sizeof *blocks, &blocks, err));
    *blocks = (struct sl_blocks){.comm = comm, .shape = shape};
    SL_TRY(sl_alloc_array(size, sizeof *blocks->n_to, &blocks->n_to, err));
    SL_TRY(sl_alloc_array(size, sizeof *blocks->n_from, &blocks->n_from, err));
    *out = blocks;
    blocks = NULL;
out:
    sl_blocks_free(blocks);
    return rc;
}

void sl_blocks_free(struct sl_blocks *blocks)
{
    if (blocks == NULL)
        return;
    for (size_t i = 0; i < blocks->n_blocks; i++)
        free(blocks->blocks[i].cells);
    free(blocks->blocks);
    sl_text_release(&blocks->outgoing);
    free(blocks->n_from);
    free(blocks->n_to);
    free(blocks);
}

static int64_t own_block(const struct sl_blocks *blocks, int64_t round)
{
    return round * sl_comm_size(blocks->comm) + sl_comm_rank(blocks->comm);
}

static struct block *find_block(const struct sl_blocks *blocks, int64_t index)
{
    for (size_t i = 0; i < blocks->n_blocks; i++)
        if (blocks->blocks[i].index == index)
            return &blocks->blocks[i];
    return NULL;
}

static sl_status add_block(struct sl_blocks *blocks, int64_t index, struct block **out,
                           struct sl_error *err)
{
    struct block block = {.index = index};
    sl_status    rc;

    SL_TRY(sl_grow_array(&blocks->blocks, &blocks->capacity, blocks->n_blocks + 1,
                         sizeof *blocks->blocks, err));
    SL_TRY(sl_alloc_array(blocks->shape->n_bytes, 1, &block.cells, err));
    *out = &blocks->blocks[blocks->n_blocks++];
    **out = block;
out:
    return rc;
}

const char *sl_blocks_whole(const struct sl_blocks *blocks, int64_t round)
{
    int64_t             index = own_block(blocks, round);
    const struct block *block = find_block(blocks, index);

    if (block == NULL || block->n_filled < sl_block_rows(blocks->shape, index))
        return NULL;
    return block->cells;
}

void sl_blocks_drop(struct sl_blocks *blocks, int64_t round)
{
    struct block *block = find_block(blocks, own_block(blocks, round));

    if (block == NULL)
        return;
    free(block->cells);
    *block = blocks->blocks[--blocks->n_blocks];
}

/* --- sending --- */

static sl_status put_piece(struct sl_blocks *blocks, const struct sl_table *rows, size_t from,
                           const struct piece *piece, struct sl_error *err)
{
    struct sl_text *to = &blocks->outgoing;
    size_t          n = (size_t)piece->n_rows;
    sl_status       rc;

    SL_TRY(sl_text_add_bytes(to, piece, sizeof *piece, err));
    for (int i = 0; i < blocks->shape->n_columns; i++) {
        size_t row_bytes = blocks->shape->columns[i].row_bytes;

        SL_TRY(sl_grow_array(&to->data, &to->capacity, to->n_bytes + n * row_bytes + 1, 1, err));
        sl_cells_copy(&rows->columns[i], from, n, row_bytes, to->data + to->n_bytes);
        to->n_bytes += n * row_bytes;
    }
out:
    return rc;
}

/* What the slabs have of block b. */
static sl_status put_block(struct sl_blocks *blocks, int64_t b, struct sl_slab_cursor *cursor,
                           struct sl_error *err)
{
    int64_t   end = (b + 1) * blocks->shape->block_rows;
    sl_status rc = SL_OK;

    while (cursor->next < cursor->n_slabs) {
        const struct sl_slab *slab = &cursor->slabs[cursor->next];
        struct piece          piece = {slab->to + cursor->n_sent, slab->n_rows - cursor->n_sent};

        if (piece.first_row >= end)
            break;
        if (piece.n_rows > end - piece.first_row)
            piece.n_rows = end - piece.first_row;
        SL_TRY(put_piece(blocks, cursor->rows, slab->from + (size_t)cursor->n_sent, &piece, err));
        cursor->n_sent += piece.n_rows;
        if (cursor->n_sent == slab->n_rows) {
            cursor->next++;
            cursor->n_sent = 0;
        }
    }
out:
    return rc;
}

static sl_status put_round(struct sl_blocks *blocks, int64_t round, struct sl_slab_cursor *cursor,
                           struct sl_error *err)
{
    int       size = sl_comm_size(blocks->comm);
    sl_status rc = SL_OK;

    blocks->outgoing.n_bytes = 0;
    for (int r = 0; r < size; r++) {
        size_t before = blocks->outgoing.n_bytes;

        SL_TRY(put_block(blocks, round * size + r, cursor, err));
        blocks->n_to[r] = blocks->outgoing.n_bytes - before;
    }
out:
    return rc;
}

/* --- receiving --- */

static void take_cells(const struct sl_block_shape *shape, struct block *block,
                       const struct piece *piece, const char *from)
{
    size_t at = (size_t)(piece->first_row - block->index * shape->block_rows);
    size_t n = (size_t)piece->n_rows;

    for (int i = 0; i < shape->n_columns; i++) {
        const struct sl_block_column *column = &shape->columns[i];

        memcpy(block->cells + column->at + at * column->row_bytes, from, n * column->row_bytes);
        from += n * column->row_bytes;
    }
    block->n_filled += piece->n_rows;
}

static size_t all_bytes(const struct sl_block_shape *shape)
{
    return shape->n_bytes / (size_t)shape->block_rows;
}

static sl_status take_round(struct sl_blocks *blocks, int64_t round, const char *from,
                            size_t n_bytes, struct sl_error *err)
{
    int64_t       index = own_block(blocks, round);
    struct block *block = find_block(blocks, index);
    const char   *end = from + n_bytes;
    struct piece  piece;
    sl_status     rc = SL_OK;

    if (n_bytes > 0 && block == NULL)
        SL_TRY(add_block(blocks, index, &block, err));
    while (from < end) {
        memcpy(&piece, from, sizeof piece);
        if (block->n_filled + piece.n_rows > sl_block_rows(blocks->shape, index))
            return sl_fail(err, SL_EBUG, "sink: a row was given twice, or is beyond the end");
        take_cells(blocks->shape, block, &piece, from + sizeof piece);
        from += sizeof piece + (size_t)piece.n_rows * all_bytes(blocks->shape);
    }
out:
    return rc;
}

sl_status sl_blocks_gather(struct sl_blocks *blocks, int64_t round, struct sl_slab_cursor *cursor,
                           struct sl_error *err)
{
    void     *from = NULL;
    size_t    n_from = 0;
    sl_status rc;

    SL_TRY(sl_comm_agree(blocks->comm, put_round(blocks, round, cursor, err), err));
    SL_TRY(sl_comm_exchange(blocks->comm, blocks->outgoing.data, blocks->n_to, &from,
                            blocks->n_from, err));
    for (int r = 0; r < sl_comm_size(blocks->comm); r++)
        n_from += blocks->n_from[r];
    rc = sl_comm_agree(blocks->comm, take_round(blocks, round, from, n_from, err), err);
out:
    free(from);
    return rc;
}
