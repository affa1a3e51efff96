/* The one door through which MPI_Comm is seen, for sink/hdf5.c and cli/main.c.  Not installed. */
#ifndef SCORELINE_MPI_HANDLE_H
#define SCORELINE_MPI_HANDLE_H

#include <mpi.h>

#include "scoreline/comm.h"

/**
 * Wrap a duplicate of an MPI communicator, so that our messages never meet the caller's.
 *
 * Owner:   *out is handed over, sl_comm_free() frees it before MPI_Finalize.
 * Ranks:   collective on mpi.
 */
SL_MUST_CHECK sl_status sl_comm_from_mpi(MPI_Comm mpi, struct sl_comm **out, struct sl_error *err);

/** The MPI communicator inside; MPI_COMM_NULL for sl_comm_self(). */
MPI_Comm sl_comm_mpi(const struct sl_comm *comm);

#endif
