/* The distributed rows of an output, compressed: every rank packs blocks of them, rank 0 writes. */
#ifndef SCORELINE_SINK_PACKED_H
#define SCORELINE_SINK_PACKED_H

#include "scoreline/comm.h"
#include "scoreline/sink.h"

struct sl_packed;

/**
 * Build the structure of a file in memory; nothing is written to fd yet.
 *
 * Owner:   *out is handed over to every rank, or to none; borrows comm and fd (rank 0's, an empty
 *          file; not looked at elsewhere) until sl_packed_close().
 * Errors:  SL_EOUTPUT, SL_ENOMEM; the same on every rank, as of all here.
 * Ranks:   collective, as all here.
 */
SL_MUST_CHECK sl_status sl_packed_open(const struct sl_comm *comm, const struct sl_sink_spec *spec,
                                       int fd, struct sl_packed **out, struct sl_error *err);

/** Take rows; what makes whole blocks is written. */
SL_MUST_CHECK sl_status sl_packed_write(struct sl_packed *packed, const struct sl_table *rows,
                                        const struct sl_slab *slabs, size_t n_slabs,
                                        struct sl_error *err);

/** Write the structure, after the last row; the file is whole then but for `complete`. */
SL_MUST_CHECK sl_status sl_packed_finish(struct sl_packed *packed, struct sl_error *err);

/** NULL-safe. */
void sl_packed_close(struct sl_packed *packed);

#endif
