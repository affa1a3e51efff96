/* HDF5 as the rest of the sink sees it: build a structure, fill in rows, mark it complete. */
#ifndef SCORELINE_SINK_HDF5_H
#define SCORELINE_SINK_HDF5_H

#include "blocks.h"
#include "scoreline/sink.h"

/** At most as many bytes as the file of a spec will have, rank 0's tables included.  Rank-local. */
int64_t sl_hdf5_most_bytes(const struct sl_sink_spec *spec);

/** All of the file but the distributed rows, `complete` 0, in an empty file.  Rank-local. */
SL_MUST_CHECK sl_status sl_hdf5_build(const char *path, const struct sl_sink_spec *spec,
                                      struct sl_error *err);

struct sl_hdf5_rows; /* the distributed rows of a file, open to be written */

/**
 * Open a file that sl_hdf5_build() made; fd is the same file.
 *
 * Owner:   *out is handed over to every rank, or to none; sl_hdf5_rows_close() frees it.
 * Errors:  SL_EOUTPUT with HDF5's reason; SL_ENOMEM.
 * Ranks:   collective, as those below.
 */
SL_MUST_CHECK sl_status sl_hdf5_rows_open(const struct sl_comm *comm, const char *path, int fd,
                                          const struct sl_table *rows, struct sl_hdf5_rows **out,
                                          struct sl_error *err);

/** Write the slabs of every rank's rows.  SL_EOUTPUT with HDF5's reason and errno as it was left, 0
 *  if it was not; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_hdf5_rows_write(struct sl_hdf5_rows *shared, const struct sl_table *rows,
                                           const struct sl_slab *slabs, size_t n_slabs,
                                           struct sl_error *err);

/** Close the file and free what was opened; NULL-safe.  SL_EOUTPUT. */
SL_MUST_CHECK sl_status sl_hdf5_rows_close(struct sl_hdf5_rows *shared, struct sl_error *err);

struct sl_hdf5_chunks; /* a structure, open to be told where compressed rows lie */

/** As sl_hdf5_build(), the rows in chunks and compressed; sl_hdf5_chunks_free() frees *out. */
SL_MUST_CHECK sl_status sl_hdf5_chunks_open(const char *path, const struct sl_sink_spec *spec,
                                            const struct sl_block_shape *shape,
                                            struct sl_hdf5_chunks **out, struct sl_error *err);

/** Give a compressed chunk its place: *address in the file, where its bytes are also written. */
SL_MUST_CHECK sl_status sl_hdf5_chunks_put(struct sl_hdf5_chunks *chunks, int column,
                                           int64_t first_row, const void *data, size_t n_bytes,
                                           int64_t *address, struct sl_error *err);

/** Close the file; the structure is whole after it. */
SL_MUST_CHECK sl_status sl_hdf5_chunks_finish(struct sl_hdf5_chunks *chunks, struct sl_error *err);

/** NULL-safe. */
void sl_hdf5_chunks_free(struct sl_hdf5_chunks *chunks);

/** Write the numbers of a table anew (NULL: of none), and set `complete` to 1 if it is.  Rank-local.
 */
SL_MUST_CHECK sl_status sl_hdf5_finish(const char *path, const struct sl_table *late,
                                       bool is_complete, struct sl_error *err);

#endif
