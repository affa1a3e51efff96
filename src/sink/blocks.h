/* Rows of all ranks regrouped into blocks of the file: a block lies with one rank, which compresses
 * it.  Block b belongs to rank b % size, so that the ranks' blocks of one round follow each other.
 */
#ifndef SCORELINE_SINK_BLOCKS_H
#define SCORELINE_SINK_BLOCKS_H

#include <stdint.h>

#include "scoreline/comm.h"
#include "scoreline/sink.h"
#include "scoreline/table.h"

/* A column of the file, and of a block. */
struct sl_block_column {
    size_t  row_bytes;
    size_t  n_items;    /* cells of a row */
    int64_t chunk_rows; /* block_rows is a multiple of it, or there is one chunk in all */
    size_t  at;         /* of its cells in a block */
};

/* How rows are grouped, the same on every rank. */
struct sl_block_shape {
    int64_t                 n_rows; /* of the file, at least 1 */
    int64_t                 block_rows;
    int64_t                 n_blocks;
    size_t                  n_bytes; /* of a block in memory */
    int                     n_columns;
    struct sl_block_column *columns;
};

/**
 * Chunks of at most 1 MiB and blocks of at most 16 MiB, unless a single row is larger.
 *
 * Owner:   released by sl_block_shape_release().  SL_ENOMEM.  Rank-local.
 */
SL_MUST_CHECK sl_status sl_block_shape_init(struct sl_block_shape     *shape,
                                            const struct sl_sink_spec *spec, struct sl_error *err);
void                    sl_block_shape_release(struct sl_block_shape *shape);

/** Rows that block b has in the file. */
int64_t sl_block_rows(const struct sl_block_shape *shape, int64_t b);

/** How many chunks of a column the first n_rows of a block make. */
int64_t sl_block_chunks(const struct sl_block_column *column, int64_t n_rows);

/* The slabs of one rank, and how far they have been sent. */
struct sl_slab_cursor {
    const struct sl_table *rows;
    const struct sl_slab  *slabs; /* [n_slabs] in ascending `to` */
    size_t                 n_slabs;
    size_t                 next;
    int64_t                n_sent; /* rows of slabs[next] */
};

struct sl_blocks; /* blocks of this rank that are not whole yet */

/** Owner: borrows comm and shape; sl_blocks_free() frees.  Rank-local. */
SL_MUST_CHECK sl_status sl_blocks_create(const struct sl_comm        *comm,
                                         const struct sl_block_shape *shape, struct sl_blocks **out,
                                         struct sl_error *err);
void                    sl_blocks_free(struct sl_blocks *blocks);

/**
 * Send every rank the rows of its block of this round: [round * size, (round + 1) * size).  What
 * the slabs have before that round must have been sent.
 *
 * Errors:  SL_ENOMEM; SL_EBUG for rows that the file has not; the same on every rank.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_blocks_gather(struct sl_blocks *blocks, int64_t round,
                                         struct sl_slab_cursor *cursor, struct sl_error *err);

/** The cells of this rank's block of a round if all its rows are there, else NULL. */
const char *sl_blocks_whole(const struct sl_blocks *blocks, int64_t round);

/** Forget this rank's block of a round. */
void sl_blocks_drop(struct sl_blocks *blocks, int64_t round);

#endif
