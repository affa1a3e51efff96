/* Communicators: made from MPI's, or the one of this process alone. */
#include "scoreline/comm.h"

#include <stdlib.h>

#include "comm_impl.h"
#include "scoreline/memory.h"
#include "scoreline/mpi_handle.h"

static const struct sl_comm self = {.mpi = MPI_COMM_NULL, .rank = 0, .size = 1};

const struct sl_comm *sl_comm_self(void)
{
    return &self;
}

sl_status sl_comm_from_mpi(MPI_Comm mpi, struct sl_comm **out, struct sl_error *err)
{
    struct sl_comm *comm = NULL;
    sl_status       rc;

    SL_TRY(sl_alloc_array(1, sizeof *comm, &comm, err));
    MPI_Comm_dup(mpi, &comm->mpi);
    MPI_Comm_rank(comm->mpi, &comm->rank);
    MPI_Comm_size(comm->mpi, &comm->size);
    *out = comm;
out:
    return rc;
}

void sl_comm_free(struct sl_comm *comm)
{
    if (comm == NULL)
        return;
    MPI_Comm_free(&comm->mpi);
    free(comm);
}

void sl_comm_time(struct sl_comm *comm, struct sl_stopwatch *watch)
{
    comm->watch = comm->size > 1 ? watch : NULL; /* alone, nobody is waited for */
}

MPI_Comm sl_comm_mpi(const struct sl_comm *comm)
{
    return comm->mpi;
}

int sl_comm_rank(const struct sl_comm *comm)
{
    return comm->rank;
}

int sl_comm_size(const struct sl_comm *comm)
{
    return comm->size;
}

void sl_comm_node(const struct sl_comm *comm, struct sl_comm_node *node)
{
    MPI_Comm here;

    *node = (struct sl_comm_node){.leader = 0, .rank = 0, .n_ranks = 1};
    if (comm->size == 1)
        return;
    MPI_Comm_split_type(comm->mpi, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &here);
    MPI_Comm_rank(here, &node->rank);
    MPI_Comm_size(here, &node->n_ranks);
    node->leader = comm->rank;
    MPI_Bcast(&node->leader, 1, MPI_INT, 0, here);
    MPI_Comm_free(&here);
}
