/* What a communicator is, for the files of this module alone. */
#ifndef SCORELINE_COMM_IMPL_H
#define SCORELINE_COMM_IMPL_H

#include <mpi.h>

#include "scoreline/comm.h"
#include "scoreline/stopwatch.h"

struct sl_comm {
    MPI_Comm mpi; /* MPI_COMM_NULL: this process alone, MPI never started */
    int      rank;
    int      size;

    struct sl_stopwatch *watch; /* NULL: none */
};

#endif
